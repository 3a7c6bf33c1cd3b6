"""The annex of a session as a table: one dossier a row, amounts as numbers, a last row that adds them up."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from normandata.regulation.money import ZERO
from normandata.ui.tables import Cell, Column, Unit

from .models import Item
from .papers import vote

COLUMNS = (
    Column("Ordre", Unit.COUNT),
    Column("Dossier"),
    Column("Structure"),
    Column("SIRET"),
    Column("Commune"),
    Column("Projet"),
    Column("Rang de la vague", Unit.COUNT),
    Column("Note"),
    Column("Assiette éligible", Unit.EUROS),
    Column("Taux"),
    Column("Proposition"),
    Column("Montant proposé", Unit.EUROS),
    Column("Base"),
    Column("Décision"),
    Column("Montant décidé", Unit.EUROS),
    Column("Motif"),
    Column("Vote"),
    Column("Déports"),
)
TOTAL = "Total"


def rows(items: Sequence[Item]) -> Iterator[Sequence[Cell]]:
    """Write the agenda, then its totals: the amounts proposed, and those decided once every item is."""
    for place, item in enumerate(items, start=1):
        yield _row(place, item)
    proposed = sum((item.proposed_amount or ZERO for item in items), ZERO)
    decided = sum((item.decided_amount or ZERO for item in items), ZERO)
    yield _total(proposed, decided if items and all(item.outcome for item in items) else None)


def _row(place: int, item: Item) -> Sequence[Cell]:
    brief, organisation = item.said, item.dossier.organisation
    counted = [item.votes_for, item.votes_against or 0, item.abstentions or 0]
    return (
        place,
        item.dossier.number,
        organisation.label,
        organisation.written_siret,
        organisation.city,
        brief.title,
        brief.rank,
        brief.score,
        brief.base,
        brief.rate,
        "Subvention" if item.is_grant else "Refus",
        item.proposed_amount,
        item.basis,
        Item.Outcome(item.outcome).label if item.outcome else None,
        item.decided_amount,
        item.reason or brief.reason,
        vote([one for one in counted if one is not None]) if item.votes_for is not None else "",
        "; ".join(one.written for one in item.recusals.all()),
    )


def _total(proposed: Decimal, decided: Decimal | None) -> Sequence[Cell]:
    amounts: dict[str, Cell] = {"Dossier": TOTAL, "Montant proposé": proposed, "Montant décidé": decided}
    return [amounts.get(column.label) for column in COLUMNS]
