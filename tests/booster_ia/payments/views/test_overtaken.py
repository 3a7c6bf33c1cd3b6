"""Two people on the same page: the second is told who saved, what was typed stays, nothing is lost in silence."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from booster_ia.payments.bank import BankDetails
from booster_ia.payments.lines import ExpenseLine
from booster_ia.payments.recoveries import Recovery
from booster_ia.payments.requests import PaymentRequest
from booster_ia.payments.services import bank, certifying, checking, recoveries, requests
from normandata.accounts.models import User
from tests.booster_ia.payments.views.test_pages import file, text
from tests.factories.accounts import sign_in
from tests.factories.documents import UploadFactory
from tests.factories.organisations import MembershipFactory
from tests.factories.payments import (
    BIC,
    accept,
    applicant_of,
    ask_advance,
    ask_balance,
    fictitious_iban,
    give_account,
    line,
    make_award,
    make_checker,
    make_lead,
    make_officer,
    make_signatory,
    pay,
    pay_advance,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    make_signatory()
    with time_machine.travel("2027-07-05T09:00:00+02:00", tick=True):
        yield


def hidden(response: Any, name: str) -> str:
    """Return what a page would post in a hidden field."""
    found = re.search(f'name="{name}" value="([^"]*)"', response.content.decode())
    assert found is not None
    return found[1].replace("&#x27;", "'").replace("&#43;", "+").replace("&#x2B;", "+")


def colleague_of(award: Any) -> User:
    found: User = MembershipFactory(organisation=award.organisation, user__name="Andréa Collègue").user
    return found


# -------------------------------------------------------------------------------------------------------- the agent
def test_a_line_decided_meanwhile_is_told_and_what_was_typed_stays(client: Client) -> None:
    award = make_award()
    give_account(award)
    request = ask_balance(award, line(amount="1000"))
    sign_in(client, make_checker())
    address = reverse("booster_ia:payment_line", args=[request.pk, request.lines.get().pk])
    drawn = hidden(client.get(address), "vu")
    checking.decide(
        request.lines.get(), accepted=Decimal(400), reason="Hors projet.", by=make_checker(name="Sacha Petit")
    )
    typed = {"accepted": "250", "reason": "Illisible en partie.", "vu": drawn}
    response = client.post(address, typed)
    assert response.status_code == 422
    assert "Sacha Petit a décidé cette dépense à" in text(response)
    assert "Illisible en partie." in response.content.decode()
    assert ExpenseLine.objects.get().accepted == Decimal(400)
    assert client.post(address, typed | {"vu": hidden(response, "vu")}).status_code == 302
    assert ExpenseLine.objects.get().accepted == Decimal(250)


def test_a_check_is_not_closed_on_another_sum_than_the_one_shown(client: Client) -> None:
    award = make_award()
    give_account(award)
    request = ask_balance(award, line(amount="18000"))
    checking.decide_as_proposed(request, by=make_checker())
    sign_in(client, make_checker())
    address = reverse("booster_ia:payment_check", args=[request.pk])
    drawn = hidden(client.get(address), "vu")
    checking.decide(request.lines.get(), accepted=Decimal(10), reason="Non.", by=make_checker(name="Sacha Petit"))
    response = client.post(address, {"vu": drawn})
    assert (response.status_code, PaymentRequest.objects.get().state) == (422, "submitted")
    assert "Sacha Petit a décidé « Prestation 1 »" in text(response)
    assert client.post(address, {"vu": hidden(response, "vu")}).status_code == 302


# ------------------------------------------------------------------------------------------------------ the officer
def test_a_check_made_anew_is_not_certified_from_the_page_of_the_former(client: Client) -> None:
    award = make_award()
    give_account(award)
    request = accept(ask_advance(award, "5000.00"))
    sign_in(client, make_officer())
    one, several = reverse("booster_ia:payment", args=[request.pk]), reverse("booster_ia:payments")
    drawn = hidden(client.get(one), "vu")
    assert hidden(client.get(several), f"vu{request.pk}") == drawn
    checking.reopen(request, reason="Montant à revoir.", by=make_lead())
    checking.check(request, accepted=Decimal(3000), reason="Moindre.", by=make_checker(name="Sacha Petit"))
    response = client.post(reverse("booster_ia:payment_certify", args=[request.pk]), {"vu": drawn}, follow=True)
    assert "Sacha Petit a refait le contrôle à" in text(response)
    ticked = {"demande": str(request.pk), f"vu{request.pk}": drawn}
    client.post(reverse("booster_ia:payments_certify"), ticked)
    assert "Sacha Petit a refait le contrôle à" in text(client.get(several))
    assert PaymentRequest.objects.get().state == "checked"
    client.post(reverse("booster_ia:payments_certify"), ticked | {f"vu{request.pk}": hidden(client.get(one), "vu")})
    found = PaymentRequest.objects.get()
    assert (found.state, found.amount) == ("certified", Decimal(3000))


def test_a_mandate_typed_by_two_officers_is_told_to_the_second(client: Client) -> None:
    first, second = make_award(), make_award()
    for award in (first, second):
        give_account(award)
    one, two = (pay(ask_advance(award, "5000.00")) for award in (first, second))
    officer = sign_in(client, make_officer())
    certifying.mandate(one, number="M-1", on=timezone.localdate(), by=make_officer(name="Dominique Paie"))
    address = reverse("booster_ia:payments_mandates")
    typed = {"on": "05/07/2027", f"mandat{one.pk}": "M-9", f"mandat{two.pk}": "M-2", "mandatx": "M", "mandat0": ""}
    response = client.post(address, typed, follow=True)
    assert (
        f"{first.dossier.number} : Dominique Paie a déjà inscrit le mandat M-1. Le numéro que vous avez saisi, M-9, "
        "n’est pas enregistré."
    ) in text(response)
    assert dict(PaymentRequest.objects.values_list("pk", "mandate")) == {one.pk: "M-1", two.pk: "M-2"}
    same = client.post(address, {"on": "05/07/2027", f"mandat{one.pk}": "M-1"}, follow=True)
    assert "n’est pas enregistré" not in text(same), "the same number typed twice loses nothing"
    assert officer.pk


def test_a_mandate_is_corrected_by_somebody_else(client: Client) -> None:
    award = make_award()
    give_account(award)
    officer = make_officer()
    request = pay(ask_advance(award, "5000.00"), officer=officer, number="M-1")
    one, address = (reverse(f"booster_ia:{name}", args=[request.pk]) for name in ("payment", "payment_mandate"))
    typed = {"number": "M-2", "on": "05/07/2027", "reason": "Faute de frappe."}
    sign_in(client, officer)
    assert "Vous avez inscrit ce mandat : une autre personne peut le corriger." in text(client.get(one))
    response = client.post(address, typed)
    assert (response.status_code, PaymentRequest.objects.get().mandate) == (422, "M-1")
    sign_in(client, make_checker())
    assert client.post(address, typed).status_code == 404
    sign_in(client, make_lead())
    assert "Corriger le mandat" in text(client.get(one))
    assert client.post(address, typed).status_code == 302
    assert PaymentRequest.objects.get().mandate == "M-2"


# ---------------------------------------------------------------------------------------------------- the structure
def test_nobody_attests_what_a_colleague_wrote_since(client: Client) -> None:
    award = make_award()
    give_account(award)
    applicant = sign_in(client, applicant_of(award))
    request = requests.begin(award, "advance", by=applicant)
    requests.save(request, {"montant": "4000", "justification": "Salaires."}, version=1, by=applicant)
    review = reverse("booster_ia:payment_review", args=[award.dossier.key, request.pk])
    drawn = hidden(client.get(review), "version")
    other = colleague_of(award)
    requests.save(request, {"montant": "6000", "justification": "Serveurs."}, version=request.version, by=other)
    response = client.post(review, {"atteste": "oui", "version": drawn})
    assert (response.status_code, PaymentRequest.objects.get().state) == (422, "draft")
    assert "Cette demande a été modifiée ailleurs par Andréa Collègue à" in text(response)
    assert "Serveurs." in text(response)
    assert client.post(review, {"atteste": "oui", "version": hidden(response, "version")}).status_code == 302
    assert PaymentRequest.objects.get().asked == Decimal(6000)


def test_bank_details_given_by_a_colleague_are_told_before_they_are_replaced(client: Client) -> None:
    award = make_award()
    applicant = sign_in(client, applicant_of(award))
    address = reverse("booster_ia:bank", args=[award.dossier.key])
    drawn = hidden(client.get(address), "compte")
    assert drawn == ""
    other = colleague_of(award)
    bank.declare(award.dossier, UploadFactory(), holder="A", iban=fictitious_iban(), bic=BIC, by=other)
    typed = {"holder": "Entreprise", "iban": fictitious_iban(), "bic": BIC, "compte": drawn}
    response = client.post(address, typed | {"fichier": file("rib.pdf")})
    assert (response.status_code, BankDetails.objects.count()) == (422, 1)
    assert "Andréa Collègue a donné d’autres coordonnées à" in text(response)
    assert 'value="Entreprise"' in response.content.decode()
    again = typed | {"fichier": file("rib.pdf"), "compte": hidden(response, "compte")}
    assert client.post(address, again).status_code == 302
    assert BankDetails.objects.current().get().declared_by == applicant


def test_a_balance_too_is_sent_as_it_was_read() -> None:
    award = make_award()
    give_account(award)
    applicant = applicant_of(award)
    request = requests.begin(award, "balance", by=applicant)
    requests.save(request, {"autres": "non"}, version=1, by=applicant)
    with pytest.raises(requests.Conflict):
        requests.send_balance(request, [line()], other_public_aid=Decimal(0), by=applicant, version=1)
    assert (PaymentRequest.objects.get().state, ExpenseLine.objects.count()) == ("draft", 0)
    requests.send_balance(request, [line()], other_public_aid=Decimal(0), by=applicant, version=2)


def test_observations_sent_by_a_colleague_are_shown_before_they_are_replaced(client: Client) -> None:
    award = make_award()
    pay_advance(award, "6250.00")
    pay(ask_balance(award, line(amount="9000")))
    recovery = Recovery.objects.get()
    recoveries.notify(recovery, by=make_checker())
    applicant = sign_in(client, applicant_of(award))
    own = reverse("booster_ia:recovery_own", args=[award.dossier.key, recovery.pk])
    drawn = hidden(client.get(own), "vu")
    other = colleague_of(award)
    recoveries.observe(recovery, observations="Celles de la collègue.", by=other)
    response = client.post(own, {"observations": "Les miennes.", "vu": drawn})
    said = text(response)
    assert response.status_code == 422
    assert "Andréa Collègue a envoyé des observations à" in said
    assert "Celles de la collègue." in said
    assert "Les miennes." in said
    lead = make_lead()
    sign_in(client, lead)
    desk = reverse("booster_ia:recovery", args=[recovery.pk])
    read = hidden(client.get(desk), "vu")
    sign_in(client, applicant)
    assert client.post(own, {"observations": "Les miennes.", "vu": hidden(response, "vu")}).status_code == 302
    sign_in(client, lead)
    response = client.post(desk, {"geste": "order", "reason": "", "vu": read})
    assert (response.status_code, Recovery.objects.get().state) == (422, "notified")
    assert "La structure a envoyé des observations depuis que vous avez lu cette page" in text(response)
    assert "Les miennes." in text(response)
    assert client.post(desk, {"geste": "order", "reason": "", "vu": hidden(response, "vu")}).status_code == 302
