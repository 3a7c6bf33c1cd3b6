"""The indicators of the sheet against figures worked out by hand, at several dates."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from booster_ia import indicators
from booster_ia.application import SHEET
from booster_ia.awards import Award
from normandata.budgets import services as budgets
from normandata.dossiers.models import Deposit, Dossier
from normandata.indicators import figures, registry
from normandata.indicators.definitions import Figure, Period
from normandata.procedure import services as procedure
from normandata.regulation.citation import Citation
from normandata.regulation.findings import Finding, Outcome, Verdict
from normandata.regulation.formats import spaced
from tests.factories.booster_after import at, make_award, make_entry, make_recovery, make_reply, make_told
from tests.factories.waves import make_application, make_next_wave, make_wave

pytestmark = pytest.mark.django_db
D = Decimal
LATER = date(2028, 6, 30)


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    return


def year(of: int, as_of: date = LATER) -> Period:
    return Period(date(of, 1, 1), date(of, 12, 31), as_of)


def rows(figure: Figure) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in figure.rows]


# ------------------------------------------------------------------------------------------------------------- B-50
def test_a_project_is_brought_to_its_end_when_its_account_says_so() -> None:
    """Finished on 31/05/2027 and told on 10/06; stopped midway; finished on 02/01/2028; never told."""
    make_told(make_award(), on=date(2027, 6, 10), finished_on=date(2027, 5, 31))
    make_told(make_award("association"), on=date(2027, 6, 11), finished_on=date(2027, 5, 1), is_completed=False)
    make_told(make_award("local_authority"), on=date(2028, 1, 8), finished_on=date(2028, 1, 2))
    make_award()
    found = indicators.completed(year(2027))
    assert (found.value, found.finding) == (1, "1\u00a0projet mené à son terme en\u00a02027")
    assert rows(found) == [
        ("Entreprises", 1),
        ("Associations", 0),
        ("Établissements publics", 0),
        ("Établissements privés", 0),
        ("Collectivités et regroupements", 0),
    ]
    assert [indicators.completed(year(of)).value for of in (2026, 2028)] == [0, 1]
    both = indicators.completed(Period(date(2027, 1, 1), date(2028, 12, 31), LATER))
    assert (both.value, both.finding) == (2, "2\u00a0projets menés à leur terme de 2027 à 2028")


@pytest.mark.parametrize(("as_of", "expected"), [(date(2027, 6, 9), 0), (date(2027, 6, 10), 1)])
def test_a_past_day_knows_the_accounts_sent_by_then(as_of: date, expected: int) -> None:
    make_told(make_award(), on=date(2027, 6, 10), finished_on=date(2027, 5, 31))
    assert indicators.completed(year(2027, as_of)).value == expected


def test_a_grant_undone_is_no_project() -> None:
    award = make_award(notified_on=None)
    make_told(award, on=date(2027, 6, 10))
    Award.objects.update(undone_at=at(date(2027, 7, 1)), undone_reason="Essai.")
    assert indicators.completed(year(2027, date(2027, 6, 30))).value == 1
    assert indicators.completed(year(2027, date(2027, 7, 1))).value == 0


# ------------------------------------------------------------------------------------------------------------- B-51
@pytest.fixture
def four() -> list[Award]:
    """Four projects that end in 2027, and one in 2028.

    proof        feedback
    yes 12/06    yes 15/06
    no 12/06     yes 20/06, then no on 01/09
    no 12/06     none
    none         yes 30/06, and told to have finished on 15/01/2028 by an account of 20/01/2028
    2028: both yes
    """
    awards = [make_award() for _ in range(4)]
    make_reply(awards[0], "proof", True, on=date(2027, 6, 12))
    make_reply(awards[0], "feedback", True, on=date(2027, 6, 15))
    make_reply(awards[1], "proof", False, on=date(2027, 6, 12))
    make_reply(awards[1], "feedback", True, on=date(2027, 6, 20))
    make_reply(awards[1], "feedback", False, on=date(2027, 9, 1), number=2)
    make_reply(awards[2], "proof", False, on=date(2027, 6, 12))
    make_reply(awards[3], "feedback", True, on=date(2027, 6, 30))
    make_told(awards[3], on=date(2028, 1, 20), finished_on=date(2028, 1, 15))
    last = make_award(ends_on=date(2028, 3, 31))
    for question in ("proof", "feedback"):
        make_reply(last, question, True, on=date(2028, 4, 2))
    return awards


@pytest.mark.parametrize(
    ("of", "as_of", "expected", "value"),
    [
        (2027, date(2027, 5, 30), [(0, 0), (0, 0), (0, 0)], None),
        (2027, date(2027, 6, 15), [(1, 1), (0, 2), (0, 1)], D("25.0")),
        (2027, date(2027, 6, 30), [(1, 1), (1, 2), (1, 1)], D("75.0")),
        (2027, date(2027, 9, 1), [(1, 1), (0, 2), (1, 1)], D("50.0")),
        (2027, date(2028, 1, 20), [(1, 1), (0, 2), (0, 0)], D("33.3")),
        (2028, LATER, [(1, 1), (0, 0), (1, 1)], D("100.0")),
    ],
)
def test_the_share_of_feedback_counts_validated_proofs_and_others(
    four: list[Award], of: int, as_of: date, expected: list[tuple[int, int]], value: Decimal | None
) -> None:
    found = indicators.feedback(year(of, as_of))
    assert [row[0] for row in rows(found)] == list(indicators.PROOFS.values())
    assert [row[1:3] for row in rows(found)] == expected
    assert found.value == value
    assert (found.numerator, found.denominator) == (sum(a for a, _ in expected), sum(b for _, b in expected))


def test_the_finding_says_the_fraction(four: list[Award]) -> None:
    found = indicators.feedback(year(2027, date(2027, 9, 1)))
    assert found.finding == "2\u00a0projets sur 4 ont donné lieu à un retour d’expérience en\u00a02027"
    assert indicators.feedback(year(2026)).finding == "Aucun projet n’a fini en\u00a02026"


def test_a_project_not_notified_is_not_counted_yet(four: list[Award]) -> None:
    Award.objects.filter(pk=four[0].pk).update(notified_on=None)
    assert indicators.feedback(year(2027, date(2027, 9, 1))).denominator == 3


# ------------------------------------------------------------------------------------------------------------- B-52
def test_a_structure_new_in_the_network_counts_once_on_its_first_day() -> None:
    first, second = make_award(), make_award()
    make_entry(first, "999000001", date(2026, 12, 20), on=date(2027, 1, 5))
    make_entry(second, "999000001", date(2027, 3, 1), on=date(2027, 3, 2))
    make_entry(first, "999000002", date(2027, 2, 1), on=date(2027, 2, 1), is_public=True)
    make_entry(first, "999000003", date(2027, 2, 2), on=date(2027, 2, 2))
    make_entry(first, "999000003", None, on=date(2027, 4, 1), number=2)
    make_entry(second, "999000004", None, on=date(2027, 2, 1))
    found = indicators.newcomers(year(2027))
    assert (found.value, rows(found)) == (1, [("Publiques", 1), ("Privées", 0)])
    assert indicators.newcomers(year(2027, date(2027, 3, 31))).value == 2
    assert rows(indicators.newcomers(year(2026))) == [("Publiques", 0), ("Privées", 1)]
    assert indicators.newcomers(year(2026, date(2026, 12, 31))).value == 0


# ------------------------------------------------------------------------------------------------------------ money
def test_grants_and_payments_by_kind_of_carrier() -> None:
    """10 000 and 12 500 to enterprises, 4 321.09 to an association, all of 14/12/2026; 8 000 of 2027 to a town."""
    awards = [
        make_award(amount="10000.00"),
        make_award(amount="12500.00"),
        make_award("association", amount="4321.09"),
        make_award("local_authority", amount="8000.00", granted_on=date(2027, 6, 14)),
    ]
    pay(awards[0], "5000.00", date(2027, 2, 1))
    pay(awards[0], "4999.99", date(2027, 9, 1))
    pay(awards[2], "1000.01", date(2026, 12, 31))
    found, none = indicators.money(year(2026)), D("0.00")
    assert (found.value, rows(found)) == (
        D("26821.09"),
        [
            ("Entreprises", D("22500.00"), none, none, none),
            ("Associations", D("4321.09"), D("1000.01"), none, D("1000.01")),
            ("Établissements publics", none, none, none, none),
            ("Établissements privés", none, none, none, none),
            ("Collectivités et regroupements", none, none, none, none),
        ],
    )
    assert rows(indicators.money(year(2027)))[0] == ("Entreprises", none, D("9999.99"), none, D("9999.99"))
    early = rows(indicators.money(year(2027, date(2027, 8, 31))))[0]
    assert early == ("Entreprises", none, D("5000.00"), none, D("5000.00"))
    assert indicators.money(year(2026, date(2026, 12, 13))).value == none


def test_what_is_asked_back_is_taken_off_the_paid_in_the_year_of_its_titre() -> None:
    """5 000 and 3 000 paid in 2027; 1 750.50 asked back in 2027 and 1 000 in 2028; one without titre does not count."""
    one, two = make_award(amount="10000.00"), make_award(amount="8000.00")
    pay(one, "5000.00", date(2027, 2, 1))
    pay(two, "3000.00", date(2027, 2, 1))
    claim(one, "1750.50", date(2027, 12, 31))
    claim(two, "1000.00", date(2028, 1, 1))
    make_recovery(one, "opened", "99.00")
    none = D("0.00")
    assert [rows(indicators.money(year(of)))[0] for of in (2027, 2028)] == [
        ("Entreprises", none, D("8000.00"), D("1750.50"), D("6249.50")),
        ("Entreprises", none, none, D("1000.00"), D("-1000.00")),
    ]
    before = rows(indicators.money(year(2027, date(2027, 12, 30))))[0]
    assert before == ("Entreprises", none, D("8000.00"), none, D("8000.00"))


def claim(award: Award, amount: str, on: date) -> None:
    with time_machine.travel(at(on), tick=False):
        procedure.record(make_recovery(award, "issued", amount), "issue", by=None)


def pay(award: Award, amount: str, on: date) -> None:
    with time_machine.travel(at(on), tick=False):
        key = f"award:{award.pk}"
        if not award.paid:
            budgets.commit(award.envelope, award, award.amount, key=f"{key}:commit", by=None, act="CP")
        budgets.pay(award.envelope, award, D(amount), key=f"{key}:{on}", by=None, act="F")
        award.paid += D(amount)


# ------------------------------------------------------------------------------------------------------------ waves
def verdict(dossier: Dossier, name: str, outcome: Outcome, on: date) -> None:
    finding = Finding("booster_ia.ai", "IA", outcome, "Essai.", Citation("Annexe 4", "essai", date(2026, 1, 1)))
    with time_machine.travel(at(on), tick=False):
        procedure.record(dossier, name, by=None, verdict=Verdict((finding,), on))


def placed(dossier: Dossier, label: str, on: date) -> None:
    with time_machine.travel(at(on), tick=False):
        procedure.record(dossier, "wave_placed", by=None, data={"wave": label})


def test_dossiers_deposited_eligible_and_granted_by_wave() -> None:
    """Second wave 2026: eligible and granted 9 000; to review then proposed; ineligible. One moved to 2027."""
    wave, coming = make_wave(), make_next_wave()
    dossiers = [make_application() for _ in range(4)]
    Deposit.objects.update(at=at(date(2026, 9, 20)))
    for one in dossiers:
        placed(one, wave.label, date(2026, 10, 1))
    placed(dossiers[3], coming.label, date(2026, 10, 20))
    verdict(dossiers[0], "submit", Outcome.MET, date(2026, 9, 20))
    verdict(dossiers[1], "submit", Outcome.TO_REVIEW, date(2026, 9, 20))
    verdict(dossiers[1], "propose", Outcome.TO_REVIEW, date(2026, 11, 20))
    verdict(dossiers[1], "refuse", Outcome.TO_REVIEW, date(2026, 12, 14))
    verdict(dossiers[2], "submit", Outcome.MET, date(2026, 9, 20))
    verdict(dossiers[2], "propose_refusal", Outcome.UNMET, date(2026, 11, 20))
    verdict(dossiers[3], "submit", Outcome.TO_REVIEW, date(2026, 9, 20))
    make_award(dossier=dossiers[0], amount="9000.00")
    found = indicators.by_wave(year(2026))
    assert rows(found) == [("2e vague 2026", 3, 2, 1, D("9000.00"))]
    assert found.value == 3
    assert rows(indicators.by_wave(year(2026, date(2026, 10, 15)))) == [("2e vague 2026", 4, 2, 0, D("0"))]
    assert rows(indicators.by_wave(year(2026, date(2026, 9, 30)))) == [("2e vague 2026", 0, 0, 0, D("0"))]
    assert rows(indicators.by_wave(year(2027))) == [("1re vague 2027", 1, 0, 0, D("0"))]


# ------------------------------------------------------------------------------------------------------- the registry
def test_the_voted_titles_are_those_of_the_sheet() -> None:
    listed = registry.of("booster_ia")
    assert listed == indicators.INDICATORS
    voted = [*SHEET.indicators.output, *SHEET.indicators.result, *SHEET.indicators.context]
    assert [spaced(one.title) for one in listed[:3]] == [spaced(one) for one in voted]


def test_the_same_queries_at_one_and_at_thirty() -> None:
    owner = registry.owner("booster_ia")
    assert owner

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            figures.every(year(2027), public=False, owners=[owner])
        return len(queries)

    def life() -> None:
        award = make_award()
        make_told(award, on=date(2027, 6, 1))
        make_reply(award, "feedback", True, on=date(2027, 6, 2))
        make_entry(award, award.organisation.siren, date(2027, 1, 1), on=date(2027, 1, 1))

    life()
    few = cost()
    for _ in range(29):
        life()
    assert cost() == few
    assert indicators.completed(year(2027)).value == 30
    assert few == 11
