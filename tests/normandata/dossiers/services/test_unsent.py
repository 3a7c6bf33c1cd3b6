"""What came at a request and was never sent: dated, readable, sent at the next occasion, or by the portal itself."""

from collections.abc import Iterator
from datetime import date

import pytest
import time_machine

from normandata.accounts.models import User
from normandata.dossiers import examination, presentation
from normandata.dossiers.drafts import made_necessary, read
from normandata.dossiers.models import Attachment, Correction, CorrectionItem, Dossier
from normandata.dossiers.services import corrections, drafts
from normandata.dossiers.services.corrections import Asked
from normandata.procedure.errors import NotNow, Unmet
from normandata.procedure.models import Event
from tests.factories.accounts import make_agent
from tests.factories.corrections import DEPOSITED, PIECE, POWER, answer, ask, noon, send
from tests.factories.dossiers import FIRM, make_dossier

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]
REASONS = Asked("section:motivations", "Le projet lié")
STRUCTURE = Asked("section:structure", "Le type de structure")


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    return


@pytest.fixture
def agent() -> User:
    return make_agent(name="Sacha Petit")


@pytest.fixture
def dossier() -> Dossier:
    return make_dossier(at=DEPOSITED)


def kept(dossier: Dossier) -> Dossier:
    return Dossier.objects.get(pk=dossier.pk)


def close(correction: Correction, on: int, by: User | None = None) -> None:
    with time_machine.travel(noon(on), tick=False):
        if by is None:
            corrections.expire(correction)
        else:
            corrections.cancel(correction, by=by, reason="Reçu autrement")


def save(dossier: Dossier, slug: str, typed: dict[str, object], *, on: int) -> None:
    version = dossier.sections.get(slug=slug).version if dossier.sections.filter(slug=slug).exists() else 0
    with time_machine.travel(noon(on), tick=False):
        drafts.save_section(dossier, slug, typed, version=version, by=dossier.created_by)


def received(dossier: Dossier) -> tuple[list[str], list[str]] | None:
    """The labels of pieces and sections that the agent reads as come and not sent."""
    dossier = kept(dossier)
    found = examination.received(dossier, examination.asked(dossier, dossier.deposits.latest("version")))
    return ([one.label for one in found.pieces], [label for label, _ in found.sections]) if found else None


def test_what_is_wholly_there_at_the_last_day_is_sent_by_the_portal(dossier: Dossier, agent: User) -> None:
    asked = ask(dossier, agent, on=2, due=16, items=(PIECE, REASONS))
    file = send(dossier, "complement", noon(5))
    save(dossier, "motivations", {**FIRM["motivations"], "projet": "Un atelier neuf"}, on=7)
    close(asked, 19)
    now = kept(dossier)
    sent = now.deposits.latest("version")
    assert (now.state, now.version, sent.by, Correction.objects.get().state) == ("review", 2, None, "answered")
    assert [piece["attachment"] for piece in sent.pieces] == [file.pk]
    assert sent.answers["motivations"]["projet"] == "Un atelier neuf"
    # complete on the last arrival; 1 December + 5 days (2 → 7 October)
    assert (now.complete_on, now.refused_by_silence_on) == (date(2026, 10, 7), date(2026, 12, 6))
    event = Event.objects.get(name="conclude_correction")
    assert (event.by, event.source, event.target) == (None, "incomplete", "review")
    assert event.verdict == now.verdict
    assert received(dossier) is None


def test_one_piece_of_two_is_dated_shown_and_judged_and_the_other_still_awaited(dossier: Dossier, agent: User) -> None:
    asked = ask(dossier, agent, on=2, due=16, items=(PIECE, POWER))
    file = send(dossier, "complement", noon(5))
    assert received(dossier) is None  # the applicant may still change it
    close(asked, 19)
    items = dict(CorrectionItem.objects.values_list("target", "satisfied_at"))
    assert items == {"piece:complement": noon(5), "piece:signature": None}
    assert (kept(dossier).version, kept(dossier).complete_on) == (1, None)
    assert received(dossier) == (["Documents utiles"], [])
    corrections.review_attachment(file, Attachment.Status.ACCEPTED, by=agent)
    # asked again for the other alone: what came is sent with it
    ask(dossier, agent, on=20, due=30, items=(POWER,))
    power = send(dossier, "signature", noon(22))
    answer(dossier, noon(22))
    assert [piece["attachment"] for piece in kept(dossier).deposits.latest("version").pieces] == [power.pk, file.pk]
    # the day when the last of both came; 1 December + 14 (2 → 16) + 2 (20 → 22)
    assert (kept(dossier).complete_on, kept(dossier).refused_by_silence_on) == (date(2026, 10, 22), date(2026, 12, 17))
    assert received(dossier) is None


def test_a_piece_asked_again_is_there_already_unless_it_was_to_replace(dossier: Dossier, agent: User) -> None:
    asked = ask(dossier, agent, on=2, due=16, items=(PIECE, POWER))
    file = send(dossier, "complement", noon(5))
    close(asked, 19)
    again = ask(dossier, agent, on=20, due=30)
    assert corrections.arrivals(kept(dossier)) == {"piece:complement": noon(5)}
    close(again, 21, by=agent)
    corrections.review_attachment(file, Attachment.Status.TO_REPLACE, reason="Illisible", by=agent)
    ask(dossier, agent, on=22, due=30)
    assert corrections.arrivals(kept(dossier)) == {}
    with pytest.raises(Unmet, match="Il manque encore"):
        answer(dossier, noon(23))


