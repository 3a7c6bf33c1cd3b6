"""The indicators of the roadmap for its pilots and the Region's readers: what the pages of every scheme share."""

from django.utils import timezone

from normandata.accounts.models import Role, User
from normandata.dossiers.models import READERS
from normandata.indicators.views.agents import Figures
from normandata.ui import tables

from .. import exports, rules
from ..models import Action
from ..permissions import SCHEME


def first_year() -> int:
    """Return the year the roadmap begins."""
    return rules.FIRST_DAY.year


def rows(user: User) -> tables.Rows:
    """Write a row for each action: everybody reads them all."""
    return exports.actions(Action.objects.whole(), timezone.localdate())


FIGURES = Figures(
    scheme=SCHEME,
    heading="Indicateurs de la feuille de route",
    title="Feuille de route",
    first_year=first_year,
    columns=exports.ACTIONS,
    rows=rows,
    readers=(*READERS, Role.ACTION_PILOT),
    everything="Toutes les actions",
)
