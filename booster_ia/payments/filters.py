"""The filters of the payments' list, kept in its address."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import OuterRef, Q, Subquery

from normandata.organisations.siret import compact

from . import states
from .bank import BankDetails
from .requests import PaymentRequest, PaymentRequestQuerySet

LONGEST = 100
STATES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "certifier": ("À certifier", (states.CHECKED,)),
    "mandater": ("À mandater", (states.CERTIFIED,)),
    "controler": ("À contrôler", (states.SUBMITTED,)),
    "structure": ("Chez la structure", (states.RETURNED,)),
    "faits": ("Payés et soldés", (states.PAID, states.SETTLED)),
    "refuses": ("Refusés", (states.REFUSED,)),
    "tous": ("Tous", states.DEPOSITED),
}
KINDS = dict(PaymentRequest.Kind.choices)


@dataclass(frozen=True, slots=True)
class Filters:
    """What the list shows: a state of the list above, a kind or both, and words of a number, a SIRET or a name."""

    state: str
    kind: str
    words: str

    @classmethod
    def read(cls, query: Mapping[str, str], *, default: str) -> "Filters":
        """Read an address; what is not known is left aside."""
        state, kind = query.get("etat", ""), query.get("nature", "")
        return cls(
            state if state in STATES else default,
            kind if kind in KINDS else "",
            query.get("q", "").strip()[:LONGEST],
        )

    @property
    def encoded(self) -> str:
        return urlencode({"etat": self.state, "nature": self.kind, "q": self.words})

    def apply(self, found: PaymentRequestQuerySet) -> PaymentRequestQuerySet:
        """Keep what is asked, the oldest in its state first, with the state of the account of each."""
        kept = found.filter(state__in=STATES[self.state][1])
        if self.kind:
            kept = kept.filter(kind=self.kind)
        if self.words:
            known = Q(award__organisation__name__icontains=self.words)
            known |= Q(award__dossier__number__icontains=self.words)
            if (number := compact(self.words)).isdecimal():
                known |= Q(award__organisation__siret__startswith=number)
            kept = kept.filter(known)
        account = BankDetails.objects.current().filter(organisation=OuterRef("award__organisation"))
        return kept.annotate(account_state=Subquery(account.values("state")[:1])).order_by("state_since", "pk")
