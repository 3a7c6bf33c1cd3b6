"""What the agents read of an application beside its findings: wave, partners, budget, money, meetings, opinions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone

from normandata.accounts.models import User
from normandata.deminimis import account
from normandata.deminimis.shown import Shown, show
from normandata.dossiers import permissions
from normandata.dossiers.applications import Panel
from normandata.dossiers.models import Dossier
from normandata.experts.reading import opinions_of
from normandata.regulation.formats import euros, listing, number, percent, plural, spaced
from normandata.regulation.money import ZERO, cents

from . import proposals
from .agreements import Agreement
from .models import BoosterApplication, BudgetLine
from .money import HT, TTC
from .partners import Partner
from .payments import panels as payments
from .regimes import DE_MINIMIS
from .rules import REGLEMENT
from .services import after, meetings, notification, partners, scoring, waves

ACTS = partners.ACTS | meetings.ACTS | {"wave_placed": "Vague du dossier"}
"""What the journal of a dossier holds besides its transitions."""
CENT = Decimal("0.01")
BEFORE_A_DECISION = ("submitted", "incomplete", "review", "proposed", "scheduled", "adjourned")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the budget as an agent reads it."""

    label: str
    category: str
    details: str
    amount: str
    kept: Decimal
    refusal: str
    alert: str


@dataclass(frozen=True, slots=True)
class Money:
    """How the grant is counted, in euros; `grantable_max` is None while de minimis aids are not declared."""

    basis: str
    expenses: Decimal
    rate: Decimal
    cap: Decimal
    other_public_aid: Decimal
    grant: Decimal
    grantable_max: Decimal | None
    minimis: Shown | None

    @property
    def sentence(self) -> str:
        """Write the grant as it is counted: « 50 % × 20 000,00 € HT = 10 000,00 € ».

        The sum of the lines is exact and rounded once, in the grant: half of what is shown may differ by a cent.
        """
        share = cents(self.rate * self.expenses / 100)
        counted = f"{percent(self.rate)} × {euros(self.expenses)} {self.basis}"
        if self.grant == self.cap and share > self.cap:
            return spaced(f"{counted} = {euros(share)}, ramenés au plafond : {euros(self.grant)}.")
        if self.other_public_aid and share - self.grant > CENT:
            less = "les aides publiques ne dépassent pas les dépenses"
            return spaced(f"{counted} = {euros(share)}, ramenés à {euros(self.grant)} : {less}.")
        rounded = "" if share == self.grant else ", l’arrondi venant en dernier"
        return spaced(f"{counted} = {euros(self.grant)}{rounded}.")

    @property
    def is_cut(self) -> bool:
        """Whether another decision could grant less than what is computed only."""
        return self.grantable_max is not None and self.grantable_max < self.grant


def panel(dossier: Dossier, user: User) -> Panel | None:
    """Draw the agents' panel in eleven queries at most, whatever the number of lines, partners or opinions."""
    budget = BudgetLine.objects.filter(application=dossier.pk).select_related("application__wave")
    seated, scored = scoring.seated(user, "application__wave"), scoring.closed("application__wave")
    lines = list(budget.annotate(is_seated=seated, is_scored=scored))
    application = lines[0].application if lines else _without_a_budget(dossier)
    if application is None:
        return None
    named = partners.partners_of(dossier)
    counted = money(dossier, application)
    proposal = proposals.shown(dossier, user)
    if lines and lines[0].is_scored:
        proposal = proposals.gauged(proposal, dossier, application, counted.grantable_max)
    can_examine = permissions.can_examine(user, dossier)
    content: dict[str, Any] = {
        "wave": application.wave,
        "why": application.wave_reason,
        "may_manage": waves.may_manage(user),
        "partners": [(one, can_examine and dossier.is_open and not one.is_confirmed) for one in named],
        "unconfirmed": unconfirmed(named) if dossier.state in BEFORE_A_DECISION else "",
        "lines": [shown(one) for one in lines],
        "money": counted,
        "meetings": meetings.meetings_of(dossier),
        "can_meet": can_examine and dossier.is_open,
        "opinions": opinions_of(dossier, user),
        "conflicts": scoring.conflicts_on(dossier, user),
        "agreement": notification.agreement_of(dossier) if dossier.state in notification.TOLD else None,
        "can_score": dossier.state == scoring.JUDGED and bool(lines) and lines[0].is_seated,
        "followed": after.followed(dossier) if dossier.state in after.FOLLOWED else None,
        "proposal": proposal,
        "payments": payments.desk_panel(dossier, can_examine=can_examine),
    }
    named_gestures = {**proposals.labels(dossier, proposal), **labels(dossier, content["agreement"])}
    return Panel("booster_ia/desk/panel.html", content, named_gestures)


