"""« Au fil de l’eau »: who comes before whom, and what is kept for them (annexe 3, « Modalités d’instruction »).

Requests are served in the order of their completeness, then of their number; nobody overtakes. Rather than stop the
later ones, the portal keeps what the earlier ones may cost: a later one passes when enough is left for all of them.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import FilteredRelation, Q

from normandata.dossiers.models import Dossier, DossierQuerySet
from normandata.regulation.money import ZERO

from .market import Market
from .orders import Proposal
from .rules import REGLEMENT
from .sharing import HALF_DAYS_A_DAY

BEFORE_A_DECISION = ("submitted", "review", "waiting_list", "proposed")


@dataclass(frozen=True, slots=True)
class Room:
    """What a request finds in the envelope, in euros TTC: free, kept for those before it, and left for it."""

    free: Decimal
    kept: Decimal
    before: int

    @property
    def left(self) -> Decimal:
        return max(ZERO, self.free - self.kept)


def most_half_days(day: date) -> int:
    """Return the longest diagnostic that the règlement allows on a day, in half-days."""
    return int(REGLEMENT.on(day).number("days_max") * HALF_DAYS_A_DAY)


def room(dossier: Dossier, market: Market, day: date) -> Room:
    """Return what is left for a request once those before it are served; one query, whatever their number."""
    served = [half_days for kind, half_days in before(dossier) if kind != Proposal.Kind.REFUSE]
    most = most_half_days(day)
    kept = sum((market.price(half_days or most).ttc for half_days in served), ZERO)
    return Room(market.envelope.free, kept, len(served))


def before(dossier: Dossier) -> list[tuple[str | None, int | None]]:
    """List what is proposed for the requests that come first, in order: its kind and half-days, None while nothing is.

    A request not complete has no place.
    """
    if dossier.complete_on is None:
        return []
    earlier = Q(complete_on__lt=dossier.complete_on) | Q(complete_on=dossier.complete_on, number__lt=dossier.number)
    proposed = FilteredRelation("diagnostic_proposals", condition=Q(diagnostic_proposals__decided_at=None))
    first = waiting().filter(earlier).exclude(pk=dossier.pk).annotate(proposed=proposed)
    return list(first.values_list("proposed__kind", "proposed__half_days"))


def waiting() -> DossierQuerySet:
    """Keep the complete requests that wait for a decision, in the order they are served."""
    found = Dossier.objects.filter(scheme="diagnostic", state__in=BEFORE_A_DECISION, complete_on__isnull=False)
    return found.exclude(verdict__conclusion="ineligible").order_by("complete_on", "number")


def head() -> Dossier | None:
    """Return the first of the waiting list."""
    return waiting().filter(state="waiting_list").select_related("organisation", "owner", "backup").first()
