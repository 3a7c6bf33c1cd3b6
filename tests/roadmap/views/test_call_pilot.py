"""The pilot's pages of a call, and the agent's answer: every gesture by its form, everything typed kept."""

import re
import uuid
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from normandata.accounts.models import User
from normandata.procedure import services as procedure
from roadmap.calls import services
from roadmap.calls.models import Call, CallProposal
from roadmap.models import Action, Deliberation
from tests.factories.accounts import make_agent, sign_in
from tests.factories.calls import copies, make_answered, make_call, make_proposal
from tests.factories.roadmap import make_action, make_pilot
from tests.normandata.scoring.test_costs import cost
from tests.spreadsheets import plain

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today", "quiet")]
KEY = "4be0643f-1d98-573b-97cd-ca98a65347dd"
WHOLE = {
    "title": "Données de mobilité",
    "summary": "Proposez.",
    "text": "Qui peut répondre.",
    "opens_on": "23/11/2026",
    "closes_on": "31/12/2026",
    "themes": "Vélo\r\n\r\n Train ",
    "scales": "Communale\nRégionale",
    "email": "appel@exemple.invalid",
}


@pytest.fixture
def action() -> Action:
    return make_action()


@pytest.fixture
def pilot(action: Action, client: Client) -> User:
    return sign_in(client, make_pilot(action))


def address(name: str, slug: str, *more: Any) -> str:
    return reverse(f"roadmap:{name}", args=[slug, *more])


def post(client: Client, where: str, **data: Any) -> tuple[int, str]:
    response = client.post(where, {"revision": "1", **data})
    return response.status_code, plain(response.content.decode())


def begun(action: Action, title: str = "Données de mobilité", key: str = KEY) -> dict[str, str]:
    return {"chantier": str(action.chantier.pk), "title": title, "key": key}


def beside(page: str, field: str) -> str:
    """Return the error that stands beside a field."""
    found = re.search(rf'id="id_{field}_error">.*?<span>(.*?)</span>', page, re.DOTALL)
    return found[1] if found else ""


@pytest.mark.usefixtures("pilot")
def test_a_call_from_its_beginning_to_its_opening(client: Client, action: Action) -> None:
    where = reverse("roadmap:call_new")
    status, page = post(client, where, title="")
    assert (status, beside(page, "title")) == (422, "Donnez un intitulé à l’appel.")
    made = client.post(where, begun(action))
    slug = "donnees-de-mobilite"
    assert made.headers["Location"] == address("call_describe", slug)
    act = Deliberation.objects.create(action=action, number="CP D 1", title="Appel", adopted_on="2026-11-01")
    page = plain(client.get(made.headers["Location"]).content.decode())
    assert "CP D 1, Appel" in page
    assert post(client, address("call_describe", slug), **WHOLE, deliberations=str(act.pk))[0] == 302
    call = Call.objects.whole().get(slug=slug)
    assert ([one.label for one in call.themes], list(call.deliberations.all())) == (["Vélo", "Train"], [act])
    assert post(client, address("call_move", slug, "open"), revision="2")[0] == 302
    call.refresh_from_db()
    assert call.state == "open"
    page = plain(client.get(address("call_pilot", slug)).content.decode())
    assert "Appel ouvert" in page
    assert "Prolonger l’appel" in page


@pytest.mark.usefixtures("pilot")
def test_a_page_sent_twice_begins_one_call(client: Client, action: Action) -> None:
    where = reverse("roadmap:call_new")
    key = re.findall(r'name="key" value="([0-9a-f-]{36})"', client.get(where).content.decode())
    assert len(key) == 1
    sent = [client.post(where, begun(action, key=key[0])).headers["Location"] for _ in range(2)]
    assert sent == [address("call_describe", "donnees-de-mobilite")] * 2
    assert Call.objects.count() == 1


@pytest.mark.usefixtures("pilot")
def test_a_page_sent_again_with_another_title_says_so_and_begins_another_call_next(
    client: Client, action: Action
) -> None:
    where = reverse("roadmap:call_new")
    client.post(where, begun(action, "Vélos"))
    status, page = post(client, where, **begun(action, "Trains"))
    said = "Cette page a déjà commencé l’appel « Vélos ». Pour en commencer un autre, envoyez-la à nouveau."
    assert (status, said in page) == (422, True)
    assert 'value="Trains"' in page
    renewed = re.findall(r'name="key" value="([0-9a-f-]{36})"', page)
    assert KEY not in renewed
    assert post(client, where, **begun(action, "Trains", renewed[0]))[0] == 302
    assert sorted(Call.objects.values_list("title", flat=True)) == ["Trains", "Vélos"]


