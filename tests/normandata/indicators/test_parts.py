"""The columns of an export: how each cell is written, and rows that come as a query finds them."""

from datetime import UTC, date, datetime

import pytest

from normandata.accounts.models import User
from normandata.indicators import parts
from normandata.indicators.definitions import Column, Unit
from normandata.indicators.parts import Part
from tests.factories.accounts import UserFactory


def test_cells_are_written_in_french_and_nothing_stays_nothing() -> None:
    assert [parts.yes(one) for one in (True, False, None)] == ["Oui", "Non", None]
    assert [parts.day(one) for one in (datetime(2026, 12, 31, 23, 30, tzinfo=UTC), None)] == [date(2027, 1, 1), None]
    named = parts.label({"a": "Alpha"})
    assert [named(one) for one in ("a", "b", None)] == ["Alpha", "b", None]


@pytest.mark.django_db
def test_rows_follow_the_query_column_by_column() -> None:
    UserFactory(name="Alix", email="alix@exemple.invalid")
    UserFactory(name="Zoé", email="zoe@exemple.invalid")
    listed = (Part("Nom", "name", str.upper), Part("Rang", "is_active", int, Unit.COUNT), Part("Courriel", "email"))
    assert parts.columns(listed) == (Column("Nom"), Column("Rang", Unit.COUNT), Column("Courriel"))
    assert list(parts.rows(User.objects.order_by("-name"), listed)) == [
        ["ZOÉ", 1, "zoe@exemple.invalid"],
        ["ALIX", 1, "alix@exemple.invalid"],
    ]