def test_a_cancelled_request_keeps_what_came(dossier: Dossier, agent: User) -> None:
    asked = ask(dossier, agent, on=2, due=16, items=(PIECE, REASONS))
    send(dossier, "complement", noon(4))
    save(dossier, "motivations", {**FIRM["motivations"], "projet": "Un atelier neuf"}, on=5)
    close(asked, 8, by=agent)
    assert received(dossier) == (["Documents utiles"], ["Section «\u00a0Vos motivations\u00a0»"])
    # given up: complete as received; 1 December + 3 days (2 → 5 October, when all had come)
    now = kept(dossier)
    assert (now.complete_on, now.refused_by_silence_on) == (date(2026, 10, 1), date(2026, 12, 4))


def test_a_section_begun_for_a_request_given_up_never_locks_the_next_answer(dossier: Dossier, agent: User) -> None:
    asked = ask(dossier, agent, on=2, due=16, items=(REASONS,))
    save(dossier, "motivations", {"projet": "à moitié"}, on=5)
    close(asked, 8, by=agent)
    ask(dossier, agent, on=9, due=16)
    send(dossier, "complement", noon(10))
    answer(dossier, noon(10))
    assert kept(dossier).deposits.latest("version").answers["motivations"] == FIRM["motivations"]


def test_an_unanswered_request_is_not_forgotten_when_a_later_one_is_answered(dossier: Dossier, agent: User) -> None:
    close(ask(dossier, agent, on=2, due=6), 8)
    ask(dossier, agent, on=10, due=24, items=(POWER,))
    send(dossier, "signature", noon(12))
    answer(dossier, noon(12))
    assert kept(dossier).complete_on is None
    # asked again and come: complete on the day of that arrival
    ask(dossier, agent, on=13, due=24)
    send(dossier, "complement", noon(15))
    answer(dossier, noon(16))
    # 1 December + 4 (2 → 6) + 2 (10 → 12) + 2 (13 → 15)
    assert (kept(dossier).complete_on, kept(dossier).refused_by_silence_on) == (date(2026, 10, 15), date(2026, 12, 9))


def test_an_unanswered_request_given_up_later_waits_for_nothing(dossier: Dossier, agent: User) -> None:
    close(ask(dossier, agent, on=2, due=6), 8)
    close(ask(dossier, agent, on=10, due=24), 11, by=agent)
    assert kept(dossier).complete_on == date(2026, 10, 1)


def test_an_emptied_section_never_arrives(dossier: Dossier, agent: User) -> None:
    asked = ask(dossier, agent, on=2, due=16, items=(REASONS,))
    save(dossier, "motivations", {"projet": ""}, on=5)
    close(asked, 19)
    assert (kept(dossier).complete_on, Correction.objects.get().state) == (None, "expired")


def test_a_section_filled_for_a_request_that_closed_unsent_leaves_with_the_next_answer(
    dossier: Dossier, agent: User
) -> None:
    asked = ask(dossier, agent, on=2, due=16, items=(REASONS, POWER))
    save(dossier, "motivations", {**FIRM["motivations"], "projet": "Un atelier neuf"}, on=5)
    close(asked, 19)
    ask(dossier, agent, on=20, due=30)
    send(dossier, "complement", noon(22))
    answer(dossier, noon(22))
    assert kept(dossier).deposits.latest("version").answers["motivations"]["projet"] == "Un atelier neuf"


def test_what_comes_after_the_last_day_is_not_sent_by_the_portal(dossier: Dossier, agent: User) -> None:
    asked = ask(dossier, agent, on=2, due=9)
    send(dossier, "complement", noon(11))
    close(asked, 12)
    assert (kept(dossier).version, Correction.objects.get().state) == (1, "expired")
    assert received(dossier) == (["Documents utiles"], [])


# ------------------------------------------------------------------------------- what an answer makes necessary in turn
def test_another_type_of_structure_opens_the_sections_that_it_makes_necessary(dossier: Dossier, agent: User) -> None:
    """A firm that was a town all along: its situation is asked anew, and the answer leaves."""
    ask(dossier, agent, on=2, due=16, items=(STRUCTURE,))
    save(dossier, "structure", {**FIRM["structure"], "type": "local_authority"}, on=3)
    assert made_necessary(kept(dossier), {"section:structure"}) == ["situation"]
    with pytest.raises(Unmet, match="situation"):
        answer(dossier, noon(4))
    with pytest.raises(NotNow):
        save(dossier, "motivations", {"projet": "autre"}, on=4)
    save(dossier, "situation", {"population": "12000"}, on=4)
    answer(dossier, noon(5))
    sent = kept(dossier).deposits.latest("version")
    assert (sent.version, sent.answers["situation"]) == (2, {"population": "12000"})
    assert "aides" not in sent.answers


def test_what_is_made_necessary_is_shown_as_asked_for(dossier: Dossier, agent: User) -> None:
    asked = ask(dossier, agent, on=2, due=16, items=(STRUCTURE,))
    save(dossier, "structure", {**FIRM["structure"], "type": "local_authority"}, on=3)
    shown = presentation.asked(kept(dossier), read(kept(dossier)), asked)
    assert [(one.item.target, one.is_there) for one in shown] == [
        ("section:structure", True),
        ("section:situation", False),
    ]
