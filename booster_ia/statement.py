"""The money of applications: what the ledger holds for each of their grants, those undone included."""

from normandata.budgets import statement
from normandata.dossiers.applications import MoneyLine
from normandata.dossiers.models import DossierQuerySet

from .awards import Award

AWARD = Award._meta.label_lower


def lines(dossiers: DossierQuerySet) -> list[MoneyLine]:
    """Return every entry made for these applications, the oldest first, in euros; two queries."""
    awards = Award.objects.filter(dossier__in=dossiers.order_by().values("pk")).order_by()
    things = {(AWARD, str(pk)): dossier for pk, dossier in awards.values_list("pk", "dossier")}
    return statement.lines(things)
