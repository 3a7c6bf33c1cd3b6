"""The demonstration's news: each state once, told once."""

from datetime import UTC, datetime

import pytest
import time_machine

from normandata.accounts.models import User
from normandata.bulletin import subjects
from normandata.bulletin.models import News
from normandata.portal.demonstration import news, people, script
from roadmap import catalogue

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 25, 16, tzinfo=UTC)


@pytest.fixture
def persons(monkeypatch: pytest.MonkeyPatch) -> dict[str, User]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    return people.settle([script.read().account(news.WRITER)])


@time_machine.travel(NOW, tick=False)
def test_the_news_are_in_every_state_and_told_once(persons: dict[str, User]) -> None:
    assert news.settle(persons) == 7
    assert [one.title for one in News.objects.current(NOW).newest_first()] == [
        "Datathon : les inscriptions sont ouvertes",
        "Dix premiers diagnostics restitués",
        "Booster IA : la deuxième vague de 2026 est close",
        "Foncier : le référentiel commun prend forme",
    ]
    over = set(News.objects.public(NOW)) - set(News.objects.current(NOW))
    assert [one.title for one in over] == ["Rencontre en ligne : monter son dossier Booster IA"]
    assert [one.title for one in News.objects.all() if one.is_waiting(NOW)] == ["Les résultats de la deuxième vague"]
    assert [one.title for one in News.objects.filter(state="draft")] == ["Un guide pour préparer ses données"]
    assert [one.title for one in News.objects.exclude(corrected_at=None)] == ["Dix premiers diagnostics restitués"]
    assert news.settle(persons) == 0


def test_each_is_marked_as_fictitious_and_about_something_that_exists() -> None:
    catalogue.load()
    known = {"", *subjects.by_key()}
    assert [one["title"] for one in news.read() if one["subject"] not in known] == []
    assert [one["title"] for one in news.read() if not one["summary"].startswith("Exemple fictif.")] == []
