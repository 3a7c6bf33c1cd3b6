"""Grants under convention, and payments asked on them, made by the gestures that people would make."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from django.utils import timezone
from stdnum import iban

from booster_ia.awards import Award
from booster_ia.payments import reckoning
from booster_ia.payments.bank import BankDetails
from booster_ia.payments.lines import Document, ExpenseFile, ExpenseLine, wanted
from booster_ia.payments.requests import PaymentRequest
from booster_ia.payments.services import bank, certifying, checking, requests
from normandata.accounts.models import Role, User
from normandata.budgets import services as budgets
from normandata.budgets.models import Envelope
from normandata.committee.models import Item, Session
from normandata.dossiers.models import Dossier, Signatory
from normandata.organisations.models import Organisation
from tests.factories.accounts import UserFactory, make_agent, make_user_with
from tests.factories.committee import SessionFactory, make_brief, make_envelope
from tests.factories.documents import UploadFactory
from tests.factories.waves import make_application

SCHEME = "booster_ia"
STARTS, ENDS, JUSTIFY_BY = date(2027, 1, 4), date(2027, 6, 30), date(2027, 12, 30)
BIC = "AGRIFRPP"
_numbers = count(1)


def make_signatory() -> Signatory:
    """Designate who signs the letters."""
    found = Signatory.objects.first()
    return found or Signatory.objects.create(
        name="Alix Exemple", quality="La directrice d’essai", since=date(2026, 1, 1)
    )


def make_officer(**fields: Any) -> User:
    return make_user_with(Role.PAYMENTS_OFFICER, SCHEME, **fields)


def make_checker(**fields: Any) -> User:
    return make_agent(SCHEME, **fields)


def make_lead(**fields: Any) -> User:
    return make_user_with(Role.LEAD_AGENT, SCHEME, **fields)


def fictitious_iban() -> str:
    """Return a valid IBAN of a bank that does not exist."""
    account = f"99999000{next(_numbers):013d}00"
    return f"FR{iban.calc_check_digits(f'FR00{account}')}{account}"


def make_award(
    amount: str = "12500.00",
    *,
    expenses: str = "40000.00",
    other_aid: str = "0.00",
    recovers_vat: bool = True,
    state: str = "in_progress",
    organisation: Organisation | None = None,
    **fields: Any,
) -> Award:
    """Make a grant whose money is committed and whose convention is signed, without going through a session."""
    dossier = make_application(
        organisation=organisation,
        state=state,
        grant=Decimal(amount),
        eligible_expenses=Decimal(expenses),
        recovers_vat=recovers_vat,
        **fields,
    )
    Dossier.objects.filter(pk=dossier.pk).update(turn="applicant", amount=Decimal(amount), amount_basis="HT")
    envelope = Envelope.objects.filter(scheme=SCHEME).first() or make_envelope()
    session = Session.objects.first() or SessionFactory()
    basis = "HT" if recovers_vat else "TTC"
    item = Item.objects.create(
        session=session,
        dossier=dossier,
        rank=1,
        is_grant=True,
        proposed_amount=Decimal(amount),
        basis=basis,
        outcome="granted",
        decided_amount=Decimal(amount),
        applied_at=dossier.submitted_at,
        brief=make_brief(Decimal(amount)),
        added_by=session.created_by,
    )
    award = Award.objects.create(
        dossier=dossier,
        organisation=dossier.organisation,
        item=item,
        envelope=envelope,
        granted_on=date(2026, 12, 14),
        deliberation="CP D 26-12-00",
        amount=Decimal(amount),
        basis=basis,
        eligible_expenses=Decimal(expenses),
        other_public_aid=Decimal(other_aid),
        rate=Decimal(50),
        cap=Decimal(12500),
        aid_regime="hors_aide",
        recovers_vat=recovers_vat,
        starts_on=STARTS,
        ends_on=ENDS,
        justify_by=JUSTIFY_BY,
        notified_on=date(2026, 12, 20),
    )
    budgets.commit(envelope, award, award.amount, key=f"award:{award.pk}:commit", by=None)
    return reread(award)


def reread(award: Award) -> Award:
    return Award.objects.select_related("dossier__organisation", "envelope").get(pk=award.pk)


def applicant_of(award: Award) -> User:
    found = award.dossier.created_by
    assert found is not None
    return found


def give_account(award: Award, *, is_checked: bool = True, officer: User | None = None) -> BankDetails:
    """Declare bank details, checked unless told otherwise (use the `media` fixture with it)."""
    details = bank.declare(
        award.dossier,
        UploadFactory(name="rib.pdf"),
        holder="Entreprise fictive",
        iban=fictitious_iban(),
        bic=BIC,
        by=applicant_of(award),
    )
    if is_checked:
        bank.check(details, award.dossier, by=officer or make_officer())
    return details


def line(row: str = "facture1", amount: str = "1000.00", **fields: Any) -> ExpenseLine:
    """Build an invoice of the project's period, unsaved."""
    number = int("".join(filter(str.isdigit, row)) or 1)
    values: dict[str, Any] = {
        "row": row,
        "rank": number,
        "category": "services",
        "label": f"Prestation {number}",
        "supplier": "Atelier d’essai",
        "invoice": f"F-{next(_numbers):05d}",
        "first_day": date(2027, 3, 1),
        "last_day": date(2027, 3, 1),
        "paid_on": date(2027, 3, 20),
        "amount": Decimal(amount),
        "basis": "HT",
        **fields,
    }
    values.setdefault("last_day", values["first_day"])
    return ExpenseLine(**values)


