"""The expert's space: what it shows, what it hides, what it keeps of what was typed."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from normandata.accounts.models import Role
from normandata.dossiers.models import Attachment
from normandata.experts.models import Opinion
from normandata.experts.services import opinions
from tests.factories.accounts import UserFactory, make_agent, make_user_with, sign_in
from tests.factories.documents import UploadFactory
from tests.factories.dossiers import make_deposit, make_draft
from tests.factories.experts import TEXT, make_expert, make_opinion, open_for, person_of, write_draft
from tests.test_consistency import badly_spaced

pytestmark = pytest.mark.django_db
AUTOSAVE = {"HTTP_X_REQUESTED_WITH": "autosave"}


@pytest.fixture
def opinion(client: Client) -> Opinion:
    """A question with one piece opened, another kept closed; its expert is signed in."""
    draft = make_draft()
    joined = [
        Attachment.objects.create(
            dossier=draft,
            piece="complement",
            upload=UploadFactory(uploaded_by=draft.created_by, name=name),
            added_by=draft.created_by,
        )
        for name in ("Ouvert.pdf", "Fermé.pdf")
    ]
    found = make_opinion(make_deposit(draft).dossier, pieces=(joined[0].pk,))
    sign_in(client, person_of(found.expert))
    return found


def page(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status, address
    content = response.content.decode()
    assert badly_spaced(content) == [], address
    return content.replace("\u00a0", " ").replace("&nbsp;", " ")


def here(opinion: Opinion, rest: str = "") -> str:
    return f"/expert/{opinion.key}/{rest}"


def closed_piece(opinion: Opinion) -> int:
    rows = Attachment.objects.filter(dossier=opinion.dossier).exclude(pk__in=opinion.pieces)
    return rows.get().pk


def test_nothing_of_the_request_shows_before_the_declaration(client: Client, opinion: Opinion) -> None:
    shown = page(client, here(opinion))
    assert opinion.question in shown
    assert opinion.dossier.organisation.label in shown
    assert "Prévoir les pannes" not in shown
    assert "Ouvert.pdf" not in shown
    assert client.get(here(opinion, f"pieces/{opinion.pieces[0]}/")).status_code == 404
    assert client.get(here(opinion, "rendre/")).status_code == 404


def test_a_declaration_is_a_yes_or_a_no(client: Client, opinion: Opinion) -> None:
    response = client.post(here(opinion, "interets/"), {"reason": "Nous avons un contrat."})
    assert response.status_code == 422
    assert "Répondez par oui ou par non." in response.content.decode()
    assert "Nous avons un contrat." in response.content.decode()
    client.post(here(opinion, "interets/"), {"conflict": "oui", "reason": "Nous avons un contrat."})
    opinion.refresh_from_db()
    assert (opinion.state, opinion.is_conflict) == ("declined", True)
    assert "déclaré un lien d’intérêts" in page(client, here(opinion))


def test_the_version_the_question_and_the_pieces_chosen_and_nothing_else(client: Client, opinion: Opinion) -> None:
    client.post(here(opinion, "interets/"), {"conflict": "non"})
    shown = page(client, here(opinion))
    assert "Prévoir les pannes des machines." in shown
    assert "Ouvert.pdf" in shown
    assert "Fermé.pdf" not in shown
    for finding in opinion.dossier.verdict["findings"]:
        assert finding["message"] not in shown.replace("&#x27;", "'")
    sent = client.get(here(opinion, f"pieces/{opinion.pieces[0]}/"))
    assert sent.status_code == 200
    assert sent.headers["Content-Disposition"].startswith("attachment")
    assert b"".join(sent.streaming_content).startswith(b"%PDF")  # type: ignore[attr-defined]
    assert client.get(here(opinion, f"pieces/{opinion.pieces[0]}/apercu/")).status_code == 200
    for rest in ("", "apercu/", "image/"):
        assert client.get(here(opinion, f"pieces/{closed_piece(opinion)}/{rest}")).status_code == 404


def test_no_other_page_of_the_dossier_opens_to_an_expert(client: Client, opinion: Opinion) -> None:
    open_for(opinion)
    key = opinion.dossier.key
    other = make_opinion(opinion.dossier)
    for address in (
        f"/dossiers/{key}/",
        f"/dossiers/{key}/avis/",
        f"/dossiers/{key}/versions/1/",
        f"/dossiers/{key}/fichiers/{opinion.pieces[0]}/",
        f"/instruction/{key}/",
        f"/instruction/{key}/avis/",
        f"/instruction/{key}/journal/",
        "/instruction/",
        "/instruction/experts/",
        f"/expert/{other.key}/",
        f"/expert/{other.key}/rendre/",
        f"/expert/{other.key}/pieces/{opinion.pieces[0]}/",
    ):
        assert client.get(address).status_code == 404, address


@pytest.mark.parametrize("end", ["given", "cancelled", "declined"])
def test_access_ends_with_the_question(client: Client, opinion: Opinion, end: str) -> None:
    write_draft(opinion)
    person = person_of(opinion.expert)
    if end == "given":
        opinions.give(opinion, version=opinion.draft_version, by=person)
    elif end == "cancelled":
        opinions.cancel(opinion, by=make_agent(), reason="Sans objet")
    else:
        opinions.decline(opinion, by=person)
    shown = page(client, here(opinion))
    assert TEXT in shown
    assert "Prévoir les pannes" not in shown
    assert "Ouvert.pdf" not in shown
    for rest in (f"pieces/{opinion.pieces[0]}/", f"pieces/{opinion.pieces[0]}/apercu/", "rendre/"):
        assert client.get(here(opinion, rest)).status_code == 404, rest


def test_an_opinion_is_typed_read_again_and_given(client: Client, opinion: Opinion) -> None:
    open_for(opinion)
    saved = client.post(here(opinion, "avis/"), {"text": "Oui.\r\nMais.", "version": "0"}, **AUTOSAVE)
    assert saved.json() == {"version": 1, "saved": "Enregistré à 12\u00a0h\u00a000", "left": 0, "tag": ""}
    led = client.post(here(opinion, "avis/"), {"text": "Oui.\nMais.", "version": "1", "suite": "1"})
    assert led.headers["Location"] == here(opinion, "rendre/")
    assert "Mais." in page(client, here(opinion, "rendre/"))
    client.post(here(opinion, "rendre/"), {"version": "0"})
    opinion.refresh_from_db()
    assert opinion.state == "asked"
    client.post(here(opinion, "rendre/"), {"version": "1"})
    opinion.refresh_from_db()
    assert (opinion.state, opinion.answer.text) == ("given", "Oui.\nMais.")
    assert "Il ne change plus." in page(client, here(opinion))


def test_what_was_typed_is_never_lost(client: Client, opinion: Opinion) -> None:
    write_draft(opinion, "Ailleurs")
    conflict = client.post(here(opinion, "avis/"), {"text": "Ici", "version": "0"})
    assert conflict.status_code == 409
    assert "Ici" in conflict.content.decode()
    assert "Ailleurs" in conflict.content.decode()
    assert client.post(here(opinion, "avis/"), {"text": "Ici", "version": "0"}, **AUTOSAVE).json()["version"] == 1
    long = client.post(here(opinion, "avis/"), {"text": "x" * 30_001, "version": "1"})
    assert long.status_code == 422
    assert "x" * 30_001 in long.content.decode()
    assert "30001 signes" in long.content.decode()
    opinions.cancel(opinion, by=make_agent(), reason="Sans objet")
    late = client.post(here(opinion, "avis/"), {"text": "Mon dernier texte", "version": "1"})
    assert late.status_code == 409
    assert "Mon dernier texte" in late.content.decode()
    gone = client.post(here(opinion, "avis/"), {"text": "Mon dernier texte", "version": "1"}, **AUTOSAVE)
    assert gone.status_code == 410


def test_an_empty_opinion_leads_back_with_a_word(client: Client, opinion: Opinion) -> None:
    open_for(opinion)
    response = client.get(here(opinion, "rendre/"), follow=True)
    assert "Écrivez votre avis avant de le rendre." in response.content.decode()


def test_declining_is_confirmed(client: Client, opinion: Opinion) -> None:
    page(client, here(opinion, "decliner/"))
    client.post(here(opinion, "decliner/"), {"reason": "Pas le temps."})
    opinion.refresh_from_db()
    assert (opinion.state, opinion.is_conflict) == ("declined", False)
    assert client.get(here(opinion, "decliner/")).headers["Location"] == here(opinion)


def test_a_stranger_and_another_expert_find_nothing(opinion: Opinion) -> None:
    for person in (UserFactory(), person_of(make_expert()), make_agent(), opinion.dossier.created_by):
        other = Client()
        sign_in(other, person)
        for rest in ("", "decliner/", "rendre/"):
            assert other.get(here(opinion, rest)).status_code == 404
        for rest, data in (("avis/", {"text": "x"}), ("interets/", {"conflict": "oui"}), ("rendre/", {"version": "0"})):
            assert other.post(here(opinion, rest), data).status_code == 404
    opinion.refresh_from_db()
    assert opinion.state == "asked"


def test_a_role_withdrawn_closes_the_space_at_once(client: Client, opinion: Opinion) -> None:
    assert client.get("/expert/").status_code == 200
    person_of(opinion.expert).role_assignments.update(ended_at=timezone.now())
    for address in ("/expert/", here(opinion), "/expert/bienvenue/"):
        assert client.get(address).status_code == 404


def test_an_invited_person_opens_the_space_then_reads(client: Client) -> None:
    expert = make_expert(is_joined=False)
    opinion = make_opinion(expert=expert)
    sign_in(client, UserFactory(email=expert.email))
    for address in ("/expert/", here(opinion)):
        assert client.get(address).headers["Location"] == "/expert/bienvenue/"
    assert expert.email in page(client, "/expert/bienvenue/")
    assert client.post("/expert/bienvenue/").headers["Location"] == "/expert/"
    assert opinion.dossier.organisation.label in page(client, "/expert/")
    assert client.get("/expert/bienvenue/").status_code == 404
    stranger = Client()
    sign_in(stranger, UserFactory())
    assert stranger.get("/expert/bienvenue/").status_code == 404
    assert stranger.post("/expert/bienvenue/").status_code == 404


def test_an_expert_takes_an_agreement_back(client: Client) -> None:
    expert = make_expert(agrees=("asked", "listed"))
    sign_in(client, person_of(expert))
    shown = page(client, "/expert/")
    assert shown.count("Retirer mon accord") == 2
    client.post("/expert/accords/asked/retirer/")
    assert page(client, "/expert/").count("Retirer mon accord") == 1
    assert client.post("/expert/accords/nothing/retirer/").status_code == 404
    client.post("/expert/accords/asked/retirer/", follow=True)
    assert expert.agreements.standing().count() == 1


def test_the_list_costs_the_same_at_1_and_30_questions(client: Client) -> None:
    costs = []
    for count in (1, 30):
        expert = make_expert()
        for _ in range(count):
            make_opinion(expert=expert)
        person = Client()
        sign_in(person, person_of(expert))
        person.get("/expert/")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            shown = person.get("/expert/").content.decode()
        assert shown.count("nd-card") == count
        costs.append(len(queries))
    assert costs[0] == costs[1] <= 10, costs


def test_the_question_page_costs_little(client: Client, opinion: Opinion) -> None:
    open_for(opinion)
    client.get(here(opinion))
    with CaptureQueriesContext(connection) as queries:
        client.get(here(opinion))
    assert len(queries) <= 10, [one["sql"][:150] for one in queries]


def test_the_roles_that_have_no_space(client: Client) -> None:
    sign_in(client, make_user_with(Role.PROVIDER, "diagnostic", "99900000000001"))
    assert client.get("/expert/").status_code == 404
