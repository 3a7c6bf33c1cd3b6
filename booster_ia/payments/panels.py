"""What the pages of a dossier say of its payments: a section for each side, a sentence on its card."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from normandata.dossiers.models import Dossier
from normandata.regulation.formats import day as written_day
from normandata.regulation.formats import euros, spaced

from ..awards import Award
from . import shown, states
from .recoveries import Recovery
from .requests import PaymentRequest

TOLD = ("notified", "in_progress", "delivered", "closed", "lapsed")
"""States in which the organisation knows of its grant."""


@dataclass(frozen=True, slots=True)
class Payments:
    """The grant of a dossier, its requests with their amounts, its repayments."""

    award: Award
    requests: Sequence[tuple[PaymentRequest, str]]
    recoveries: Sequence[Recovery]
    can_ask_back: bool = False


def desk_panel(dossier: Dossier, *, can_examine: bool) -> Payments | None:
    """Return what the agents read; three queries, and none before the notification."""
    award = _award(dossier)
    if award is None:
        return None
    sent = award.requests.filter(state__in=states.DEPOSITED)
    recoveries = list(award.recoveries.all())
    is_pending = any(one.state in states.PENDING for one in recoveries)
    can_ask_back = can_examine and bool(award.paid) and not is_pending
    return Payments(award, [(one, shown.amount(one)) for one in sent], recoveries, can_ask_back)


def space_panel(dossier: Dossier) -> Award | None:
    """Return the grant that the organisation reads, one query; none before the notification."""
    return _award(dossier)


def notes(dossiers: Sequence[Dossier]) -> Mapping[int, str]:
    """Write for each project under way what is paid and until when the balance is asked; one query at most."""
    keys = [one.pk for one in dossiers if one.state == "in_progress"]
    found = Award.objects.active().filter(dossier__in=keys) if keys else []
    return {
        one.dossier_id: spaced(
            f"{euros(one.paid)} payés sur {euros(one.amount)}. Solde à demander au plus tard le "
            f"{written_day(one.justify_by)}."
        )
        for one in found
    }


def _award(dossier: Dossier) -> Award | None:
    return Award.objects.active().filter(dossier=dossier).first() if dossier.state in TOLD else None
