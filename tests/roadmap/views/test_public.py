"""What everybody reads: every action, cacheable, without a cookie, in few queries whatever their number."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from roadmap import catalogue
from roadmap.models import Action, News
from tests.factories.accounts import UserFactory
from tests.factories.roadmap import ActionFactory, make_action
from tests.normandata.scoring.test_costs import cost
from tests.spreadsheets import get, plain, read_csv, shown

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]
DUE, HELD = date(2026, 9, 30), date(2026, 9, 28)
LISTS = ("roadmap:list", "roadmap:timeline", "roadmap:states")


@pytest.mark.parametrize("name", LISTS)
def test_a_list_shows_the_twenty_one_titles_word_for_word(client: Client, name: str) -> None:
    catalogue.load()
    page = get(client, reverse(name)).replace("&#x27;", "'")
    for action in Action.objects.all():
        assert page.count(f">{action.title}</a>") == 1, action.title


@pytest.mark.parametrize("name", LISTS)
def test_a_list_may_be_cached_and_sets_no_cookie(client: Client, name: str) -> None:
    catalogue.load()
    response = client.get(reverse(name), {"axe": "1", "etat": "autre", "q": "<script>"})
    assert (response.status_code, response.cookies) == (200, {})
    assert response["Cache-Control"] == "public, max-age=300"
    assert b"<script>" not in response.content


@pytest.mark.parametrize("name", LISTS)
def test_a_list_costs_the_same_queries_at_1_and_30_actions(client: Client, name: str) -> None:
    first = make_action([(1, DUE, None)])
    one = cost(lambda: client.get(reverse(name)))
    for rank in range(29):
        action = ActionFactory.create(chantier=first.chantier, letter=chr(ord("b") + rank))
        action.milestones.create(title="x", due_on=DUE, weight=1)
    thirty = cost(lambda: client.get(reverse(name)))
    assert (one[0], thirty[0]) == (3, 3)
    # each action brings its chantier, its axis and its milestone
    assert (one[1], thirty[1]) == (4, 120)


def test_before_anything_is_loaded_the_page_says_so(client: Client) -> None:
    assert "Les actions ne sont pas encore chargées." in get(client, reverse("roadmap:list"))


def test_a_filter_stays_in_the_address_of_the_other_views(client: Client) -> None:
    catalogue.load()
    page = get(client, f"{reverse('roadmap:list')}?axe=2&q=soin")
    assert "Aucune action ne répond à cette recherche." in page
    assert f'href="{reverse("roadmap:timeline")}?axe=2&amp;q=soin"' in page
    page = get(client, f"{reverse('roadmap:list')}?axe=2")
    assert "<strong>9 actions</strong> sur 21." in page


def test_the_table_of_the_timeline_says_what_the_drawing_does(client: Client) -> None:
    make_action([(2, DUE, HELD), (3, date(2026, 10, 31), None)], title="#Une.")
    (table,) = shown(get(client, reverse("roadmap:timeline")))
    titles = [one.title for one in Action.objects.get().milestones.all()]
    marks = f"{titles[0]}, 30 septembre 2026 (tenu){titles[1]}, 31 octobre 2026 (en retard)"
    assert table[1:] == [["#Une.", "Jalon en retard", "1er février 2026", "30 juin 2027", marks, "40 %"]]


def test_an_action_says_how_its_progress_is_computed(client: Client) -> None:
    action = make_action([(2, DUE, HELD), (3, date(2026, 10, 31), None)], climate="Report modal.", voted_text="Il.")
    page = get(client, reverse("roadmap:action", args=[action.slug]))
    (table,) = shown(page)
    titles = [one.title for one in action.milestones.all()]
    assert table[1:] == [
        [titles[0], "30 septembre 2026", "2 sur 5", "Tenu le 28 septembre 2026"],
        [titles[1], "31 octobre 2026", "3 sur 5", "En retard de 23 jours"],
    ]
    assert "<strong>40 %</strong>" in page
    assert "<p>Report modal.</p>" in page
    assert "<p>Il.</p>" in page


def test_an_action_that_stopped_says_why(client: Client) -> None:
    action = make_action(state="suspended", state_reason="Marché infructueux.", state_since="2026-10-05T08:00:00Z")
    page = get(client, reverse("roadmap:action", args=[action.slug]))
    assert "<strong>Suspendue depuis le 5 octobre 2026.</strong> Marché infructueux." in page


def test_an_unknown_action_does_not_exist(client: Client) -> None:
    assert client.get(reverse("roadmap:action", args=["aucune"])).status_code == 404


def test_the_public_journal_names_nobody_and_is_paged(client: Client) -> None:
    action = make_action()
    author = UserFactory.create(name="Camille Secret")
    News.objects.create(action=action, on=DUE, text="Premier pas.", by=author)
    address = reverse("roadmap:action", args=[action.slug])
    one = cost(lambda: client.get(address))
    News.objects.bulk_create(
        News(action=action, on=date(2026, 10, 1), text=f"Pas {rank}.", by=author) for rank in range(29)
    )
    thirty = cost(lambda: client.get(address))
    assert (one[0], thirty[0]) == (8, 8)
    assert thirty[1] - one[1] == 19  # twenty a page
    page = get(client, f"{address}?page=2")
    assert ("Premier pas." in page, "Camille" in page, "Page 2 sur 2" in page) == (True, False, True)


def test_the_exports_say_what_the_pages_say(client: Client) -> None:
    catalogue.load()
    rows = read_csv(client, reverse("roadmap:table", args=["actions", "csv"]))
    assert len(rows) == 22
    assert [row[0] for row in rows[1:]] == list(Action.objects.values_list("title", flat=True))
    assert len(read_csv(client, reverse("roadmap:table", args=["jalons", "csv"]))) == 1
    answer: Any = client.get(reverse("roadmap:table", args=["actions", "xlsx"]))
    assert b"".join(answer.streaming_content)[:2] == b"PK"
    assert answer["Content-Disposition"] == 'attachment; filename="feuille-de-route-actions-2026-11-23.xlsx"'
    for table, format in (("autres", "csv"), ("actions", "ods")):
        assert client.get(reverse("roadmap:table", args=[table, format])).status_code == 404


def test_a_hostile_text_is_inert_in_a_file_and_escaped_on_a_page(client: Client) -> None:
    action = make_action(pilot_direction="=1+1", objectives="<script>alert(1)</script>")
    row = read_csv(client, reverse("roadmap:table", args=["actions", "csv"]))[1]
    assert row[5] == "'=1+1"
    assert "&lt;script&gt;alert(1)" in plain(client.get(reverse("roadmap:action", args=[action.slug])).content.decode())
