"""Before a session: opened, filled from what waits, put in order, settled; two tabs, who may, what the mails say."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.core.exceptions import ValidationError

from normandata.committee.dockets import Brief
from normandata.committee.models import Item, Paper, Session
from normandata.committee.services import sessions
from normandata.committee.services.sessions import create
from normandata.dossiers.exchange import ThreadMessage
from normandata.dossiers.models import Dossier
from normandata.notifications.models import Mail
from normandata.procedure.errors import NotAllowed, NotDone, NotNow, ReasonMissing, Unmet
from normandata.procedure.models import Event
from tests.factories.accounts import make_agent
from tests.factories.committee import SCHEME, SessionFactory, make_clerk, make_envelope
from tests.factories.sessions import item_of, make_lead, make_prepared, make_tabled, make_validated, make_waiting

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]
D = Decimal
DAY = date(2026, 12, 14)


@pytest.fixture(autouse=True)
def _before_the_session() -> Iterator[None]:
    with time_machine.travel("2026-11-23T09:00:00+01:00", tick=True):
        yield


def plain(error: NotDone) -> list[str]:
    return [one.replace("\u00a0", " ").replace("\u202f", " ") for one in error.messages]


def numbers(session: Session) -> list[str | None]:
    return list(session.items.standing().values_list("dossier__number", flat=True))


# ------------------------------------------------------------------------------------------------------------- opening
def test_a_clerk_opens_a_session_of_the_scheme_once_a_day() -> None:
    clerk = make_clerk()
    session = create(SCHEME, held_on=DAY, place=" Caen ", by=clerk)
    assert (session.state, session.place, session.created_by) == ("preparing", "Caen", clerk)
    assert Event.objects.about(session).get().name == "create"
    with pytest.raises(ValidationError) as refused:
        create(SCHEME, held_on=DAY, by=clerk)
    assert refused.value.messages == ["Une séance est déjà prévue ce jour-là pour ce dispositif."]


def test_nobody_else_opens_one() -> None:
    for person in (make_lead(), make_agent(SCHEME), make_clerk(is_active=False)):
        with pytest.raises(NotAllowed):
            create(SCHEME, held_on=DAY, by=person)
    with pytest.raises(LookupError):
        create("diagnostic", held_on=DAY, by=make_clerk())
    assert Session.objects.count() == 0


# -------------------------------------------------------------------------------------------------------------- agenda
def test_what_waits_goes_on_the_agenda_in_its_order_with_its_proposal_frozen() -> None:
    clerk = make_clerk()
    one, two, three = make_waiting(3, refusals=1)
    session = SessionFactory()
    sessions.put_on_agenda(session, [two], by=clerk)
    sessions.put_on_agenda(session, [one, three], by=clerk)
    assert numbers(session) == [two.number, one.number, three.number]
    found = session.items.values_list("rank", "is_grant", "proposed_amount", "basis")
    assert list(found) == [(1, True, D("10000.00"), "HT"), (2, True, D("10000.00"), "HT"), (3, False, None, "")]
    brief = item_of(session, one).said
    assert (brief.rank, brief.score, brief.amount, brief.base, brief.rate) == (
        1,
        "89,50",
        D("10000.00"),
        D("24999.97"),
        "50\u00a0%",
    )
    assert brief == Brief.from_record(brief.as_record())
    one.refresh_from_db()
    assert (one.state, one.turn, session.revision) == ("scheduled", "committee", 3)


def test_the_organisation_is_told_the_day_and_in_its_thread() -> None:
    [dossier] = make_waiting()
    make_prepared([dossier])
    assert Mail.objects.filter(kind="booster_ia.scheduled").count() == 1
    message = ThreadMessage.objects.filter(dossier=dossier).latest("pk")
    assert "Commission permanente du 14\u00a0décembre\u00a02026" in message.text


def test_all_go_on_or_none_and_each_that_does_not_is_named() -> None:
    clerk = make_clerk()
    one, two, three = make_waiting(3)
    Dossier.objects.filter(pk=two.pk).update(state="review")
    session = SessionFactory()
    make_prepared([three], held_on=date(2027, 2, 8))
    with pytest.raises(Unmet) as refused:
        sessions.put_on_agenda(session, [one, two, three], by=clerk)
    wait = "Ce dossier n’attend plus de séance : rechargez la page."
    assert plain(refused.value) == [f"{two.number} : {wait}", f"{three.number} : {wait}"]
    assert (session.items.count(), Dossier.objects.get(pk=one.pk).state) == (0, "proposed")
    with pytest.raises(NotDone):
        sessions.put_on_agenda(session, [], by=clerk)


def test_a_dossier_taken_off_waits_again_with_the_reason_and_the_structure_is_told() -> None:
    clerk = make_clerk()
    one, two = make_waiting(2)
    session = make_prepared([one, two], by=clerk)
    item = item_of(session, one)
    with pytest.raises(ReasonMissing):
        sessions.take_off(item, reason=" ", by=clerk)
    sessions.take_off(item, reason="Pièce à revoir.", by=clerk)
    one.refresh_from_db()
    assert (one.state, one.turn, numbers(session)) == ("proposed", "committee", [two.number])
    assert Mail.objects.filter(kind="booster_ia.unscheduled").count() == 1
    event = Event.objects.about(session).named("take_off").get()
    assert (event.reason, event.data) == ("Pièce à revoir.", {"numbers": [one.number]})
    with pytest.raises(NotNow):
        sessions.take_off(item, reason="Deux fois.", by=clerk)
    sessions.put_on_agenda(session, [one], by=clerk)
    assert numbers(session) == [two.number, one.number]


def test_the_order_is_that_of_the_keys_given() -> None:
    clerk = make_clerk()
    session = make_prepared(make_waiting(3), by=clerk)
    one, two, three = session.items.values_list("pk", flat=True)
    sessions.reorder(session, [three, one, two], by=clerk)
    assert list(session.items.values_list("pk", flat=True)) == [three, one, two]
    sessions.move(Item.objects.select_related("session").get(pk=two), to=1, by=clerk)
    assert list(session.items.values_list("pk", flat=True)) == [two, three, one]
    for keys in ([one, two], [one, one, two, three], [one, two, 999_999]):
        with pytest.raises(NotDone):
            sessions.reorder(session, keys, by=clerk)


def test_two_tabs_never_overwrite_each_other() -> None:
    clerk = make_clerk()
    one, two = make_waiting(2)
    session = SessionFactory()
    seen = session.revision
    sessions.put_on_agenda(session, [one], by=clerk, seen=seen)
    other = Session.objects.get()
    for gesture in (
        lambda: sessions.put_on_agenda(other, [two], by=clerk, seen=seen),
        lambda: sessions.change(other, held_on=DAY, place="Rouen", by=clerk, seen=seen),
        lambda: sessions.take_off(item_of(other, one), reason="Essai.", by=clerk, seen=seen),
        lambda: sessions.reorder(other, [item_of(other, one).pk], by=clerk, seen=seen),
    ):
        with pytest.raises(NotNow):
            gesture()
    assert (numbers(session), Session.objects.get().place) == ([one.number], "Hôtel de Région, Caen")


# ------------------------------------------------------------------------------------------------------------ changing
def test_a_session_moved_tells_the_organisations_the_new_day() -> None:
    clerk = make_clerk()
    session = make_prepared(make_waiting(2), by=clerk)
    sessions.change(session, held_on=DAY, place="Rouen", by=clerk)
    assert Mail.objects.filter(kind="booster_ia.rescheduled").count() == 0
    sessions.change(session, held_on=date(2026, 12, 18), by=clerk)
    [first, _] = Mail.objects.filter(kind="booster_ia.rescheduled")
    assert "Commission permanente du 18\u00a0décembre\u00a02026" in first.text


def test_once_settled_a_change_says_why() -> None:
    make_envelope()
    clerk = make_clerk()
    session = make_tabled(make_waiting(), by=clerk)
    with pytest.raises(ReasonMissing):
        sessions.change(session, held_on=date(2026, 12, 18), by=clerk)
    sessions.change(session, held_on=date(2026, 12, 18), reason="Salle prise.", by=clerk)
    assert Event.objects.about(session).named("change").get().reason == "Salle prise."


# ------------------------------------------------------------------------------------------------------------ settling
def test_a_settled_agenda_has_its_report_and_lead_agents_are_told() -> None:
    make_envelope()
    lead = make_lead()
    session = make_tabled(make_waiting(2))
    assert (session.state, Paper.objects.get().stage) == ("tabled", "final")
    mail = Mail.objects.get(kind="committee.tabled")
    assert mail.address == lead.email
    assert "2\u00a0dossiers, 20\u00a0000,00\u00a0€ de subventions proposées" in mail.text
    assert f"/commission/{session.pk}/" in mail.text


@pytest.mark.parametrize(
    ("credits", "sentence"),
    [
        ("", "Aucune enveloppe n’est ouverte pour l’année de la séance : votez-en une avant de décider."),
        (
            "19999.99",
            "Les accords font 20 000,00 € et l’enveloppe a 19 999,99 € libres : il manque 0,01 € HT.",
        ),
    ],
)
def test_an_agenda_that_cannot_be_paid_is_not_settled(credits: str, sentence: str) -> None:
    if credits:
        make_envelope(credits)
    clerk = make_clerk()
    session = make_prepared(make_waiting(2), by=clerk)
    with pytest.raises(Unmet) as refused:
        sessions.table(session, by=clerk)
    assert plain(refused.value) == [sentence]


def test_an_agenda_paid_to_the_cent_is_settled() -> None:
    make_envelope("20000")
    assert make_tabled(make_waiting(2)).state == "tabled"


def test_an_empty_agenda_or_one_changed_since_is_not_settled() -> None:
    make_envelope()
    clerk = make_clerk()
    session = SessionFactory()
    with pytest.raises(Unmet) as refused:
        sessions.table(session, by=clerk)
    assert plain(refused.value) == ["L’ordre du jour est vide : inscrivez-y au moins un dossier."]
    sessions.put_on_agenda(session, make_waiting(), by=clerk)
    with pytest.raises(Unmet):
        sessions.table(session, by=clerk, seen=1)
    with pytest.raises(NotAllowed):
        sessions.table(session, by=make_lead())


def test_a_settled_agenda_takes_nobody_until_it_is_opened_again() -> None:
    make_envelope()
    clerk = make_clerk()
    one, two = make_waiting(2)
    session = make_tabled([one], by=clerk)
    with pytest.raises(NotNow):
        sessions.put_on_agenda(session, [two], by=clerk)
    other = make_clerk()
    with pytest.raises(ReasonMissing):
        sessions.reopen_agenda(session, reason="", by=other)
    with pytest.raises(Unmet) as refused:
        sessions.reopen_agenda(session, reason="Un oubli.", by=clerk)
    assert plain(refused.value) == ["Vous avez arrêté cet ordre du jour : une autre personne le rouvre."]
    sessions.reopen_agenda(session, reason="Un oubli.", by=other)
    assert (session.settled_by, session.settled_at) == (None, None)
    sessions.put_on_agenda(session, [two], by=clerk)
    sessions.table(session, by=clerk)
    assert (session.state, len(numbers(session))) == ("tabled", 2)


def test_the_deliberation_is_completed_once_published() -> None:
    make_envelope()
    clerk = make_clerk()
    with time_machine.travel("2026-12-15T09:00:00+01:00", tick=True):
        session = make_validated(make_waiting(), by=clerk)
        sessions.describe(session, url="https://exemple.invalid/cp", executory_on=date(2026, 12, 18), by=clerk)
    found = Session.objects.get()
    assert (found.deliberation_url, found.executory_on) == ("https://exemple.invalid/cp", date(2026, 12, 18))
    with pytest.raises(ValidationError):
        sessions.describe(session, url="pas une adresse", executory_on=None, by=clerk)
