"""The pages before a session: what each shows of the agenda and of the money, to whom, flat at any length."""

import re
from collections.abc import Iterator
from datetime import date

import pytest
import time_machine
from django.db import connection
from django.db.models.signals import post_init
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from normandata.accounts.models import Role, User
from normandata.committee.models import Session
from normandata.committee.services import sessions
from normandata.dossiers.models import Dossier
from normandata.procedure.models import Event
from normandata.scoring.services import conflicts
from tests.factories.accounts import make_agent, make_user_with, sign_in
from tests.factories.booster_scoring import make_scorer, open_wave
from tests.factories.committee import SCHEME, SessionFactory, make_clerk, make_envelope
from tests.factories.sessions import item_of, make_lead, make_prepared, make_recorded, make_tabled, make_waiting
from tests.test_consistency import badly_spaced

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


@pytest.fixture(autouse=True)
def _after_the_session() -> Iterator[None]:
    with time_machine.travel("2026-12-15T09:00:00+01:00", tick=True):
        yield


@pytest.fixture
def clerk(client: Client) -> User:
    return sign_in(client, make_clerk(name="Camille Greffe"))


def words(content: str) -> str:
    """Return the words of a page, blanks made plain."""
    found = re.sub(r"<[^>]+>", " ", content.replace("\u00a0", " ").replace("\u202f", " ").replace("&nbsp;", " "))
    return re.sub(r"\s+", " ", found)


