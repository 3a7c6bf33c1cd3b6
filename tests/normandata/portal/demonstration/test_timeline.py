"""The order of the gestures of several stories."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import cast

import pytest
import time_machine

from normandata.portal.demonstration import clock, script, timeline
from normandata.portal.demonstration.tale import Tale

FRIDAY = datetime(2026, 11, 20, tzinfo=UTC).date()


class Untold:
    """All that the order of gestures asks of a tale."""

    def __init__(self, slug: str, *days: int) -> None:
        first = script.read().stories[0]
        self.story = replace(
            first, slug=slug, steps=tuple({"do": str(rank), "days": one} for rank, one in enumerate(days))
        )


def told(*tales: Untold) -> list[tuple[str, str]]:
    given = timeline.beats(cast("list[Tale]", list(tales)))
    return [(beat.tale.story.slug, beat.step["do"]) for beat in given]


@time_machine.travel("2026-11-25T16:00:00+00:00", tick=False)
def test_the_gestures_of_all_stories_follow_each_other_day_after_day() -> None:
    first, second = Untold("first", 9, 7, 7, 1), Untold("second", 8, 7, 1)
    assert told(first, second) == [
        ("first", "0"),
        ("second", "0"),
        ("first", "1"),
        ("second", "1"),
        ("first", "2"),
        ("second", "2"),
        ("first", "3"),
    ]


@time_machine.travel("2026-11-23T16:00:00+00:00", tick=False)
def test_those_of_a_weekend_come_after_those_of_its_friday() -> None:
    # Sunday, Saturday, Friday
    tales = cast("list[Tale]", [Untold("sunday", 1), Untold("saturday", 2), Untold("friday", 3)])
    beats = list(timeline.beats(tales))
    assert [beat.tale.story.slug for beat in beats] == ["friday", "saturday", "sunday"]
    assert [beat.at - beats[0].at for beat in beats] == [timedelta(), clock.EVERY, 2 * clock.EVERY]
    assert {beat.at.date() for beat in beats} == {FRIDAY}


@time_machine.travel("2026-11-25T00:10:00+00:00", tick=False)
@pytest.mark.parametrize("days", [0, 1, 40])
def test_a_long_day_ends_in_the_evening_and_is_never_to_come(days: int) -> None:
    tales = cast("list[Tale]", [Untold(f"tale {number}", *[days] * 20) for number in range(4)])
    at = [beat.at for beat in timeline.beats(tales)]
    assert len(set(at)) == 80
    assert at == sorted(at)
    assert at[-1] < datetime.now(UTC)
    if days:
        assert at[-1] - at[0] < clock.OPEN_FOR


def test_every_gesture_of_every_story_is_known_once() -> None:
    told = script.read()
    asked = {step["do"] for story in told.stories for step in story.steps}
    asked |= {step["do"] for step in told.session["sitting"]["steps"]}
    assert asked - set(timeline.GESTURES) == set()
    assert set(timeline.GESTURES) - asked == set()
    assert len(timeline.GESTURES) == sum(len(one) for one in timeline.ROOMS)


def test_no_two_stories_are_of_one_person_for_one_establishment() -> None:
    told = script.read()
    for scheme, count in (("diagnostic", 60), ("booster_ia", 43)):
        stories = told.of_scheme(scheme)
        assert len({(one.siret, one.by) for one in stories}) == len(stories) == count
    assert len({one.slug for one in told.stories}) == len(told.stories) == 103


def test_the_days_of_a_story_only_go_forward() -> None:
    for story in script.read().stories:
        days = [int(step["days"]) for step in story.steps]
        assert days == sorted(days, reverse=True), story.slug
        # two half-days noted on one day would be refused, and a weekend falls on one Friday
        noted = [int(step["days"]) for step in story.steps if step["do"] == "session"]
        assert all(before - after >= 3 for before, after in pairwise(noted)), story.slug
