"""Progress from weighted milestones, worked out by hand."""

from datetime import date

import pytest

from roadmap import rules
from roadmap.rules import Step

DUE, HELD = date(2026, 9, 30), date(2026, 9, 1)


def steps(*weights: tuple[int, bool]) -> list[Step]:
    return [Step(weight, DUE, HELD if is_held else None) for weight, is_held in weights]


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        ([], None),
        ([(1, False)], 0),
        ([(1, True)], 100),
        ([(1, True), (1, False), (1, False)], 33),  # 33.33…
        ([(1, True), (1, True), (1, False)], 67),  # 66.66…
        ([(2, True), (2, False), (1, False)], 40),  # 2 of 5
        ([(1, True), (7, False)], 13),  # 12.5, half up
        ([(3, True), (7, False)], 30),
        ([(9, True), (11, False)], 45),
        ([(100, True), (100, True), (1, False)], 99),  # 99.50 rounds to 100: everything is not held
        ([(1, True), (100, False), (100, False), (100, False)], 1),  # 0.33 rounds to 0: something is held
        ([(5, True), (95, True)], 100),
    ],
)
def test_the_progress_is_the_share_of_the_weights_held(weights: list[tuple[int, bool]], expected: int | None) -> None:
    assert rules.progress(steps(*weights)) == expected


@pytest.mark.parametrize(
    ("step", "today", "expected"),
    [
        (Step(1, DUE), date(2026, 9, 29), False),
        (Step(1, DUE), date(2026, 9, 30), False),
        (Step(1, DUE), date(2026, 10, 1), True),
        (Step(1, DUE, date(2026, 10, 5)), date(2026, 10, 6), False),
    ],
)
def test_a_milestone_is_late_from_the_day_after_its_day(step: Step, today: date, expected: bool) -> None:
    assert rules.is_late(step, today) == expected


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (date(2026, 9, 30), None),
        (date(2026, 10, 1), 1),
        (date(2026, 10, 14), 1),
        (date(2026, 10, 15), 15),
        (date(2026, 10, 29), 15),
        (date(2026, 10, 30), 30),
        (date(2027, 10, 30), 30),
    ],
)
def test_alerts_climb_three_rungs(today: date, expected: int | None) -> None:
    assert rules.rung(DUE, today) == expected
