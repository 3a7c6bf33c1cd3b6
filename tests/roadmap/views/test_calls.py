"""What everybody reads of the calls: the list, a call, its dates, its assessment and its files, at a flat cost."""

import re
from datetime import date
from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse

from roadmap.calls.models import Call
from tests.factories.calls import copies, make_answered, make_call, make_proposal
from tests.factories.organisations import OrganisationFactory
from tests.normandata.scoring.test_costs import cost
from tests.spreadsheets import plain

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today", "quiet")]
PAST = "donnees-et-territoires"


def address(name: str, slug: str, *more: str) -> str:
    return reverse(f"roadmap:{name}", args=[slug, *more])


def read(client: Client, where: str) -> str:
    return plain(client.get(where).content.decode())


def published(**fields: object) -> Call:
    call = make_call(**fields)
    make_answered(call, theme=0, scale=0, places=("14",), public=True, title="Vélos")
    make_answered(call, theme=1, scale=0, places=("14", "76"), title="Trains")
    Call.objects.filter(pk=call.pk).update(state="published")
    return call


def test_the_list_shows_what_is_open_then_what_is_over_and_nothing_in_preparation(client: Client) -> None:
    make_call(title="Ouvert aujourd’hui")
    make_call("announced", title="Bientôt")
    make_call("published", title="Dépouillé")
    make_call("draft", title="Secret")
    page = read(client, reverse("roadmap:calls"))
    order = ["Ouvert aujourd’hui", "Bientôt", "Passés", "Dépouillé", "Données et Territoires"]
    assert [page.index(word) for word in order] == sorted(page.index(word) for word in order)
    assert "Secret" not in page
    assert "Ouvert jusqu’au 3 décembre 2026 à 23 h 59, heure de Paris (10 jours)." in page


def test_an_empty_list_says_so(client: Client) -> None:
    page = read(client, reverse("roadmap:calls"))
    assert "Aucun appel n’est ouvert aujourd’hui." in page
    assert "Données et Territoires" in page


def test_a_cancelled_call_without_dates_shows_none(client: Client) -> None:
    call = make_call("cancelled", state_reason="Budget.")
    Call.objects.filter(pk=call.pk).update(opens_on=None, closes_on=None)
    page = read(client, address("call", call.slug))
    assert "<strong>Annulé.</strong>" in page
    assert [word for word in ("Ouverture", "Fermeture", ".ics", "None") if word in page] == []
    assert "BEGIN:VEVENT" not in read(client, address("call_dates", call.slug))
    assert "Annulé." in read(client, reverse("roadmap:calls"))


def test_an_open_call_says_how_to_answer(client: Client) -> None:
    call = make_call(names_carriers=True)
    page = client.get(address("call", call.slug)).content.decode()
    assert f'href="/dossiers/nouveau/appels/?appel={call.slug}"' in page
    assert "<li>les communes</li>" in page
    assert "Il nomme aussi les structures porteuses" in page
    assert address("call_results", call.slug) not in page


@pytest.mark.parametrize("state", ["announced", "closed", "published", "cancelled"])
def test_a_call_that_is_not_open_offers_no_form(client: Client, state: str) -> None:
    call = make_call(state, state_reason="Plus de budget.")
    page = client.get(address("call", call.slug)).content.decode()
    assert "/dossiers/nouveau/" not in page
    assert "Plus de budget." in page


def test_the_last_evening_is_the_last(client: Client) -> None:
    late = make_call(opens_on=date(2026, 11, 1), closes_on=date(2026, 11, 22))
    assert "/dossiers/nouveau/" not in client.get(address("call", late.slug)).content.decode()


def test_the_dates_go_to_a_calendar(client: Client) -> None:
    call = make_call(title="Mobilité, santé", opens_on=date(2026, 12, 1), closes_on=date(2026, 12, 31))
    answer = client.get(address("call_dates", call.slug))
    text = answer.content.decode().replace("\r\n ", "")
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert "DTSTART;VALUE=DATE:20261201" in text
    assert "DTSTART:20261231T230000Z" in text
    assert "SUMMARY:Clôture de l’appel « Mobilité\\, santé »" in text


