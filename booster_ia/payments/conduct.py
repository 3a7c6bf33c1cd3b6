"""The conditions and the effects of a payment request: what must hold, and what each step writes.

Dossier, grant and request are held by the gestures, in that order, before any of this runs.
"""

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from normandata.budgets import ledger
from normandata.budgets import services as budgets
from normandata.dossiers.models import Dossier
from normandata.dossiers.services import thread
from normandata.notifications import services as notifications
from normandata.procedure import services as procedure
from normandata.procedure.services import Firing
from normandata.regulation.formats import day as written_day
from normandata.regulation.formats import euros, plural, spaced
from normandata.regulation.money import ZERO
from normandata.ui.templatetags.nd import hour

from ..agreements import Agreement
from ..awards import Award
from . import papers, people, reckoning
from .bank import BankDetails
from .recoveries import Recovery

if TYPE_CHECKING:
    from .requests import PaymentRequest

IN_COURSE = "in_progress"
ANSWER_WITHIN = timedelta(days=30)
"""How long an organisation has to complete a request sent back, before the last day to justify."""
NOT_IN_FORCE = "La convention attend la signature de la Région : notez-la avant tout paiement."
NOT_IN_COURSE = "La convention n’est pas signée, ou le projet est terminé : aucun paiement ne se fait à ce stade."


def account_of(award: Award) -> BankDetails | None:
    """Return the bank details that the organisation has now."""
    return BankDetails.objects.current().filter(organisation=award.organisation_id).first()


# ------------------------------------------------------------------------------------------------------- conditions
def in_course(firing: Firing) -> list[str]:
    """Payments are made between the signed convention and the balance."""
    return [] if firing.thing.award.dossier.state == IN_COURSE else [NOT_IN_COURSE]


def is_in_force(firing: Firing) -> list[str]:
    """Nothing is paid on a convention that waits for a signature."""
    waiting = Agreement.objects.filter(award=firing.thing.award_id, countersigned_on=None)
    return [NOT_IN_FORCE] if waiting.exists() else []


def is_asked(firing: Firing) -> list[str]:
    """An advance says how much and why, within its ceiling; a balance has lines, and says the other public aid."""
    request: PaymentRequest = firing.thing
    if not request.is_advance:
        wanting = [] if request.lines.exists() else ["Indiquez au moins une dépense."]
        said = "Dites si d’autres aides publiques financent le projet."
        return wanting if request.other_public_aid is not None else [*wanting, said]
    if not request.justification.strip():
        return ["Écrivez pourquoi cette avance est nécessaire : sans justification, l’avance est de zéro."]
    return _over(request, request.asked)


def has_account(firing: Firing) -> list[str]:
    account = account_of(firing.thing.award)
    if account is None or account.state == BankDetails.State.REFUSED:
        return ["Donnez d’abord vos coordonnées bancaires."]
    return []


def is_decided(firing: Firing) -> list[str]:
    """Every line of a balance is decided, and nothing is accepted of a line that is barred."""
    request: PaymentRequest = firing.thing
    if request.is_advance:
        return []
    rows = reckoning.judged(request)
    left = sum(not one.line.is_decided for one in rows)
    wanting = [spaced(f"{plural(left, 'dépense attend', 'dépenses attendent')} une décision.")] if left else []
    return wanting + [
        spaced(f"« {one.line.label} » ne peut pas être acceptée : {one.findings[0].sentence}")
        for one in rows
        if one.is_barred and one.line.accepted
    ]


def is_within_ceiling(firing: Firing) -> list[str]:
    """An accepted advance stays under its ceiling and under what was asked."""
    request: PaymentRequest = firing.thing
    if not request.is_advance:
        return []
    accepted = firing.data["accepted"]
    if request.asked is not None and accepted > request.asked:
        return [spaced(f"La structure demande {euros(request.asked)} : n’acceptez pas davantage.")]
    if accepted != request.asked and not firing.reason:
        return ["Dites pourquoi l’avance est réduite : la structure lit ce motif."]
    return _over(request, accepted)


def _over(request: "PaymentRequest", amount: Decimal | None) -> list[str]:
    if amount is None or amount <= 0:
        return ["Indiquez le montant de l’avance, en euros."]
    most = reckoning.advance_most(request.award)
    return [spaced(f"L’avance ne dépasse pas {euros(most)}.")] if amount > most else []


