"""What the database refuses, with its sentence."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from roadmap.models import Action, CallLink, Deliberation, Milestone, News, SchemeLink
from tests.factories.accounts import UserFactory
from tests.factories.roadmap import ActionFactory, ChantierFactory, MilestoneFactory, make_action

pytestmark = pytest.mark.django_db
DAY = date(2026, 9, 30)


def refused(thing: Any) -> list[str]:
    """Return what the model says of a row, once the database has refused it too."""
    with pytest.raises(IntegrityError), transaction.atomic():
        thing.save()
    with pytest.raises(ValidationError) as caught:
        thing.validate_constraints()
    return list(caught.value.messages)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"state": "autre"}, "Cet état n’existe pas."),
        ({"ends_on": None}, "Indiquez le début et la fin, dans cet ordre, ou aucun des deux."),
        ({"ends_on": date(2026, 1, 31)}, "Indiquez le début et la fin, dans cet ordre, ou aucun des deux."),
        ({"ends_on": date(2029, 1, 1)}, "La feuille de route va du 1er janvier 2026 au 31 décembre 2028."),
        ({"starts_on": date(2025, 12, 31)}, "La feuille de route va du 1er janvier 2026 au 31 décembre 2028."),
        ({"state": "suspended"}, "Une action suspendue ou abandonnée a un motif."),
        ({"state": "abandoned"}, "Une action suspendue ou abandonnée a un motif."),
    ],
)
def test_an_action_holds_together(changes: dict[str, Any], said: str) -> None:
    action = ActionFactory.create()
    for name, value in changes.items():
        setattr(action, name, value)
    assert refused(action) == [said]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"title": ""}, "Un jalon a un intitulé."),
        ({"weight": 0}, "Le poids d’un jalon va de 1 à 100."),
        ({"weight": 101}, "Le poids d’un jalon va de 1 à 100."),
        ({"due_on": date(2029, 1, 1)}, "La feuille de route va du 1er janvier 2026 au 31 décembre 2028."),
        ({"done_on": date(2025, 12, 31)}, "Aucun jalon n’est tenu avant le 1er janvier 2026."),
    ],
)
def test_a_milestone_holds_together(changes: dict[str, Any], said: str) -> None:
    milestone = MilestoneFactory.create()
    for name, value in changes.items():
        setattr(milestone, name, value)
    assert refused(milestone) == [said]


def test_what_is_known_once() -> None:
    action = ActionFactory.create()
    assert refused(Action(chantier=action.chantier, letter="a", slug="autre", title="x")) == [
        "Cette lettre désigne déjà une action du chantier."
    ]
    again = ChantierFactory.build(axis=action.chantier.axis, number=action.chantier.number)
    assert refused(again) == ["Ce numéro de chantier existe déjà dans cette annexe."]
    SchemeLink.objects.create(action=action, scheme="diagnostic")
    assert refused(SchemeLink(action=action, scheme="diagnostic")) == ["Ce dispositif est déjà lié à cette action."]
    CallLink.objects.create(action=action, title="Appel")
    assert refused(CallLink(action=action, title="Appel")) == ["Cet appel est déjà lié à cette action."]
    assert refused(CallLink(action=action, title="")) == ["Un appel a un intitulé."]
    assert refused(News(action=action, on=DAY, text="", by=UserFactory.create())) == ["Une nouvelle dit quelque chose."]


def test_a_deliberation_is_about_an_action_or_a_chantier() -> None:
    action = ActionFactory.create()
    said = {"number": "CP D 1", "title": "Suite", "adopted_on": DAY}
    one = "Une délibération porte sur une action ou sur un chantier."
    assert refused(Deliberation(**said)) == [one]
    assert refused(Deliberation(**said, action=action, chantier=action.chantier)) == [one]
    Deliberation.objects.create(**said, action=action)
    Deliberation.objects.create(**said, chantier=action.chantier)
    assert refused(Deliberation(**said, action=action)) == ["Cette délibération est déjà liée à cette action."]
    assert refused(Deliberation(**said, chantier=action.chantier)) == [
        "Cette délibération est déjà liée à ce chantier."
    ]
    assert refused(Deliberation(action=action, number="", title="x", adopted_on=DAY)) == [
        "Une délibération a un numéro et un objet."
    ]
    elsewhere = ActionFactory.create()
    assert Deliberation.objects.about(action).count() == 2
    assert Deliberation.objects.about(elsewhere).count() == 0


@pytest.mark.parametrize(
    ("state", "count"), [("planned", 1), ("in_progress", 1), ("done", 0), ("suspended", 0), ("abandoned", 0)]
)
def test_only_an_action_that_goes_on_is_late(state: str, count: int) -> None:
    action = make_action(
        [(1, DAY, None), (1, date(2026, 10, 2), None), (1, date(2026, 8, 1), date(2026, 8, 2))],
        state=state,
        state_reason="Motif",
    )
    today = date(2026, 10, 1)
    assert [one.due_on for one in action.late(today)] == [DAY] * count
    assert list(Milestone.objects.late(today)) == action.late(today)
    assert action.progress == 33
