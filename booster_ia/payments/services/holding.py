"""Holding the rows that a payment moves, always in the same order: dossier, grant, then the thing itself."""

from typing import TYPE_CHECKING

from normandata.dossiers.models import Dossier
from normandata.procedure import services as procedure

from ...awards import Award

if TYPE_CHECKING:
    from ..recoveries import Recovery
    from ..requests import PaymentRequest


def hold(thing: "PaymentRequest | Recovery") -> None:
    """Lock a request or a repayment with its grant and its dossier, and bring the three objects up to date.

    A certification and a lapse at the same instant both begin by the dossier: the second sees what the first wrote.
    """
    award = hold_award(thing.award)
    procedure.lock(thing)
    thing.award = award


def hold_award(award: Award) -> Award:
    """Lock a dossier, then its grant; returns the grant as it stands."""
    dossier = Dossier.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=award.dossier_id)
    found = Award.objects.select_for_update(of=("self",)).select_related("envelope").get(pk=award.pk)
    found.dossier = dossier
    return found