def by_another(firing: Firing) -> list[str]:
    """Whoever checked neither certifies nor opens the check again."""
    if firing.thing.checked_by_id == firing.author.pk:
        return ["Vous avez contrôlé cette demande : une autre personne fait ce geste."]
    return []


def as_read(firing: Firing) -> list[str]:
    """What is checked or certified is what the page showed: somebody else may have decided meanwhile."""
    request: PaymentRequest = firing.thing
    seen = firing.data.get("seen")
    if firing.transition.name == "check":
        return [] if seen is None else reckoning.overtaken(request, seen)
    if seen in (None, request.mark):
        return []
    at = hour(request.checked_at) if request.checked_at else ""
    return [f"{request.checked_by} a refait le contrôle à {at} : relisez le calcul avant de certifier."]


def corrected_by_another(firing: Firing) -> list[str]:
    """Whoever wrote a mandate does not correct it: what is paid is opened again by a second person."""
    if firing.thing.mandated_by_id == firing.author.pk:
        return ["Vous avez inscrit ce mandat : une autre personne le corrige."]
    return []


def is_unchanged(firing: Firing) -> list[str]:
    """What was checked is still what would be paid: nothing else was paid, no rule changed meanwhile."""
    request: PaymentRequest = firing.thing
    found = _reckoned(request, request.accepted)
    same = (found.amount, found.overpayment, found.justified) == (
        request.amount,
        request.overpayment,
        request.justified,
    )
    return [] if same else ["Le calcul a changé depuis le contrôle : rouvrez-le avant de certifier."]


def is_payable(firing: Firing) -> list[str]:
    request: PaymentRequest = firing.thing
    if not request.amount:
        return ["Il n’y a rien à verser : certifiez sans versement."]
    if request.amount > request.award.left:
        return [spaced(f"Il ne reste que {euros(request.award.left)} à payer sur la subvention votée.")]
    return []


def is_nothing(firing: Firing) -> list[str]:
    return ["Un versement est dû : certifiez-le."] if firing.thing.amount else []


def has_checked_account(firing: Firing) -> list[str]:
    account = account_of(firing.thing.award)
    if account is None or not account.is_checked:
        return ["Les coordonnées bancaires ne sont pas vérifiées : vérifiez-les avant de certifier."]
    return []


# ---------------------------------------------------------------------------------------------------------- effects
def keep_sending(firing: Firing) -> None:
    """Date the sending, and tell both sides."""
    request: PaymentRequest = firing.thing
    request.submitted_by, request.submitted_at = firing.author, firing.at
    request.answer_by, request.reason = None, ""
    tell(request, "sent")
    alert(request, "to_check")


def tell_return(firing: Firing) -> None:
    """Give the organisation thirty days, never beyond the last day to justify unless that day is past."""
    request: PaymentRequest = firing.thing
    today, last = timezone.localdate(firing.at), request.award.justify_by
    request.reason = firing.reason
    request.answer_by = min(today + ANSWER_WITHIN, last) if last > today else today + ANSWER_WITHIN
    tell(request, "returned", motif=firing.reason, date_limite=written_day(request.answer_by))


def keep_check(firing: Firing) -> None:
    """Keep what the check gives, with its computation in words."""
    request: PaymentRequest = firing.thing
    accepted = firing.data.get("accepted")
    found = _reckoned(request, accepted)
    request.checked_by, request.checked_at = firing.author, firing.at
    request.accepted, request.reason = accepted, firing.reason
    request.amount, request.explanation = found.amount, found.as_record()
    request.justified, request.final_grant = found.justified, found.final_grant
    request.effective, request.overpayment = found.effective, found.overpayment
    tell(request, "checked", calcul=found.sentence)
    alert_officers(request, "to_certify")


def forget_check(firing: Firing) -> None:
    """Open the check again: its figures go, the decisions line by line stay."""
    request: PaymentRequest = firing.thing
    request.checked_by = request.checked_at = request.accepted = request.amount = None
    request.justified = request.final_grant = request.effective = request.overpayment = None
    request.explanation = {}
    alert(request, "reopened", motif=firing.reason)