@pytest.mark.parametrize("key", ["", "illisible"])
@pytest.mark.usefixtures("pilot")
def test_an_unreadable_key_is_told_and_renewed(client: Client, action: Action, key: str) -> None:
    status, page = post(client, reverse("roadmap:call_new"), **begun(action, "Trains", key))
    assert status == 422
    assert "Envoi : envoyez à nouveau ce qui est ci-dessous." in page
    assert len(re.findall(r'name="key" value="[0-9a-f-]{36}"', page)) == 1
    assert not Call.objects.exists()


def test_the_key_of_another_chantiers_page_begins_nothing(client: Client, action: Action, pilot: User) -> None:
    elsewhere = make_action()
    services.create(elsewhere.chantier, "Vélos", by=make_pilot(elsewhere), key=uuid.UUID(KEY))
    assert client.post(reverse("roadmap:call_new"), begun(action, "Vélos")).status_code == 404
    assert [one.chantier for one in Call.objects.all()] == [elsewhere.chantier]


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"closes_on": "01/11/2026"}, "closes_on", "L’appel ferme après avoir ouvert."),
        ({"closes_on": "demain"}, "closes_on", ""),
        ({"themes": "Vélo\nVélo"}, "themes", "« Vélo » figure deux fois."),
        ({"themes": "x" * 121}, "themes", f"« {'x' * 40}… » compte 121 signes ; la limite est de 120."),
        ({"title": ""}, "title", ""),
        ({"email": "nulle part"}, "email", ""),
    ],
)
@pytest.mark.usefixtures("pilot")
def test_what_is_refused_is_said_beside_its_field_and_everything_typed_stays(
    client: Client, action: Action, typed: dict[str, str], field: str, said: str
) -> None:
    call = make_call("draft", chantier=action.chantier)
    status, page = post(client, address("call_describe", call.slug), **{**WHOLE, **typed})
    assert status == 422
    assert beside(page, field)
    assert not said or beside(page, field) == said
    assert "Qui peut répondre." in page


@pytest.mark.parametrize("key", ["9" * 20, "999999999", "x"])
@pytest.mark.usefixtures("pilot")
def test_a_deliberation_that_is_none_is_told(client: Client, action: Action, key: str) -> None:
    Deliberation.objects.create(action=action, number="CP D 1", title="Appel", adopted_on="2026-11-01")
    call = make_call("draft", chantier=action.chantier)
    status, page = post(client, address("call_describe", call.slug), **WHOLE, deliberations=key)
    assert (status, "Choisissez des délibérations de la liste." in page) == (422, True)
    assert "Qui peut répondre." in page


@pytest.mark.usefixtures("pilot")
def test_two_pages_never_overwrite_each_other(client: Client, action: Action) -> None:
    call = make_call("draft", chantier=action.chantier, contact="Ancien service")
    Call.objects.filter(pk=call.pk).update(revision=2)
    status, page = post(client, address("call_describe", call.slug), **WHOLE, contact="Le mien")
    assert status == 422
    assert "a changé entre-temps" in page
    assert "Ancien service" in page
    assert "Le mien" in page
    assert post(client, address("call_describe", call.slug), **WHOLE, contact="Le mien", revision="2")[0] == 302


@pytest.mark.usefixtures("pilot")
def test_an_open_call_shows_only_whom_to_ask(client: Client, action: Action) -> None:
    call = make_call(chantier=action.chantier)
    page = client.get(address("call_describe", call.slug)).content.decode()
    assert re.findall(r'name="(contact|email|phone|title|themes|text)"', page) == ["contact", "email", "phone"]
    assert post(client, address("call_describe", call.slug), email="autre@exemple.invalid", title="Volé")[0] == 302
    call.refresh_from_db()
    assert (call.email, call.title.startswith("Données d’essai")) == ("autre@exemple.invalid", True)


