"""The roadmap through the API: the voted titles, what pilots wrote, pages of news; queries that do not grow."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from roadmap import catalogue, services
from roadmap.models import Action, Call, Chantier
from tests.factories.calls import make_call
from tests.factories.roadmap import make_pilot

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("roadmap")]


def test_the_tree_is_the_voted_one_word_for_word(get: Any) -> None:
    said, voted = get("roadmap"), catalogue.read()
    axes, chantiers = said["axes"], [one for axis in said["axes"] for one in axis["chantiers"]]
    assert [one["title"] for one in axes] == [one.title for one in voted if one.nature == "axe"]
    assert [one["title"] for one in chantiers] == [one.title for one in voted if one.nature == "chantier"]
    assert [slug for one in chantiers for slug in one["actions"]] == [
        one.slug for one in voted if one.nature == "action"
    ]
    assert (len(axes), len(chantiers), sum(len(one["actions"]) for one in chantiers)) == (2, 6, 21)


def test_the_actions_are_the_voted_ones_and_can_be_filtered(get: Any) -> None:
    voted = [one for one in catalogue.read() if one.nature == "action"]
    every = get("roadmap/actions")["data"]
    assert [(one["id"], one["title"]) for one in every] == [(one.slug, one.title) for one in voted]
    first, second = (get("roadmap/actions", axis=axis)["data"] for axis in ("1", "2"))
    assert [*first, *second] == every
    assert get("roadmap/actions", state="planned")["data"] == every
    assert get("roadmap/actions", state="done")["data"] == []
    assert get("roadmap/actions", 400, state="fini")["parameter"] == "state"


def test_an_action_says_what_its_pilot_wrote_and_what_is_computed(get: Any) -> None:
    pilot, action = make_pilot(), Action.objects.get(slug="foncier")
    services.add_milestone(action, title="A", due_on=date(2026, 2, 2), weight=2, done_on=date(2026, 2, 1), by=pilot)
    services.add_milestone(action, title="B", due_on=date(2028, 12, 1), weight=1, by=pilot)
    services.link_deliberation(action, number="CP D 1", title="Suite", adopted_on=date(2026, 6, 15), by=pilot)
    services.link_call(action, title="Appel à projets", by=pilot)
    said = get("roadmap/actions/foncier")
    assert (said["progress"], said["milestones"], said["milestones_done"]) == (67, 2, 1)
    assert [(one["title"], one["done_on"], one["is_late"]) for one in said["steps"]] == [
        ("A", "2026-02-01", False),
        ("B", None, False),
    ]
    assert said["calls"] == [{"title": "Appel à projets", "url": None}]
    assert [one["number"] for one in said["deliberations"]] == ["CP D 1"]
    assert pilot.name not in str(said)
    assert pilot.email not in str(said)


def test_an_action_says_the_public_calls_of_its_chantier(get: Any) -> None:
    action = Action.objects.get(slug="foncier")
    dates = {"opens_on": date(2026, 11, 2), "closes_on": date(2026, 12, 18)}
    make_call("open", chantier=action.chantier, title="Vélos", slug="velos", **dates)
    make_call("cancelled", chantier=action.chantier, title="Sols", slug="sols", state_reason="Reporté.", **dates)
    for state in ("draft", "dropped"):
        make_call(state, chantier=action.chantier)
    make_call("open", chantier=Chantier.objects.exclude(pk=action.chantier_id).order_by("pk")[0])
    Call.objects.filter(slug="sols").update(opens_on=None, closes_on=None)
    assert get("roadmap/actions/foncier")["chantier_calls"] == [
        {
            "title": title,
            "url": f"http://localhost:8000/appels/{slug}/",
            "state": state,
            "state_label": label,
            "opens_on": opens_on,
            "closes_on": closes_on,
        }
        for title, slug, state, label, opens_on, closes_on in (
            ("Vélos", "velos", "open", "Ouvert", "2026-11-02", "2026-12-18"),
            ("Sols", "sols", "cancelled", "Annulé", None, None),
        )
    ]


def test_news_are_read_page_by_page_without_a_gap_even_while_others_come(get: Any, client: Any) -> None:
    pilot, action = make_pilot(), Action.objects.get(slug="foncier")
    start = date(2026, 3, 28)  # the places of pages cross the end of a month
    for number in range(7):  # two of them the same day
        services.tell(action, text=f"N{number}", on=start + timedelta(days=number // 2), by=pilot)
    page = get("roadmap/actions/foncier/news", limit="3")
    assert [one["text"] for one in page["data"]] == ["N6", "N5", "N4"]
    services.tell(action, text="N7", on=start + timedelta(days=9), by=pilot)
    texts: list[str] = []
    while page["next"]:
        page = client.get(page["next"].removeprefix("http://localhost:8000")).json()
        texts += [one["text"] for one in page["data"]]
    assert texts == ["N3", "N2", "N1", "N0"]
    assert pilot.name not in str(page)


def test_a_place_that_is_no_day_is_refused(get: Any) -> None:
    for after in ("2026-02-30.1", "2026-13-01.1", "demain"):
        assert get("roadmap/actions/foncier/news", 400, after=after)["parameter"] == "after"


def filled(count: int) -> None:
    """Give each action milestones, one of them news and acts."""
    pilot = make_pilot()
    for action in Action.objects.all():
        for number in range(count if action.slug == "foncier" else 1):
            services.add_milestone(action, title=f"J{number}", due_on=date(2027, 1, 1), weight=1, by=pilot)
    action = Action.objects.get(slug="foncier")
    for number in range(count):
        services.tell(action, text=f"N{number}", on=date(2026, 3, 1), by=pilot)
        services.link_deliberation(
            action, number=f"CP {count}-{number}", title="X", adopted_on=date(2026, 6, 15), by=pilot
        )
        services.link_call(action, title=f"A {count}-{number}", by=pilot)
        make_call("open", chantier=action.chantier)


@pytest.mark.parametrize(
    ("path", "most"),
    [("roadmap", 5), ("roadmap/actions", 4), ("roadmap/actions/foncier", 7), ("roadmap/actions/foncier/news", 5)],
)
def test_queries_do_not_grow_with_the_rows(get: Any, path: str, most: int) -> None:
    counts = []
    for count in (1, 29):
        filled(count)
        get(path)
        with CaptureQueriesContext(connection) as captured:
            get(path)
        counts.append(len(captured))
    assert counts[0] == counts[1] <= most
