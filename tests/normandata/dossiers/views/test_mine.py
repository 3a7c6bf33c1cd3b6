"""The organisation's space: what is expected, by when, and the first question of a request."""

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.db.models.signals import post_init
from django.test import Client
from django.test.utils import CaptureQueriesContext

from normandata.accounts.models import User
from normandata.dossiers.models import Dossier
from normandata.organisations.models import Organisation
from normandata.outbox.models import Message
from tests.factories.accounts import UserFactory, make_agent, sign_in
from tests.factories.dossiers import make_deposit, make_draft

pytestmark = pytest.mark.django_db
START = "/dossiers/nouveau/diagnostic/"
OPEN, CLOSED, HIDDEN = "99900001100018", "99900032600010", "99900033400014"
ANSWERS = {"structure": "enterprise", "departement": "14", "etp": "45,5", "creation": "12/05/2009", "activite": "trade"}


def plain(response: object) -> str:
    return response.content.decode().replace("\u00a0", " ").replace("&nbsp;", " ")  # type: ignore[attr-defined]


def test_each_side_is_led_to_its_own_space(client: Client, applicant: User) -> None:
    assert client.get("/espace/").headers["Location"] == "/dossiers/"
    sign_in(client, make_agent())
    assert client.get("/espace/").headers["Location"] != "/dossiers/"


def test_an_empty_space_says_what_to_do(client: Client, applicant: User) -> None:
    page = plain(client.get("/dossiers/"))
    assert "Vous n’avez pas encore de dossier." in page
    assert START in page


def test_the_list_says_what_is_expected_of_each(client: Client, applicant: User, organisation: Organisation) -> None:
    make_draft(by=applicant, organisation=organisation)
    make_deposit(by=applicant, organisation=organisation)
    make_draft()
    page = plain(client.get("/dossiers/"))
    assert page.count('class="nd-sheet nd-card"') == 2
    assert "Dossier non déposé. Le dépôt est ouvert toute l’année, sans date limite." in page
    assert "Un agent va l’examiner ; vous pouvez encore le modifier et le déposer de nouveau." in page


def cost(client: Client) -> tuple[int, int]:
    """Count the queries and the model objects of the list."""
    made: list[object] = []

    def count(instance: object, **_: object) -> None:
        made.append(instance)

    post_init.connect(count)
    try:
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/dossiers/").status_code == 200
    finally:
        post_init.disconnect(count)
    return len(queries), len(made)


def test_the_list_costs_the_same_queries_at_one_and_thirty(
    client: Client, applicant: User, organisation: Organisation
) -> None:
    make_draft(by=applicant, organisation=organisation)
    client.get("/dossiers/")
    queries, objects = cost(client)
    for _ in range(29):
        make_draft(by=applicant, organisation=organisation)
    more, many = cost(client)
    page = client.get("/dossiers/")
    assert (page.context["page"].paginator.count, len(page.context["cards"])) == (30, 20)
    assert (queries, more) == (10, 10), (queries, more)
    # A dossier and its organisation for each of the twenty shown.
    assert many - objects == 2 * 19, (objects, many)


# --------------------------------------------------------------------------------------------------- the first question
def test_somebody_without_account_is_led_to_sign_up_and_brought_back(client: Client) -> None:
    answer = client.get(START, ANSWERS)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/inscription/?next=/dossiers/nouveau/diagnostic/%3Fstructure%3D")


def begin(client: Client, siret: str, **more: str) -> Dossier:
    answer = client.post(START, {"siret": siret, "structure": "autre", **more}, query_params=ANSWERS)
    assert answer.status_code == 302, plain(answer)
    dossier = Dossier.objects.latest("pk")
    assert answer.headers["Location"] == f"/dossiers/{dossier.key}/sections/structure/"
    return dossier


def test_the_draft_holds_the_simulators_answers_and_the_directorys(client: Client) -> None:
    user = sign_in(client, UserFactory())
    dossier = begin(client, OPEN)
    answers = {section.slug: section.answers for section in dossier.sections.all()}
    found = dossier.organisation
    assert answers["structure"] == {
        "nom": found.name,
        "adresse": f"{found.street}, {found.postal_code} {found.city}",
        "type": "enterprise",
        "etp": "45,5",
    }
    assert found.created_on is not None
    assert answers["situation"] == {"creation": found.created_on.strftime("%d/%m/%Y"), "activite": "trade"}
    assert (dossier.created_by, dossier.state, dossier.number) == (user, "draft", None)


