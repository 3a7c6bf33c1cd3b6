"""The agents' pages of the opinions of a dossier, and the page where the organisation reads."""

import re
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from normandata.accounts.models import Role, User
from normandata.dossiers.models import Attachment, Dossier
from normandata.experts.models import Expert, Opinion
from normandata.experts.services import opinions
from tests.factories.accounts import make_agent, make_user_with, sign_in
from tests.factories.documents import UploadFactory
from tests.factories.dossiers import make_deposit, make_dossier, make_draft
from tests.factories.experts import TEXT, make_expert, make_given, make_opinion, person_of
from tests.factories.organisations import MembershipFactory
from tests.test_consistency import badly_spaced

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent(client: Client) -> User:
    return sign_in(client, make_agent(name="Sacha Petit"))


@pytest.fixture
def dossier() -> Dossier:
    draft = make_draft()
    Attachment.objects.create(
        dossier=draft,
        piece="complement",
        upload=UploadFactory(uploaded_by=draft.created_by, name="Plan.pdf"),
        added_by=draft.created_by,
    )
    return make_deposit(draft).dossier


def page(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    content = response.content.decode()
    assert badly_spaced(content) == [], address
    return content.replace("\u00a0", " ").replace("&nbsp;", " ")


def at(dossier: Dossier, rest: str = "") -> str:
    return f"/instruction/{dossier.key}/avis/{rest}"


def typed(chosen: Expert, **changes: object) -> dict[str, object]:
    return {
        "expert": chosen.pk,
        "question": "Est-ce faisable ?",
        "sharing": "structure",
        "due_on": "16/10/2026",
        "version": "1",
        **changes,
    }


def test_an_agent_asks(client: Client, agent: User, dossier: Dossier) -> None:
    expert, silent = make_expert(name="Camille Exemple"), make_expert(agrees=(), name="Muet Exemple")
    shown = page(client, at(dossier, "demander/"))
    assert "Camille Exemple" in shown
    assert silent.name not in shown
    assert "Plan.pdf" in shown
    piece = Attachment.objects.get().pk
    response = client.post(at(dossier, "demander/"), typed(expert, pieces=[piece]))
    assert response.headers["Location"] == at(dossier)
    opinion = Opinion.objects.get()
    assert (opinion.asked_by, opinion.pieces, opinion.is_confidential, opinion.due_on) == (
        agent,
        [piece],
        False,
        date(2026, 10, 16),
    )
    listed = page(client, at(dossier))
    assert "Est-ce faisable ?" in listed
    assert "Partagé avec la structure" in listed


def test_what_was_typed_stays_with_the_reason_beside_its_cause(client: Client, agent: User, dossier: Dossier) -> None:
    expert = make_expert()
    for changes, said in (
        ({"due_on": "30/09/2026"}, "La date limite doit être à venir."),
        ({"due_on": "31/09/2026"}, "Cette date n’existe pas"),
        ({"sharing": ""}, "Dites qui lira cet avis."),
        ({"expert": make_expert(agrees=()).pk}, "Choisissez un expert qui a donné son accord"),
        ({"pieces": ["999999"]}, "n’est pas dans la version déposée"),
        ({"version": "9"}, "a déposé une nouvelle version"),
    ):
        response = client.post(at(dossier, "demander/"), typed(expert, **changes))
        assert response.status_code == 422, changes
        content = response.content.decode().replace("\u00a0", " ").replace("&nbsp;", " ")
        assert said in content
        assert "Est-ce faisable ?" in content
    assert not Opinion.objects.exists()
    make_opinion(dossier, expert=expert)
    again = client.post(at(dossier, "demander/"), typed(expert))
    assert "attend déjà la réponse de cet expert" in again.content.decode()


def test_an_agent_cancels_and_gives_more_time(client: Client, agent: User, dossier: Dossier) -> None:
    opinion = make_opinion(dossier)
    late = client.post(at(dossier, f"{opinion.pk}/prolonger/"), {"due_on": "10/10/2026"})
    assert late.status_code == 422
    assert "Choisissez un jour après le" in late.content.decode()
    client.post(at(dossier, f"{opinion.pk}/prolonger/"), {"due_on": "1er novembre 2026"})
    opinion.refresh_from_db()
    assert opinion.due_on == date(2026, 11, 1)
    assert client.post(at(dossier, f"{opinion.pk}/annuler/"), {"reason": " "}).status_code == 422
    page(client, at(dossier, f"{opinion.pk}/annuler/"))
    client.post(at(dossier, f"{opinion.pk}/annuler/"), {"reason": "Sans objet"})
    opinion.refresh_from_db()
    assert opinion.state == "cancelled"
    assert client.get(at(dossier, f"{opinion.pk}/annuler/")).status_code == 409
    assert client.post(at(dossier, f"{opinion.pk}/prolonger/"), {"due_on": "02/12/2026"}).status_code == 409


def test_a_question_is_only_found_on_its_own_dossier(client: Client, agent: User, dossier: Dossier) -> None:
    elsewhere = make_opinion()
    for rest in ("annuler/", "prolonger/"):
        assert client.get(at(dossier, f"{elsewhere.pk}/{rest}")).status_code == 404
        assert client.get(at(dossier, f"999999/{rest}")).status_code == 404


def test_readers_read_and_others_find_nothing(dossier: Dossier) -> None:
    opinion = make_given(dossier)
    reader = Client()
    sign_in(reader, make_user_with(Role.AUDITOR, "diagnostic"))
    assert TEXT in page(reader, at(dossier))
    assert "Demander un avis" not in page(reader, at(dossier))
    asked = make_opinion(dossier)
    for rest in ("demander/", f"{asked.pk}/annuler/", f"{asked.pk}/prolonger/"):
        assert reader.get(at(dossier, rest)).status_code == 404
    member = make_agent()
    MembershipFactory(user=member, organisation=dossier.organisation)
    for person in (make_agent("booster_ia"), dossier.created_by, person_of(opinion.expert)):
        client = Client()
        sign_in(client, person)
        for rest in ("", "demander/", f"{asked.pk}/annuler/"):
            assert client.get(at(dossier, rest)).status_code == 404
    inside = Client()
    sign_in(inside, member)
    assert inside.get(at(dossier, "demander/")).status_code == 404
    assert inside.get(at(dossier, f"{asked.pk}/annuler/")).status_code == 404


def test_the_organisation_reads_the_shared_opinion_and_has_no_page_before(client: Client) -> None:
    dossier = make_dossier()
    sign_in(client, dossier.created_by)
    address = f"/dossiers/{dossier.key}/avis/"
    make_given(dossier, is_confidential=True, text="secret-du-témoin")
    make_opinion(dossier, is_confidential=False)
    assert client.get(address).status_code == 404
    make_given(dossier, is_confidential=False)
    shown = page(client, address)
    assert TEXT in shown
    assert "secret-du-témoin" not in shown
    assert "Réservé aux agents" not in shown
    for other in (make_agent(), make_user_with(Role.EXPERT)):
        stranger = Client()
        sign_in(stranger, other)
        assert stranger.get(address).status_code == 404


def test_no_page_of_the_organisation_tells_of_a_confidential_opinion(client: Client) -> None:
    """A witness: the pages are the same before and after; those of the agents are not."""
    dossier = make_dossier()
    sign_in(client, dossier.created_by)
    pages = ("/dossiers/", f"/dossiers/{dossier.key}/", f"/dossiers/{dossier.key}/versions/1/", "/espace/")

    def pictures() -> list[str]:
        return [strip(client.get(address, follow=True).content.decode()) for address in pages]

    before = pictures()
    opinion = make_given(dossier, text="secret-du-témoin")
    opinions.cancel(make_opinion(dossier), by=make_agent(), reason="secret-du-témoin")
    assert pictures() == before
    assert opinion.answer.text == "secret-du-témoin"
    make_given(dossier, is_confidential=False)
    assert pictures() != before


def strip(content: str) -> str:
    """Leave out what changes at each drawing: the anti-forgery tokens and the key of the page."""
    return re.sub(r'(name="(?:csrfmiddlewaretoken|key|cle)" value=)"[^"]*"', r"\1", content)


def test_the_page_costs_the_same_at_1_and_30_opinions(client: Client, agent: User) -> None:
    costs = []
    for count in (1, 30):
        dossier = make_dossier()
        for _ in range(count):
            make_given(dossier)
        client.get(at(dossier))
        with CaptureQueriesContext(connection) as queries:
            shown = client.get(at(dossier)).content.decode()
        assert shown.count("<article") == count
        costs.append(len(queries))
    assert costs[0] == costs[1] <= 14, costs
