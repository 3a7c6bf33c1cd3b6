"""Opening and changing waves, and putting dossiers in them: who may, why, who is told, what the journal keeps."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError

from booster_ia.models import BoosterApplication
from booster_ia.services import scoring, waves
from booster_ia.waves import Wave
from normandata.accounts.models import Role, User
from normandata.dossiers.exchange import Correction, CorrectionItem
from normandata.dossiers.models import Dossier
from normandata.dossiers.services import corrections
from normandata.dossiers.services.corrections import Asked
from normandata.notifications.models import Mail
from normandata.procedure.errors import NotAllowed, ReasonMissing
from normandata.procedure.models import Event
from normandata.scoring.services import conflicts
from tests.factories.accounts import make_agent, make_user_with
from tests.factories.booster_scoring import put_in
from tests.factories.scoring import make_lead, make_panel
from tests.factories.waves import DAYS, make_application, make_next_wave, make_wave

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 10, 5, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _in_october(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def lead() -> User:
    return make_user_with(Role.LEAD_AGENT, "booster_ia")


def kept(dossier: Dossier) -> tuple[Wave | None, str]:
    row = BoosterApplication.objects.select_related("wave").get(pk=dossier.pk)
    return row.wave, row.wave_reason.replace("\u00a0", " ")


def asked(dossier: Dossier, *, due: date, arrived: datetime | None = None, state: str = "answered") -> Correction:
    found = Correction.objects.create(
        dossier=dossier,
        asked_by=dossier.created_by,
        asked_at=datetime(2026, 10, 1, 8, tzinfo=UTC),
        due_on=due,
        state=state,
        closed_at=None if state == "open" else NOW,
    )
    CorrectionItem.objects.create(correction=found, target="piece:budget", label="Budget", satisfied_at=arrived)
    return found


# -------------------------------------------------------------------------------------------------------------- placing
def test_a_complete_dossier_enters_the_first_wave_that_closes_after_it() -> None:
    make_next_wave()
    wave, dossier = make_wave(), make_application()
    waves.place(dossier)
    assert kept(dossier) == (
        wave,
        "Complet le 20 septembre 2026 : c’est la première vague qui se clôt ce jour-là ou après, le 30 septembre 2026.",
    )
    assert waves.wave_of(dossier) == wave
    event = Event.objects.about(dossier).get(name="wave_placed")
    assert (event.data, event.by) == ({"wave": "2e vague 2026"}, None)


@pytest.mark.parametrize(
    ("at", "number"),
    [
        (datetime(2026, 9, 30, 21, 59, 59, 900_000, tzinfo=UTC), 2),
        (datetime(2026, 9, 30, 22, 5, tzinfo=UTC), 2),
        (datetime(2026, 9, 30, 22, 5, 1, tzinfo=UTC), 1),
    ],
)
def test_the_closing_day_is_included_up_to_midnight_in_paris(at: datetime, number: int) -> None:
    make_wave()
    make_next_wave()
    dossier = make_application(at=at)
    waves.place(dossier)
    wave, _ = kept(dossier)
    assert wave is not None
    assert wave.number == number


def test_a_piece_that_arrives_in_time_keeps_the_wave_and_a_late_one_does_not() -> None:
    wave, later = make_wave(), make_next_wave()
    in_time, late, given_up, twice = (make_application() for _ in range(4))
    due = date(2026, 10, 10)
    asked(in_time, due=due, arrived=datetime(2026, 10, 10, 21, 59, 59, 900_000, tzinfo=UTC))
    asked(late, due=due, arrived=datetime(2026, 10, 10, 22, 5, 1, tzinfo=UTC))
    asked(given_up, due=date(2026, 10, 2), state="cancelled")
    asked(twice, due=date(2026, 10, 2), state="expired")
    asked(twice, due=due, arrived=datetime(2026, 10, 8, 10, tzinfo=UTC))
    for dossier in (in_time, late, given_up, twice):
        waves.place(dossier)
    assert [kept(one)[0] for one in (in_time, late, given_up, twice)] == [wave, later, wave, wave]


def test_an_overdue_piece_leaves_the_dossier_without_a_wave_and_alerts_nobody(lead: User) -> None:
    make_wave()
    dossier = make_application()
    waves.place(dossier)
    asked(dossier, due=date(2026, 10, 2), state="expired")
    waves.place(dossier)
    wave, why = kept(dossier)
    assert wave is None
    assert why.startswith("« Budget » était attendu au plus tard le 2 octobre 2026")
    assert Mail.objects.filter(kind="booster_ia.no_wave").count() == 0
    assert Event.objects.about(dossier).named("wave_placed").count() == 2


def test_without_a_wave_the_lead_agents_are_told_once_and_the_next_one_takes_the_dossier(lead: User) -> None:
    make_agent("booster_ia")
    dossier = make_application()
    waves.place(dossier)
    waves.place(dossier)
    assert list(Mail.objects.filter(kind="booster_ia.no_wave").values_list("address", flat=True)) == [lead.email]
    assert "aucune vague ne se clôt encore" in kept(dossier)[1]
    wave = waves.open_wave(by=lead, year=2026, number=2, **DAYS)
    assert kept(dossier)[0] == wave


def test_a_lead_agent_in_conflict_is_not_told_of_the_dossier(lead: User) -> None:
    in_conflict, dossier = make_lead(), make_application()
    panel = make_panel(subjects=[dossier])
    conflicts.declare(in_conflict, panel.subjects.get(), by=in_conflict, reason="Mon employeur d’avant.")
    waves.place(dossier)
    told = Mail.objects.filter(kind="booster_ia.no_wave").values_list("address", flat=True)
    assert in_conflict.email not in told
    assert lead.email in told


@pytest.mark.parametrize("state", ["proposed", "granted", "refused", "withdrawn"])
def test_a_dossier_that_is_proposed_keeps_its_wave(state: str) -> None:
    make_wave()
    dossier = make_application(state=state)
    waves.place(dossier)
    assert kept(dossier) == (None, "")


def test_a_request_that_is_cancelled_or_expires_leaves_a_dossier_that_was_never_taken_in_its_wave_or_says_why() -> None:
    wave, agent = make_wave(), make_agent("booster_ia")
    cancelled, expired = (make_application(state="submitted") for _ in range(2))
    for dossier in (cancelled, expired):
        corrections.ask(dossier, [Asked("piece:presentation", "Illisible.")], due_on=date(2026, 10, 20), by=agent)
        assert kept(dossier) == (None, "")
    corrections.cancel(cancelled.corrections.get(), by=agent, reason="Reçue par la poste")
    assert kept(cancelled)[0] == wave
    with time_machine.travel(datetime(2026, 10, 21, 10, tzinfo=UTC), tick=False):
        corrections.expire(expired.corrections.get())
    expired.refresh_from_db()
    assert expired.state == "review"
    assert kept(expired)[0] is None
    assert "support de présentation" in kept(expired)[1].lower()


def test_placing_twice_writes_once() -> None:
    make_wave()
    dossier = make_application()
    waves.place(dossier)
    waves.place(dossier)
    assert Event.objects.about(dossier).named("wave_placed").count() == 1


# ---------------------------------------------------------------------------------------------- scored or voted already
def left_out(dossier: Dossier) -> None:
    """Miss the date given for a piece, which is then asked for again, and arrives by the new date."""
    asked(dossier, due=date(2026, 10, 2), state="expired")
    waves.place(dossier)
    assert kept(dossier)[0] is None
    asked(dossier, due=date(2026, 10, 30), arrived=datetime(2026, 10, 4, 10, tzinfo=UTC))


def test_a_piece_asked_again_brings_back_a_wave_that_is_still_examined() -> None:
    """The witness of the two that follow."""
    wave, dossier = make_wave(), make_application()
    make_next_wave()
    left_out(dossier)
    waves.place(dossier)
    assert kept(dossier)[0] == wave


def test_a_wave_whose_scoring_is_closed_takes_no_dossier_whose_piece_was_asked_again() -> None:
    wave, later, scorer, head = make_wave(), make_next_wave(), make_agent("booster_ia"), make_lead()
    dossier, judged = make_application(), make_application()
    left_out(dossier)
    waves.place(judged)
    panel = scoring.open_scoring(wave, [scorer], by=head)
    waves.place(dossier)
    assert kept(dossier)[0] == wave, "open, it still does"
    BoosterApplication.objects.filter(pk=dossier.pk).update(wave=None)
    scoring.close_scoring(panel, by=head)
    for one in (dossier, judged):
        waves.place(one)
    assert kept(dossier) == (
        later,
        "La vague close le 30 septembre 2026 ne prend plus de dossier : sa notation est close. Le dossier entre dans "
        "la suivante, qui se clôt le 31 mars 2027.",
    )
    event = Event.objects.about(dossier).named("wave_placed").latest("pk")
    assert (event.data, event.reason.replace("\u00a0", " ")) == ({"wave": "1re vague 2027"}, kept(dossier)[1])
    assert kept(judged)[0] == wave, "what was scored there is ranked there"


@pytest.mark.parametrize(("day", "is_voted"), [(date(2026, 12, 14), False), (date(2026, 12, 15), True)])
def test_a_wave_whose_committee_day_is_past_takes_no_dossier(day: date, is_voted: bool) -> None:
    wave, later, dossier = make_wave(), make_next_wave(), make_application()
    left_out(dossier)
    with time_machine.travel(datetime(day.year, day.month, day.day, 10, tzinfo=UTC), tick=False):
        waves.place(dossier)
    found, why = kept(dossier)
    assert found == (later if is_voted else wave)
    assert ("la Commission permanente s’est réunie le 14 décembre 2026" in why) is is_voted


# ------------------------------------------------------------------------------------------------- written out of order
SPRING = {
    "opens_on": date(2026, 10, 1),
    "closing_on": date(2027, 3, 31),
    "instruction_from": date(2027, 4, 1),
    "scoring_closes_on": date(2027, 5, 7),
    "instruction_to": date(2027, 5, 15),
    "committee_on": date(2027, 6, 14),
}


def test_a_wave_written_after_a_later_one_takes_the_dossiers_that_are_its_own(lead: User) -> None:
    early, late = make_application(), make_application(at=datetime(2026, 10, 2, 10, tzinfo=UTC))
    proposed = make_application(state="proposed")
    spring = waves.open_wave(by=lead, year=2027, number=1, **SPRING)
    BoosterApplication.objects.filter(pk=proposed.pk).update(wave=spring, wave_reason="Complet.")
    assert [kept(one)[0] for one in (early, late)] == [spring, spring]
    autumn = waves.open_wave(by=lead, year=2026, number=2, **DAYS)
    assert [kept(one)[0] for one in (early, late, proposed)] == [autumn, spring, spring]
    events = Event.objects.about(early).named("wave_placed").order_by("pk")
    assert [one.data["wave"] for one in events] == ["1re vague 2027", "2e vague 2026"]
    assert events[1].reason.replace("\u00a0", " ") == kept(early)[1]
    assert Event.objects.about(late).named("wave_placed").count() == 1


def test_a_closing_day_put_off_takes_the_dossiers_that_came_meanwhile(lead: User) -> None:
    autumn = waves.open_wave(by=lead, year=2026, number=2, **DAYS)
    spring = waves.open_wave(by=lead, year=2027, number=1, **SPRING)
    inside, after = make_application(), make_application(at=datetime(2026, 10, 2, 10, tzinfo=UTC))
    for one in (inside, after):
        waves.place(one)
    assert [kept(one)[0] for one in (inside, after)] == [autumn, spring]
    days = {"closing_on": date(2026, 10, 3), "instruction_from": date(2026, 10, 4)}
    waves.change_wave(autumn, by=lead, reason="Une panne du portail.", **days)
    assert [kept(one)[0] for one in (inside, after)] == [autumn, autumn]
    assert "le 3 octobre 2026" in kept(inside)[1], "the sentence follows the day"


def test_what_is_scored_already_stays_where_it_is_ranked(lead: User) -> None:
    spring = waves.open_wave(by=lead, year=2027, number=1, **SPRING)
    dossier = make_application()
    waves.place(dossier)
    panel = scoring.open_scoring(spring, [make_agent("booster_ia")], by=lead)
    scoring.close_scoring(panel, by=lead)
    waves.open_wave(by=lead, year=2026, number=2, **DAYS)
    assert kept(dossier)[0] == spring


@pytest.mark.parametrize("count", [1, 30])
def test_a_wave_that_concerns_nobody_costs_the_same(lead: User, count: int, django_assert_num_queries: Any) -> None:
    autumn = waves.open_wave(by=lead, year=2026, number=2, **DAYS)
    for _ in range(count):
        put_in(autumn, make_application())
    lead.holds(Role.LEAD_AGENT, scheme="booster_ia")
    with django_assert_num_queries(26):
        waves.open_wave(by=lead, year=2027, number=1, **SPRING)


# ---------------------------------------------------------------------------------------------------------------- waves
def test_only_lead_agents_and_administrators_write_waves(lead: User) -> None:
    waves.open_wave(by=make_user_with(Role.ADMINISTRATOR), year=2026, number=2, **DAYS)
    for other in (make_agent("booster_ia"), make_user_with(Role.LEAD_AGENT, "diagnostic")):
        with pytest.raises(NotAllowed):
            waves.open_wave(by=other, year=2027, number=1, **DAYS)
        with pytest.raises(NotAllowed):
            waves.change_wave(Wave.objects.get(), by=other, committee_on=date(2026, 12, 21))
    assert Wave.objects.get().committee_on == date(2026, 12, 14)


def test_a_change_is_journalled_before_and_after(lead: User) -> None:
    wave = waves.open_wave(by=lead, year=2026, number=2, **DAYS)
    event = waves.change_wave(wave, by=lead, **{**DAYS, "committee_on": date(2026, 12, 21)})
    assert event is not None
    assert event.data == {"changed": {"committee_on": ["2026-12-14", "2026-12-21"]}}
    said = waves.said(event).replace("\u00a0", " ")
    assert said == "Vague modifiée (Commission permanente : 14 décembre 2026 → 21 décembre 2026)"
    assert waves.change_wave(wave, by=lead, **{**DAYS, "committee_on": date(2026, 12, 21)}) is None
    assert Event.objects.about(wave).count() == 2


def test_a_wave_with_dossiers_says_why_its_days_change_and_its_organisations_are_told(lead: User) -> None:
    wave = waves.open_wave(by=lead, year=2026, number=2, **DAYS)
    dossier = make_application()
    waves.place(dossier)
    with pytest.raises(ReasonMissing):
        waves.change_wave(wave, by=lead, committee_on=date(2026, 12, 21))
    assert Wave.objects.get().committee_on == date(2026, 12, 14)
    event = waves.change_wave(wave, by=lead, reason="La séance est déplacée.", committee_on=date(2026, 12, 21))
    assert event is not None
    assert event.reason == "La séance est déplacée."
    mail = Mail.objects.get(kind="booster_ia.wave_changed")
    assert mail.address == dossier.created_by.email
    assert "Commission permanente : 21 décembre 2026" in mail.text.replace("\u00a0", " ")
    assert kept(dossier)[0] == wave


def test_a_closing_day_that_would_leave_a_dossier_out_is_refused(lead: User) -> None:
    wave = waves.open_wave(by=lead, year=2026, number=2, **DAYS)
    dossier = make_application()
    waves.place(dossier)
    with pytest.raises(ValidationError) as refused:
        waves.change_wave(wave, by=lead, reason="Essai", closing_on=date(2026, 9, 15))
    assert list(refused.value.message_dict) == ["closing_on"]
    assert str(dossier.number) in refused.value.messages[0]
    waves.change_wave(wave, by=lead, reason="Essai", closing_on=date(2026, 9, 20))
    assert Wave.objects.get().closing_on == date(2026, 9, 20)


def test_what_the_model_refuses_is_not_written(lead: User) -> None:
    wave = waves.open_wave(by=lead, year=2026, number=2, **DAYS)
    with pytest.raises(ValidationError):
        waves.change_wave(wave, by=lead, committee_on=date(2026, 10, 2))
    assert (Wave.objects.get().committee_on, Event.objects.about(wave).count()) == (date(2026, 12, 14), 1)
