"""What the `booster_ia` room holds of people."""

from datetime import date

from django.db.models import Q
from django.utils import timezone

from normandata.accounts.models import User
from normandata.budgets import personal as budgets
from normandata.deminimis import personal as deminimis
from normandata.documents import uploads
from normandata.documents.models import Upload
from normandata.dossiers.models import Dossier
from normandata.organisations.models import Membership
from normandata.privacy import registry
from normandata.privacy.identity import Identity
from normandata.privacy.registry import GONE, Holding, Obstacle

from .awards import Award
from .docket import SCHEME
from .payments import states
from .payments.bank import BankDetails, BankDetailsQuerySet
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
        words=["holder", "iban", "bic", "reason"],
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
    registry.on_prevent(held_account)
    registry.on_forget(forget)
    registry.on_eliminate(eliminate)


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


def held_account(person: User) -> list[Obstacle]:
    """List the accounts in this person's own name that something under way is still to be paid on."""
    identity = Identity("", frozenset({person.email}), frozenset({person.name} - {""}))
    under_way = Dossier.objects.open().filter(scheme=SCHEME).values("organisation")
    waiting = _accounts_of(person, identity).current().filter(organisation__in=under_way)
    return [
        Obstacle(
            f"Le compte à créditer de {one.organisation.label} est à votre nom.",
            "Attendez la clôture et le paiement, ou donnez un autre compte, sur la page des paiements.",
        )
        for one in waiting.select_related("organisation").order_by("pk")
    ]


def forget(person: User, identity: Identity) -> None:
    """Mask the accounts in the person's own name, and have another one asked for; the holder's name goes with the rest.

    What was paid on them, and the paper that proved them, are of the accounts: they stay.
    """
    for one in _accounts_of(person, identity).order_by("pk"):
        one.iban, one.replaced_at = one.masked_iban, one.replaced_at or timezone.now()
        one.save(update_fields=["iban", "replaced_at"])


def eliminate(dossier: Dossier) -> None:
    """Empty the bank details that only dossiers eliminated were paid on; those an open one may use stay."""
    if dossier.scheme != SCHEME:
        return
    mine = BankDetails.objects.filter(organisation=dossier.organisation_id)
    others = Dossier.objects.filter(scheme=SCHEME, eliminated_at=None).exclude(pk=dossier.pk)
    used = PaymentRequest.objects.filter(award__dossier__in=others).exclude(bank=None).values("bank")
    if others.filter(organisation=dossier.organisation_id).exists():
        mine = mine.exclude(replaced_at=None)
    for one in mine.exclude(pk__in=used).select_related("proof").order_by("pk"):
        one.holder = one.iban = one.bic = GONE
        one.reason = GONE if one.reason else ""
        one.replaced_at = one.replaced_at or timezone.now()
        one.save()
        if one.proof.state != Upload.State.ERASED:
            uploads.empty(one.proof)


def _accounts_of(person: User, identity: Identity) -> BankDetailsQuerySet:
    """Keep the accounts whose holder is this person, among those they declared or of their structures."""
    theirs = Membership.objects.filter(user=person).values("organisation")
    near = BankDetails.objects.filter(Q(declared_by=person) | Q(organisation__in=theirs))
    named = [pk for pk, holder in near.values_list("pk", "holder") if identity.names_in(holder)]
    return BankDetails.objects.filter(pk__in=named)


def what_keeps(dossier: Dossier, day: date) -> list[str]:
    """Say why a dossier may not be eliminated: a payment or a repayment pends, accounts or aid are too recent."""
    awards = list(Award.objects.filter(dossier=dossier))
    reasons = []
    if PaymentRequest.objects.filter(award__in=awards, state__in=(*states.OPEN, states.CERTIFIED)).exists():
        reasons.append("Une demande de paiement est en cours.")
    if Recovery.objects.filter(award__in=awards, state__in=states.PENDING).exists():
        reasons.append("Un reversement est en cours.")
    return [*reasons, *budgets.what_keeps(awards, day), *deminimis.what_keeps(awards, day)]
