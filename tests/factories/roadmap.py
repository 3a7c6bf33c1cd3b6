"""Actions of the roadmap with their milestones, and those who pilot them."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import factory
from factory.django import DjangoModelFactory

from normandata.accounts.models import Role, User
from roadmap.models import Action, Axis, Chantier, Milestone
from roadmap.permissions import SCHEME
from tests.factories.accounts import make_user_with


class AxisFactory(DjangoModelFactory[Axis]):
    class Meta:
        model = Axis
        django_get_or_create = ("number",)

    number = 1
    title = "Développer les usages"


class ChantierFactory(DjangoModelFactory[Chantier]):
    class Meta:
        model = Chantier

    axis = factory.SubFactory(AxisFactory)
    number = factory.Sequence(lambda number: number + 1)
    title = "Investir dans les services publics"


class ActionFactory(DjangoModelFactory[Action]):
    """An action that goes on, from February 2026 to June 2027."""

    class Meta:
        model = Action

    chantier = factory.SubFactory(ChantierFactory)
    letter = "a"
    slug = factory.Sequence(lambda number: f"action-{number}")
    title = factory.Sequence(lambda number: f"#Partager la donnée {number}.")
    starts_on = date(2026, 2, 1)
    ends_on = date(2027, 6, 30)
    state = "in_progress"


class MilestoneFactory(DjangoModelFactory[Milestone]):
    class Meta:
        model = Milestone

    action = factory.SubFactory(ActionFactory)
    title = factory.Sequence(lambda number: f"Jalon {number}")
    due_on = date(2026, 9, 30)
    weight = 1


def make_action(steps: Sequence[tuple[int, date, date | None]] = (), **fields: Any) -> Action:
    """Make an action with milestones, each (weight, day due, day held)."""
    action: Action = ActionFactory.create(**fields)
    for weight, due_on, done_on in steps:
        MilestoneFactory.create(action=action, weight=weight, due_on=due_on, done_on=done_on)
    return Action.objects.whole().get(pk=action.pk)


def make_pilot(action: Action | None = None, **fields: Any) -> User:
    """Make the pilot of an action, or of all of them."""
    return make_user_with(Role.ACTION_PILOT, SCHEME, action.slug if action else "", **fields)
