"""The organisers' pages of what follows an edition: nothing typed is lost, and others find nothing."""

from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from datathon import phases
from datathon.models import Edition
from normandata.accounts.models import Role
from tests.factories.accounts import make_user_with, sign_in
from tests.factories.datathon import make_edition, make_organiser, make_team

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quiet")]
SAID = {"kind": "reuse", "actor": "Métropole d’essai", "is_regional": "on", "on": "24/11/2027", "text": "Une carte."}
READ = {"source": "Page", "measure": "visites", "count": "1 200", "measured_on": "24/11/2027"}


@pytest.fixture
def edition() -> Edition:
    return make_edition(phases.PUBLISHED)


@pytest.fixture
def client(edition: Edition) -> Any:
    with time_machine.travel("2027-12-01T09:00:00+01:00"):
        browser = Client()
        sign_in(browser, make_organiser(edition))
        yield browser


def at(name: str, *args: Any) -> str:
    return reverse(f"datathon:{name}", args=args)


def test_a_follow_up_is_noted_shown_and_taken_off(client: Client, edition: Edition) -> None:
    team = make_team(edition, project="Carte des haies")
    answer = client.post(at("note_follow_up", edition.slug, team.pk), SAID, follow=True)
    assert answer.redirect_chain == [(at("follow_ups", edition.slug), 302)]
    assert "Métropole d’essai, le 24\u00a0novembre\u00a02027" in answer.content.decode()
    row = team.follow_ups.get()
    answer = client.post(at("remove_follow_up", edition.slug, row.pk), {"reason": "Doublon"}, follow=True)
    assert "Rien de noté." in answer.content.decode()


def test_a_refusal_keeps_what_was_typed(client: Client, edition: Edition) -> None:
    team = make_team(edition)
    answer = client.post(at("note_follow_up", edition.slug, team.pk), SAID | {"on": "2 décembre 2027"})
    page = answer.content.decode()
    assert (answer.status_code, team.follow_ups.count()) == (422, 0)
    assert "Cette date est à venir." in page
    assert 'value="Métropole d’essai"' in page
    for count in ("beaucoup", "-3", "1,5", "9 999 999 999"):
        answer = client.post(at("audience", edition.slug), READ | {"count": count})
        assert (answer.status_code, edition.audiences.count()) == (422, 0), count


def test_an_audience_is_typed_once(client: Client, edition: Edition) -> None:
    assert client.post(at("audience", edition.slug), READ).status_code == 302
    again = client.post(at("audience", edition.slug), READ)
    assert again.status_code == 422
    assert "Ce relevé existe déjà" in again.content.decode()
    assert [one.count for one in edition.audiences.all()] == [1200]


def test_another_edition_is_not_found(client: Client) -> None:
    other = make_edition(phases.PUBLISHED)
    team = make_team(other)
    for address in (
        at("follow_ups", other.slug),
        at("note_follow_up", other.slug, team.pk),
        at("audience", other.slug),
    ):
        assert client.get(address).status_code == 404


def test_the_figures_have_their_page_and_files(edition: Edition) -> None:
    browser = Client()
    sign_in(browser, make_user_with(Role.AGENT, "datathon"))
    assert "Indicateurs du Datathon" in browser.get(at("indicators")).content.decode()
    for name, arguments in (("indicator_file", ["audience", "csv"]), ("export", ["xlsx"])):
        answer = browser.get(at(name, *arguments))
        assert answer.status_code == 200
        assert b"".join(answer.streaming_content)
