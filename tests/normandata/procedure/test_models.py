"""The journal is written once: no row of it is changed or erased, by any way that Django offers."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError, connection, transaction

from normandata.accounts.models import User
from normandata.procedure.models import Event, Immutable, kind_of
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def thing() -> User:
    user: User = UserFactory()
    return user


@pytest.mark.parametrize(
    "gesture",
    [
        lambda event: event.save(),
        lambda event: event.delete(),
        lambda event: Event.objects.filter(pk=event.pk).update(reason="Autre"),
        lambda event: Event.objects.all().delete(),
    ],
)
def test_the_journal_is_immutable(thing: User, gesture: Callable[[Event], object]) -> None:
    event = Event.objects.create(thing_kind=kind_of(thing), thing_key=str(thing.pk), name="note", reason="Vrai")
    event.reason = "Faux"
    with pytest.raises(Immutable):
        gesture(event)
    assert Event.objects.get().reason == "Vrai"


@pytest.mark.parametrize(("source", "target"), [("open", ""), ("", "open")])
def test_a_change_of_state_says_both_ends(thing: User, source: str, target: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Event.objects.create(thing_kind="x", thing_key="1", name="note", source=source, target=target)


def test_events_are_about_one_thing_the_newest_first(thing: User) -> None:
    other = UserFactory()
    for name, about in (("one", thing), ("other", other), ("two", thing)):
        Event.objects.create(thing_kind=kind_of(about), thing_key=str(about.pk), name=name)
    Event.objects.create(thing_kind="another.kind", thing_key=str(thing.pk), name="same-key")
    assert [event.name for event in Event.objects.about(thing)] == ["two", "one"]
    assert [event.name for event in Event.objects.named("one", "other").order_by("pk")] == ["one", "other"]


@pytest.mark.parametrize("sql", ["UPDATE procedure_event SET reason = 'Faux'", "DELETE FROM procedure_event"])
def test_the_database_itself_refuses_to_rewrite_the_journal(thing: User, sql: str) -> None:
    Event.objects.create(thing_kind=kind_of(thing), thing_key=str(thing.pk), name="note", reason="Vrai")
    with pytest.raises(IntegrityError, match="procedure_event_append_only"), transaction.atomic():
        connection.cursor().execute(sql)
    assert Event.objects.get().reason == "Vrai"
