"""The pilot's pages: every gesture by its form, everything typed kept, nothing overwritten silently."""

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from normandata.accounts.models import User
from normandata.dossiers import schemes
from roadmap import services
from roadmap.models import Action, Milestone, SchemeLink
from tests.factories.accounts import sign_in
from tests.factories.roadmap import ActionFactory, make_action, make_pilot
from tests.normandata.scoring.test_costs import cost
from tests.spreadsheets import plain

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today", "quiet")]
DUE = date(2026, 9, 30)


@pytest.fixture
def action() -> Action:
    return make_action([(2, DUE, None)], slug="foncier")


@pytest.fixture
def pilot(action: Action, client: Client) -> User:
    return sign_in(client, make_pilot(action))


def address(name: str, *more: Any) -> str:
    return reverse(f"roadmap:{name}", args=["foncier", *more])


def post(client: Client, where: str, **data: Any) -> tuple[int, str]:
    response = client.post(where, {"revision": "1", **data})
    return response.status_code, plain(response.content.decode())


def beside(page: str, field: str) -> str:
    """Return the error that stands beside a field."""
    found = re.search(rf'id="id_{field}_error">.*?<span>(.*?)</span>', page, re.DOTALL)
    return found[1] if found else ""


SHEET = {"pilot_direction": "Économie", "starts_on": "01/02/2026", "ends_on": "31 décembre 2027", "climate": "Sobre."}


@pytest.mark.usefixtures("pilot")
def test_the_sheet_is_written(client: Client, action: Action) -> None:
    assert post(client, address("describe"), **SHEET)[0] == 302
    action.refresh_from_db()
    assert (action.pilot_direction, action.ends_on, action.climate) == ("Économie", date(2027, 12, 31), "Sobre.")
    page = plain(client.get(address("pilot")).content.decode())
    assert "La fiche est enregistrée." in page
    assert "Fiche modifiée" in page


@pytest.mark.usefixtures("pilot")
def test_what_is_refused_is_said_beside_its_field_and_what_was_typed_stays(client: Client, action: Action) -> None:
    wrong = SHEET | {"starts_on": "31/02/2026", "partners": "Deux\nlignes"}
    status, page = post(client, address("describe"), **wrong)
    assert status == 422
    assert 'value="31/02/2026"' in page
    assert "Deux\nlignes</textarea>" in page
    assert '<a href="#id_starts_on">Début : cette date n’existe pas dans le calendrier.</a>' in page
    action.refresh_from_db()
    assert (action.pilot_direction, action.revision) == ("", 1)


@pytest.mark.usefixtures("pilot")
@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"ends_on": "01/01/2026"}, "ends_on", "La fin ne peut pas précéder le début."),
        ({"ends_on": ""}, "ends_on", "Indiquez aussi la fin, ou laissez les deux dates vides."),
        ({"starts_on": ""}, "starts_on", "Indiquez aussi le début, ou laissez les deux dates vides."),
        ({"starts_on": "31/12/2025"}, "starts_on", "La feuille de route va du 1er janvier 2026 au 31 décembre 2028."),
        ({"ends_on": "01/01/2029"}, "ends_on", "La feuille de route va du 1er janvier 2026 au 31 décembre 2028."),
    ],
)
def test_dates_that_do_not_hold_together_are_refused(
    client: Client, action: Action, changes: dict[str, str], field: str, said: str
) -> None:
    status, page = post(client, address("describe"), **(SHEET | changes))
    assert (status, beside(page, field)) == (422, said)
    action.refresh_from_db()
    assert action.revision == 1


def test_a_page_shown_before_another_one_wrote_overwrites_nothing(client: Client, action: Action, pilot: User) -> None:
    kept = dict.fromkeys(services.DESCRIBED, "") | {"starts_on": None, "ends_on": None, "partners": "Ceux d’avant"}
    services.describe(Action.objects.get(), kept, by=pilot)
    mine = SHEET | {"partners": "Les miens"}
    status, page = post(client, address("describe"), **mine)
    assert status == 422
    assert "Cette action a changé entre-temps : relisez ce qui est enregistré, puis envoyez à nouveau." in page
    assert "<dt>Partenaires</dt><dd>Ceux d’avant</dd>" in page
    assert "Les miens</textarea>" in page
    action.refresh_from_db()
    assert action.partners == "Ceux d’avant"
    assert 'name="revision" value="2"' in page
    assert post(client, address("describe"), **(mine | {"revision": "2"}))[0] == 302
    action.refresh_from_db()
    assert action.partners == "Les miens"


@pytest.mark.usefixtures("pilot")
@pytest.mark.parametrize("revision", ["", "abc", "0", "9" * 30, "²"])
def test_a_form_that_does_not_say_what_it_showed_writes_nothing(client: Client, action: Action, revision: str) -> None:
    assert post(client, address("describe"), **(SHEET | {"revision": revision}))[0] == 422
    action.refresh_from_db()
    assert action.revision == 1


