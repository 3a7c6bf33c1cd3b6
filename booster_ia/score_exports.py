"""The scores of a wave as files: its ranking, and its sheets side by side, named or anonymous.

Cells are inert (`normandata.ui.tables`); only what `normandata.scoring.reading` gives to the reader is written.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction

from normandata.accounts.models import User
from normandata.indicators.definitions import Cell, Column, Unit
from normandata.regulation.money import truncated
from normandata.scoring import reading
from normandata.scoring.models import Panel

from . import scores

HEAD = (Column("Dossier"), Column("Structure"), Column("Projet"))
PLACES = (
    Column("Situation"),
    Column("Place", Unit.COUNT),
    *HEAD,
    Column("Moyenne", Unit.NUMBER),
    Column("Fiches", Unit.COUNT),
    Column("Écart", Unit.NUMBER),
    Column("Écart à examiner"),
    Column("Motif de la place"),
    Column("Versions jugées"),
)


def places(panel: Panel, user: User) -> Iterator[Sequence[Cell]]:
    """Write the ranking: the places, the reserve under the floor, what lacks sheets. Raises Blind, NotAllowed."""
    found, named = scores.ranked(panel, user)
    groups = (("Classé", found.places), ("Sous le plancher", found.reserve), ("En attente de fiches", found.waiting))
    return (
        (
            situation,
            place.rank,
            dossier.number,
            dossier.organisation,
            dossier.title,
            cut(place.score),
            place.sheets,
            cut(place.spread),
            "Oui" if place.is_wide else "Non",
            place.reason,
            place.judged_on,
        )
        for situation, group in groups
        for place, dossier, _ in scores.with_names(group, named)
    )


def columns(panel: Panel, *, named: bool) -> list[Column]:
    """Return the columns of the sheets; words give their author away, and are left out of an anonymous file."""
    lines = panel.grid.lines
    marks = [Column(f"{line.label} (sur {line.maximum.normalize():f})", Unit.NUMBER) for line in lines]
    words = [Column(f"Justification : {line.label}") for line in lines] if named else []
    last = Column("Version jugée")
    return [*HEAD, Column("Auteur" if named else "Fiche"), Column("Total", Unit.NUMBER), *marks, *words, last]


def sheets(panel: Panel, user: User, *, named: bool) -> Iterator[Sequence[Cell]]:
    """Write the submitted sheets, one a row. Raises Blind, NotAllowed."""
    rows = reading.scores(panel, user, named=named)
    known = scores.judged({row.spot.key for row in rows})
    slugs = [line.slug for line in panel.grid.lines]
    return (
        (
            known[row.spot.key].number,
            known[row.spot.key].organisation,
            known[row.spot.key].title,
            row.who,
            cut(row.score),
            *(row.mark(slug) for slug in slugs),
            *((row.justification(slug) for slug in slugs) if named else ()),
            f"Jugée sur la version {row.outdated}" if row.outdated else "",
        )
        for row in rows
        if row.spot.key in known
    )


def cut(score: Fraction | None) -> Decimal | None:
    """Cut an exact score after two decimals, as it is shown everywhere."""
    return None if score is None else truncated(score)
