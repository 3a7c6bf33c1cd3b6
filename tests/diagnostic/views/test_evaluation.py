"""The structure's pages after its diagnostic: panel, questionnaire, consent, follow-up; and what the Region reads."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from diagnostic.evaluation import Evaluation, FollowUp
from diagnostic.orders import Order
from diagnostic.services import evaluation
from normandata.accounts.models import Role
from tests.diagnostic.services.test_evaluation import ANSWERS
from tests.factories.accounts import UserFactory, make_agent, make_user_with, sign_in
from tests.factories.after import at, make_life
from tests.factories.diagnostic import make_company, make_market, make_provider

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    with time_machine.travel(at(date(2026, 6, 2)), tick=True):
        yield


@pytest.fixture
def order(db: None) -> Order:
    return make_life(market=make_market(make_company("Atelier de l’Orne")), delivered_on=date(2026, 5, 31))


@pytest.fixture
def client(order: Order) -> Client:
    browser = Client()
    sign_in(browser, order.dossier.created_by)
    return browser


def plain(response: Any) -> str:
    return str(response.content.decode()).replace("\u00a0", " ").replace("&nbsp;", " ").replace("&#x27;", "'")


def address(order: Order, name: str = "evaluation") -> str:
    return reverse(f"diagnostic:{name}", args=[order.dossier.key])


def home(order: Order) -> str:
    return reverse("dossiers:dossier", args=[order.dossier.key])


# ------------------------------------------------------------------------------------------------------- the panel
@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (
            {"notified_on": date(2026, 6, 1), "start_by": date(2026, 9, 1)},
            "Atelier du Perche prend contact avec vous et commence le diagnostic au plus tard le 1er septembre 2026.",
        ),
        (
            {"notified_on": date(2026, 5, 1), "started_on": date(2026, 5, 4)},
            "Le diagnostic a commencé le 4 mai 2026. Le rapport vous sera présenté puis remis.",
        ),
        (
            {"delivered_on": date(2026, 5, 31), "presented_on": date(2026, 5, 29)},
            "Le rapport vous a été présenté le 29 mai 2026 et remis le 31 mai 2026.",
        ),
    ],
)
def test_the_panel_says_where_the_diagnostic_stands(fields: dict[str, Any], said: str) -> None:
    order = make_life(market=make_market(make_company("Atelier du Perche")), **fields)
    browser = Client()
    sign_in(browser, order.dossier.created_by)
    page = plain(browser.get(home(order)))
    assert said in page
    assert order.company.email in page
    assert ("Lire le rapport" in page) is ("delivered_on" in fields)


def test_nothing_is_said_before_the_notification() -> None:
    order = make_life(market=make_market(make_company("Atelier du Perche")), notified_on=None, number=None)
    browser = Client()
    sign_in(browser, order.dossier.created_by)
    assert "Atelier du Perche" not in plain(browser.get(home(order)))


def test_the_panel_follows_the_questionnaire_and_the_six_months(order: Order, client: Client) -> None:
    by = order.dossier.created_by
    page = plain(client.get(home(order)))
    assert "Remplir le questionnaire d’évaluation" in page
    assert "Suivi à six mois, à partir du 30 novembre 2026" in page
    evaluation.save(order, ANSWERS, version=0, by=by)
    assert "Reprendre le questionnaire d’évaluation" in plain(client.get(home(order)))
    evaluation.send(order, may_be_named=False, by=by)
    assert "Envoyé" in plain(client.get(home(order)))
    with time_machine.travel(at(date(2026, 12, 1)), tick=True):
        sign_in(client, by)
        assert "Dire ce que vous avez fait depuis" in plain(client.get(home(order)))
        evaluation.answer_follow_up(order, has_acted=False, actions=[], what="", by=by)
        assert "Répondu" in plain(client.get(home(order)))


# ----------------------------------------------------------------------------------------------- the questionnaire
def test_it_is_saved_as_it_is_typed(order: Order, client: Client) -> None:
    answer = client.post(address(order), {"version": "0", "appris": "Nos"}, headers={"X-Requested-With": "autosave"})
    assert (answer.status_code, answer.json()["version"]) == (200, 1)
    assert answer.json()["saved"].startswith("Enregistré à ")
    assert Evaluation.objects.get().answers == {"appris": "Nos", "actions": []}
    page = client.get(address(order)).content.decode()
    assert ">\nNos</textarea>" in page
    assert 'name="version" value="1"' in page


def test_without_a_script_the_button_keeps_it(order: Order, client: Client) -> None:
    answer = client.post(address(order), {"version": "0", "appris": "Nos", "garder": "1"})
    assert (answer.status_code, answer["Location"]) == (302, address(order))
    assert Evaluation.objects.get().answers["appris"] == "Nos"


def test_what_is_left_is_said_next_to_each_question_and_nothing_is_lost(order: Order, client: Client) -> None:
    typed = ANSWERS | {"version": "0", "suite": "1", "recommande": "", "accord": "oui"}
    answer = client.post(address(order), typed)
    page = plain(answer)
    assert answer.status_code == 422
    assert "Erreur : Questionnaire" in page
    assert page.count("Dites si vous recommanderiez ce diagnostic.") == 2  # in the summary, and beside its question
    assert "Nos machines parlent." in page
    assert 'name="accord" value="oui" checked' in page
    kept = Evaluation.objects.get()
    assert (kept.is_sent, kept.answers["appris"]) == (False, "Nos machines parlent.")


@pytest.mark.parametrize(("accord", "named"), [("oui", True), ("", False)])
def test_it_is_sent_and_read_again(order: Order, client: Client, accord: str, named: bool) -> None:
    answer = client.post(address(order), ANSWERS | {"version": "0", "suite": "1", "accord": accord})
    assert (answer.status_code, answer["Location"]) == (302, home(order))
    assert Evaluation.objects.get().may_be_named is named
    page = plain(client.get(address(order)))
    assert "Il ne se modifie plus." in page
    assert "Nos machines parlent." in page
    assert ("Retirer notre accord" in page) is named


def test_once_sent_a_page_left_open_says_so(order: Order, client: Client) -> None:
    client.post(address(order), ANSWERS | {"version": "0", "suite": "1"})
    late = client.post(address(order), {"version": "1", "appris": "x"}, headers={"X-Requested-With": "autosave"})
    assert (late.status_code, "ne se modifie plus" in late.json()["message"]) == (410, True)
    again = client.post(address(order), {"version": "1", "appris": "x", "suite": "1"}, follow=True)
    assert "ne se modifie plus" in plain(again)
    assert Evaluation.objects.get().answers == ANSWERS


def test_two_tabs_show_both_versions(order: Order, client: Client) -> None:
    for version, text in enumerate(("Un", "Deux")):
        client.post(address(order), {"version": str(version), "appris": text, "garder": "1"})
    quiet = client.post(address(order), {"version": "1", "appris": "Trois"}, headers={"X-Requested-With": "autosave"})
    assert (quiet.status_code, quiet.json()["version"]) == (409, 2)
    answer = client.post(address(order), {"version": "1", "appris": "Trois", "garder": "1"})
    page = plain(answer)
    assert answer.status_code == 409
    assert ">\nTrois</textarea>" in page
    assert "<dd>Deux</dd>" in page
    assert 'name="version" value="2"' in page
    client.post(address(order), {"version": "2", "appris": "Trois", "garder": "1"})
    assert Evaluation.objects.get().answers["appris"] == "Trois"


@pytest.mark.parametrize("version", ["", "-1", "x", "٣", "9" * 30])
def test_an_unreadable_version_is_no_version(order: Order, client: Client, version: str) -> None:
    client.post(address(order), {"version": "0", "appris": "Un"})
    answer = client.post(address(order), {"version": version, "appris": "Deux"})
    assert (answer.status_code, Evaluation.objects.get().answers["appris"]) == (409, "Un")


def test_the_agreement_changes_at_any_time(order: Order, client: Client) -> None:
    early = client.post(address(order, "naming"), {"accord": "oui"}, follow=True)
    assert "L’accord se donne avec le questionnaire." in plain(early)
    client.post(address(order), ANSWERS | {"version": "0", "suite": "1"})
    client.post(address(order, "naming"), {"accord": "oui"})
    assert Evaluation.objects.get().may_be_named is True
    client.post(address(order, "naming"), {"accord": "non"})
    assert Evaluation.objects.get().may_be_named is False


# ----------------------------------------------------------------------------------------------------- six months
def test_before_six_months_the_page_says_when(order: Order, client: Client) -> None:
    page = plain(client.get(address(order, "follow_up")))
    assert "Cette question s’ouvre le 30 novembre 2026" in page
    assert '<form method="post" class="nd-sheet"' not in page
    early = client.post(address(order, "follow_up"), {"has_acted": "non"}, follow=True)
    assert "Le suivi s’ouvre six mois après la remise du rapport, le 30 novembre 2026." in plain(early)
    assert FollowUp.objects.count() == 0


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({}, "Répondez par oui ou par non."),
        ({"has_acted": "oui"}, "Cochez au moins une action."),
        ({"has_acted": "non", "actions": ["ai"]}, "vous avez répondu non"),
    ],
)
def test_an_incomplete_answer_is_said_next_to_its_question(
    order: Order, client: Client, typed: dict[str, Any], said: str
) -> None:
    with time_machine.travel(at(date(2026, 12, 1)), tick=True):
        sign_in(client, order.dossier.created_by)
        answer = client.post(address(order, "follow_up"), typed | {"what": "Mon texte"})
        page = plain(answer)
        assert (answer.status_code, said.lower() in page.lower(), "Mon texte" in page) == (422, True, True)
    assert FollowUp.objects.count() == 0


def test_six_months_later_it_is_answered_then_corrected(order: Order, client: Client) -> None:
    with time_machine.travel(at(date(2026, 12, 1)), tick=True):
        sign_in(client, order.dossier.created_by)
        client.post(address(order, "follow_up"), {"has_acted": "non", "what": ""})
        page = plain(client.get(address(order, "follow_up")))
        assert "Vous avez répondu le 1er décembre 2026." in page
        answer = client.post(address(order, "follow_up"), {"has_acted": "oui", "actions": ["ai"], "what": "Un essai"})
        assert answer["Location"] == home(order)
    assert list(FollowUp.objects.order_by("number").values_list("has_acted", "actions")) == [
        (False, []),
        (True, ["ai"]),
    ]


# ------------------------------------------------------------------------------------------------------ the Region
def test_the_region_reads_what_was_sent(order: Order) -> None:
    by, reader = order.dossier.created_by, Client()
    sign_in(reader, make_agent())
    evaluation.save(order, ANSWERS, version=0, by=by)
    page = plain(reader.get(address(order, "feedback")))
    assert "Nos machines parlent." not in page  # not sent yet
    assert "Pas encore envoyé." in page
    evaluation.send(order, may_be_named=False, by=by)
    page = plain(reader.get(address(order, "feedback")))
    assert "Nos machines parlent." in page
    assert "La structure n’est pas nommée" in page
    assert "La question sera posée le 30 novembre 2026." in page
    with time_machine.travel(at(date(2026, 12, 1)), tick=True):
        sign_in(reader, make_agent())
        assert "Pas de réponse." in plain(reader.get(address(order, "feedback")))
        evaluation.answer_follow_up(order, has_acted=True, actions=["ai"], what="Un essai", by=by)
        assert "Un essai" in plain(reader.get(address(order, "feedback")))


def test_nobody_else_finds_these_pages(order: Order) -> None:
    early = make_life()
    people = [UserFactory(), make_provider(order.company), make_agent("booster_ia"), make_user_with(Role.JUROR)]
    for user in people:
        browser = Client()
        sign_in(browser, user)
        for name in ("evaluation", "follow_up", "feedback"):
            assert browser.get(address(order, name)).status_code == 404
        assert browser.post(address(order, "naming")).status_code == 404
    ours, region = Client(), Client()
    sign_in(ours, early.dossier.created_by)
    sign_in(region, make_agent())
    assert [ours.get(address(early, name)).status_code for name in ("evaluation", "follow_up")] == [404, 404]
    assert region.get(address(early, "feedback")).status_code == 404


def test_an_agent_finds_the_answers_from_the_dossier(order: Order) -> None:
    early, reader = make_life(), Client()
    sign_in(reader, make_agent())
    for one, is_there in ((order, True), (early, False)):
        page = plain(reader.get(reverse("dossiers:examine", args=[one.dossier.key])))
        assert (f'href="{address(one, "feedback")}"' in page) is is_there


def test_the_page_of_a_dossier_asks_the_same_whatever_was_answered(order: Order, client: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(home(order))
        return len(captured)

    queries()
    few = queries()
    by = order.dossier.created_by
    evaluation.save(order, ANSWERS, version=0, by=by)
    evaluation.send(order, may_be_named=True, by=by)
    for number in range(1, 6):
        FollowUp.objects.create(order=order, number=number, has_acted=False, by=by)
    assert queries() == few
    assert few <= 36
