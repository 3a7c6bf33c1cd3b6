"""Whether an agenda or its results can be paid: each item against its own maximum, all of them against the envelope."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from normandata.dossiers.states import STATES
from normandata.regulation.formats import euros, listing, spaced
from normandata.regulation.money import ZERO

from .dockets import docket_of
from .models import Item, Session

SCHEDULED = "scheduled"
NO_FUNDS = "Aucune enveloppe n’est ouverte pour l’année de la séance : votez-en une avant de décider."
UNKNOWN = "les aides de minimis de l’entreprise ne sont pas déclarées, son maximum est inconnu."


def total(items: Sequence[Item]) -> Decimal:
    """Return what the items take from the envelope, in euros: amounts decided, proposed where none is yet."""
    return sum((item.granted for item in items), ZERO)


def proposed(items: Sequence[Item]) -> Decimal:
    """Return what the proposals of the items add up to, in euros, whatever is decided of them."""
    return sum((item.proposed_amount or ZERO for item in items), ZERO)


def basis_of(bases: Iterable[str]) -> str:
    """Write the basis of a sum: that of all its amounts, or every one of them, « HT et TTC »."""
    return listing(sorted({one for one in bases if one}))


def problems(session: Session, items: Sequence[Item]) -> list[str]:
    """Say what keeps these items from being decided, each sentence with its dossier's number; nothing when all is well.

    Reads the maximum of each dossier on the day of the session: a few queries an item.
    """
    found = [sentence for item in items for sentence in left(item)]
    found += [sentence for item in items if item.granted and (sentence := above(session, item, item.granted))]
    return [spaced(sentence) for sentence in found + beyond(session, items)]


def left(item: Item) -> list[str]:
    """Say that a dossier is no longer before the committee: withdrawn, lapsed, or decided elsewhere."""
    if item.dossier.state == SCHEDULED or item.applied_at:
        return []
    label = STATES[item.dossier.state].label.lower()
    return [f"{item.dossier.number} n’est plus devant la Commission ({label}) : retirez-le de l’ordre du jour."]


def above(session: Session, item: Item, amount: Decimal) -> str:
    """Say that an amount is more than the dossier may receive on the day of the session; nothing when it is not."""
    most = docket_of(session.scheme).most(item.dossier, session.held_on)
    if most is None:
        return f"{item.dossier.number} : {UNKNOWN}"
    if amount > most:
        return f"{item.dossier.number} : {euros(amount)} dépassent ce qui peut être accordé, {euros(most)}."
    return ""


def beyond(session: Session, items: Sequence[Item]) -> list[str]:
    """Say that the envelope of the day does not pay all the grants; nothing when it does."""
    wanted = total(items)
    if not wanted:
        return []
    funds = docket_of(session.scheme).funds(session.held_on)
    if funds is None:
        return [NO_FUNDS]
    if wanted <= funds.free:
        return []
    missing = f"il manque {euros(wanted - funds.free)} {funds.unit}"
    return [f"Les accords font {euros(wanted)} et l’enveloppe a {euros(funds.free)} libres : {missing}."]
