"""The pilot's gestures: what each writes, what it refuses, and that nobody overwrites anybody."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError

from normandata.accounts.models import Role
from normandata.procedure.errors import NotAllowed, NotNow, ReasonMissing, Unmet
from normandata.procedure.models import Event
from normandata.procedure.services import available
from roadmap import services
from roadmap.models import Action, Deliberation, Milestone, News, SchemeLink
from tests.factories.accounts import UserFactory, make_user_with
from tests.factories.roadmap import ActionFactory, make_action, make_pilot

pytestmark = pytest.mark.django_db
SHEET: dict[str, Any] = {
    "pilot_direction": "Direction des mobilités",
    "partners": "Exploitants",
    "objectives": "Ouvrir la base.",
    "starts_on": date(2026, 3, 1),
    "ends_on": date(2028, 12, 31),
    "risks": "",
    "climate": "Report modal mesuré.",
}
DUE, HELD = date(2026, 9, 30), date(2026, 9, 28)


@pytest.fixture(autouse=True)
def _today() -> Any:
    with time_machine.travel("2026-11-23T09:00:00+01:00", tick=False):
        yield


def fresh(action: Action) -> Action:
    return Action.objects.whole().get(pk=action.pk)


def test_describing_writes_the_sheet_and_keeps_what_it_said_before() -> None:
    action = make_action(pilot_direction="Avant")
    services.describe(action, SHEET, by=make_pilot(action), seen=1)
    again = fresh(action)
    assert {name: getattr(again, name) for name in SHEET} == SHEET
    assert (again.revision, again.updated_at is not None) == (2, True)
    event = Event.objects.about(action).get()
    assert event.name == "describe"
    assert event.data["before"]["pilot_direction"] == "Avant"
    assert event.data["before"]["starts_on"] == "2026-02-01"


def test_two_pages_never_overwrite_each_other() -> None:
    action = make_action()
    pilot = make_pilot(action)
    services.describe(action, SHEET, by=pilot, seen=1)
    other = Action.objects.get(pk=action.pk)
    with pytest.raises(services.Changed) as caught:
        services.describe(other, SHEET | {"partners": "Autres"}, by=pilot, seen=1)
    assert caught.value.messages == (
        "Cette action a changé entre-temps\u00a0: relisez ce qui est enregistré, puis envoyez à nouveau.",
    )
    assert fresh(action).partners == "Exploitants"


def gestures(action: Action) -> dict[str, Callable[..., object]]:
    """Return every gesture but the state's, each on its own thing."""
    milestone = action.milestones.get()
    call = action.calls.create(title="Appel")
    act = action.deliberations.create(number="CP D 0", title="Avant", adopted_on=DUE)
    scheme = action.scheme_links.create(scheme="datathon")
    changed = {"title": "x", "due_on": DUE, "weight": 2, "done_on": None}
    return {
        "describe": lambda **who: services.describe(action, SHEET, **who),
        "add_milestone": lambda **who: services.add_milestone(action, title="x", due_on=DUE, weight=1, **who),
        "change_milestone": lambda **who: services.change_milestone(milestone, **changed, **who),
        "tell": lambda **who: services.tell(action, text="x", on=DUE, **who),
        "link_deliberation": lambda **who: services.link_deliberation(
            action, number="CP D 1", title="x", adopted_on=DUE, **who
        ),
        "link_call": lambda **who: services.link_call(action, title="x", **who),
        "link_scheme": lambda **who: services.link_scheme(action, scheme="diagnostic", **who),
        "unlink_deliberation": lambda **who: services.unlink_deliberation(act, action, reason="x", **who),
        "unlink_call": lambda **who: services.unlink_call(call, reason="x", **who),
        "unlink_scheme": lambda **who: services.unlink_scheme(scheme, reason="x", **who),
        "remove_milestone": lambda **who: services.remove_milestone(milestone, reason="x", **who),
    }


