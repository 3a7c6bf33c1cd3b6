"""What becomes of a dossier of Booster IA once it was decided: letter, convention, payments, account, closing."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django.utils import timezone
from stdnum import iban

from booster_ia.awards import Award
from booster_ia.payments import reckoning
from booster_ia.payments.forms import BalanceForm
from booster_ia.payments.lines import wanted
from booster_ia.payments.requests import PaymentRequest
from booster_ia.payments.services import bank, certifying, checking, recoveries, requests
from booster_ia.services import after, decisions, notification
from normandata.documents import services as documents
from normandata.dossiers.forms import Context, as_data
from normandata.dossiers.models import Dossier
from normandata.dossiers.services import letters
from normandata.organisations.models import Organisation
from normandata.procedure import services as procedure

from . import clock, samples
from .tale import Step, Tale

BIC = "FICTFRPP"
BILL = ("categorie", "libelle", "fournisseur", "numero", "date", "payee", "montant")
"""What is told of an invoice; its two days count back from today."""


def dossier_of(tale: Tale) -> Dossier:
    """Return the dossier of a story as the committee left it."""
    tale.dossier.refresh_from_db()
    return tale.dossier


def award_of(tale: Tale) -> Award:
    """Return the grant of a story; LookupError where it has none, a fault of the story."""
    award = decisions.award_of(tale.dossier)
    if award is None:
        raise LookupError(f"{tale.story.slug} has no grant")
    return award


def request_of(tale: Tale) -> PaymentRequest:
    """Return the last request of a grant."""
    return PaymentRequest.objects.filter(award__dossier=tale.dossier).whole().latest("pk")


# ------------------------------------------------------------------------------------------- letters and the convention
def tell(tale: Tale, step: Step) -> None:
    notification.tell(dossier_of(tale), by=tale.by(step))


def read_letters(tale: Tale, step: Step) -> None:
    """Have the structure open every letter that it has not read."""
    for letter in tale.dossier.letters.filter(read_at=None, is_internal=False):
        letters.opened(letter, by=tale.author)


def sign(tale: Tale, step: Step) -> None:
    """Sign on screen, for the structure; the convention is made at once, for nobody signs a paper that is not there."""
    agreement = notification.agreement_of(tale.dossier)
    if agreement is None:
        raise LookupError(f"{tale.story.slug} has no convention")
    documents.make(agreement.letter.document_id)
    name, role = tale.story.head
    notification.sign(dossier_of(tale), name=name, function=role, by=tale.author)


def countersign(tale: Tale, step: Step) -> None:
    notification.countersign(dossier_of(tale), on=timezone.localdate(), by=tale.by(step))


# ----------------------------------------------------------------------------------------------------------- payments
def give_bank(tale: Tale, step: Step) -> None:
    proof = samples.receive("rib.pdf", "Relevé d’identité bancaire (exemple fictif)", by=tale.author)
    holder, number = tale.organisation.label, fictitious_iban(tale.organisation)
    bank.declare(dossier_of(tale), proof, holder=holder, iban=number, bic=BIC, by=tale.author)


def fictitious_iban(organisation: Organisation) -> str:
    """Return a valid IBAN of a bank that does not exist, the same for an organisation whenever it is asked."""
    account = f"99999000{organisation.siret[-13:]}00"
    return f"FR{iban.calc_check_digits(f'FR00{account}')}{account}"


def check_bank(tale: Tale, step: Step) -> None:
    details = bank.current(tale.organisation)
    if details is None:
        raise LookupError(f"{tale.story.slug} gave no bank details")
    bank.check(details, dossier_of(tale), by=tale.by(step))


def ask_advance(tale: Tale, step: Step) -> None:
    request = requests.begin(award_of(tale), "advance", by=tale.author)
    typed = {"montant": step["amount"], "justification": step["why"]}
    request = requests.save(request, typed, version=request.version, by=tale.author)
    requests.send_advance(request, amount=Decimal(step["amount"]), justification=step["why"], by=tale.author)


def ask_balance(tale: Tale, step: Step) -> None:
    """Type the invoices in the form that people fill, join one file to each, and send them."""
    request = requests.begin(award_of(tale), "balance", by=tale.author)
    typed = bills(step["bills"], request.award.basis)
    request = requests.save(request, typed, version=request.version, by=tale.author)
    form = BalanceForm(as_data(typed), context=Context(tale.organisation), request=request)
    if not form.is_valid():
        raise ValueError(f"{tale.story.slug}: {form.errors.as_json()}")
    for line in form.cleaned_data["lines"]:
        title = f"{line.label}, facture acquittée {line.invoice} (exemple fictif)"
        for kind in wanted(line.category):
            upload = samples.receive(f"{line.row}.pdf", title, by=tale.author)
            requests.attach(request, line.row, kind, upload, by=tale.author)
    aid = form.other_public_aid
    requests.send_balance(request, form.cleaned_data["lines"], other_public_aid=aid, by=tale.author)


def bills(told: list[list[Any]], basis: str) -> Mapping[str, str]:
    """Return invoices as typed."""
    typed = {"autres": "non"}
    for rank, row in enumerate(told, start=1):
        for name, said in zip(BILL, row, strict=True):
            written = f"{clock.working_day(said):%d/%m/%Y}" if isinstance(said, int) else str(said)
            typed[f"facture{rank}_{name}"] = written
        typed[f"facture{rank}_base"] = basis
    return typed


def check(tale: Tale, step: Step) -> None:
    """Check the last request: an advance as it was asked, each line of a balance as the portal proposes."""
    request, by = request_of(tale), tale.by(step)
    if request.is_advance:
        checking.check(request, accepted=request.asked, by=by)
        return
    for one in reckoning.judged(request):
        why = "" if one.proposed == one.line.amount else step["reason"]
        checking.decide(one.line, accepted=one.proposed, reason=why, by=by)
    checking.check(request, by=by)


def pay(tale: Tale, step: Step) -> None:
    certifying.certify(request_of(tale), by=tale.by(step))


def mandate(tale: Tale, step: Step) -> None:
    certifying.mandate(request_of(tale), number=step["number"], on=timezone.localdate(), by=tale.by(step))


def ask_back(tale: Tale, step: Step) -> None:
    """Send the letter that opens the adversarial period of what was paid too much."""
    recoveries.notify(award_of(tale).recoveries.pending().get(), by=tale.by(step))


# --------------------------------------------------------------------------------------------------------- the project
def account(tale: Tale, step: Step) -> None:
    """Fill in and send the account of the project; `finished` counts back from today."""
    award = award_of(tale)
    typed = dict(step["answers"]) | {"fini_le": f"{clock.working_day(step['finished']):%d/%m/%Y}"}
    after.save(award, typed, version=0, by=tale.author)
    after.send(award, by=tale.author)


def exchange(tale: Tale, step: Step) -> None:
    day = timezone.localdate()
    after.note_exchange(award_of(tale), on=day, mode=step["mode"], notes=step["text"], by=tale.by(step))


def prove(tale: Tale, step: Step) -> None:
    after.reply(award_of(tale), "proof", is_yes=True, by=tale.by(step))


def feedback(tale: Tale, step: Step) -> None:
    after.reply(award_of(tale), "feedback", is_yes=True, link=step["link"], by=tale.by(step))


def enter(tale: Tale, step: Step) -> None:
    """Say of a structure of the project whether it came new in the network of the DataLab, `joined` days ago."""
    joined_on = clock.working_day(step["joined"]) if "joined" in step else None
    after.enter(
        award_of(tale),
        step["siret"],
        is_new=joined_on is not None,
        is_public=step.get("is_public", False),
        joined_on=joined_on,
        by=tale.by(step),
    )


def close(tale: Tale, step: Step) -> None:
    procedure.fire(dossier_of(tale), "close", by=tale.by(step))


GESTURES: dict[str, Callable[[Tale, Step], object]] = {
    "tell": tell,
    "read_letters": read_letters,
    "sign": sign,
    "countersign": countersign,
    "give_bank": give_bank,
    "check_bank": check_bank,
    "ask_advance": ask_advance,
    "ask_balance": ask_balance,
    "check": check,
    "pay": pay,
    "mandate": mandate,
    "ask_back": ask_back,
    "account": account,
    "exchange": exchange,
    "prove": prove,
    "feedback": feedback,
    "enter": enter,
    "close": close,
}
