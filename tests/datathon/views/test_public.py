"""The public pages: what each shows of an edition, when; nothing before it opens, no result before its hour."""

import re
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

import pytest
import time_machine
from django.test import Client

from datathon import phases
from datathon.models import DataSet, Deliberation, Edition, Outcome
from datathon.services import contents
from normandata.accounts.models import Role
from normandata.documents import services as documents
from tests.factories.accounts import make_user_with
from tests.factories.datathon import PARIS, SCHEME, make_edition, make_organiser, make_rules, make_team
from tests.test_consistency import badly_spaced

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]
D = Decimal


@pytest.fixture(autouse=True)
def _in_september() -> Iterator[None]:
    with time_machine.travel("2027-09-20T09:00:00+02:00", tick=True):
        yield


def page(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status, address
    content = response.content.decode()
    assert badly_spaced(content) == [], address
    found = re.sub(r"<[^>]+>", " ", content.replace("\u00a0", " ").replace("&nbsp;", " "))
    return re.sub(r"\s+", " ", found)


def at(edition: Edition, rest: str = "") -> str:
    return f"/datathon/{edition.slug}/{rest}"


def test_an_edition_says_all_that_a_participant_looks_for(client: Client) -> None:
    edition = make_edition(prize_1=D(2500), prize_2=D("1000.50"), summary="Des données pour la mer.")
    theme = edition.themes.get()
    given = {"url": "https://donnees.invalid/marees", "licence": "Licence Ouverte 2.0", "producer": "Shom d’essai"}
    DataSet.objects.create(edition=edition, theme=theme, title="Marées", **given)
    text = page(client, at(edition))
    for said in (
        "Inscriptions ouvertes", "Des données pour la mer.", "L’inscription est gratuite et se fait ici.", "Mobilité",
        "Inscriptions jusqu’au 30 septembre 2027", "Livrables à remettre avant le 22 octobre 2027 à 12 h 00",
        "Clôture, en présentiel 23 octobre 2027 à 14 h 00", "Lieu communiqué pendant le challenge", "2 500,00 €",
        "1 000,50 €", "Marées", "Licence Ouverte 2.0", "Shom d’essai", "Originalité 2 20 %",
        "Pertinence avec la thématique 3 30 %", "Version 1",
    ):  # fmt: skip
        assert said in text, said
    edition.closing_place = "Le Dôme, Caen"
    edition.save()
    text = page(client, at(edition))
    assert ("Le Dôme, Caen" in text, "communiqué pendant le challenge" in text) == (True, False)


@pytest.mark.parametrize("state", [phases.PREPARING, phases.REHEARSAL])
def test_nothing_is_read_before_the_opening_even_by_organisers(client: Client, state: str) -> None:
    edition = make_edition(state)
    client.force_login(make_organiser(edition), backend="allauth.account.auth_backends.AuthenticationBackend")
    for rest in ("", "reglement/", "reglement/1/", "reglement/1.pdf", "dates.ics", "projets/"):
        assert client.get(at(edition, rest)).status_code == 404
    assert edition.title not in page(client, "/datathon/")
    assert edition.title not in page(client, "/aides/datathon/")


def test_one_registers_here_or_elsewhere_between_two_days(client: Client) -> None:
    edition = make_edition()
    here = {"edition": edition}
    for instant, sentence in (
        ("2027-08-31T23:59:59.9+02:00", "Les inscriptions ouvrent le 1er septembre 2027."),
        ("2027-09-01T00:00:00+02:00", "L’inscription est gratuite et se fait ici."),
        ("2027-09-30T23:59:59.9+02:00", "L’inscription est gratuite et se fait ici."),
        ("2027-10-01T00:04:59.9+02:00", "L’inscription est gratuite et se fait ici."),
        (
            "2027-10-01T00:05:00.1+02:00",
            "Les inscriptions sont closes depuis le 30 septembre 2027 à minuit, heure de Paris.",
        ),
    ):
        with time_machine.travel(instant, tick=False):
            assert sentence in page(client, at(here["edition"]))
    Edition.objects.update(registration_mode="elsewhere", registration_url="https://datanormandie.invalid/inscription")
    response = client.get(at(edition))
    assert 'href="https://datanormandie.invalid/inscription"' in response.content.decode()
    assert "L’inscription se fait sur datanormandie.invalid." in page(client, at(edition))
    Edition.objects.update(state=phases.CHALLENGE)
    assert "Les inscriptions sont closes : le challenge a commencé." in page(client, at(edition))


def test_the_rules_are_read_version_by_version_and_as_a_pdf(client: Client) -> None:
    edition = make_edition()
    lead = make_user_with(Role.LEAD_AGENT, SCHEME)
    rules = contents.publish_rules(edition, text="Article 1\n\nOn joue.\n\nArticle 2", change="Tout.", by=lead)
    text = page(client, at(edition, "reglement/"))
    assert ("version 2" in text, "On joue." in text, "Ce qui change : Tout." in text) == (True, True, True)
    assert "Chaque participant accepte" in page(client, at(edition, "reglement/1/"))
    assert client.get(at(edition, "reglement/3/")).status_code == 404
    assert client.get(at(edition, "reglement/2.pdf")).status_code == 404
    assert client.get(at(edition, "reglement/1.pdf")).status_code == 404, "written by the tests, without a PDF"
    documents.make(rules.document_id)
    response = client.get(at(edition, "reglement/2.pdf"))
    assert response.status_code == 200
    assert b"".join(response.streaming_content).startswith(b"%PDF")  # type: ignore[attr-defined]
    assert "Cette version en PDF" in page(client, at(edition, "reglement/"))
    assert client.get(at(make_edition(phases.PREPARING), "reglement/1/")).status_code == 404


def test_the_dates_go_into_a_calendar_and_follow_their_changes(client: Client) -> None:
    edition = make_edition(closing_place="Le Dôme, Caen")
    response = client.get(at(edition, "dates.ics"))
    lines = response.content.decode().replace("\r\n ", "").split("\r\n")
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    kept = [line for line in lines if line.startswith(("DTSTART", "LOCATION", "SEQUENCE"))]
    assert kept == [
        "SEQUENCE:1", "DTSTART;VALUE=DATE:20270901", "SEQUENCE:1", "DTSTART;VALUE=DATE:20270930",
        "SEQUENCE:1", "DTSTART;VALUE=DATE:20271004", "SEQUENCE:1", "DTSTART;VALUE=DATE:20271008",
        "SEQUENCE:1", "DTSTART:20271022T100000Z", "SEQUENCE:1", "DTSTART:20271023T120000Z",
        "LOCATION:Le Dôme\\, Caen",
    ]  # fmt: skip
    uids = [line for line in lines if line.startswith("UID")]
    assert len(set(uids)) == 6
    Edition.objects.update(revision=4, state=phases.CANCELLED)
    text = client.get(at(edition, "dates.ics")).content.decode().replace("\r\n ", "")
    assert [line for line in text.split("\r\n") if line.startswith("UID")] == uids
    assert ("METHOD:CANCEL" in text, "SEQUENCE:4" in text) == (True, True)


def ranked(edition: Edition) -> None:
    """Publish four projects, of which two laureates, and one that is not shown."""
    deliberation = Deliberation.objects.create(
        edition=edition, opened_at=edition.created_at, opened_by=edition.created_by
    )
    for name, rank, is_shown in (("Zèbre", 1, True), ("Abeille", None, True), ("Loutre", 2, True), ("Caché", 3, False)):
        team = make_team(edition, name=name, project=f"Projet {name}", shown_in_gallery=is_shown)
        Outcome.objects.create(deliberation=deliberation, team=team, decided_rank=rank)


def test_the_gallery_opens_with_the_results_laureates_first(client: Client) -> None:
    edition = make_edition(phases.PUBLISHED, prize_1=D(2000), prize_2=D(1000))
    ranked(edition)
    text = page(client, at(edition, "projets/"))
    assert re.findall(r"Projet (\w+)", text) == ["Zèbre", "Loutre", "Abeille"]
    assert ("1er prix, 2 000,00 €" in text, "2e prix, 1 000,00 €" in text, "Caché" in text) == (True, True, False)
    assert "Voir les projets" in page(client, at(edition))


def test_no_result_is_read_before_the_end_of_the_embargo(client: Client) -> None:
    hour = datetime(2027, 10, 25, 18, tzinfo=PARIS)
    edition = make_edition(phases.PUBLISHED, prize_1=D(2000), embargo_until=hour)
    ranked(edition)
    with time_machine.travel(datetime(2027, 10, 25, 17, 59, 59, 900_000, tzinfo=PARIS), tick=False):
        assert client.get(at(edition, "projets/")).status_code == 404
        for address in (at(edition), "/datathon/"):
            text = page(client, address)
            assert ("Délibération du jury" in text, "Résultats publiés" in text, "rojets" in text) == (
                True,
                False,
                False,
            )
    with time_machine.travel(hour, tick=False):
        assert "Projet Zèbre" in page(client, at(edition, "projets/"))
        assert "Résultats publiés" in page(client, at(edition))
    for state in set(phases.STATES) - {phases.PUBLISHED}:
        Edition.objects.filter(pk=edition.pk).update(state=state, published_at=None)
        assert client.get(at(edition, "projets/")).status_code == 404


@pytest.mark.parametrize("rows", [1, 30])
def test_public_pages_cost_the_same_queries_whatever_they_show(
    client: Client, rows: int, django_assert_num_queries
) -> None:
    edition = make_edition(phases.PUBLISHED, prize_1=D(2000))
    for number in range(rows):
        make_edition()
        url = f"https://donnees.invalid/{number}"
        DataSet.objects.create(edition=edition, title=f"Jeu {number}", url=url, licence="ODbL")
        make_team(edition, shown_in_gallery=True, theme=edition.themes.get())
        make_rules(edition, number + 2)
    for address, count in (
        ("/datathon/", 1),
        (at(edition), 5),
        (at(edition, "reglement/"), 2),
        (at(edition, "projets/"), 3),
    ):
        with django_assert_num_queries(count):
            assert client.get(address).status_code == 200


def test_the_page_of_the_scheme_leads_to_the_edition_that_is_open(client: Client) -> None:
    text = page(client, "/aides/datathon/")
    assert "Voir les éditions" in text
    edition = make_edition(title="Datathon des marées")
    make_edition(phases.PUBLISHED, title="Ancienne")
    content = client.get("/aides/datathon/").content.decode()
    assert f'href="/datathon/{edition.slug}/"' in content
    text = page(client, "/aides/datathon/")
    assert ("Datathon des marées Inscriptions ouvertes" in text, "Ancienne" in text) == (True, False)
    assert "ici ou sur la plateforme DataNormandie que désigne l’annexe 5" in text
