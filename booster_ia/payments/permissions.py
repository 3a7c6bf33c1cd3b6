"""Who does what with payments, said once: the structure asks, an agent checks, a payments officer certifies."""

from typing import Protocol

from normandata.accounts.models import Role, User
from normandata.dossiers import permissions
from normandata.dossiers.models import Dossier

from ..awards import Award

SCHEME = "booster_ia"


class OfAnAward(Protocol):
    """A payment request or a repayment order."""

    @property
    def award(self) -> Award: ...


def is_officer(user: User, dossier: Dossier | None = None) -> bool:
    """A payments officer of the scheme, to whom nothing closes the dossier."""
    return user.holds(Role.PAYMENTS_OFFICER, scheme=SCHEME) and (
        dossier is None or not permissions.is_closed(user, dossier)
    )


def may_decide_recovery(user: User, dossier: Dossier) -> bool:
    """A lead agent or a payments officer; that it is another than its author is a condition."""
    return permissions.is_lead_agent(user, dossier) or is_officer(user, dossier)


def apply(user: User, thing: OfAnAward) -> bool:
    return permissions.is_applicant(user, thing.award.dossier)


def examine(user: User, thing: OfAnAward) -> bool:
    return permissions.can_examine(user, thing.award.dossier)


def certify(user: User, thing: OfAnAward) -> bool:
    return is_officer(user, thing.award.dossier)


def decide(user: User, thing: OfAnAward) -> bool:
    """A check is opened again, and a repayment decided, by a payments officer or by a lead agent."""
    return may_decide_recovery(user, thing.award.dossier)


def notify(user: User, thing: OfAnAward) -> bool:
    """The adversarial letter leaves from whoever instructs the dossier, or from a payments officer."""
    return examine(user, thing) or certify(user, thing)