def test_every_gesture_asks_for_the_pilot_and_for_what_the_page_showed() -> None:
    action = make_action([(1, DUE, None)])
    others = [UserFactory.create(), make_user_with(Role.ADMINISTRATOR), make_pilot(ActionFactory.create())]
    for name, gesture in gestures(action).items():
        for person in others:
            with pytest.raises(NotAllowed):
                gesture(by=person)
        with pytest.raises(services.Changed):
            gesture(by=make_pilot(action), seen=99)
        assert (name, Event.objects.count(), fresh(action).revision) == (name, 0, 1)


def test_every_gesture_is_in_the_journal_and_grows_the_revision() -> None:
    action = make_action([(1, DUE, None)])
    pilot, done = make_pilot(), []
    for number, (name, gesture) in enumerate(gestures(action).items(), start=1):
        gesture(by=pilot, seen=number)
        done.append(name)
        assert [one.name for one in Event.objects.order_by("pk")] == done
    assert fresh(action).revision == 12


def test_a_milestone_held_moves_the_progress() -> None:
    action = make_action([(2, DUE, None)])
    pilot = make_pilot(action)
    services.add_milestone(action, title="Base ouverte", due_on=date(2027, 1, 31), weight=3, by=pilot)
    assert fresh(action).progress == 0
    first = Milestone.objects.get(weight=2)
    services.change_milestone(first, title=first.title, due_on=DUE, weight=2, done_on=HELD, by=pilot)
    assert fresh(action).progress == 40  # 2 of 5
    services.change_milestone(first, title=first.title, due_on=DUE, weight=7, done_on=HELD, by=pilot)
    assert fresh(action).progress == 70  # 7 of 10
    assert [one.name for one in Event.objects.order_by("pk")] == ["add_milestone", "hold_milestone", "change_milestone"]
    services.remove_milestone(Milestone.objects.get(weight=3), reason="Regroupé.", by=pilot)
    assert fresh(action).progress == 100
    last = Event.objects.latest("pk")
    assert (last.reason, last.data["title"], last.data["weight"]) == ("Regroupé.", "Base ouverte", 3)


def test_a_milestone_is_not_held_in_the_future() -> None:
    action = make_action()
    said: dict[str, Any] = {"title": "x", "due_on": DUE, "weight": 1, "by": make_pilot(action)}
    services.add_milestone(action, **said, done_on=date(2026, 11, 23))
    with pytest.raises(ValidationError) as caught:
        services.add_milestone(action, **said, done_on=date(2026, 11, 24))
    assert list(caught.value.message_dict) == ["done_on"]
    assert Milestone.objects.count() == 1


def test_what_is_gone_is_not_taken_away_twice() -> None:
    action = make_action([(1, DUE, None)])
    pilot, milestone = make_pilot(action), action.milestones.get()
    twin = Milestone.objects.get(pk=milestone.pk)
    services.remove_milestone(milestone, reason="x", by=pilot)
    with pytest.raises(NotNow):
        services.remove_milestone(twin, reason="x", by=pilot)
    assert Event.objects.count() == 1


def test_a_news_is_not_of_tomorrow() -> None:
    action = make_action()
    pilot = make_pilot(action)
    services.tell(action, text="Un pas de plus.", on=date(2026, 11, 23), by=pilot)
    with pytest.raises(ValidationError):
        services.tell(action, text="Bientôt.", on=date(2026, 11, 24), by=pilot)
    assert [one.text for one in News.objects.all()] == ["Un pas de plus."]


def test_a_deliberation_may_be_of_the_whole_chantier() -> None:
    action = make_action()
    sister = ActionFactory.create(chantier=action.chantier, letter="b")
    said: dict[str, Any] = {"title": "Suite", "adopted_on": DUE, "by": make_pilot(action)}
    services.link_deliberation(action, number="CP D 1", **said)
    services.link_deliberation(action, number="CP D 2", is_for_chantier=True, **said)
    assert [one.number for one in Deliberation.objects.about(sister)] == ["CP D 2"]
    with pytest.raises(ValidationError):
        services.link_deliberation(action, number="CP D 1", **said)


