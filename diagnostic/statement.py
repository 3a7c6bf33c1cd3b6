"""The money of diagnostics: what the ledger holds for each of their orders, those cancelled included."""

from normandata.budgets import statement
from normandata.dossiers.applications import MoneyLine
from normandata.dossiers.models import DossierQuerySet

from .orders import Order

ORDER = Order._meta.label_lower


def lines(dossiers: DossierQuerySet) -> list[MoneyLine]:
    """Return every entry made for these requests, the oldest first, in euros TTC; two queries."""
    orders = Order.objects.filter(dossier__in=dossiers.order_by().values("pk")).order_by()
    things = {(ORDER, str(pk)): dossier for pk, dossier in orders.values_list("pk", "dossier")}
    return statement.lines(things)