def test_an_assessment_draws_what_was_counted(client: Client) -> None:
    call = published()
    page = client.get(address("call_results", call.slug)).content.decode()
    words = plain(page)
    assert "2 propositions : 1 par des structures publiques, 1 par d’autres structures." in words
    assert "Le Calvados vient en tête, avec 2 propositions sur 2" in words
    assert "Communale : 2 sur 2" in words
    assert "Mobilité et Santé : 1 chacune sur 2" in words
    assert "leur somme peut dépasser le total" in words
    assert page.count('role="img"') == 3
    ids = re.findall(r' id="(.*?)"', page)
    assert len(ids) == len(set(ids))


def test_carriers_are_named_only_where_the_call_says_so_and_their_identity_is_public(client: Client) -> None:
    quiet = published()
    assert "Trains" not in read(client, address("call_results", quiet.slug))
    call = published(names_carriers=True)
    hidden = OrganisationFactory(is_diffusible=False, name="Micro-atelier secret")
    make_proposal_in(call, organisation=hidden)
    page = read(client, address("call_results", call.slug))
    assert "3 propositions" in page
    assert "Trains" in page
    assert "Micro-atelier secret" not in page
    assert "Projet caché" not in page


def make_proposal_in(call: Call, **fields: object) -> None:
    Call.objects.filter(pk=call.pk).update(state="open")
    make_proposal(Call.objects.whole().get(pk=call.pk), title="Projet caché", **fields)  # type: ignore[arg-type]
    Call.objects.filter(pk=call.pk).update(state="published")


@pytest.mark.parametrize("state", ["draft", "announced", "open", "closed", "cancelled"])
def test_an_assessment_is_read_once_it_is_published(client: Client, state: str) -> None:
    call = make_call(state, state_reason="Motif.")
    assert client.get(address("call_results", call.slug)).status_code == 404
    assert client.get(address("call_results_file", call.slug, "csv")).status_code == 404


def test_the_file_says_the_same(client: Client) -> None:
    call = published()
    text = b"".join(client.get(address("call_results_file", call.slug, "csv")).streaming_content).decode()
    rows = [line.split(";") for line in text.removeprefix("\ufeff").splitlines()]
    assert rows[:4] == [
        ["Répartition", "Valeur", "Projets"],
        ["Ensemble", "", "2"],
        ["Porteur", "Structure publique", "1"],
        ["Porteur", "Autre structure", "1"],
    ]
    assert ["Échelle", "Communale", "2"] in rows
    assert ["Département", "Seine-Maritime", "1"] in rows
    assert rows[-1] == ["Département", "Hors Normandie", "0"]
    book = client.get(address("call_results_file", call.slug, "xlsx"))
    assert BytesIO(b"".join(book.streaming_content)).read(2) == b"PK"
    assert client.get(address("call_results_file", call.slug, "ods")).status_code == 404


def test_the_past_call_shows_its_published_figures_and_what_they_leave_out(client: Client) -> None:
    page = read(client, address("call", PAST))
    assert "43 projets : 22 par des structures publiques, 21 par d’autres structures." in page
    assert "La Seine-Maritime vient en tête, avec 17 projets sur 43" in page
    assert "Les thématiques publiées comptent 42 projets sur 43 : 1 projet non ventilé." in page
    assert "Hors Normandie : <strong>6</strong>" in page
    assert "À ne pas confondre avec l’appel « données vertes » de la Banque des Territoires" in page
    assert "Source : Région Normandie" in page
    assert client.get(address("call_results", PAST)).headers["Location"] == address("call", PAST)
    text = b"".join(client.get(address("call_results_file", PAST, "csv")).streaming_content).decode()
    assert "Thématique;Non ventilé par la source;1" in text


def test_pages_cost_the_same_at_1_and_30_rows(client: Client) -> None:
    one, many = published(names_carriers=True), published(names_carriers=True)
    copies(many.proposals.all()[0], 28)
    client.get(address("call_results", one.slug))
    small = cost(lambda: client.get(address("call_results", one.slug)))[0]
    assert small == cost(lambda: client.get(address("call_results", many.slug)))[0] <= 12
    first = cost(lambda: client.get(reverse("roadmap:calls")))[0]
    for _ in range(28):
        make_call()
    assert cost(lambda: client.get(reverse("roadmap:calls")))[0] == first <= 12