def page(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status, address
    content = response.content.decode()
    assert badly_spaced(content) == [], address
    return words(content)


def at(session: Session, rest: str = "") -> str:
    return f"/commission/{session.pk}/{rest}"


# ---------------------------------------------------------------------------------------------------------------- list
def test_a_clerk_lands_on_the_sessions_the_next_first(client: Client, clerk: User) -> None:
    for day in (date(2027, 2, 8), date(2026, 12, 18), date(2026, 10, 5), date(2026, 6, 14)):
        SessionFactory(held_on=day)
    assert client.get(reverse("dossiers:home")).headers["Location"] == "/commission/"
    text = page(client, "/commission/")
    days = re.findall(r"\d+ \w+ 202\d", text)
    assert days == ["18 décembre 2026", "8 février 2027", "5 octobre 2026", "14 juin 2026"]
    assert "Rechercher" not in text, "a clerk has no dossier to search"


def test_only_the_scheme_of_a_clerk_is_listed(client: Client) -> None:
    session = SessionFactory()
    sign_in(client, make_user_with(Role.COMMITTEE_CLERK, "diagnostic"))
    assert "14 décembre 2026" not in page(client, "/commission/")
    assert "Nouvelle séance" not in page(client, "/commission/")
    assert client.get("/commission/nouvelle/").status_code == 404
    assert client.get(at(session)).status_code == 404


@pytest.mark.parametrize("role", [Role.DATA_PROTECTION_OFFICER, Role.PAYMENTS_OFFICER, Role.JUROR])
def test_for_others_there_is_no_such_page(client: Client, role: Role) -> None:
    session = SessionFactory()
    sign_in(client, make_user_with(role, SCHEME))
    for address in ("/commission/", "/commission/nouvelle/", at(session), at(session, "journal/")):
        assert client.get(address).status_code == 404


# -------------------------------------------------------------------------------------------------------------- agenda
def test_the_agenda_says_where_the_money_stops(client: Client, clerk: User) -> None:
    make_envelope("25000")
    session = make_prepared(make_waiting(4), by=clerk)
    text = page(client, at(session))
    assert "10 000,00 € 10 000,00 € Retirer" in text
    cut = text.index("Le disponible s’arrête ici : 25 000,00 € HT.")
    third = text.index("3. BIA-")
    assert text.index("2. BIA-") < cut < third
    assert text.count("Le disponible s’arrête ici") == 1
    assert "L’enveloppe ne suffit pas : il manque 15 000,00 € HT." in text


def test_a_clerk_reads_briefs_and_opens_no_dossier(client: Client, clerk: User) -> None:
    make_envelope()
    session = make_prepared(make_waiting(), by=clerk)
    assert "/instruction/" not in client.get(at(session)).content.decode()
    sign_in(client, make_agent(SCHEME))
    content = client.get(at(session)).content.decode()
    assert "/instruction/" in content
    assert "Retirer" not in content


def test_all_that_waits_goes_on_at_once_or_what_is_ticked(client: Client, clerk: User) -> None:
    make_envelope()
    one, two, three = make_waiting(3)
    session = SessionFactory()
    client.post(at(session, "inscrire/"), {"revision": "1", "choix": [two.number]})
    assert [item.dossier for item in session.items.all()] == [two]
    client.post(at(session, "inscrire/"), {"revision": "2", "tous": "1"})
    assert [item.dossier for item in session.items.all()] == [two, one, three]


def test_an_old_tab_is_told_and_keeps_its_boxes(client: Client, clerk: User) -> None:
    make_envelope()
    one, two = make_waiting(2)
    session = SessionFactory()
    sessions.put_on_agenda(session, [one], by=clerk)
    response = client.post(at(session, "inscrire/"), {"revision": "1", "choix": [two.number]})
    assert response.status_code == 422
    assert "rechargez la page" in words(response.content.decode())
    assert re.search(rf'value="{two.number}"[^>]*checked', response.content.decode())
    assert session.items.count() == 1


def test_what_keeps_an_agenda_from_being_settled_is_listed(client: Client, clerk: User) -> None:
    make_envelope("15000")
    gone, stays = make_waiting(2)
    session = make_prepared([gone, stays], by=clerk)
    Dossier.objects.filter(pk=gone.pk).update(state="withdrawn")
    response = client.post(at(session, "arreter/"), {"revision": str(session.revision)})
    text = words(response.content.decode())
    assert response.status_code == 422
    assert f"{gone.number} n’est plus devant la Commission (retiré)" in text
    assert "il manque 5 000,00 € HT" in text
    assert "Retiré : à retirer" in text
    client.post(at(session, f"points/{item_of(session, gone).pk}/retirer/"), {"reason": "Retiré par la structure."})
    session.refresh_from_db()
    response = client.post(at(session, "arreter/"), {"revision": str(session.revision)}, follow=True)
    assert "L’ordre du jour est arrêté" in words(response.content.decode())


def test_the_order_is_typed_and_ties_keep_theirs(client: Client, clerk: User) -> None:
    make_envelope()
    session = make_prepared(make_waiting(3), by=clerk)
    one, two, three = session.items.values_list("pk", flat=True)
    typed = {f"place{one}": "2", f"place{two}": "2", f"place{three}": "1", "revision": str(session.revision)}
    client.post(at(session, "ordre/"), typed)
    assert list(session.items.values_list("pk", flat=True)) == [three, one, two]
    response = client.post(at(session, "ordre/"), typed | {f"place{one}": "premier"})
    assert response.status_code == 422
    assert 'value="premier"' in response.content.decode()


def test_a_session_is_opened_and_changed_with_plain_french_refusals(client: Client, clerk: User) -> None:
    response = client.post("/commission/nouvelle/", {"held_on": "32/12/2026", "place": "Caen"})
    assert response.status_code == 422
    assert "Cette date n’existe pas dans le calendrier." in words(response.content.decode())
    client.post("/commission/nouvelle/", {"held_on": "14/12/2026", "place": "Caen"})
    session = Session.objects.get()
    response = client.post("/commission/nouvelle/", {"held_on": "14/12/2026"})
    assert "Une séance est déjà prévue ce jour-là pour ce dispositif." in words(response.content.decode())
    client.post(at(session, "modifier/"), {"held_on": "18/12/2026", "place": "Rouen", "revision": "1"})
    session.refresh_from_db()
    assert (session.held_on, session.place) == (date(2026, 12, 18), "Rouen")


def test_the_journal_says_who_did_what_and_why(client: Client, clerk: User) -> None:
    make_envelope()
    [dossier] = make_waiting()
    session = make_prepared([dossier], by=clerk)
    sessions.take_off(item_of(session, dossier), reason="Pièce à revoir.", by=clerk)
    text = page(client, at(session, "journal/"))
    assert (
        f"Retrait de l’ordre du jour Camille Greffe 15 décembre 2026 à 9 h 00 {dossier.number} Pièce à revoir." in text
    )
    assert Event.objects.about(session).count() == 2


# ----------------------------------------------------------------------------------------------------------- conflicts
def test_a_declared_conflict_closes_the_item_and_the_files(client: Client) -> None:
    make_envelope()
    lead = make_lead(name="Lou Chef")
    one, two = make_waiting(2)
    Dossier.objects.filter(pk=one.pk).update(state="review", turn="agent")
    panel = open_wave([make_scorer()], [one], lead=lead)
    subject = panel.subjects.get(key=str(one.pk))
    conflicts.declare(lead, subject, by=lead, reason="Un parent y travaille.")
    Dossier.objects.filter(pk=one.pk).update(state="proposed", turn="committee")
    one.refresh_from_db()
    session = make_tabled([one, two])
    sign_in(client, lead)
    text = page(client, at(session))
    assert f"1. {one.number} Fermé : vous avez déclaré un conflit d’intérêts." in text
    assert one.organisation.label not in text
    assert two.organisation.label in text
    for address in ("annexe.csv", "annexe.xlsx", "validation/"):
        assert client.get(at(session, address)).status_code == 404
    assert client.post(at(session, "rapport/")).status_code == 404


# ---------------------------------------------------------------------------------------------------------------- flat
def counted(client: Client, address: str) -> tuple[int, int]:
    """Count the queries of a page and the objects it makes."""
    made = 0

    def count(**_: object) -> None:
        nonlocal made
        made += 1

    client.get(address)
    post_init.connect(count)
    try:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(address).status_code == 200
    finally:
        post_init.disconnect(count)
    return len(queries), made


def test_the_pages_of_a_session_are_flat_at_one_and_thirty(client: Client, clerk: User) -> None:
    make_envelope("900000")
    dossiers = make_waiting(31)
    lone = make_tabled(dossiers[:1], by=clerk)
    pages = ("", "resultats/", "annexe.csv")
    before = [counted(client, at(lone, rest))[0] for rest in pages]
    full = make_tabled(dossiers[1:], by=clerk, held_on=date(2026, 12, 15))
    assert [counted(client, at(full, rest))[0] for rest in pages] == before


def test_what_waits_is_flat_at_one_and_thirty(client: Client, clerk: User) -> None:
    make_envelope("900000")
    session = SessionFactory()
    dossiers = make_waiting(30)
    before, _ = counted(client, at(session))
    sessions.put_on_agenda(SessionFactory(held_on=date(2027, 2, 8)), dossiers[1:], by=clerk)
    assert counted(client, at(session))[0] == before


def test_the_list_is_flat(client: Client, clerk: User) -> None:
    SessionFactory(held_on=date(2026, 1, 1))
    before = counted(client, "/commission/")
    for rank in range(2, 31):
        SessionFactory(held_on=date(2026, 1, rank))
    queries, made = counted(client, "/commission/")
    assert (queries, made - before[1]) == (before[0], 29)


def test_the_validation_page_is_flat(client: Client) -> None:
    make_envelope("900000")
    dossiers = make_waiting(31)
    lone = make_recorded(dossiers[:1])
    sign_in(client, make_lead())
    before, _ = counted(client, at(lone, "validation/"))
    full = make_recorded(dossiers[1:], held_on=date(2026, 12, 15))
    assert counted(client, at(full, "validation/"))[0] == before
