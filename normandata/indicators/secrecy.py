"""What the public does not read of an indicator about people: the groups that are too small. Pure.

A group of one to `threshold` - 1 is hidden; where it would be the only one hidden, the next smallest is too, since the
total would give it away. Nobody is no secret: a zero is shown. A voted rate is told as soon as its whole is large
enough, whatever its part: it is the share that was voted; the table of its answers follows the rule of groups.
"""

from collections.abc import Sequence
from dataclasses import replace

from normandata.regulation.formats import NBSP

from .definitions import Cell, Figure, Unit

UNPUBLISHED = "non publié"
NAMED = "Le détail, qui nomme des entreprises, n’est pas publié."


def is_small(count: object, threshold: int) -> bool:
    return isinstance(count, int) and 0 < count < threshold


def hidden(figure: Figure, threshold: int) -> Figure:
    """Hide what is too small in a figure: all of it, or its table."""
    said = f"Un effectif de moins de {threshold} n’est pas publié."
    if is_small(_size(figure), threshold):
        return replace(
            figure,
            finding=f"Moins de {threshold} réponses ou personnes{NBSP}: chiffre non publié",
            value=None,
            numerator=None,
            denominator=None,
            rows=(),
            note=said,
            has_table=False,
            is_secret=True,
        )
    if figure.denominator is None or figure.base is None:
        sizes = [_first_count(figure, row) for row in figure.rows]
        return _told(replace(figure, rows=masked(figure.rows, sizes, threshold)), figure, said)
    if is_small(figure.base, threshold):
        return _told(replace(figure, rows=tuple(_masked(row) for row in figure.rows)), figure, said)
    return figure


def hidden_parts(figure: Figure, threshold: int) -> Figure:
    """Hide the parts of a split whose group is too small; of a rate, the group is its denominator."""
    at = 2 if figure.unit is Unit.PERCENT else 1
    sizes = [size if isinstance(size := row[at], int) else None for row in figure.rows]
    said = f"Un effectif de moins de {threshold} n’est pas publié."
    return _told(replace(figure, rows=masked(figure.rows, sizes, threshold)), figure, said)


def says_something(figure: Figure) -> bool:
    """Tell whether a part at least can be read."""
    return any(row[1] != UNPUBLISHED for row in figure.rows)


def masked(
    rows: Sequence[tuple[Cell, ...]], sizes: Sequence[int | None], threshold: int
) -> tuple[tuple[Cell, ...], ...]:
    """Hide the rows whose group is too small, and the smallest of the others: what is left of the whole tells none.

    Several small groups alone are told by subtraction, as two that add up to two. Without another group, all is hidden.
    """
    small = {at for at, size in enumerate(sizes) if is_small(size, threshold)}
    if small:
        others = [(size, at) for at, size in enumerate(sizes) if size and at not in small]
        small |= {min(others)[1]} if others else set(range(len(sizes)))
    return tuple(_masked(row) if at in small else row for at, row in enumerate(rows))


def named(figure: Figure) -> Figure:
    """Keep the whole of a figure whose table names somebody."""
    return replace(figure, rows=(), note=f"{figure.note} {NAMED}".strip(), has_table=False)


def _size(figure: Figure) -> int | None:
    if figure.denominator is not None:
        return figure.denominator
    return figure.value if isinstance(figure.value, int) else None


def _first_count(figure: Figure, row: tuple[Cell, ...]) -> int | None:
    found = [cell for column, cell in zip(figure.columns, row, strict=True) if column.unit is Unit.COUNT]
    return found[0] if found and isinstance(found[0], int) else None


def _masked(row: tuple[Cell, ...]) -> tuple[Cell, ...]:
    return (row[0], *(UNPUBLISHED for _ in row[1:]))


def _told(figure: Figure, before: Figure, said: str) -> Figure:
    if figure.rows == before.rows:
        return before
    return replace(figure, note=f"{figure.note} {said}".strip())
