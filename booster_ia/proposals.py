"""What an agent and an organisation read of a proposal and of its decision, on the page of one dossier."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from django.utils import timezone

from normandata.accounts.models import User
from normandata.committee.models import Item
from normandata.dossiers.models import Dossier
from normandata.procedure.errors import NotNow
from normandata.regulation.formats import day as written_day
from normandata.regulation.formats import euros, spaced
from normandata.regulation.money import ZERO
from normandata.ui.gauge import Gauge, gauge_of

from . import programming
from .awards import Proposal
from .models import BoosterApplication
from .services import decisions

PENDING = ("proposed", "scheduled", "adjourned")
"""States in which a proposal stands and is not decided."""
GAUGED = ("review", *PENDING)
SEATED = ("scheduled", "adjourned", "granted", "refused", "notified", "in_progress", "delivered", "closed", "lapsed")
"""States in which the Commission permanente has the dossier, or had it."""
SENTENCES = {
    "proposed": "Examen en cours. La Commission permanente décidera. Rien n’est attendu de vous.",
    "scheduled": "Votre dossier sera présenté à la {session}. Rien n’est attendu de vous.",
    "adjourned": "La Commission permanente a reporté l’examen de votre dossier à une autre séance. Rien n’est attendu "
    "de vous.",
    "granted": "La Commission permanente a examiné votre dossier. Une lettre vous notifiera sa décision.",
    "refused": "La Commission permanente n’a pas retenu votre dossier. Une lettre vous dit pourquoi et comment "
    "contester cette décision.",
}
"""What an organisation reads in each state: never an amount before it is notified."""
ACTS = {
    "propose": "Subvention proposée",
    "propose_refusal": "Refus proposé",
    "validate_proposal": "Proposition validée",
    "send_back": "Proposition renvoyée à l’instruction",
    "schedule": "Dossier inscrit à une séance",
    "unschedule": "Dossier retiré de la séance",
    "grant": "Subvention accordée par la Commission permanente",
    "refuse": "Demande refusée par la Commission permanente",
    "adjourn": "Examen reporté par la Commission permanente",
    "undo_decision": "Décision défaite",
}
"""The journal's words for the proposal and what the committee does of it."""


@dataclass(frozen=True, slots=True)
class Shown:
    """The proposal on a dossier, its session and the decision; `gauge` is what a decision would leave. Euros.

    `envelope` is empty when none is open; `others` is proposed on other dossiers and not decided.
    """

    proposal: Proposal | None
    item: Item | None
    is_mine: bool
    envelope: str = ""
    gauge: Gauge | None = None
    others: Decimal = ZERO
    is_waiting: bool = False
    is_validated_by_me: bool = False

    @property
    def is_shown(self) -> bool:
        return self.proposal is not None or self.item is not None

    @property
    def title(self) -> str:
        if self.proposal is None:
            return "Commission permanente"
        return "Subvention proposée" if self.proposal.kind == Proposal.Kind.GRANT else "Refus proposé"

    @property
    def waits_for(self) -> str:
        """Say what an undecided proposal waits for."""
        if self.proposal is None or not self.is_waiting:
            return ""
        if not self.proposal.is_validated:
            mine = "Vous avez fait cette proposition : une autre personne la valide."
            return mine if self.is_mine else "Une personne autre que son auteur la valide ou la renvoie."
        return "Validée : elle attend une séance de la Commission permanente." if self.item is None else ""

    @property
    def beside(self) -> str:
        """Say what other proposals would take of the same envelope."""
        return spaced(f"{euros(self.others)} sont aussi proposés sur d’autres dossiers.") if self.others else ""

    @property
    def decided(self) -> str:
        """Write what the committee decided: « Accordé : 12 000,00 € HT »."""
        if self.item is None or not self.item.applied_at:
            return ""
        label = self.item.get_outcome_display()
        amount = self.item.decided_amount
        return spaced(f"{label} : {euros(amount)} {self.item.basis}") if amount is not None else label


def shown(dossier: Dossier, user: User) -> Shown:
    """Read what stands on a dossier, its session and its decision; two queries at most."""
    proposal = decisions.open_proposal(dossier) if dossier.state in PENDING else None
    item = item_of(dossier) if dossier.state in SEATED else None
    is_mine = proposal is not None and proposal.by_id == user.pk
    is_validator = proposal is not None and proposal.decided_by_id == user.pk
    return Shown(proposal, item, is_mine, is_waiting=dossier.state in PENDING, is_validated_by_me=is_validator)


def gauged(
    found: Shown, dossier: Dossier, application: BoosterApplication, asked: Decimal | None, *, beside: bool = False
) -> Shown:
    """Add the envelope and what the proposal would leave of it, or `asked` euros where nothing is proposed; one query.

    One more says what others are proposed `beside`. Nothing is added once it is decided, nor without an envelope.
    """
    if dossier.state not in GAUGED or application.wave is None:
        return found
    try:
        envelope = decisions.envelope_on(application.wave.committee_on)
    except NotNow:
        return found
    amount = found.proposal.amount if found.proposal else asked
    others = programming.spoken_for(envelope, but=dossier.pk) if beside else ZERO
    return replace(found, envelope=str(envelope), gauge=gauge_of(envelope, amount or None), others=others)


def item_of(dossier: Dossier) -> Item | None:
    """Return the last point of an agenda that a dossier is."""
    found = Item.objects.standing().filter(dossier=dossier).select_related("session")
    return found.order_by("-pk").first()


def labels(dossier: Dossier, found: Shown) -> Mapping[str, str]:
    """Name the gestures by what stands on the dossier; one that cannot be made is not offered."""
    proposal = found.proposal
    if dossier.state != "proposed" or proposal is None:
        return {}
    if proposal.is_validated:
        hidden = ("validate_proposal", "send_back") if found.is_validated_by_me else ("validate_proposal",)
        return dict.fromkeys(hidden, "")
    if found.is_mine:
        return {"validate_proposal": "", "send_back": "Reprendre ma proposition"}
    return {"validate_proposal": "Examiner la proposition", "send_back": ""}


def mark(dossier: Dossier, proposal: Proposal | None = None) -> str:
    """Return what tells two states of a dossier and of its proposal apart: a page made on another is refused."""
    since = timezone.localtime(dossier.turn_since).isoformat() if dossier.turn_since else ""
    stands = f"{proposal.pk}:{proposal.is_validated}" if proposal else ""
    return f"{dossier.state}|{since}|{stands}"


def worded(dossier: Dossier) -> str:
    """Say what is expected of the organisation in a state of the application; no query for a dossier of a list."""
    session = "prochaine Commission permanente"
    if dossier.state == "scheduled":
        items = [one for one in dossier.agenda_items.all() if one.removed_at is None]
        if items:
            session = f"Commission permanente du {written_day(max(items, key=lambda one: one.pk).session.held_on)}"
    return spaced(SENTENCES[dossier.state].format(session=session))
