"""The mentors' space and the team's page of help: what each sees, and nothing else."""

import re
from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from datathon import phases
from datathon.models import Deliverable, Edition, HelpRequest, Mentor, MentorNote, Team
from normandata.accounts.models import Role, User
from tests.factories.accounts import UserFactory, make_user_with, sign_in
from tests.factories.datathon import SCHEME, make_edition, make_organiser, make_registration, make_team
from tests.factories.datathon_deliverables import make_handed_in
from tests.factories.datathon_mentors import make_meeting, make_mentor, make_request
from tests.test_consistency import badly_spaced

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


@pytest.fixture(autouse=True)
def _in_october() -> Iterator[None]:
    with time_machine.travel("2027-10-05T09:00:00+02:00", tick=True):
        yield


def page(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status, address
    content = response.content.decode()
    assert badly_spaced(content) == [], address
    found = re.sub(r"<[^>]+>", " ", content.replace("\u00a0", " ").replace("&nbsp;", " "))
    return re.sub(r"\s+", " ", found)


def member_of(team: Team) -> User:
    found = team.seats.order_by("number")[0].registration.person
    assert found is not None
    return found


def test_somebody_signed_in_offers_and_waits(client: Client) -> None:
    edition, person = make_edition(), UserFactory()
    here = f"/datathon/{edition.slug}/mentorat/"
    assert client.get(here).headers["Location"].startswith("/connexion/")
    sign_in(client, person)
    response = client.post(here, {"about": "Géomaticienne"})
    assert response.status_code == 422
    assert "Cochez au moins une compétence." in response.content.decode()
    assert "Géomaticienne" in response.content.decode()
    client.post(here, {"skills": ["maps"], "about": "Géomaticienne", "availability": "Le soir"})
    assert Mentor.objects.proposed().get().person == person
    assert "attend la réponse des organisateurs" in page(client, here)
    assert client.get("/mentorat/").status_code == 404
    sign_in(client, member_of(make_team(edition)))
    response = client.post(here, {"skills": ["maps"]})
    assert "un participant n’en est pas mentor" in response.content.decode()


def test_a_mentor_sees_what_waits_takes_it_and_says_it_is_done(client: Client) -> None:
    edition = make_edition(phases.CHALLENGE)
    mentor, other = make_mentor(edition), make_mentor(edition)
    team = make_team(edition, name="Les Marées")
    request = make_request(team)
    make_request(team, asked=other, question="Pour un autre")
    make_request(make_team(make_edition(phases.CHALLENGE)), question="Ailleurs")
    make_meeting(edition, title="Point commun")
    make_meeting(edition, title="Point d’une équipe", team=team)
    sign_in(client, mentor.person)
    assert client.get(reverse("dossiers:home")).headers["Location"] == "/mentorat/"
    text = page(client, "/mentorat/")
    shown = [
        words in text for words in ("Comment croiser", "Pour un autre", "Ailleurs", "Point commun", "d’une équipe")
    ]
    assert shown == [True, False, False, True, False]
    client.post(f"/mentorat/demandes/{request.pk}/prendre/")
    assert "Point d’une équipe" in page(client, "/mentorat/")
    sign_in(client, other.person)
    client.post(f"/mentorat/demandes/{request.pk}/prendre/")
    assert f"{mentor} vient de prendre cette demande." in page(client, "/mentorat/")
    sign_in(client, mentor.person)
    client.post(f"/mentorat/demandes/{request.pk}/rendre/")
    client.post(f"/mentorat/demandes/{request.pk}/prendre/")
    client.post(f"/mentorat/demandes/{request.pk}/terminer/")
    request.refresh_from_db()
    assert (request.taken_by, request.done_at is not None) == (mentor, True)
    assert client.post(f"/mentorat/demandes/{request.pk}/effacer/").status_code == 404
    sign_in(client, make_mentor(make_edition()).person)
    assert client.post(f"/mentorat/demandes/{request.pk}/prendre/").status_code == 404
    assert client.get(f"/mentorat/equipes/{team.pk}/").status_code == 404


def test_an_invited_mentor_is_asked_what_they_can_do(client: Client) -> None:
    edition = make_edition()
    sign_in(client, make_user_with(Role.MENTOR, SCHEME, edition.slug))
    assert "Vous êtes invité comme mentor." in page(client, "/mentorat/")
    client.post(f"/mentorat/{edition.slug}/profil/", {"skills": ["data"]})
    assert Mentor.objects.active().count() == 1
    assert client.post(f"/mentorat/{edition.slug}/arreter/", {"reason": ""}).status_code == 422
    client.post(f"/mentorat/{edition.slug}/arreter/", {"reason": "Plus le temps."})
    assert Mentor.objects.active().count() == 0
    assert client.get("/mentorat/").status_code == 404


def test_a_mentor_reads_deliverables_of_the_teams_helped_where_the_phase_lets_them(client: Client) -> None:
    edition = make_edition(phases.CHALLENGE)
    mentor, team = make_mentor(edition), make_team(edition)
    url = "https://depot.invalid/code"
    Deliverable.objects.create(team=team, kind="code", version=1, url=url, sha256="a" * 64)
    here = f"/mentorat/equipes/{team.pk}/"
    sign_in(client, mentor.person)
    assert "Prenez une demande de cette équipe" in page(client, here)
    assert url not in page(client, here)
    make_request(team, taken_by=mentor, taken_at=edition.created_at)
    assert url in page(client, here)
    edition.shut.create(phase=phases.CHALLENGE, right="mentors_read")
    text = page(client, here)
    assert ("ne laisse pas lire" in text, url in text) == (True, False)


def test_a_team_asks_reads_shared_notes_and_cancels(client: Client) -> None:
    edition = make_edition(phases.CHALLENGE)
    team, mentor = make_team(edition, 2), make_mentor(edition, about="Hydrologue")
    sign_in(client, mentor.person)
    response = client.post(f"/mentorat/equipes/{team.pk}/", {"text": " ", "is_shared": "on"})
    assert response.status_code == 422
    for text, is_shared in (("Entre mentors", ""), ("Pour vous", "on")):
        client.post(f"/mentorat/equipes/{team.pk}/", {"text": text, "is_shared": is_shared})
    assert MentorNote.objects.count() == 2
    here = f"/espace/datathon/equipes/{team.pk}/aide/"
    sign_in(client, member_of(team))
    text = page(client, here)
    assert ("Pour vous" in text, "Entre mentors" in text, "Hydrologue" in text) == (True, False, True)
    assert client.post(here, {"question": ""}).status_code == 422
    client.post(here, {"question": "Une question ?", "asked": mentor.pk})
    request = HelpRequest.objects.get()
    assert request.asked == mentor
    stranger = make_mentor(make_edition())
    response = client.post(here, {"question": "Une ?", "asked": stranger.pk})
    assert "Ce mentor n’aide plus cette édition" in response.content.decode()
    for outsider in (member_of(make_team(edition)), mentor.person, make_organiser(edition), UserFactory()):
        sign_in(client, outsider)
        assert client.get(here).status_code == 404
        assert client.post(f"/espace/datathon/aide/{request.pk}/annuler/").status_code == 404
    sign_in(client, member_of(team))
    client.post(f"/espace/datathon/aide/{request.pk}/annuler/")
    assert "Annulée" in page(client, here)


@pytest.mark.parametrize("rows", [1, 30])
def test_the_space_costs_the_same_queries_at_one_row_and_at_thirty(
    client: Client, rows: int, django_assert_max_num_queries
) -> None:
    edition = make_edition(phases.CHALLENGE)
    mentor = make_mentor(edition)
    for _ in range(rows):
        team = make_team(edition)
        make_request(team)
        make_request(team, taken_by=mentor, taken_at=edition.created_at)
        make_meeting(edition, team=team)
        make_registration(edition)
        MentorNote.objects.create(team=team, mentor=mentor, text="Note", is_shared=True)
        make_mentor(edition)
    sign_in(client, mentor.person)
    client.get("/mentorat/")
    with django_assert_max_num_queries(9):
        client.get("/mentorat/")
    with django_assert_max_num_queries(11):
        client.get(f"/mentorat/equipes/{team.pk}/")
    sign_in(client, member_of(team))
    here = f"/espace/datathon/equipes/{team.pk}/aide/"
    client.get(here)
    with django_assert_max_num_queries(13):
        client.get(here)


def test_a_mentor_downloads_the_last_version_of_the_teams_helped_and_of_no_other(client: Client) -> None:
    edition = make_edition(phases.CHALLENGE)
    mentor, team, other = make_mentor(edition), make_team(edition), make_team(edition)
    first, last = make_handed_in(team), make_handed_in(team, version=2)
    there = make_handed_in(other)
    make_request(team, taken_by=mentor, taken_at=edition.created_at)
    sign_in(client, mentor.person)
    here = f"/mentorat/equipes/{team.pk}/livrables/{last.pk}/"
    assert here in client.get(f"/mentorat/equipes/{team.pk}/").content.decode()

    def answers(*addresses: str) -> list[int]:
        found = []
        for address in addresses:
            response = client.get(address)
            found.append(response.status_code)
            b"".join(response.streaming_content) if response.streaming else b""
        return found

    old, foreign = here.replace(f"/{last.pk}/", f"/{first.pk}/"), here.replace(f"/{last.pk}/", f"/{there.pk}/")
    assert answers(here, old, foreign, f"/mentorat/equipes/{other.pk}/livrables/{there.pk}/") == [200, 404, 404, 404]
    sign_in(client, make_mentor(edition).person)
    assert answers(here) == [404], "a mentor who helps another team"
    sign_in(client, mentor.person)
    for phase in (phases.DELIBERATION, phases.PUBLISHED):
        published_at = edition.created_at if phase == phases.PUBLISHED else None
        Edition.objects.filter(pk=edition.pk).update(state=phase, published_at=published_at)
        assert answers(here) == [404], phase