def tell_refusal(firing: Firing) -> None:
    request: PaymentRequest = firing.thing
    request.reason = firing.reason
    tell(request, "request_refused", motif=firing.reason)


def pay(firing: Firing) -> None:
    """Pay on the ledger and on the grant, once; the balance frees what is left and delivers the dossier."""
    request: PaymentRequest = firing.thing
    award, amount = request.award, request.amount or ZERO
    request.certified_by, request.certified_at = firing.author, firing.at
    request.bank = account_of(award)
    budgets.pay(
        award.envelope,
        award,
        amount,
        key=f"payment:{request.pk}:pay",
        by=firing.by,
        is_last=not request.is_advance,
        act=f"Certificat {request.get_kind_display().lower()} {award.dossier.number}",
        at=firing.at,
    )
    award.paid += amount
    award.save(update_fields=["paid"])
    request.certificate = papers.certificate(request, at=firing.at)
    tell(request, "certified", calcul=request.explanation.get("sentence", ""))
    if not request.is_advance:
        _end(request, firing)


def settle(firing: Firing) -> None:
    """End the payments where nothing is due: free the rest, ask back what was paid too much."""
    request: PaymentRequest = firing.thing
    award = request.award
    request.certified_by, request.certified_at = firing.author, firing.at
    if ledger.position(award.envelope, award).held:
        budgets.release(
            award.envelope,
            award,
            key=f"payment:{request.pk}:release",
            by=firing.by,
            reason=f"Solde sans versement, {award.dossier.number}",
            at=firing.at,
        )
    request.certificate = papers.certificate(request, at=firing.at)
    tell(request, "settled", calcul=request.explanation.get("sentence", ""))
    if request.overpayment:
        Recovery.objects.create(
            award=award,
            kind=Recovery.Kind.OVERPAYMENT,
            amount=request.overpayment,
            reason=request.explanation.get("sentence", ""),
            explanation=request.explanation,
            opened_by=firing.author,
            opened_at=firing.at,
        )
        alert(request, "overpaid", montant=euros(request.overpayment))
    _end(request, firing)


def _end(request: "PaymentRequest", firing: Firing) -> None:
    """The balance is certified: the dossier is justified, and counts for what is finally granted."""
    dossier: Dossier = request.award.dossier
    procedure.fire_held(dossier, "justify", by=None, at=firing.at, request=request)


def keep_mandate(firing: Firing) -> None:
    """Write the number that finance gave, and its day."""
    request: PaymentRequest = firing.thing
    request.mandate, request.mandated_on = firing.data["number"], firing.data["on"]
    request.mandated_by = firing.author
    if firing.transition.name == "mandate":
        tell(request, "mandated", mandat=request.mandate, date=written_day(request.mandated_on))


def _reckoned(request: "PaymentRequest", accepted: Decimal | None) -> Any:
    if request.is_advance:
        return reckoning.advance(request, accepted or ZERO)
    return reckoning.balance(request)


# ------------------------------------------------------------------------------------------------------------ mails
def said(request: "PaymentRequest") -> dict[str, str]:
    """Return the tags that every mail about a request knows."""
    amount = request.amount if request.amount is not None else request.asked
    return {
        "demande": "d’avance" if request.is_advance else "de solde",
        "montant": euros(amount) if amount is not None else "à calculer",
    }


def tell(request: "PaymentRequest", kind: str, **also: str) -> None:
    """Tell the organisation, by mail and in the thread."""
    thread.tell(request.award.dossier, f"booster_ia.payment_{kind}", also=said(request) | also)


def alert(request: "PaymentRequest", kind: str, *, key: str | None = None, **also: str) -> None:
    """Tell whoever answers for the dossier."""
    thread.alert(request.award.dossier, f"booster_ia.payment_{kind}", key=key, **(said(request) | also))


def alert_officers(request: "PaymentRequest", kind: str, *, key: str | None = None, **also: str) -> None:
    """Tell the payments officers of the scheme, with the address of their own page."""
    dossier = request.award.dossier
    filled = thread.values(dossier) | said(request) | also | {"adresse": people.address(request)}
    notifications.notify(
        f"booster_ia.payment_{kind}", to=people.officers(dossier), values=filled, about=dossier, key=key
    )
