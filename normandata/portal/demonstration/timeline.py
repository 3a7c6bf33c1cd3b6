"""The order of all the gestures, whatever story they are of: money, places and numbers depend on who comes first."""

from collections import ChainMap, Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from . import booster, clock, conduct, grants, session, tale
from .script import Story
from .tale import Step

ROOMS: tuple[dict[str, Callable[[Any, Step], object]], ...] = (
    tale.GESTURES,
    conduct.GESTURES,
    booster.GESTURES,
    grants.GESTURES,
    session.GESTURES,
)
GESTURES: Mapping[str, Callable[[Any, Step], object]] = ChainMap(*ROOMS)


class Told(Protocol):
    """Whatever has a story: a dossier, or a whole session."""

    story: Story


@dataclass(frozen=True, slots=True)
class Beat:
    """One gesture of one story, and its instant."""

    at: datetime
    tale: Told
    step: Step


def tell(tales: Sequence[Told]) -> None:
    """Make every gesture of every story, each on its day; what a gesture refuses is raised."""
    for beat in beats(tales):
        with clock.travel(beat.at):
            GESTURES[beat.step["do"]](beat.tale, beat.step)


def beats(tales: Sequence[Told]) -> Iterator[Beat]:
    """Give the gestures one after the other: those of a day by their rank in their story, then by story.

    The days of a weekend are those of the Friday before it, their gestures after its own.
    """
    ordered: list[tuple[int, int, int]] = []
    for place, one in enumerate(tales):
        for rank, step in enumerate(one.story.steps):
            ordered.append((-int(step["days"]), rank, place))
    ordered.sort()
    among = Counter(clock.working_day(-days) for days, _, _ in ordered)
    met: Counter[object] = Counter()
    for days, rank, place in ordered:
        day = clock.working_day(-days)
        at = clock.ago(-days, met[day], among[day])
        met[day] += 1
        yield Beat(at, tales[place], tales[place].story.steps[rank])