def test_a_scheme_is_linked_among_the_aids_once_and_the_journal_names_it() -> None:
    action = make_action()
    pilot = make_pilot(action)
    link = services.link_scheme(action, scheme="booster_ia", by=pilot)
    for scheme, said in (
        ("booster_ia", "Ce dispositif est déjà lié à cette action."),
        ("roadmap", "Ce dispositif n’existe pas\u00a0: choisissez-le dans la liste."),
        ("autre", "Ce dispositif n’existe pas\u00a0: choisissez-le dans la liste."),
    ):
        with pytest.raises(ValidationError) as caught:
            services.link_scheme(action, scheme=scheme, by=pilot)
        assert caught.value.messages == [said]
    services.unlink_scheme(link, reason="Erreur.", by=pilot)
    told = [(one.name, one.data["scheme"], one.data["title"], one.reason) for one in Event.objects.order_by("pk")]
    assert told == [
        ("link_scheme", "booster_ia", "Booster IA", ""),
        ("unlink_scheme", "booster_ia", "Booster IA", "Erreur."),
    ]
    with pytest.raises(NotNow):
        services.unlink_scheme(SchemeLink(pk=999, action=action, scheme="booster_ia"), reason="x", by=pilot)


def states(action: Action, by: Any) -> list[str]:
    return [one.name for one in available(fresh(action), by)]


def test_a_whole_life() -> None:
    action = make_action(state="planned", starts_on=None, ends_on=None)
    pilot = make_pilot(action)
    assert states(action, pilot) == ["start", "abandon"]
    with pytest.raises(Unmet) as caught:
        services.fire(action, "start", by=pilot)
    assert caught.value.messages == (
        "Indiquez le début et la fin de l’action dans sa fiche.",
        "Ajoutez au moins un jalon : l’avancement en est calculé.",
    )
    services.describe(action, SHEET, by=pilot)
    milestone = services.add_milestone(action, title="Base ouverte", due_on=DUE, weight=1, by=pilot)
    services.fire(action, "start", by=pilot)
    assert states(action, pilot) == ["complete", "suspend", "abandon"]
    with pytest.raises(Unmet) as caught:
        services.fire(action, "complete", by=pilot)
    assert caught.value.messages == (
        "1\u00a0jalon n’est pas tenu\u00a0: Base ouverte. Notez la date à laquelle il l’a été, ou retirez-le.",
    )
    with pytest.raises(ReasonMissing):
        services.fire(action, "suspend", by=pilot, reason="  ")
    services.fire(action, "suspend", by=pilot, reason="Marché infructueux.")
    assert (fresh(action).state, fresh(action).state_reason) == ("suspended", "Marché infructueux.")
    services.fire(action, "resume", by=pilot)
    assert (fresh(action).state, fresh(action).state_reason) == ("in_progress", "")
    services.change_milestone(milestone, title="Base ouverte", due_on=DUE, weight=1, done_on=HELD, by=pilot)
    services.fire(action, "complete", by=pilot)
    with pytest.raises(NotNow):
        services.add_milestone(action, title="Encore", due_on=DUE, weight=1, by=pilot)
    assert states(action, pilot) == ["reopen"]
    services.fire(action, "reopen", by=pilot, reason="Une suite est votée.")
    services.fire(action, "abandon", by=pilot, reason="Reprise ailleurs.")
    assert states(action, pilot) == ["relaunch"]
    services.fire(action, "relaunch", by=pilot, reason="Revient ici.")
    assert (fresh(action).state, fresh(action).revision) == ("planned", 11)


def test_nobody_but_the_pilot_moves_an_action() -> None:
    action = make_action([(1, DUE, None)])
    for person in (UserFactory.create(), make_user_with(Role.ADMINISTRATOR), make_pilot(ActionFactory.create())):
        assert states(action, person) == []
        with pytest.raises(NotAllowed):
            services.fire(action, "suspend", by=person, reason="x")
    with pytest.raises(Unmet):
        services.fire(action, "suspend", by=make_pilot(), reason="x", seen=7)
    assert fresh(action).state == "in_progress"
