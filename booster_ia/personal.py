"""What the `booster_ia` room holds of people."""

from datetime import date

from django.db.models import Q

from normandata.accounts.models import User
from normandata.budgets import personal as budgets
from normandata.deminimis import personal as deminimis
from normandata.dossiers.models import Dossier
from normandata.privacy import registry
from normandata.privacy.registry import Holding, Obstacle

from .awards import Award
from .payments import states
from .payments.recoveries import Recovery
from .payments.requests import PaymentRequest

HOLDINGS = (
    Holding("booster_ia.Proposal", "instruct", signed=["by", "decided_by"], words=["reason"], plain=["basis", "score"]),
    Holding("booster_ia.Award", "instruct", words=["aid_regime", "undone_reason"], plain=["deliberation", "basis"]),
    Holding(
        "booster_ia.Outcome",
        "instruct",
        signed=["saved_by", "sent_by", "exchange_by", "review_by"],
        words=["answers", "commons", "commons_detail", "exchange_notes"],
    ),
    Holding("booster_ia.Reached", "instruct", words=["name", "comment"], plain=["unit"]),
    Holding("booster_ia.Reply", "instruct", signed=["by"], words=["link"]),
    Holding("booster_ia.NetworkEntry", "instruct", signed=["by"], words=["name"], plain=["siret", "siren"]),
    Holding("booster_ia.DecisionLetter", "instruct"),
    Holding(
        "booster_ia.Agreement",
        "instruct",
        signed=["signed_by", "countersigned_by"],
        words=["terms", "signed_name", "signed_function"],
    ),
    Holding("booster_ia.Meeting", "instruct", signed=["by"], words=["place", "link", "who", "notes"]),
    Holding(
        "booster_ia.Partner",
        "instruct",
        words=["name", "contact", "email", "by_name", "reason"],
        plain=["siret", "siren", "department"],
        email="email",
        names=["contact"],
    ),
    Holding(
        "booster_ia.BankDetails",
        "accounts",
        signed=["declared_by", "decided_by"],
        words=["holder", "iban", "reason"],
        plain=["bic"],
    ),
    Holding(
        "booster_ia.ExpenseLine",
        "accounts",
        signed=["decided_by"],
        words=["label", "supplier", "supplier_siret", "function", "reason"],
        plain=["row", "invoice", "fingerprint"],
    ),
    Holding("booster_ia.ExpenseFile", "accounts", signed=["added_by"], plain=["row"]),
    Holding(
        "booster_ia.Recovery",
        "accounts",
        signed=["opened_by", "notified_by", "observed_by", "decided_by"],
        words=["reason", "explanation", "observations", "decision"],
        plain=["claim"],
    ),
    Holding("booster_ia.Lapse", "instruct", signed=["by", "decided_by"], words=["reason"]),
    Holding(
        "booster_ia.PaymentRequest",
        "accounts",
        signed=["saved_by", "submitted_by", "checked_by", "certified_by", "mandated_by"],
        words=["typed", "justification", "reason", "explanation"],
        plain=["mandate"],
    ),
    Holding("booster_ia.Wave", "instruct"),
    Holding("booster_ia.Scenario", "instruct", signed=["by"], words=["name", "note"]),
    Holding("booster_ia.ScenarioLine", "instruct", words=["reason"]),
    Holding("booster_ia.BoosterApplication", "instruct", words=["wave_reason"], plain=["s3_domain"]),
    Holding("booster_ia.BudgetLine", "instruct", words=["label", "function", "refusal", "alert"]),
)


def hand_up() -> None:
    """Declare what this scheme holds, and which dossiers must stay."""
    registry.declare(*HOLDINGS)
    registry.on_guard(what_keeps)
    registry.on_prevent(unpaid)


def unpaid(person: User) -> list[Obstacle]:
    """List the payments that this person asked for and that are not made, the repayments they were heard about."""
    mine = PaymentRequest.objects.filter(Q(saved_by=person) | Q(submitted_by=person))
    asked = mine.filter(state__in=(*states.OPEN, states.CERTIFIED)).select_related("award__dossier").order_by("pk")
    owed = Recovery.objects.filter(observed_by=person, state__in=states.PENDING).select_related("award__dossier")
    wait = "Attendez que ce soit payé ou retiré, ou faites-vous remplacer par une autre personne de la structure."
    return [
        *(Obstacle(f"Un paiement du dossier {one.award.dossier.number} est en cours.", wait) for one in asked),
        *(Obstacle(f"Un reversement du dossier {one.award.dossier.number} est en cours.", wait) for one in owed),
    ]


def what_keeps(dossier: Dossier, day: date) -> list[str]:
    """Say why a dossier may not be eliminated: a payment or a repayment pends, accounts or aid are too recent."""
    awards = list(Award.objects.filter(dossier=dossier))
    reasons = []
    if PaymentRequest.objects.filter(award__in=awards, state__in=(*states.OPEN, states.CERTIFIED)).exists():
        reasons.append("Une demande de paiement est en cours.")
    if Recovery.objects.filter(award__in=awards, state__in=states.PENDING).exists():
        reasons.append("Un reversement est en cours.")
    return [*reasons, *budgets.what_keeps(awards, day), *deminimis.what_keeps(awards, day)]
