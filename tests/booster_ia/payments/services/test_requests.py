"""What the structure asks: one request at a time, saved without loss, sent whole; nothing of another's."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from booster_ia.payments.lines import ExpenseLine
from booster_ia.payments.requests import PaymentRequest
from booster_ia.payments.services import bank, checking, requests
from booster_ia.payments.services.requests import Conflict
from normandata.notifications.models import Mail
from normandata.procedure.errors import NotAllowed, NotNow, Unmet
from tests.factories.accounts import UserFactory
from tests.factories.documents import UploadFactory
from tests.factories.payments import (
    BIC,
    applicant_of,
    ask_advance,
    ask_balance,
    fictitious_iban,
    give_account,
    line,
    make_award,
    make_checker,
    pay_advance,
    prove,
    staff,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


def sentences(refused: "pytest.ExceptionInfo[Unmet]") -> list[str]:
    return [one.replace("\xa0", " ").replace("\u202f", " ") for one in refused.value.messages]


@pytest.mark.parametrize("state", ["granted", "notified", "delivered"])
def test_nothing_is_asked_before_the_convention_is_signed_nor_after_the_balance(state: str) -> None:
    award = make_award(state=state)
    with pytest.raises(NotNow):
        requests.begin(award, "advance", by=applicant_of(award))
    assert PaymentRequest.objects.count() == 0


def test_beginning_twice_is_one_request_and_another_kind_waits() -> None:
    award = make_award()
    first = requests.begin(award, "advance", by=applicant_of(award))
    assert requests.begin(award, "advance", by=applicant_of(award)) == first
    with pytest.raises(NotNow):
        requests.begin(award, "balance", by=applicant_of(award))
    requests.give_up(first, by=applicant_of(award))
    assert requests.begin(award, "balance", by=applicant_of(award)).pk != first.pk


def test_the_database_too_refuses_two_open_requests() -> None:
    award = make_award()
    first = requests.begin(award, "advance", by=applicant_of(award))
    with pytest.raises(IntegrityError), transaction.atomic():
        PaymentRequest.objects.create(award=award, kind="balance", saved_by=first.saved_by)


def test_somebody_else_begins_nothing() -> None:
    award = make_award()
    with pytest.raises(NotAllowed):
        requests.begin(award, "advance", by=UserFactory())


def test_what_is_typed_is_kept_and_two_windows_do_not_overwrite_each_other() -> None:
    award = make_award()
    applicant = applicant_of(award)
    request = requests.begin(award, "balance", by=applicant)
    requests.save(request, {"facture1_libelle": "Prototype"}, version=1, by=applicant)
    assert request.version == 2
    requests.save(request, {"facture1_libelle": "Prototype"}, version=1, by=applicant)
    assert request.version == 2, "the same text sent again changes nothing"
    with pytest.raises(Conflict):
        requests.save(request, {"facture1_libelle": "Autre"}, version=1, by=applicant)
    assert PaymentRequest.objects.get().typed == {"facture1_libelle": "Prototype"}


# ---------------------------------------------------------------------------------------------------------- advance
@pytest.mark.parametrize(
    ("amount", "why", "sentence"),
    [
        ("6000.00", " ", "Écrivez pourquoi cette avance est nécessaire : sans justification, l’avance est de zéro."),
        ("12500.01", "Salaires.", "L’avance ne dépasse pas 12 500,00 €."),
        ("0.00", "Salaires.", "Indiquez le montant de l’avance, en euros."),
    ],
)
def test_an_advance_has_its_reason_and_its_ceiling(amount: str, why: str, sentence: str) -> None:
    award = make_award()
    give_account(award)
    request = requests.begin(award, "advance", by=applicant_of(award))
    with pytest.raises(Unmet) as refused:
        requests.send_advance(request, amount=Decimal(amount), justification=why, by=applicant_of(award))
    assert sentences(refused) == [sentence]
    assert PaymentRequest.objects.get().state == "draft"


def test_an_advance_needs_bank_details() -> None:
    award = make_award()
    with pytest.raises(Unmet) as refused:
        ask_advance(award, "6000.00")
    assert sentences(refused) == ["Donnez d’abord vos coordonnées bancaires."]


def test_the_whole_grant_may_be_advanced_when_it_is_not_half_of_the_expenses() -> None:
    award = make_award("12500.00", expenses="40000.00")
    give_account(award)
    assert ask_advance(award, "12500.00").state == "submitted"


def test_an_advance_paid_is_not_asked_twice() -> None:
    award = make_award()
    pay_advance(award, "5000.00")
    with pytest.raises(NotNow):
        requests.begin(award, "advance", by=applicant_of(award))


def test_a_refused_advance_leaves_its_place_to_another() -> None:
    award = make_award()
    give_account(award)
    checking.refuse(ask_advance(award, "5000.00"), reason="Trésorerie suffisante.", by=make_checker())
    assert ask_advance(award, "4000.00").state == "submitted"


# ---------------------------------------------------------------------------------------------------------- balance
def test_a_balance_sends_its_lines_and_tells_both_sides() -> None:
    award = make_award()
    give_account(award)
    request = ask_balance(award, line(amount="1200.50"), staff(amount="8000"))
    assert (request.state, request.other_public_aid) == ("submitted", 0)
    assert list(request.lines.values_list("row", "amount")) == [
        ("facture1", Decimal("1200.50")),
        ("personne1", Decimal(8000)),
    ]
    kinds = set(Mail.objects.filter(about_key=str(award.dossier.pk)).values_list("kind", flat=True))
    assert "booster_ia.payment_sent" in kinds
    assert award.dossier.messages.filter(subject__contains="demande de solde reçue").count() == 1


def test_a_balance_without_a_line_is_not_sent() -> None:
    award = make_award()
    give_account(award)
    with pytest.raises(Unmet) as refused:
        ask_balance(award)
    assert sentences(refused) == ["Indiquez au moins une dépense."]


def test_a_request_sent_back_keeps_the_decisions_of_the_lines_that_did_not_change() -> None:
    award = make_award()
    give_account(award)
    first, second, third = line("facture1"), line("facture2"), line("facture3")
    request = ask_balance(award, first, second, third)
    checker = make_checker()
    for one in request.lines.all():
        whole = one.row != "facture3"
        checking.decide(
            one, accepted=one.amount if whole else Decimal(0), reason="" if whole else "Illisible.", by=checker
        )
    checking.send_back(request, reason="Joignez une facture lisible.", by=checker)
    assert (request.state, request.reason) == ("returned", "Joignez une facture lisible.")
    again = [
        line("facture1", invoice=first.invoice),
        line("facture2", amount="900.00", invoice=second.invoice),
        line("facture3", invoice=third.invoice),
    ]
    requests.send_balance(request, again, other_public_aid=Decimal(0), by=applicant_of(award))
    found = dict(request.lines.values_list("row", "accepted"))
    assert found == {"facture1": Decimal(1000), "facture2": None, "facture3": None}


def test_a_row_taken_away_takes_its_line_away() -> None:
    award = make_award()
    give_account(award)
    request = ask_balance(award, line("facture1"), line("facture2"))
    checking.send_back(request, reason="Ôtez la seconde.", by=make_checker())
    requests.send_balance(request, [line("facture1")], other_public_aid=Decimal(0), by=applicant_of(award))
    assert list(ExpenseLine.objects.values_list("row", flat=True)) == ["facture1"]


def test_what_was_sent_takes_no_change_nor_file() -> None:
    award = make_award()
    give_account(award)
    request = ask_balance(award, line())
    file = request.files.get()
    with pytest.raises(NotNow):
        requests.save(request, {}, version=request.version, by=applicant_of(award))
    with pytest.raises(NotNow):
        requests.detach(file, by=applicant_of(award))
    file.refresh_from_db()
    assert file.removed_at is None


def test_a_file_taken_away_stays_stored() -> None:
    award = make_award()
    request = requests.begin(award, "balance", by=applicant_of(award))
    prove(request, line())
    requests.detach(request.files.get(), by=applicant_of(award))
    assert request.files.get().removed_at is not None


# ------------------------------------------------------------------------------------------------------------- bank
def test_new_bank_details_replace_those_before_and_are_checked_anew() -> None:
    award = make_award()
    first = give_account(award)
    second = give_account(award, is_checked=False)
    first.refresh_from_db()
    assert first.replaced_at is not None
    assert (bank.current(award.organisation), second.state) == (second, "declared")
    assert Mail.objects.filter(kind="booster_ia.bank_received").count() == 2


@pytest.mark.parametrize(("iban", "bic"), [("FR7612345678901234567890123", BIC), ("", "AGRI")])
def test_an_iban_with_a_wrong_key_or_a_bic_of_another_shape_is_refused(iban: str, bic: str) -> None:
    award = make_award()
    fields = {"holder": "Entreprise", "iban": iban or fictitious_iban(), "bic": bic}
    with pytest.raises(Exception, match="n’est pas juste"):
        bank.declare(award.dossier, UploadFactory(), by=applicant_of(award), **fields)


def test_an_iban_is_masked() -> None:
    details = give_account(make_award())
    assert details.masked.replace("\xa0", " ") == f"{details.iban[:4]} •••• •••• {details.iban[-3:]}"
    assert details.written.replace("\xa0", "") == details.iban