def labels(dossier: Dossier, agreement: Agreement | None) -> dict[str, str]:
    """Name the gestures of a convention as an agent makes them; those that are over or not yet possible are hidden."""
    if dossier.state in ("refused", "adjourned"):
        is_over = notification.is_told(dossier)
        return dict.fromkeys(("notify_refusal", "notify_adjournment"), "") if is_over else {}
    if dossier.state == "notified":
        return {"sign": "Noter une signature sur papier"}
    return {} if agreement is None or not agreement.is_in_force else {"countersign": ""}


def _without_a_budget(dossier: Dossier) -> BoosterApplication | None:
    return BoosterApplication.objects.select_related("wave").filter(pk=dossier.pk).first()


def unconfirmed(named: Sequence[Partner]) -> str:
    """Say who has not confirmed, and what that forbids; nothing when everybody did."""
    wanting = [one.name for one in named if not one.is_confirmed]
    if not wanting:
        return ""
    verb = "n’a pas confirmé sa" if len(wanting) == 1 else "n’ont pas confirmé leur"
    return spaced(f"{listing(wanting)} {verb} participation : le dossier ne peut pas être proposé.")


# ------------------------------------------------------------------------------------------------------------ budget
def shown(line: BudgetLine) -> Line:
    """Prepare a line of the budget, with what makes it eligible or not."""
    details = [
        line.function,
        "personnel permanent" if line.is_permanent else "",
        plural(line.days, "jour") if line.days is not None else "",
        f"TVA {percent(line.vat_rate)}" if line.basis == TTC and line.vat_rate is not None else "",
    ]
    return Line(
        label=line.label,
        category=line.get_category_display(),
        details=", ".join(one for one in details if one),
        amount=f"{number(line.amount, 2)} € {line.basis}",
        kept=line.kept,
        refusal=line.refusal,
        alert=line.alert,
    )


# ------------------------------------------------------------------------------------------------------------- money
def money(dossier: Dossier, application: BoosterApplication) -> Money:
    """Count the grant as the règlement of the deposit does, and what de minimis leaves of it today."""
    figures = REGLEMENT.on(_day(dossier))
    grant, minimis = application.grant, None
    room: Decimal | None = grant
    if application.aid_regime == DE_MINIMIS and dossier.state in BEFORE_A_DECISION and grant:
        found = account.assess_for(dossier.organisation, on=timezone.localdate(), amount=grant, dossier=dossier)
        minimis = show(found, grant, "cette subvention")
        room = None if found.room is None else max(ZERO, min(grant, cents(found.room)))
    return Money(
        basis=HT if application.recovers_vat else figures.word("vat_basis"),
        expenses=application.eligible_expenses,
        rate=figures.number("rate"),
        cap=figures.number("cap"),
        other_public_aid=application.other_public_aid,
        grant=grant,
        grantable_max=room,
        minimis=minimis,
    )


def _day(dossier: Dossier) -> date:
    return timezone.localdate(dossier.submitted_at) if dossier.submitted_at else timezone.localdate()
