"""The money of applications: what the ledger holds for their grants, those undone included; what is asked back."""

from django.utils import timezone

from normandata.budgets import statement
from normandata.dossiers.applications import MoneyLine, Reclaim
from normandata.dossiers.models import DossierQuerySet

from .awards import Award
from .payments import states
from .payments.recoveries import Recovery

AWARD = Award._meta.label_lower


def lines(dossiers: DossierQuerySet) -> list[MoneyLine]:
    """Return every entry made for these applications, the oldest first, in euros; two queries."""
    awards = Award.objects.filter(dossier__in=dossiers.order_by().values("pk")).order_by()
    things = {(AWARD, str(pk)): dossier for pk, dossier in awards.values_list("pk", "dossier")}
    return statement.lines(things)


def reclaims(dossiers: DossierQuerySet) -> list[Reclaim]:
    """Return every repayment asked for these applications, the newest first, in euros; one query."""
    rows = Recovery.objects.filter(award__dossier__in=dossiers.order_by().values("pk")).order_by("-opened_at", "-pk")
    told = rows.values_list("award__dossier", "opened_at", "kind", "amount", "state", "claim")
    return [
        Reclaim(dossier, timezone.localdate(at), Recovery.Kind(kind).label, amount, states.RECOVERIES[state], claim)
        for dossier, at, kind, amount, state, claim in told
    ]