def staff(row: str = "personne1", amount: str = "5000.00", **fields: Any) -> ExpenseLine:
    """Build the cost of somebody hired for the project, unsaved."""
    values: dict[str, Any] = {
        "category": "personnel",
        "label": "Camille Exemple",
        "supplier": "",
        "invoice": "",
        "first_day": date(2027, 2, 1),
        "last_day": date(2027, 5, 31),
        "paid_on": None,
        "function": "Ingénieure données",
        "days": Decimal(40),
        **fields,
    }
    return line(row, amount, **values)


def prove(request: PaymentRequest, *lines: ExpenseLine, kinds: Sequence[Document] | None = None) -> None:
    """Join to each line a file of each kind it is proved by (use the `media` fixture with it)."""
    for one in lines:
        for kind in wanted(one.category) if kinds is None else kinds:
            ExpenseFile.objects.create(
                request=request, row=one.row, kind=kind, upload=UploadFactory(), added_by=request.saved_by
            )


def ask_advance(award: Award, amount: str, *, why: str = "Salaires à avancer dès février.") -> PaymentRequest:
    """Begin and send a request for an advance."""
    applicant = applicant_of(award)
    request = requests.begin(award, "advance", by=applicant)
    requests.send_advance(request, amount=Decimal(amount), justification=why, by=applicant)
    return request


def ask_balance(award: Award, *lines: ExpenseLine, other_aid: str = "0.00") -> PaymentRequest:
    """Begin a balance, join its papers, send it."""
    applicant = applicant_of(award)
    request = requests.begin(award, "balance", by=applicant)
    prove(request, *lines)
    requests.send_balance(request, lines, other_public_aid=Decimal(other_aid), by=applicant)
    return request


def accept(request: PaymentRequest, *, checker: User | None = None, reason: str = "") -> PaymentRequest:
    """Decide each line as the portal proposes, and close the check; an advance is accepted whole."""
    checker = checker or make_checker()
    if request.is_advance:
        checking.check(request, accepted=request.asked, reason=reason, by=checker)
        return request
    for one in reckoning.judged(request):
        why = "" if one.proposed == one.line.amount else "Refusée par défaut."
        checking.decide(one.line, accepted=one.proposed, reason=why, by=checker)
    checking.check(request, reason=reason, by=checker)
    return request


def pay(request: PaymentRequest, *, officer: User | None = None, number: str = "") -> PaymentRequest:
    """Check and certify a request that was sent, then type its mandate where one is given."""
    officer = officer or make_officer()
    make_signatory()
    if request.state == "submitted":
        accept(request)
    certifying.certify(request, by=officer)
    if number and request.state == "certified":
        certifying.mandate(request, number=number, on=timezone.localdate(request.certified_at), by=officer)
    return request


def pay_advance(award: Award, amount: str) -> PaymentRequest:
    """Pay an advance, from its request to its mandate."""
    if bank.current(award.organisation) is None:
        give_account(award)
    return pay(ask_advance(award, amount), number=f"2027-{next(_numbers):05d}")


LATER = timedelta(days=31)
"""Longer than the adversarial period."""
__all__ = [
    "BIC", "ENDS", "JUSTIFY_BY", "LATER", "STARTS", "UserFactory", "accept", "applicant_of", "ask_advance",
    "ask_balance", "fictitious_iban", "give_account", "line", "make_award", "make_checker", "make_lead",
    "make_officer", "make_signatory", "pay", "pay_advance", "prove", "reread", "staff",
]  # fmt: skip