@pytest.mark.usefixtures("pilot")
def test_an_extension_says_its_refusal_beside_the_date(client: Client, action: Action) -> None:
    call = make_call(chantier=action.chantier)
    where = address("call_move", call.slug, "extend")
    status, page = post(client, where, closes_on="01/12/2026", reason="Questions.")
    assert status == 422
    assert "vient après le 3 décembre 2026" in beside(page, "closes_on")
    assert post(client, where, closes_on="15/12/2026", reason="Questions.")[0] == 302
    page = plain(client.get(address("call", call.slug)).content.decode())
    assert "La fermeture a été repoussée.</strong> Questions." in page


@pytest.mark.usefixtures("pilot")
def test_a_gesture_that_is_no_more_possible_is_told(client: Client, action: Action) -> None:
    call = make_call(chantier=action.chantier)
    assert client.get(address("call_move", call.slug, "publish")).status_code == 302
    assert client.get(address("call_move", call.slug, "inconnu")).status_code == 404
    assert client.get(address("call_move", call.slug, "close_in_time")).status_code == 302


def test_another_chantiers_call_does_not_exist(client: Client, pilot: User) -> None:
    call = make_call()
    for where in ("call_pilot", "call_describe"):
        assert client.get(address(where, call.slug)).status_code == 404
    assert plain(client.get(reverse("roadmap:calls_desk")).content.decode()).count("Aucun appel sur vos chantiers") == 1


@pytest.mark.usefixtures("pilot")
def test_a_draft_that_was_dropped_keeps_its_page(client: Client, action: Action) -> None:
    call = make_call("draft", chantier=action.chantier)
    assert post(client, address("call_move", call.slug, "drop"))[0] == 302
    page = plain(client.get(address("call_pilot", call.slug)).content.decode())
    assert "<strong>Brouillon abandonné</strong>" in page


@pytest.mark.usefixtures("pilot")
def test_the_pilots_pages_cost_the_same_at_1_and_30_rows(client: Client, action: Action) -> None:
    call = make_call(chantier=action.chantier)
    first_answer = make_answered(call)
    where = address("call_pilot", call.slug)
    client.get(where)
    first = cost(lambda: client.get(where)), cost(lambda: client.get(reverse("roadmap:calls_desk")))[0]
    copies(first_answer, 29)
    assert cost(lambda: client.get(where)) == first[0]
    for _ in range(29):
        make_call(chantier=action.chantier)
    assert cost(lambda: client.get(reverse("roadmap:calls_desk")))[0] == first[1]


def test_an_agent_reads_the_mail_then_answers(client: Client) -> None:
    agent = sign_in(client, make_agent("roadmap"))
    call = make_call()
    dossier = make_proposal(call, title="Compteurs ouverts").dossier
    procedure.fire(dossier, "start_review", by=agent)
    page = plain(client.get(reverse("dossiers:examine", args=[dossier.key])).content.decode())
    assert "Compteurs ouverts" in page
    assert "Répondre au porteur" in page
    where = reverse("roadmap:conclude", args=[dossier.key])
    status, page = post(client, where, seen="review", answer="")
    assert (status, beside(page, "outcome")) == (422, "Choisissez la suite donnée.")
    typed = {"seen": "review", "outcome": "oriented", "answer": "Booster IA peut aider."}
    status, page = post(client, where, **typed, geste="apercu")
    assert status == 200
    assert "Suite donnée : Orientée vers un dispositif." in page
    assert CallProposal.objects.get(pk=dossier.pk).outcome == ""
    assert post(client, where, **typed)[0] == 302
    assert CallProposal.objects.get(pk=dossier.pk).outcome == "oriented"
    sign_in(client, dossier.created_by)
    page = plain(client.get(reverse("dossiers:dossier", args=[dossier.key])).content.decode())
    assert "Booster IA peut aider." in page
    assert "Examen terminé" in page


# ---------------------------------------------------------------------------------------------- somebody was quicker
def notice(page: str, name: str) -> dict[str, str]:
    """Read the pairs of a notice of the form, by the id of its title."""
    found = re.search(rf'<section [^>]*aria-labelledby="{name}">(.*?)</section>', page, re.DOTALL)
    return dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", found[1])) if found else {}


NOW = {"État": "Ouvert", "Ouverture": "13 novembre 2026", "Fermeture": "3 décembre 2026"}