def test_a_double_click_begins_one_draft(client: Client) -> None:
    sign_in(client, UserFactory())
    assert begin(client, OPEN).pk == begin(client, OPEN).pk
    assert Dossier.objects.count() == 1


def test_a_draft_that_waits_is_offered_before_a_new_one(
    client: Client, applicant: User, organisation: Organisation
) -> None:
    draft = make_draft(by=applicant, organisation=organisation)
    page = plain(client.get(START))
    assert "Reprendre mon dossier : Fonderie d’essai" in page
    assert str(draft.key) in page


def test_one_of_ones_organisations_is_a_choice(client: Client, applicant: User, organisation: Organisation) -> None:
    client.post(START, {"structure": organisation.siret, "siret": ""})
    assert Dossier.objects.get().organisation == organisation


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Indiquez le SIRET de votre établissement, 14 chiffres."),
        ("9990000110001", "Il manque 1 chiffre : un SIRET en compte 14."),
        ("999 000 011 000 181", "Il y a 1 chiffre de trop : un SIRET en compte 14."),
        ("99900001100019", "la clé de contrôle de ce SIRET n’est pas juste."),
        ("999000011", "Ce numéro de 9 chiffres est un SIREN."),
        ("douze mille", "Un SIRET s’écrit avec des chiffres seulement."),
    ],
)
def test_a_wrong_siret_is_said_beside_its_field_and_nothing_is_written(client: Client, typed: str, said: str) -> None:
    sign_in(client, UserFactory())
    page = client.post(START, {"siret": typed})
    text = plain(page)
    assert page.status_code == 200
    assert said in text
    assert "<title>Erreur : Nouvelle demande" in text
    assert f'value="{typed}"' in text or not typed
    assert (Dossier.objects.count(), Organisation.objects.count(), Message.objects.count()) == (0, 0, 0)


def test_a_closed_establishment_is_said_and_may_be_maintained(client: Client) -> None:
    sign_in(client, UserFactory())
    text = plain(client.post(START, {"siret": CLOSED}))
    assert "D’après l’annuaire, cet établissement est fermé." in text
    assert 'type="checkbox" name="ferme"' in text
    assert f'value="{CLOSED}"' in text
    assert (Dossier.objects.count(), Organisation.objects.count()) == (0, 0)
    begin(client, CLOSED, ferme="on")
    assert Organisation.objects.get().is_closed


def test_a_hidden_company_begins_with_what_the_directory_may_say(client: Client) -> None:
    sign_in(client, UserFactory())
    dossier = begin(client, HIDDEN)
    assert not dossier.organisation.is_diffusible
    page = plain(client.get(f"/dossiers/{dossier.key}/sections/structure/"))
    assert "NON-DIFFUSIBLE" not in page


def test_the_directory_being_down_never_blocks(client: Client) -> None:
    sign_in(client, UserFactory())
    dossier = begin(client, "73282932000074")
    assert not dossier.organisation.is_confirmed
    page = plain(client.get(f"/dossiers/{dossier.key}/sections/structure/"))
    assert "Département de l’établissement" in page
    typed = dossier.sections.get(slug="structure").answers
    assert (typed["departement"], typed["etp"]) == ("14", "45,5")


def test_messages_are_said_once(client: Client, applicant: User, organisation: Organisation) -> None:
    draft = make_draft(by=applicant, organisation=organisation)
    answer = client.post(f"/dossiers/{draft.key}/effacer/")
    assert [str(message) for message in get_messages(answer.wsgi_request)] == ["Le brouillon est effacé."]
    assert "Le brouillon est effacé." in plain(client.get("/dossiers/"))
    assert "Le brouillon est effacé." not in plain(client.get("/dossiers/"))


def test_a_scheme_that_takes_no_dossier_here_does_not_begin(client: Client, applicant: User) -> None:
    assert client.get("/dossiers/nouveau/datathon/").status_code == 404