@pytest.mark.usefixtures("pilot")
def test_a_milestone_is_added_held_and_taken_away(client: Client, action: Action) -> None:
    added = {"title": "Référentiel", "due_on": "31/12/2026", "weight": "3"}
    assert post(client, address("add", "jalons"), **added)[0] == 302
    milestone = Milestone.objects.get(title="Référentiel")
    where = address("milestone", milestone.pk)
    assert 'value="31/12/2026"' in client.get(where).content.decode()
    status, page = post(client, where, **added, done_on="24/11/2026", revision="2")
    assert status == 422
    assert "Un jalon n’est pas tenu dans l’avenir" in page
    assert post(client, where, **added, done_on="23/11/2026", revision="2")[0] == 302
    assert Action.objects.whole().get().progress == 60  # 3 of 5
    page = plain(client.get(address("pilot")).content.decode())
    assert "Tenu le 23 novembre 2026" in page
    remove = address("remove", "jalons", milestone.pk)
    status, page = post(client, remove, revision="3")
    assert status == 422
    assert "Indiquez le motif : il est versé au journal." in page
    assert post(client, remove, revision="3", reason="Regroupé.")[0] == 302
    assert client.get(where).status_code == 404


@pytest.mark.usefixtures("pilot")
@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("weight", "0", "Ce nombre ne peut pas être inférieur à 1."),
        ("weight", "101", "Le poids d’un jalon va de 1 à 100."),
        ("weight", "1,5", "Écrivez un nombre entier, sans virgule."),
        ("done_on", "31/12/2025", "La feuille de route va du 1er janvier 2026 au 31 décembre 2028."),
        ("due_on", "01/01/2029", "La feuille de route va du 1er janvier 2026 au 31 décembre 2028."),
        ("title", "", "Ce champ est obligatoire."),
    ],
)
def test_a_wrong_milestone_is_refused(client: Client, field: str, value: str, said: str) -> None:
    typed = {"title": "Référentiel", "due_on": "31/12/2026", "weight": "3"} | {field: value}
    status, page = post(client, address("add", "jalons"), **typed)
    assert (status, beside(page, field)) == (422, said)
    assert Milestone.objects.count() == 1


@pytest.mark.usefixtures("pilot")
def test_news_deliberations_and_calls(client: Client, action: Action) -> None:
    assert post(client, address("add", "nouvelles"), text="Un pas.", on="23/11/2026")[0] == 302
    act = {"number": "CP D 1", "title": "Suite", "adopted_on": "15/06/2026", "about": "chantier"}
    assert post(client, address("add", "deliberations"), **act, revision="2")[0] == 302
    status, page = post(client, address("add", "deliberations"), **act, revision="3")
    assert (status, beside(page, "number")) == (422, "Cette délibération est déjà liée à ce chantier.")
    assert post(client, address("add", "appels"), title="Appel", url="exemple.fr/appel", revision="3")[0] == 302
    page = plain(client.get(reverse("roadmap:action", args=["foncier"])).content.decode())
    assert ("Un pas." in page, "Suite (tout le chantier)" in page) == (True, True)
    assert '<a href="https://exemple.fr/appel">Appel</a>' in page
    call, deliberation = action.calls.get(), action.chantier.deliberations.get()
    assert post(client, address("remove", "appels", call.pk), reason="Clos.", revision="4")[0] == 302
    assert post(client, address("remove", "deliberations", deliberation.pk), reason="Erreur.", revision="5")[0] == 302
    assert (action.calls.count(), action.chantier.deliberations.count()) == (0, 0)


@pytest.mark.usefixtures("pilot")
def test_a_scheme_is_linked_and_taken_away(client: Client, action: Action) -> None:
    where = address("add", "dispositifs")
    options = re.findall(r'<option value="([^"]*)"', client.get(where).content.decode())
    assert options == ["", *(one.slug for one in schemes.aids())]
    for typed, said in (
        ({}, "Choisissez un dispositif."),
        ({"scheme": "roadmap"}, "Ce dispositif n’existe pas : choisissez-le dans la liste."),
    ):
        status, page = post(client, where, **typed)
        assert (status, beside(page, "scheme")) == (422, said)
    assert post(client, where, scheme="booster_ia")[0] == 302
    status, page = post(client, where, scheme="booster_ia", revision="2")
    assert (status, beside(page, "scheme")) == (422, "Ce dispositif est déjà lié à cette action.")
    assert '<option value="booster_ia" selected>' in page
    status, page = post(client, where, scheme="diagnostic", revision="1")
    assert (status, "Cette action a changé entre-temps" in page) == (422, True)
    assert [one.scheme for one in SchemeLink.objects.filter(action=action)] == ["booster_ia"]
    remove = address("remove", "dispositifs", SchemeLink.objects.get().pk)
    page = client.get(address("pilot")).content.decode()
    assert (where in page, remove in page) == (True, True)
    assert "<p>Booster IA</p>" in client.get(remove).content.decode()
    assert post(client, remove, revision="2")[0] == 422
    assert post(client, remove, reason="Erreur.", revision="1")[0] == 422
    assert post(client, remove, reason="Erreur.", revision="2")[0] == 302
    assert SchemeLink.objects.count() == 0
    page = plain(client.get(address("pilot")).content.decode())
    assert ("Dispositif lié" in page, "Dispositif retiré : Booster IA" in plain(re.sub("<[^>]+>", "", page))) == (
        True,
        True,
    )


