import uuid

import pytest
from django.test import Client

from normandata.accounts.models import User
from normandata.dossiers.models import BulkJob, BulkOutcome, Dossier
from normandata.dossiers.services import bulk
from normandata.outbox.models import Message
from tests.factories.accounts import make_agent, sign_in
from tests.factories.queue import make_row

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent(client: Client) -> User:
    return sign_in(client, make_agent(name="Sacha Petit"))


def asked(rows: list[Dossier], **more: str) -> dict[str, object]:
    return {"choix": [row.number for row in rows], "action": "assign", **more}


def test_the_confirmation_lists_the_ticked_dossiers_of_my_schemes(client: Client, agent: User) -> None:
    row, foreign = make_row(owner=agent), make_row(owner=agent, scheme="booster_ia")
    page = client.post("/instruction/lot/", asked([row, foreign], retour="tour=vous")).content.decode()
    assert str(row.number) in page
    assert str(foreign.number) not in page
    assert 'href="/instruction/?tour=vous"' in page


@pytest.mark.parametrize(
    "posted",
    [
        {"action": "assign"},
        {"action": "x", "choix": "A"},
        {"action": "send_letters", "choix": "A"},
        {},
        {"action": "export"},
    ],
)
def test_nothing_ticked_goes_back_to_the_queue(client: Client, agent: User, posted: dict[str, str]) -> None:
    answer = client.post("/instruction/lot/", {**posted, "retour": "https://ailleurs.invalid"})
    assert (answer.status_code, answer["Location"]) == (302, "/instruction/")


def test_the_same_confirmation_sent_twice_is_one_job(client: Client, agent: User) -> None:
    rows, owner = [make_row() for _ in range(3)], make_agent()
    posted = asked(rows, owner=str(owner.pk), jeton=str(uuid.uuid4()))
    places = {client.post("/instruction/lot/lancer/", posted)["Location"] for _ in range(2)}
    assert len(places) == 1
    counts = BulkJob.objects.count(), BulkOutcome.objects.count(), Message.objects.filter(handler=bulk.HANDLER).count()
    assert counts == (1, 3, 1)


def test_the_progress_then_the_outcomes_are_shown_to_their_author_alone(client: Client, agent: User) -> None:
    rows, owner = [make_row(), make_row(owner=agent)], make_agent(name="Morgan Lefèvre")
    place = client.post("/instruction/lot/lancer/", asked(rows, owner=str(agent.pk), jeton=str(uuid.uuid4())))[
        "Location"
    ]
    page = client.get(place).content.decode()
    assert 'hx-trigger="every 1s"' in page
    assert "0 sur 2 dossiers traités." in page
    fragment = client.get(place, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in fragment
    bulk.run(BulkJob.objects.get())
    page = client.get(place).content.decode()
    assert "hx-trigger" not in page
    assert "Fait&nbsp;: 1, Déjà fait&nbsp;: 1." in page
    content = b"".join(client.get(f"{place}resultats.csv").streaming_content).decode()  # type: ignore[attr-defined]
    assert [line.split(";")[2] for line in content.splitlines()] == ["Résultat", "Fait", "Déjà fait"]
    sign_in(client, owner)
    assert client.get(place).status_code == 404
    assert client.get(f"{place}resultats.csv").status_code == 404


def test_a_missing_answer_comes_back_with_the_same_token(client: Client, agent: User) -> None:
    row, key = make_row(), str(uuid.uuid4())
    page = client.post("/instruction/lot/lancer/", asked([row], owner="", jeton=key)).content.decode()
    assert "Choisissez la personne" in page
    assert key in page
    assert not BulkJob.objects.exists()
    posted = {"choix": row.number, "action": "ask", "jeton": key, "piece": "x", "reason": "", "due_on": "01/01/2020"}
    assert "La date limite doit être à venir" in client.post("/instruction/lot/lancer/", posted).content.decode()


def test_only_agents_of_the_schemes_may_be_chosen(client: Client, agent: User) -> None:
    stranger = make_agent("booster_ia")
    client.post("/instruction/lot/lancer/", asked([make_row()], owner=str(stranger.pk), jeton=str(uuid.uuid4())))
    assert not BulkJob.objects.exists()


@pytest.mark.parametrize(
    "posted",
    [
        {"action": "x", "jeton": str(uuid.uuid4())},
        {"action": "send_letters", "jeton": str(uuid.uuid4())},
        {"action": "assign", "jeton": "x"},
        {},
    ],
)
def test_a_made_up_confirmation_is_not_found(client: Client, agent: User, posted: dict[str, str]) -> None:
    assert client.post("/instruction/lot/lancer/", posted).status_code == 404


def test_the_choice_alone_is_exported(client: Client, agent: User) -> None:
    rows = [make_row(owner=agent) for _ in range(3)]
    posted = asked(rows[:2]) | {"action": "export"}
    content = b"".join(client.post("/instruction/lot/", posted).streaming_content).decode()  # type: ignore[attr-defined]
    assert [row.number in content for row in rows if row.number] == [True, True, False]


def test_a_confirmation_that_served_for_another_job_is_refused_and_asks_again(client: Client, agent: User) -> None:
    rows, owner, token = [make_row() for _ in range(2)], make_agent(), str(uuid.uuid4())
    first = asked(rows[:1], owner=str(owner.pk), jeton=token)
    client.post("/instruction/lot/lancer/", first)
    other = asked(rows, owner=str(agent.pk), jeton=token, reason="Charge", retour="tour=vous")
    answer = client.post("/instruction/lot/lancer/", other)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Cette confirmation a déjà lancé un autre traitement" in page
    assert "Charge" in page
    assert f'<option value="{agent.pk}" selected' in page
    assert token not in page
    again = page.split('name="jeton" value="')[1].split('"')[0]
    assert BulkJob.objects.count() == 1
    assert client.post("/instruction/lot/lancer/", other | {"jeton": again}).status_code == 302
    assert BulkJob.objects.count() == 2
