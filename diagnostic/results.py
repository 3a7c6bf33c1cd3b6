"""The diagnostics carried out, as everybody reads them: numbers, never a name (annexe 3, D-40)."""

from django.db.models import Count
from django.db.models.functions import ExtractYear

from normandata.bulletin.results import Asked, Line, Part, Source, Table
from normandata.regulation.formats import plural
from normandata.ui.tables import Column, Unit

from .orders import Order
from .scheme import SCHEME

COLUMNS = (Column("Année"), Column("Diagnostics réalisés", Unit.COUNT))
NOTE = (
    "Un diagnostic est réalisé quand son document est remis à la structure. La Région ne nomme pas les structures : le "
    "document leur est réservé, et un retour d’expérience nominatif demande leur accord."
)


def read(asked: Asked) -> Part:
    """Count the diagnostics by year of delivery; one query."""
    done = Order.objects.filter(cancelled_at=None, delivered_on__lte=asked.today)
    if asked.year:
        done = done.filter(delivered_on__year=asked.year)
    rows = done.order_by().values(year=ExtractYear("delivered_on")).annotate(count=Count("pk"))
    counted = sorted(((row["year"], row["count"]) for row in rows), reverse=True)
    total = sum(count for _, count in counted)
    when = f" en {asked.year}" if asked.year else ""
    finding = f"{plural(total, 'diagnostic réalisé', 'diagnostics réalisés')}{when}"
    return Part(
        finding=finding if total else f"Aucun diagnostic réalisé{when} pour le moment",
        table=Table("Diagnostics réalisés, par année", COLUMNS, [Line((str(year), count)) for year, count in counted]),
        notes=(NOTE,),
        data_set="",
    )


SOURCE = Source(SCHEME.url_slug, SCHEME.label, SCHEME.rank, read)
