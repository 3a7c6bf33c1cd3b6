"""Blind until the deliberation opens, organisers included: every side is tried, and the same search finds it after."""

import json
from datetime import datetime

import pytest
from django.test import Client
from django.urls import get_resolver, reverse
from django.urls.exceptions import NoReverseMatch

from datathon.models import Edition, Team
from datathon.services import deliberations
from normandata.accounts.models import Role, User
from normandata.documents.models import Document
from normandata.notifications.models import Mail
from normandata.outbox.models import Message
from normandata.procedure.models import Event
from normandata.scoring import reading
from normandata.scoring.errors import Blind
from normandata.scoring.models import Panel
from tests.factories.accounts import make_user_with, sign_in
from tests.factories.datathon import PARIS, make_organiser
from tests.factories.datathon_jury import make_scoring, panel_of, people, recuse, subject_of, teams_of, vote

pytestmark = pytest.mark.django_db
TOLD = ("3,70", "3.70", "37/10", "37.0000", "2,30", "2.30", "23/10", "23.0000", "3,00", "1,40")
"""Two ballots and their mean, on a page or in a row: 3.7 and 2.3, whose mean is 3 and spread 1.4."""


@pytest.fixture
def edition() -> Edition:
    """The last team in the order is the best: an order by score would show."""
    made = make_scoring(["Dernière", "Première"], 3)
    # A closing on 23/10 would read as one of the means.
    Edition.objects.filter(pk=made.pk).update(closing_at=datetime(2027, 10, 24, 14, tzinfo=PARIS))
    last, first = teams_of(made)
    one, two, _ = people(made)
    vote(first, one, 5, 4, 4, 2, 2, 2)
    vote(last, one, 1, 1, 1, 1, 1, 1)
    vote(last, two, 1, 0, 1, 1, 1, 1)
    vote(first, two, 3, 2, 2, 2, 2, 2)
    return made


@pytest.fixture
def readers(edition: Edition) -> dict[str, User]:
    jury = people(edition)
    return {
        "organiser": make_organiser(edition),
        "chair": jury[0],
        "other juror": jury[2],
        "lead": make_user_with(Role.LEAD_AGENT, "datathon"),
        "auditor": make_user_with(Role.AUDITOR),
        "administrator": make_user_with(Role.ADMINISTRATOR),
    }


def routes(edition: Edition) -> list[str]:
    """List the addresses of the Datathon that are read with what a reader may know: slugs and keys."""
    team, panel = teams_of(edition)[1], panel_of(edition)
    parts = {"slug": edition.slug, "pk": team.pk, "format": "csv", "piece": 1}
    juror, subject = edition.jurors.order_by("pk")[1], subject_of(team)
    keys = (team.pk, juror.pk, subject.pk, subject.sheets.order_by("pk")[0].pk, panel.pk)
    found = set()
    for name in {one.name for one in get_resolver().url_patterns[_datathon()].url_patterns}:
        for pk in keys:
            for wanted in ((), ("slug",), ("pk",), ("slug", "pk"), ("slug", "format"), ("slug", "pk", "piece")):
                try:
                    found.add(reverse(f"datathon:{name}", kwargs={part: (parts | {"pk": pk})[part] for part in wanted}))
                except NoReverseMatch:
                    continue
    return sorted(found)


def _datathon() -> int:
    return next(at for at, one in enumerate(get_resolver().url_patterns) if getattr(one, "app_name", "") == "datathon")


def told(text: str) -> list[str]:
    return [one for one in TOLD if one in text.replace("\u00a0", " ")]


def test_no_page_says_anything_of_anothers_ballot(client: Client, edition: Edition, readers: dict[str, User]) -> None:
    """The chair's own ballot is the chair's to read: that address alone is left out for the chair."""
    addresses, leaks = routes(edition), {}
    assert len(addresses) > 30
    mine = {reverse("datathon:ballot", args=[edition.slug, team.pk]) for team in teams_of(edition)}
    for name, user in readers.items():
        sign_in(client, user)
        for address in addresses:
            if name == "chair" and address in mine:
                continue
            answer = client.get(address)
            body = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
            said = told(body.decode(errors="ignore") + str(answer.headers))
            if answer.status_code == 200 and said:
                leaks[name, address] = said
    assert leaks == {}


