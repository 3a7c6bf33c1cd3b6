"""What is typed is kept once, a text begun on an older version is refused, and the page is told the hour."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.test import RequestFactory

from normandata.accounts.models import User
from normandata.dossiers import questionnaires
from normandata.dossiers.questionnaires import Conflict
from tests.factories.accounts import UserFactory

NOW = datetime(2027, 6, 2, 9, tzinfo=UTC)


@dataclass
class Row:
    answers: dict[str, Any] = field(default_factory=dict)
    version: int = 1
    saved_at: Any = None
    saved_by: Any = None
    written: list[list[str]] = field(default_factory=list)

    def save(self, *, update_fields: list[str]) -> None:
        self.written.append(update_fields)


@pytest.fixture
def person() -> User:
    return UserFactory.build()


@time_machine.travel(NOW, tick=False)
def test_a_change_is_written_with_its_author_and_the_same_again_is_not(person: User) -> None:
    row = Row()
    questionnaires.keep(row, {"a": "1"}, version=1, by=person)
    questionnaires.keep(row, {"a": "1"}, version=1, by=person)
    assert (row.answers, row.version, row.saved_at, row.saved_by) == ({"a": "1"}, 2, NOW, person)
    assert row.written == [questionnaires.COLUMNS]
    assert (
        questionnaires.saved(row).content == b'{"version": 2, "saved": "Enregistr\\u00e9 \\u00e0 11\\u00a0h\\u00a000"}'
    )


def test_another_text_on_an_older_version_is_a_conflict(person: User) -> None:
    row = Row({"a": "1"}, version=3)
    with pytest.raises(Conflict) as refused:
        questionnaires.keep(row, {"a": "2"}, version=2, by=person)
    assert (refused.value.kept, row.written) == (row, [])


@pytest.mark.parametrize(("typed", "expected"), [("7", 7), ("", 0), ("-1", 0), ("abc", 0), ("9" * 9, 0)])
def test_a_version_that_cannot_be_read_is_none(typed: str, expected: int) -> None:
    assert questionnaires.version_of(RequestFactory().post("/", {"version": typed})) == expected
