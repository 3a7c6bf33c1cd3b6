"""The de minimis account seen from a request: its declaration, and what the diagnostic would make of it."""

from datetime import date
from decimal import Decimal

from normandata.accounts.models import User
from normandata.deminimis import account, declarations
from normandata.dossiers.models import Dossier
from normandata.dossiers.services import desk
from normandata.regulation.findings import Outcome

from ..forms import AIDS

DE_MINIMIS = "diagnostic.de_minimis"


def declare(dossier: Dossier, by: User | None) -> None:
    """Write in the account what the last deposit declares; nothing when the form did not ask (D-34)."""
    declarations.declare_section(dossier, AIDS, by=by)


def assess(dossier: Dossier, amount: Decimal, on: date) -> account.Assessed:
    """Judge a diagnostic of `amount` euros on a day by both readings, with all that its undertaking holds."""
    return account.assess_for(dossier.organisation, on=on, amount=amount, dossier=dossier)


def is_aid(dossier: Dossier) -> bool:
    """Tell whether the diagnostic is an aid to an undertaking: unless the finding on de minimis says otherwise."""
    found = [outcome for one, outcome in desk.outcomes(dossier) if one.rule == DE_MINIMIS]
    return any(outcome is not Outcome.NOT_APPLICABLE for outcome in found)


def refusals(dossier: Dossier, amount: Decimal, on: date) -> list[str]:
    """Say why a diagnostic of `amount` euros cannot be granted to its undertaking; nothing when it can, or is no aid.

    Règlement (UE) 2023/2831 decides; the expired one, cited by the deliberation, never refuses.
    """
    if not is_aid(dossier):
        return []
    finding = assess(dossier, amount, on).verdict.findings[0]
    return [] if finding.outcome is Outcome.MET else [finding.message]
