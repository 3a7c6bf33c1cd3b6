"""The indicators of the scheme and its export: what they are made of, for the pages that every scheme shares."""

from django.utils import timezone

from normandata.indicators.views.agents import Figures

from .. import exports
from ..rules import REGLEMENT


def first_year() -> int:
    """Return the year the scheme opened."""
    return REGLEMENT.on(timezone.localdate()).date("opening").year


FIGURES = Figures(
    scheme="diagnostic",
    heading="Indicateurs du Diagnostic data et IA",
    title="Diagnostic data et IA",
    first_year=first_year,
    columns=exports.COLUMNS,
    rows=exports.rows,
)
