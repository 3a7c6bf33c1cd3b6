"""The page of an organisation as one table: a line for each dossier, entry, aid, letter, message and mail."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.utils import timezone

from normandata.accounts.models import User
from normandata.dossiers.filters import scheme_label
from normandata.indicators.definitions import Cell, Column, Unit
from normandata.organisations import presentation
from normandata.organisations.siret import written_siren
from normandata.regulation.formats import day as written_day
from normandata.regulation.formats import spaced

from . import exchanges, money, sheet
from .exchanges import Exchange
from .sheet import Held

COLUMNS = (
    Column("Rubrique"),
    Column("Dispositif"),
    Column("Dossier"),
    Column("SIRET ou SIREN"),
    Column("Date"),
    Column("Objet"),
    Column("Détail"),
    Column("État"),
    Column("Montant (euros)", Unit.EUROS),
    Column("Base du montant"),
    Column("Mouvement du réservé (euros)", Unit.EUROS),
    Column("Mouvement de l’engagé (euros)", Unit.EUROS),
    Column("Mouvement du payé (euros)", Unit.EUROS),
)
Row = Sequence[Cell]


def rows(user: User, siren: str, found: Sequence[Held]) -> Iterator[Row]:
    """Write the lines of a page, those of its messages as a stream."""
    yield from _identity(found)
    yield from _people(found)
    yield from _dossiers(found)
    yield from _money(user, siren, found)
    yield from _reclaims(user, siren, found)
    yield from _aids(siren)
    yield from _letters(found)
    yield from map(_exchange, exchanges.every(found))


def _line(
    heading: str,
    dossier: Held | None = None,
    *,
    on: datetime | Cell = None,
    number: str = "",
    what: str = "",
    said: str = "",
    state: str = "",
    amount: tuple[Cell, str] = (None, ""),
    moves: tuple[Cell, Cell, Cell] = (None, None, None),
) -> Row:
    day = timezone.localdate(on) if isinstance(on, datetime) else on
    if dossier is None:
        return (heading, "", "", number, day, what, said, state, *amount, *moves)
    scheme = scheme_label(dossier.scheme)
    return (heading, scheme, dossier.number, dossier.siret, day, what, said, state, *amount, *moves)


def _identity(found: Sequence[Held]) -> Iterator[Row]:
    organisation = sheet.main(found)
    identity = presentation.identity(organisation)
    for fact in (*identity.unit, *identity.establishment):
        yield _line("Identité", number=organisation.written_siret, what=fact.label, said=fact.value)


def _people(found: Sequence[Held]) -> Iterator[Row]:
    for person in sheet.people(found):
        yield _line("Membre", on=person.since, number=person.siret, what=person.name, said=person.role)


def _dossiers(found: Sequence[Held]) -> Iterator[Row]:
    for one in found:
        amount = one.row["amount"], one.row["amount_basis"]
        whose = spaced(f"À qui le tour : {one.turn}") if one.days is not None else ""
        yield _line("Dossier", one, on=one.submitted_at, what="Dépôt", said=whose, state=one.state.label, amount=amount)


def _money(user: User, siren: str, found: Sequence[Held]) -> Iterator[Row]:
    known = {one.pk: one for one in found}
    for line in money.lines(sheet.dossiers_of(user, siren), found):
        yield _line(
            "Écriture", known[line.dossier], on=line.on, what=line.what, said=line.act, state=line.envelope,
            amount=(line.amount, line.basis), moves=(line.reserved, line.committed, line.paid),
        )  # fmt: skip


def _reclaims(user: User, siren: str, found: Sequence[Held]) -> Iterator[Row]:
    for dossier, one in money.reclaims(sheet.dossiers_of(user, siren), found):
        said = f"Titre {one.claim}" if one.claim else ""
        yield _line(
            "Reversement", dossier, on=one.on, what=one.what, said=said, state=one.standing.label,
            amount=(one.amount, ""),
        )  # fmt: skip


def _aids(siren: str) -> Iterator[Row]:
    standing, _ = sheet.minimis(siren)
    for line in standing.lines:
        state = "Comptée" if line.counts else line.why
        yield _line("Aide de minimis", on=line.on, number=written_siren(siren), what=line.who, state=state,
                    amount=(line.amount, ""))  # fmt: skip


def _letters(found: Sequence[Held]) -> Iterator[Row]:
    for letter in exchanges.letters(found):
        read = f"Lue le {written_day(timezone.localdate(letter.read_at))}" if letter.read_at else ""
        posted = f"Reçue par la poste le {written_day(letter.posted_on)}" if letter.posted_on else ""
        state = "Non montrée à la structure" if letter.is_internal else read or posted or "Pas encore lue"
        yield _line("Lettre", letter.dossier, on=letter.sent_at, what=letter.title, state=state)


def _exchange(one: Exchange) -> Row:
    who = ", ".join((one.who, *one.addresses))
    if one.message:
        state = "Note interne" if one.is_internal else ""
        return _line("Message", one.dossier, on=one.at, what=one.subject or who, said=one.text, state=state)
    state = "En attente" if one.waiting else "Parti"
    return _line("Courriel", one.dossier, on=one.at, what=one.subject, said=who, state=state)
