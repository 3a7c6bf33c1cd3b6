"""Places in order: exact scores, ties settled step by step, and the reason of each place in French.

Imports neither Django nor the database; `ranking` gives it what a panel found, a scheme what it read of a jury.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Protocol, TypeVar

from normandata.regulation.formats import number, spaced

from . import arithmetic

EXHAUSTED = "Ex æquo : rien ne départage, la règle est épuisée."


class Scored(Protocol):
    """What has a place: a key and an exact score."""

    @property
    def key(self) -> str: ...

    @property
    def score(self) -> Fraction | None: ...


T = TypeVar("T", bound=Scored)


@dataclass(frozen=True, slots=True)
class Tie:
    """One step of a tie rule: a value by key of the thing, the larger first unless said otherwise.

    `words` writes a value in French; a thing without a value comes after those that have one.
    """

    label: str
    values: Mapping[str, Any]
    largest_first: bool = True
    words: Mapping[Any, str] | None = None

    def of(self, key: str) -> Any:
        return self.values.get(key)

    def written(self, key: str) -> str:
        value = self.of(key)
        if value is None:
            return "non renseigné"
        if isinstance(value, Fraction):
            return arithmetic.shown(value)
        return (self.words or {}).get(value) or (number(value) if isinstance(value, int) else str(value))


def places(
    ones: Sequence[T], steps: Sequence[Tie], *, best: Fraction, exhausted: str = EXHAUSTED
) -> list[tuple[T, int, str]]:
    """Return what is ranked in order, each with its place and why; those that nothing tells apart share a place.

    `best` is the highest score, `exhausted` what is said when the steps are over.
    """
    order = _sorted(ones, steps)
    ranks: list[int] = []
    for index, one in enumerate(order):
        is_shared = index > 0 and _are_equal(order[index - 1], one, steps)
        ranks.append(ranks[-1] if is_shared else index + 1)
    whole = arithmetic.shown(best).removesuffix(",00")
    whys = [_reason(order, ranks, index, steps, whole, exhausted) for index in range(len(order))]
    return [(one, rank, spaced(why)) for one, rank, why in zip(order, ranks, whys, strict=True)]


def _sorted(ones: Sequence[T], steps: Sequence[Tie]) -> list[T]:
    """Sort by the least deciding step first: each sort keeps the order of the one before."""
    order = list(ones)
    for step in reversed(steps):
        if step.largest_first:
            order.sort(key=lambda one: (step.of(one.key) is not None, step.of(one.key)), reverse=True)
        else:
            order.sort(key=lambda one: (step.of(one.key) is None, step.of(one.key)))
    return sorted(order, key=lambda one: one.score or 0, reverse=True)


def _are_equal(one: Scored, other: Scored, steps: Sequence[Tie]) -> bool:
    return one.score == other.score and _deciding(one, other, steps) is None


def _deciding(one: Scored, other: Scored, steps: Sequence[Tie]) -> Tie | None:
    """Return the first step that tells two things of the same score apart."""
    return next((step for step in steps if step.of(one.key) != step.of(other.key)), None)


def _reason(
    order: Sequence[Scored], ranks: Sequence[int], index: int, steps: Sequence[Tie], whole: str, exhausted: str
) -> str:
    """Say why a place is this one: what set it apart from the nearest neighbour of the same shown score."""
    one = order[index]
    said = [f"Note de {arithmetic.shown(one.score)} sur {whole}."]
    if _has_twin(order, index, steps):
        return f"{said[0]} {exhausted}"
    neighbours = [(index - 1, "derrière")] if index else []
    neighbours += [(index + 1, "devant")] if index + 1 < len(order) else []
    for near, side in neighbours:
        other = order[near]
        if arithmetic.shown(other.score) != arithmetic.shown(one.score):
            continue
        if other.score != one.score:
            said.append(f"Même note affichée que le rang {ranks[near]}, {side} : la note exacte les sépare.")
        elif step := _deciding(one, other, steps):
            mine, theirs = step.written(one.key), step.written(other.key)
            said.append(f"Même note que le rang {ranks[near]}, {side} : « {step.label} », {mine} contre {theirs}.")
    return " ".join(said)


def _has_twin(order: Sequence[Scored], index: int, steps: Sequence[Tie]) -> bool:
    near = [order[at] for at in (index - 1, index + 1) if 0 <= at < len(order)]
    return any(_are_equal(order[index], other, steps) for other in near)