def test_the_room_its_files_and_its_gestures_do_not_exist_yet(
    client: Client, edition: Edition, readers: dict[str, User]
) -> None:
    for user in readers.values():
        sign_in(client, user)
        for name, more in (
            ("deliberation", []), ("deliberation_table", ["csv"]), ("deliberation_table", ["xlsx"]),
            ("deliberation_record", []), ("deliberation_close", []), ("deliberation_vote", []),
        ):  # fmt: skip
            address = reverse(f"datathon:{name}", args=[edition.slug, *more])
            assert client.get(address).status_code == 404


def test_the_order_of_every_list_is_that_of_the_presentations(
    client: Client, edition: Edition, readers: dict[str, User]
) -> None:
    for name, route in (("organiser", "jury_desk"), ("other juror", "jury_projects")):
        sign_in(client, readers[name])
        body = client.get(reverse(f"datathon:{route}", args=[edition.slug])).content.decode()
        assert 0 < body.index("Dernière") < body.index("Première")


def test_readings_are_refused_to_everybody(edition: Edition, readers: dict[str, User]) -> None:
    for user in readers.values():
        panel = Panel.objects.select_related("grid").get()
        for read in (
            lambda user=user, panel=panel: reading.ranking(panel, user),
            lambda user=user, panel=panel: reading.scores(panel, user, named=False),
            lambda user=user: reading.result(subject_of(teams_of(edition)[0]), user),
        ):
            with pytest.raises((Blind, Exception)) as error:
                read()
            assert type(error.value).__name__ in ("Blind", "NotAllowed")


def test_journal_mails_outbox_and_documents_say_nothing(edition: Edition) -> None:
    assert told(json.dumps([one.data for one in Event.objects.all()])) == []
    assert told(" ".join(f"{one.subject} {one.text}" for one in Mail.objects.all())) == []
    assert told(json.dumps([one.payload for one in Message.objects.all()])) == []
    assert not Document.objects.exists()


def test_the_witness_once_open_the_same_search_finds_it(
    client: Client, edition: Edition, readers: dict[str, User]
) -> None:
    deliberations.open_deliberation(edition, by=readers["organiser"])
    for name in ("organiser", "chair", "other juror", "lead", "auditor"):
        sign_in(client, readers[name])
        page = client.get(reverse("datathon:deliberation", args=[edition.slug])).content.decode()
        assert {"3,70", "2,30", "3,00", "1,40"} <= set(told(page)), name
    sign_in(client, readers["administrator"])
    assert client.get(reverse("datathon:deliberation", args=[edition.slug])).status_code == 404


def test_the_witness_a_panel_that_is_not_blind_to_the_end_would_tell(edition: Edition) -> None:
    Panel.objects.update(is_blind_to_the_end=False)
    chair = people(edition)[0]
    assert reading.result(subject_of(teams_of(edition)[1]), chair).shown == "3,00 sur 5"


def test_reopening_the_scoring_shuts_everything_again(
    client: Client, edition: Edition, readers: dict[str, User]
) -> None:
    deliberations.open_deliberation(edition, by=readers["organiser"])
    deliberations.reopen_scoring(edition, by=readers["lead"], reason="Un bulletin oublié.")
    sign_in(client, readers["organiser"])
    assert client.get(reverse("datathon:deliberation", args=[edition.slug])).status_code == 404
    assert told(json.dumps([one.data for one in Event.objects.all()])) == []


def test_a_recused_juror_reads_nothing_of_that_team_even_in_the_deliberation(client: Client, edition: Edition) -> None:
    third = people(edition)[2]
    recuse(teams_of(edition)[1], third)
    deliberations.open_deliberation(edition, by=make_organiser(edition))
    sign_in(client, third)
    page = client.get(reverse("datathon:deliberation", args=[edition.slug])).content.decode()
    assert told(page) == []
    assert "Vous vous êtes déporté" in page
    table = client.get(reverse("datathon:deliberation_table", args=[edition.slug, "csv"]))
    body = b"".join(table.streaming_content).decode()  # type: ignore[attr-defined]
    assert "Première" not in body
    assert "Dernière" in body
    assert Team.objects.count() == 2
