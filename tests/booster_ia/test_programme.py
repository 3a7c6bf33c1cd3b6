"""The arithmetic of a programme, by hand and to the cent: who is paid, where the cut line stands, what differs."""

import uuid
from decimal import Decimal
from typing import Any

import pytest

from booster_ia.programme import (
    GRANT,
    LATER,
    NO_CREDIT,
    NOTHING,
    REFUSE,
    Candidate,
    Choice,
    differences,
    drawn,
    foreseen,
)
from booster_ia.workflow import PROCEDURE

STATES = PROCEDURE.workflow.states


def one(pk: int, most: str | None, *, state: str = "review", rank: int | None = None, **fields: Any) -> Candidate:
    return Candidate(
        pk=pk,
        uuid=uuid.uuid4(),
        number=f"BIA-2026-{pk:04d}",
        organisation="Fonderie d’essai",
        title="Prévoir les crues",
        rank=rank or pk,
        score="77,00",
        state=STATES[state],
        basis="HT",
        grant=Decimal(most or "10000"),
        most=None if most is None else Decimal(most),
        **fields,
    )


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


THREE = [one(1, "12500.00"), one(2, "12499.99"), one(3, "5000.02")]
"""12 500,00 + 12 499,99 + 5 000,02 = 30 000,01: one cent more than 30 000,00."""


def test_the_cut_line_is_drawn_to_the_cent() -> None:
    found = foreseen(THREE, Decimal("30000.00"))
    assert [found[pk].amount for pk in (1, 2, 3)] == [Decimal("12500.00"), Decimal("12499.99"), None]
    programme = drawn(THREE, found, Decimal("30000.00"))
    assert [(row.sum, row.left, row.is_first_unpaid, row.is_unpaid) for row in programme.rows] == [
        (Decimal("12500.00"), Decimal("17500.00"), False, False),
        (Decimal("24999.99"), Decimal("5000.01"), False, False),
        (Decimal("24999.99"), Decimal("5000.01"), True, False),
    ]
    assert plain(programme.cut) == "L’enveloppe ne paie plus : il reste 5 000,01 € et ce dossier demande 5 000,02 €."
    assert plain(programme.sentence) == "2 subventions pour 24 999,99 € et 1 refus."
    assert (programme.total, programme.left, programme.passes) == (Decimal("24999.99"), Decimal("5000.01"), True)


def test_one_cent_more_pays_everybody() -> None:
    programme = drawn(THREE, foreseen(THREE, Decimal("30000.01")), Decimal("30000.01"))
    assert (programme.grants, programme.refusals, programme.cut, programme.left) == (3, 0, "", Decimal("0.00"))


def test_nobody_overtakes_the_cut_line() -> None:
    rows = [*THREE, one(4, "1.00")]
    found = foreseen(rows, Decimal("30000.00"))
    assert (found[4].kind, found[3].kind) == (REFUSE, REFUSE)
    assert plain(found[4].reason) == NO_CREDIT


def test_an_amount_lowered_by_hand_moves_the_cut_line() -> None:
    rows = [*THREE, one(4, "1.00")]
    lowered = foreseen(rows, Decimal("30000.00")) | {3: Choice(GRANT, Decimal("5000.01"))}
    programme = drawn(rows, lowered, Decimal("30000.00"))
    assert [row.is_first_unpaid for row in programme.rows] == [False, False, False, True]
    assert plain(programme.cut) == "L’enveloppe ne paie plus : il ne reste rien et ce dossier demande 1,00 €."


def test_a_scenario_beyond_the_envelope_says_by_how_much() -> None:
    chosen = {row.pk: Choice(GRANT, row.most) for row in THREE}
    programme = drawn(THREE, chosen, Decimal("30000.00"))
    last = programme.rows[2]
    assert (last.is_first_unpaid, last.is_unpaid, last.left) == (True, True, Decimal("-0.01"))
    assert (programme.passes, programme.missing) == (False, Decimal("0.01"))
    assert plain(programme.cut) == "L’enveloppe ne paie plus : il reste 5 000,01 € et ce dossier demande 5 000,02 €."


def test_without_an_envelope_there_is_no_cut_line() -> None:
    programme = drawn(THREE, foreseen(THREE, None), None)
    assert (programme.grants, programme.cut, programme.left, programme.passes) == (3, "", None, True)


@pytest.mark.parametrize(
    ("candidate", "expected"),
    [
        (one(1, None), NOTHING),
        (one(1, "0.00", refusal="Aucune place."), Choice(REFUSE, reason="Aucune place.")),
        (one(1, "9000.00", refusal="Note de 48,20 sur 100."), Choice(REFUSE, reason="Note de 48,20 sur 100.")),
    ],
)
def test_what_cannot_be_granted_is_left_or_refused(candidate: Candidate, expected: Choice) -> None:
    assert foreseen([candidate], Decimal(20000)) == {1: expected}


def test_what_is_proposed_or_decided_already_takes_nothing_more() -> None:
    rows = [one(1, "12500.00", state="proposed", proposed=Choice(GRANT, Decimal(12000))), one(2, "8000.00")]
    found = foreseen(rows, Decimal("8000.00"))
    assert found == {2: Choice(GRANT, Decimal("8000.00"))}
    programme = drawn(rows, found, Decimal("8000.00"))
    assert [(row.choice.written.replace("\u00a0", " ").replace("\u202f", " "), row.sum) for row in programme.rows] == [
        ("12 000,00 €", Decimal(0)),
        ("8 000,00 €", Decimal(8000)),
    ]
    assert (programme.count, programme.total, programme.left) == (1, Decimal("8000.00"), Decimal("0.00"))


def test_two_programmes_differ_by_amount_reason_or_nature() -> None:
    first = foreseen(THREE, Decimal("30000.00"))
    other = first | {1: Choice(GRANT, Decimal(12000)), 3: Choice(LATER)}
    free = Decimal("30000.00")
    found = differences(drawn(THREE, first, free), drawn(THREE, other, free))
    assert [(row.candidate.pk, row.first.kind, row.second.kind) for row in found] == [
        (1, GRANT, GRANT),
        (3, REFUSE, LATER),
    ]
    assert differences(drawn(THREE, first, free), drawn(THREE, first, free)) == []


def test_what_is_left_aside_is_counted_and_not_proposed() -> None:
    programme = drawn(THREE, {}, Decimal("30000.00"))
    assert (programme.later, programme.count, programme.sentence) == (3, 0, "Aucun dossier à proposer.")