@pytest.mark.usefixtures("pilot")
def test_a_state_is_moved_with_its_reason(client: Client, action: Action) -> None:
    where = address("move", "suspend")
    assert "Le motif est publié avec l’état de l’action" in client.get(where).content.decode()
    assert post(client, where)[0] == 422
    assert post(client, where, reason="Marché infructueux.")[0] == 302
    action.refresh_from_db()
    assert (action.state, action.state_reason) == ("suspended", "Marché infructueux.")
    response = client.post(where, {"revision": "2", "reason": "x"}, follow=True)
    assert "L’état a changé entre-temps" in response.content.decode()
    status, page = post(client, address("move", "resume"), revision="1")
    assert (status, "Cette action a changé entre-temps" in page) == (422, True)
    assert post(client, address("move", "resume"), revision="2")[0] == 302
    status, page = post(client, address("move", "complete"), revision="3")
    assert (status, "1 jalon n’est pas tenu" in page) == (422, True)
    assert client.get(address("move", "autre")).status_code == 404


@pytest.mark.usefixtures("pilot")
def test_the_milestones_of_an_action_that_is_over_do_not_change(client: Client, action: Action) -> None:
    Action.objects.update(state="done")
    milestone = action.milestones.get()
    status, page = post(client, address("milestone", milestone.pk), title="x", due_on="31/12/2026", weight="1")
    assert (status, "rouvrez-la avant de changer ses jalons" in page) == (422, True)
    page = client.get(address("pilot")).content.decode()
    assert (address("milestone", milestone.pk) in page, address("move", "reopen") in page) == (False, True)


@pytest.mark.usefixtures("pilot")
def test_what_hangs_on_another_action_does_not_exist_here(client: Client) -> None:
    other = make_action([(1, DUE, None)])
    act = other.deliberations.create(number="CP D 1", title="Suite", adopted_on=DUE)
    call = other.calls.create(title="Appel")
    for where in (
        address("milestone", other.milestones.get().pk),
        address("remove", "jalons", other.milestones.get().pk),
        address("remove", "deliberations", act.pk),
        address("remove", "appels", call.pk),
        address("remove", "dispositifs", other.scheme_links.create(scheme="diagnostic").pk),
        address("remove", "nouvelles", call.pk),
        address("add", "autres"),
        reverse("roadmap:pilot", args=[other.slug]),
        reverse("roadmap:describe", args=["aucune"]),
    ):
        assert client.get(where).status_code == 404, where


def test_the_desk_costs_the_same_at_1_and_30_actions(client: Client) -> None:
    first = make_action([(1, DUE, None)])
    sign_in(client, make_pilot())
    client.get(reverse("roadmap:desk"))
    one = cost(lambda: client.get(reverse("roadmap:desk")))
    for rank in range(29):
        more = ActionFactory.create(chantier=first.chantier, letter=chr(ord("b") + rank))
        more.milestones.create(title="x", due_on=DUE, weight=1)
    thirty = cost(lambda: client.get(reverse("roadmap:desk")))
    assert thirty[0] == one[0]
    assert thirty[1] - one[1] == 29 * 4
    assert "Des jalons sont en retard." in client.get(reverse("roadmap:desk")).content.decode()


def test_the_pilots_page_costs_the_same_at_1_and_30_milestones(client: Client, action: Action, pilot: User) -> None:
    client.get(address("pilot"))
    one = cost(lambda: client.get(address("pilot")))
    for rank in range(29):
        services.add_milestone(action, title=f"Jalon {rank}", due_on=DUE, weight=1, by=pilot)
    thirty = cost(lambda: client.get(address("pilot")))
    assert thirty[0] == one[0]
    # each brings itself, its act in the journal and that act's author
    assert thirty[1] - one[1] == 29 * 3


@pytest.mark.usefixtures("pilot")
def test_a_pilot_lands_on_their_actions(client: Client) -> None:
    response = client.get(reverse("dossiers:home"))
    assert response["Location"] == reverse("roadmap:desk")
