"""From a check to a mandate: two people, the ledger, the grant never exceeded, lines that nobody edits afterwards."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from booster_ia.agreements import Agreement
from booster_ia.awards import Award
from booster_ia.payments import reckoning
from booster_ia.payments.lines import ExpenseFile, ExpenseLine
from booster_ia.payments.recoveries import Recovery
from booster_ia.payments.requests import PaymentRequest
from booster_ia.payments.services import certifying, checking
from normandata.accounts.models import Role, RoleAssignment
from normandata.budgets.models import Entry, Envelope
from normandata.dossiers.models import Letter
from normandata.dossiers.services import letters
from normandata.procedure.errors import NotAllowed, NotDone, NotNow, ReasonMissing, Unmet
from normandata.procedure.models import Event
from tests.factories.payments import (
    accept,
    ask_advance,
    ask_balance,
    give_account,
    line,
    make_award,
    make_checker,
    make_lead,
    make_officer,
    make_signatory,
    pay,
    pay_advance,
    reread,
    staff,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


def said(refused: "pytest.ExceptionInfo[NotDone]") -> list[str]:
    return [one.replace("\xa0", " ").replace("\u202f", " ") for one in refused.value.messages]


def money() -> tuple[Decimal, Decimal]:
    envelope = Envelope.objects.get()
    return envelope.committed, envelope.paid


# --------------------------------------------------------------------------------------------------------- settling
def test_capped_and_under_spent_pays_the_nominal_grant_and_shows_the_effective_one() -> None:
    award = make_award("12500.00", expenses="40000.00")
    give_account(award)
    request = pay(ask_balance(award, line(amount="18000"), staff(amount="12000")))
    assert (request.state, request.justified, request.amount) == ("certified", Decimal(30000), Decimal(12500))
    assert (request.final_grant, request.effective, request.overpayment) == (Decimal(12500), Decimal(9375), Decimal(0))
    found = reread(award)
    assert (found.paid, found.dossier.state, found.dossier.amount) == (Decimal(12500), "delivered", Decimal(12500))
    assert money() == (0, Decimal(12500))


def test_over_spent_never_pays_more_than_the_vote() -> None:
    award = make_award("12500.00", expenses="40000.00")
    give_account(award)
    pay_advance(award, "6250.00")
    request = pay(ask_balance(award, line(amount="60000")))
    assert (request.amount, reread(award).paid) == (Decimal(6250), Decimal(12500))


def test_under_spent_frees_the_rest_of_the_commitment() -> None:
    award = make_award("12500.00", expenses="40000.00")
    give_account(award)
    pay_advance(award, "5000.00")
    assert money() == (Decimal(7500), Decimal(5000))
    request = pay(ask_balance(award, line(amount="18000.51")))
    # 50 % × 18 000.51 = 9 000.255, half up: 9 000.26; less 5 000.
    assert request.amount == Decimal("4000.26")
    assert money() == (0, Decimal("9000.26"))


def test_an_overpaid_advance_opens_a_repayment_and_frees_the_rest() -> None:
    award = make_award("12500.00", expenses="40000.00")
    pay_advance(award, "6250.00")
    request = pay(ask_balance(award, line(amount="9000")))
    assert (request.state, request.amount, request.overpayment) == ("settled", 0, Decimal(1750))
    recovery = Recovery.objects.get()
    assert (recovery.kind, recovery.amount, recovery.state) == ("overpayment", Decimal(1750), "opened")
    assert reread(award).dossier.state == "delivered"
    assert money() == (0, Decimal(6250))


def test_other_public_aid_asked_again_at_the_balance_reduces_it() -> None:
    award = make_award("12500.00", expenses="40000.00")
    give_account(award)
    request = pay(ask_balance(award, line(amount="20000"), other_aid="12000"))
    assert (request.amount, request.final_grant) == (Decimal(8000), Decimal(8000))


def test_a_ttc_carrier_is_settled_on_what_it_paid() -> None:
    award = make_award("6000.00", expenses="12000.00", recovers_vat=False)
    give_account(award)
    request = pay(ask_balance(award, line(amount="7200", basis="TTC", vat_rate=Decimal(20))))
    assert (request.justified, request.amount) == (Decimal(7200), Decimal(3600))


def test_ttc_lines_are_summed_unrounded() -> None:
    """Three times 100 ÷ 1.2 = 83.333…: 250.00 exactly, where three rounded lines would make 249.99."""
    award = make_award("6000.00", expenses="12000.00")
    give_account(award)
    rows = [line(f"facture{n}", "100", basis="TTC", vat_rate=Decimal(20)) for n in (1, 2, 3)]
    request = pay(ask_balance(award, *rows))
    assert (request.justified, request.amount) == (Decimal(250), Decimal(125))


def test_a_cut_line_counts_for_what_was_accepted_of_it() -> None:
    award = make_award()
    give_account(award)
    request = ask_balance(award, line(amount="1200", basis="TTC", vat_rate=Decimal(20)))
    checker = make_checker()
    checking.decide(request.lines.get(), accepted=Decimal(600), reason="Moitié hors projet.", by=checker)
    checking.check(request, by=checker)
    assert (request.justified, request.amount) == (Decimal(500), Decimal(250))


def test_nothing_accepted_of_a_first_balance_settles_without_paying() -> None:
    award = make_award()
    give_account(award)
    request = pay(ask_balance(award, line(category="equipment")))
    assert (request.state, request.amount, Recovery.objects.count()) == ("settled", 0, 0)
    assert money() == (0, 0)


# ------------------------------------------------------------------------------------------------------------ lines
def test_the_same_invoice_twice_is_paid_once() -> None:
    award = make_award()
    give_account(award)
    request = ask_balance(
        award,
        line("facture1", invoice="F-2027/12", supplier="Atelier d’essai"),
        line("facture2", invoice="f 2027 12", supplier="ATELIER D'ESSAI"),
    )
    second = request.lines.get(row="facture2")
    with pytest.raises(NotDone) as refused:
        checking.decide(second, accepted=Decimal(1000), reason="Deux livraisons.", by=make_checker())
    assert said(refused) == [
        "Rien ne peut être accepté ici : Cette facture est déjà dans le dossier : « Prestation 1 », ligne 1."
    ]
    accept(request)
    assert request.justified == Decimal(1000)


def test_an_invoice_of_another_dossier_is_an_alert_for_the_agent_alone() -> None:
    first, second = make_award(), make_award()
    for award in (first, second):
        give_account(award)
    ask_balance(first, line(invoice="F-77"))
    request = ask_balance(second, line(invoice="F-77"))
    [found] = reckoning.judged(request)
    assert [one.code for one in found.findings] == ["elsewhere"]
    assert first.dossier.number in found.findings[0].sentence
    assert (found.public_findings, found.proposed) == ((), Decimal(1000))


def test_an_invoice_outside_the_period_is_refused_and_an_agent_may_accept_it_with_a_reason() -> None:
    award = make_award()
    give_account(award)
    request = ask_balance(award, line(first_day=date(2027, 7, 1), last_day=date(2027, 7, 1), paid_on=date(2027, 7, 9)))
    one, checker = request.lines.get(), make_checker()
    assert reckoning.judged(request)[0].proposed == 0
    with pytest.raises(ReasonMissing):
        checking.decide(one, accepted=Decimal(1000), reason="", by=checker)
    checking.decide(one, accepted=Decimal(1000), reason="Prestation faite en juin.", by=checker)
    checking.check(request, by=checker)
    assert request.justified == Decimal(1000)


@pytest.mark.parametrize(("accepted", "reason"), [("1000.01", "Davantage."), ("-1", "Moins.")])
def test_an_amount_out_of_bounds_is_refused(accepted: str, reason: str) -> None:
    award = make_award()
    give_account(award)
    request = ask_balance(award, line())
    with pytest.raises(NotDone):
        checking.decide(request.lines.get(), accepted=Decimal(accepted), reason=reason, by=make_checker())
    assert request.lines.get().accepted is None


def test_a_cut_has_its_reason() -> None:
    award = make_award()
    give_account(award)
    request = ask_balance(award, line())
    with pytest.raises(ReasonMissing):
        checking.decide(request.lines.get(), accepted=Decimal("999.99"), reason=" ", by=make_checker())


def test_a_check_waits_for_every_line() -> None:
    award = make_award()
    give_account(award)
    request = ask_balance(award, line("facture1"), line("facture2"))
    checker = make_checker()
    checking.decide(request.lines.get(row="facture1"), accepted=Decimal(1000), reason="", by=checker)
    with pytest.raises(Unmet) as refused:
        checking.check(request, by=checker)
    assert said(refused) == ["1 dépense attend une décision."]
    assert checking.decide_as_proposed(request, by=checker) == 1
    checking.check(request, by=checker)
    assert request.justified == Decimal(2000)


# ---------------------------------------------------------------------------------------------------- second person
def test_who_checks_does_not_certify() -> None:
    award = make_award()
    give_account(award)
    both = make_officer()
    RoleAssignment.objects.create(user=both, role=Role.AGENT, scheme="booster_ia")
    make_signatory()
    request = accept(ask_advance(award, "5000.00"), checker=both)
    with pytest.raises(Unmet) as refused:
        certifying.certify(request, by=both)
    assert said(refused) == ["Vous avez contrôlé cette demande : une autre personne fait ce geste."]
    assert reread(award).paid == 0
    certifying.certify(request, by=make_officer())
    assert reread(award).paid == Decimal(5000)


def test_the_database_too_refuses_that_who_checks_certifies() -> None:
    award = make_award()
    give_account(award)
    request = pay(ask_advance(award, "5000.00"))
    with pytest.raises(IntegrityError), transaction.atomic():
        PaymentRequest.objects.filter(pk=request.pk).update(certified_by=request.checked_by)


def test_an_agent_does_not_certify_nor_an_officer_check() -> None:
    award = make_award()
    give_account(award)
    request = ask_advance(award, "5000.00")
    with pytest.raises(NotAllowed):
        checking.check(request, accepted=Decimal(5000), by=make_officer())
    accept(request)
    with pytest.raises(NotAllowed):
        certifying.certify(request, by=make_lead())


def test_a_check_is_opened_again_by_another_with_a_reason() -> None:
    award = make_award()
    give_account(award)
    checker = make_lead()
    request = accept(ask_balance(award, line()), checker=checker)
    with pytest.raises(Unmet):
        checking.reopen(request, reason="Une pièce m’a échappé.", by=checker)
    with pytest.raises(ReasonMissing):
        checking.reopen(request, reason="", by=make_lead())
    checking.reopen(request, reason="Une pièce est illisible.", by=make_lead())
    assert (request.state, request.amount, request.checked_by) == ("submitted", None, None)
    event = Event.objects.about(request).named("reopen").get()
    assert event.reason == "Une pièce est illisible."


@pytest.mark.parametrize("state", ["certified", "paid"])
def test_a_certified_request_is_not_opened_again(state: str) -> None:
    award = make_award()
    give_account(award)
    request = pay(ask_advance(award, "5000.00"), number="2027-1" if state == "paid" else "")
    assert request.state == state
    with pytest.raises(NotNow):
        checking.reopen(request, reason="Trop tard.", by=make_lead())


# --------------------------------------------------------------------------------------------------------- freezing
def test_certified_lines_are_frozen_by_the_database() -> None:
    award = make_award()
    give_account(award)
    request = ask_balance(award, line())
    free = ExpenseLine.objects.filter(request=request)
    assert free.update(label="Avant") == 1, "the witness: before the certification a line takes a change"
    pay(request)
    for gesture in (
        lambda: free.update(accepted=0, reason="Après."),
        free.delete,
        lambda: line("facture9").__class__.objects.create(**_columns(request)),
        lambda: ExpenseFile.objects.filter(request=request).update(row="facture2"),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            gesture()
    assert free.get().accepted == Decimal(1000)


def _columns(request: PaymentRequest) -> dict[str, object]:
    made = line("facture9")
    names = ("row", "rank", "category", "label", "first_day", "last_day", "amount", "basis")
    return {"request": request, **{name: getattr(made, name) for name in names}}


def test_the_grant_is_never_overpaid_by_the_database() -> None:
    award = make_award("5000.00")
    with pytest.raises(IntegrityError), transaction.atomic():
        Award.objects.filter(pk=award.pk).update(paid=Decimal("5000.01"))


# -------------------------------------------------------------------------------------------------------- conditions
def test_bank_details_are_checked_before_anything_is_paid() -> None:
    award = make_award()
    give_account(award, is_checked=False)
    make_signatory()
    request = accept(ask_advance(award, "5000.00"))
    with pytest.raises(Unmet) as refused:
        certifying.certify(request, by=make_officer())
    assert said(refused) == ["Les coordonnées bancaires ne sont pas vérifiées : vérifiez-les avant de certifier."]


def test_a_change_of_account_after_a_payment_is_checked_before_the_next() -> None:
    award = make_award()
    pay_advance(award, "5000.00")
    give_account(award, is_checked=False)
    with pytest.raises(Unmet):
        pay(ask_balance(award, line(amount="30000")))
    assert reread(award).paid == Decimal(5000)


def test_without_a_signatory_nothing_is_paid() -> None:
    award = make_award()
    give_account(award)
    request = accept(ask_advance(award, "5000.00"))
    with pytest.raises(NotNow):
        certifying.certify(request, by=make_officer())
    assert (reread(award).paid, Entry.objects.filter(kind="pay").count(), Letter.objects.count()) == (0, 0, 0)


def test_certifying_twice_pays_once() -> None:
    award = make_award()
    give_account(award)
    request, officer = accept(ask_advance(award, "5000.00")), make_officer()
    make_signatory()
    certifying.certify(request, by=officer)
    with pytest.raises(NotNow):
        certifying.certify(request, by=officer)
    assert (reread(award).paid, Entry.objects.filter(kind="pay").count()) == (Decimal(5000), 1)


def test_a_reduced_advance_says_why() -> None:
    award = make_award()
    give_account(award)
    request, checker = ask_advance(award, "5000.00"), make_checker()
    with pytest.raises(Unmet):
        checking.check(request, accepted=Decimal(4000), by=checker)
    with pytest.raises(Unmet):
        checking.check(request, accepted=Decimal("5000.01"), reason="Plus.", by=checker)
    checking.check(request, accepted=Decimal(4000), reason="Deux mois de salaires.", by=checker)
    assert (request.amount, request.reason) == (Decimal(4000), "Deux mois de salaires.")


# ------------------------------------------------------------------------------------------------------ bulk, mandates
def test_certifying_several_keeps_those_that_pass() -> None:
    good, bad = make_award(), make_award()
    give_account(good)
    give_account(bad, is_checked=False)
    make_signatory()
    asked = [accept(ask_advance(award, "5000.00")) for award in (good, bad)]
    done = certifying.certify_all(asked, by=make_officer())
    assert [bool(one.problems) for one in done] == [False, True]
    assert [reread(award).paid for award in (good, bad)] == [Decimal(5000), 0]


def test_a_mandate_is_written_once_and_corrected_with_a_reason() -> None:
    award = make_award()
    give_account(award)
    officer = make_officer()
    request = pay(ask_advance(award, "5000.00"), officer=officer)
    today = timezone.localdate()
    for number, on in (("", today), ("M-1", today + timedelta(days=1)), ("M-1", today - timedelta(days=1))):
        with pytest.raises(NotDone):
            certifying.mandate(request, number=number, on=on, by=officer)
    certifying.mandate(request, number=" M-1 ", on=today, by=officer)
    assert (request.state, request.mandate) == ("paid", "M-1")
    with pytest.raises(NotNow):
        certifying.mandate(request, number="M-2", on=today, by=officer)
    with pytest.raises(Unmet) as refused:
        certifying.correct_mandate(request, number="M-2", on=today, reason="Faute de frappe.", by=officer)
    assert said(refused) == ["Vous avez inscrit ce mandat : une autre personne le corrige."]
    second = make_officer()
    with pytest.raises(ReasonMissing):
        certifying.correct_mandate(request, number="M-2", on=today, reason=" ", by=second)
    with pytest.raises(NotAllowed):
        certifying.correct_mandate(request, number="M-2", on=today, reason="Faute de frappe.", by=make_checker())
    certifying.correct_mandate(request, number="M-2", on=today, reason="Faute de frappe.", by=second)
    found = PaymentRequest.objects.get()
    assert (found.mandate, found.mandated_by) == ("M-2", second)
    event = Event.objects.about(request).named("correct_mandate").get()
    assert (event.reason, event.data) == ("Faute de frappe.", {"before": "M-1", "after": "M-2"})


# ------------------------------------------------------------------------------------------------------ the convention
def test_nothing_is_paid_on_a_convention_that_waits_for_the_regions_signature() -> None:
    award = make_award("12500.00")
    give_account(award)
    request = ask_advance(award, "5000.00")
    accept(request)
    make_signatory()
    letter = letters.send(
        award.dossier,
        "booster_ia.agreement",
        title="Convention",
        filename="convention.pdf",
        record={},
        at=timezone.now(),
    )
    agreement = Agreement.objects.create(award=award, letter=letter, terms={})
    with pytest.raises(Unmet) as refused:
        certifying.certify(request, by=make_officer())
    assert said(refused) == ["La convention attend la signature de la Région : notez-la avant tout paiement."]
    assert reread(award).paid == 0
    Agreement.objects.filter(pk=agreement.pk).update(
        means="paper",
        signed_on=date(2026, 12, 20),
        signed_name="Dominique Exemple",
        signed_function="Gérante",
        signed_by=award.dossier.created_by,
        signed_at=timezone.now(),
        countersigned_on=date(2026, 12, 22),
        countersigned_by=make_lead(),
    )
    certifying.certify(request, by=make_officer())
    assert reread(award).paid == Decimal(5000)