@pytest.mark.usefixtures("pilot")
def test_what_was_typed_is_kept_when_a_gesture_is_no_more_possible(client: Client, action: Action) -> None:
    call = make_call(chantier=action.chantier)
    Call.objects.filter(pk=call.pk).update(state="closed", revision=2)
    status, page = post(
        client, address("call_move", call.slug, "extend"), closes_on="15/12/2026", reason="Beaucoup de questions."
    )
    assert status == 422
    assert "L’état a changé entre-temps" in page
    assert notice(page, "enregistre") == NOW | {"État": "Clos, bilan à publier"}
    assert "Ce geste n’est plus possible." in page
    assert 'value="15/12/2026"' in page
    assert "Beaucoup de questions.</textarea>" in page
    assert 'type="submit">Prolonger' not in page
    call.refresh_from_db()
    assert call.closes_on == date(2026, 12, 3)


@pytest.mark.parametrize(
    ("name", "typed"),
    [("extend", {"closes_on": "15/12/2026", "reason": "Questions."}), ("cancel", {"reason": "Questions."})],
)
@pytest.mark.usefixtures("pilot")
def test_a_gesture_is_made_on_what_the_page_showed(
    client: Client, action: Action, name: str, typed: dict[str, str]
) -> None:
    call = make_call(chantier=action.chantier)
    Call.objects.filter(pk=call.pk).update(revision=2)
    where = address("call_move", call.slug, name)
    status, page = post(client, where, **typed)
    assert status == 422
    assert "Cet appel a changé entre-temps" in page
    assert notice(page, "enregistre") == NOW
    assert "Questions.</textarea>" in page
    assert 'name="revision" value="2"' in page
    assert post(client, where, **typed, revision="2")[0] == 302


@pytest.mark.usefixtures("pilot")
def test_what_was_typed_of_a_call_opened_meanwhile_is_shown_to_be_copied(client: Client, action: Action) -> None:
    call = make_call("announced", chantier=action.chantier, title="Vélos")
    Call.objects.filter(pk=call.pk).update(state="open", revision=2)
    typed = WHOLE | {"title": "Vélos", "summary": "Proposez un projet.", "email": "autre@exemple.invalid"}
    status, page = post(client, address("call_describe", call.slug), **typed, names_carriers="on")
    assert status == 422
    assert "Cet appel a changé entre-temps" in page
    assert notice(page, "saisi") == {
        "Texte de l’appel": "Qui peut répondre.",
        "Ouvre le": "23/11/2026",
        "Ferme le": "31/12/2026",
        "Thématiques": "Vélo<br><br> Train ",
        "Échelles": "Communale<br>Régionale",
        "Le bilan nomme les porteurs et les titres des projets": "Oui",
    }
    assert 'value="autre@exemple.invalid"' in page
    status = post(client, address("call_describe", call.slug), email="autre@exemple.invalid", revision="2")[0]
    call.refresh_from_db()
    assert (status, call.email, call.names_carriers) == (302, "autre@exemple.invalid", False)


@pytest.mark.usefixtures("pilot")
def test_lists_written_meanwhile_are_shown_before_they_are_replaced(client: Client, action: Action) -> None:
    act = Deliberation.objects.create(action=action, number="CP D 1", title="Appel", adopted_on="2026-11-01")
    call = make_call("draft", chantier=action.chantier, contact="Service", title=WHOLE["title"])
    call.deliberations.set([act])
    Call.objects.filter(pk=call.pk).update(revision=2)
    status, page = post(client, address("call_describe", call.slug), **WHOLE)
    assert status == 422
    kept = notice(page, "enregistre")
    assert (kept["Thématiques"], kept["Délibérations"], "Intitulé" in kept) == (
        "Mobilité<br>Santé<br>Énergie", "CP D 1, Appel", False,
    )  # fmt: skip


@pytest.mark.usefixtures("pilot")
def test_the_title_above_a_refused_form_is_the_one_that_is_kept(client: Client, action: Action) -> None:
    call = make_call("announced", chantier=action.chantier, title="Vélos")
    typed = WHOLE | {"opens_on": "01/11/2026", "closes_on": "22/11/2026"}
    status, page = post(client, address("call_describe", call.slug), **typed)
    assert (status, page.count("Vélos")) == (422, 2)
    assert beside(page, "closes_on") == "Les dépôts se seraient clos le 22 novembre 2026 : changez les dates."


def test_a_gesture_of_the_clock_is_nobodys(client: Client, action: Action, pilot: User) -> None:
    call = make_call(chantier=action.chantier)
    assert post(client, address("call_move", call.slug, "close_in_time"))[0] == 404
    call.refresh_from_db()
    assert call.state == "open"
