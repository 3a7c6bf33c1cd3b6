"""The pages of payments, from the structure's first form to the mandate, and what each refuses."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.db.models.signals import post_init
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from booster_ia.payments.bank import BankDetails
from booster_ia.payments.recoveries import Recovery
from booster_ia.payments.requests import PaymentRequest
from booster_ia.payments.services import requests
from normandata.dossiers.models import Dossier
from tests.access import finish
from tests.factories.accounts import sign_in
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
    reread,
)
from tests.normandata.documents.ordinary import pdf

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]
ROW = {
    "facture1_categorie": "services",
    "facture1_libelle": "Développement du prototype",
    "facture1_fournisseur": "Atelier d’essai",
    "facture1_numero": "F-2027-12",
    "facture1_date": "01/03/2027",
    "facture1_payee": "20/03/2027",
    "facture1_montant": "18 000,51",
    "facture1_base": "HT",
    "autres": "non",
}


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    make_signatory()
    with time_machine.travel("2027-07-05T09:00:00+02:00", tick=True):
        yield


def text(response: Any) -> str:
    found = response.content.decode().replace("\u00a0", " ").replace("\u202f", " ").replace("&nbsp;", " ")
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found))


def file(name: str = "facture.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, pdf(), content_type="application/pdf")


# ---------------------------------------------------------------------------------------------------- the structure
def test_mine_says_what_was_voted_paid_left_and_what_to_do(client: Client) -> None:
    award = make_award()
    pay_advance(award, "5000.00")
    sign_in(client, applicant_of(award))
    page = text(client.get(reverse("booster_ia:payments_own", args=[award.dossier.key])))
    for said in (
        "Votée par la Commission permanente 12 500,00 €",
        "Payée 5 000,00 €",
        "Reste, si vos dépenses le justifient 7 500,00 €",
        "Demandez le solde une fois le projet fini, au plus tard le 30 décembre 2027.",
        "Justifier et demander le solde",
    ):
        assert said in page
    assert "Demander une avance" not in page, "an advance is paid already"


@pytest.mark.parametrize("state", ["review", "proposed", "scheduled", "granted"])
def test_nothing_is_told_before_the_notification(client: Client, state: str) -> None:
    award = make_award()
    Dossier.objects.filter(pk=award.dossier.pk).update(state=state)
    sign_in(client, applicant_of(award))
    assert client.get(reverse("booster_ia:payments_own", args=[award.dossier.key])).status_code == 404


def test_bank_details_are_given_with_their_paper_and_shown_masked(client: Client) -> None:
    award = make_award()
    sign_in(client, applicant_of(award))
    address, iban = reverse("booster_ia:bank", args=[award.dossier.key]), fictitious_iban()
    typed = {"holder": "Entreprise fictive", "iban": " ".join(re.findall(".{1,4}", iban)), "bic": BIC.lower()}
    response = client.post(address, typed | {"fichier": file("rib.pdf")})
    assert response.status_code == 302
    found = BankDetails.objects.get()
    assert (found.iban, found.bic, found.state) == (iban, BIC, "declared")
    page = text(client.get(address))
    assert found.masked.replace("\xa0", " ") in page
    assert iban not in page.replace(" ", "")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"iban": "FR7630006000011234567890188"}, "Cet IBAN n’est pas juste".lower()),
        ({"bic": "AGRI"}, "ce bic n’est pas juste"),
        ({"fichier": ""}, "joignez votre relevé d’identité bancaire, un seul fichier."),
    ],
)
def test_wrong_bank_details_are_refused_beside_their_field(
    client: Client, change: dict[str, str], message: str
) -> None:
    award = make_award()
    sign_in(client, applicant_of(award))
    typed: dict[str, Any] = {"holder": "Entreprise", "iban": fictitious_iban(), "bic": BIC, "fichier": file("rib.pdf")}
    response = client.post(reverse("booster_ia:bank", args=[award.dossier.key]), typed | change)
    assert response.status_code == 422
    assert message in text(response).lower()
    assert 'value="Entreprise"' in response.content.decode(), "what was typed stays"
    assert BankDetails.objects.count() == 0


def test_an_advance_from_its_form_to_its_sending(client: Client) -> None:
    award = make_award()
    give_account(award)
    sign_in(client, applicant_of(award))
    key = award.dossier.key
    response = client.post(reverse("booster_ia:advance_begin", args=[key]))
    fill = response.headers["Location"]
    typed = {"version": "1", "montant": "12 500,01", "justification": "Salaires.", "suite": "1"}
    response = client.post(fill, typed)
    assert "l’avance ne dépasse pas 12 500,00 €." in text(response)
    response = client.post(fill, typed | {"version": "2", "montant": "6 000"})
    review = response.headers["Location"]
    assert "6 000 €" in text(client.get(review))
    response = client.post(review, {})
    assert response.status_code == 422
    assert "Cochez l’attestation" in text(response)
    assert client.post(review, {"atteste": "oui"}).status_code == 302
    found = PaymentRequest.objects.get()
    assert (found.state, found.asked, found.justification) == ("submitted", Decimal(6000), "Salaires.")


def test_a_balance_is_saved_computed_by_the_server_proved_and_sent(client: Client) -> None:
    award = make_award()
    give_account(award)
    sign_in(client, applicant_of(award))
    key = award.dossier.key
    fill = client.post(reverse("booster_ia:balance_begin", args=[key])).headers["Location"]
    saved = client.post(fill, ROW | {"version": "1"}, headers={"X-Requested-With": "autosave"})
    assert (saved.status_code, saved.json()["version"]) == (200, 2)
    live = client.get(fill, headers={"HX-Request": "true"})
    assert "1 dépense lue" in text(live)
    assert "Solde à payer 9 000,26 €" in text(live), "papers come after: they are supposed joined"
    papers = client.post(fill, ROW | {"version": "2", "suite": "1"}).headers["Location"]
    request = PaymentRequest.objects.get()
    review = reverse("booster_ia:payment_review", args=[key, request.pk])
    assert "Pièce absente : Facture acquittée." in text(client.get(review))
    attach = reverse("booster_ia:payment_attach", args=[key, request.pk, "facture1", "facture"])
    assert client.post(attach, {"fichier": file()}).status_code == 302
    assert "facture.pdf" in text(client.get(papers))
    file_pk = request.files.get().pk
    detach = reverse("booster_ia:payment_detach", args=[key, request.pk, file_pk])
    assert client.post(detach).status_code == 302
    assert request.files.filter(removed_at=None).count() == 0
    client.post(attach, {"fichier": file()})
    page = text(client.get(review))
    assert "50 % × 18 000,51 € HT justifiés = 9 000,26 €. Déjà payé : 0,00 €. Solde : 9 000,26 €." in page
    assert "Au taux effectif, la subvention serait de 5 625,16 €" in page
    assert client.post(review, {"atteste": "oui"}).status_code == 302
    assert request.lines.get().amount == Decimal("18000.51")


def test_another_window_does_not_overwrite(client: Client) -> None:
    award = make_award()
    request = requests.begin(award, "balance", by=applicant_of(award))
    requests.save(request, {"autres": "oui"}, version=1, by=applicant_of(award))
    sign_in(client, applicant_of(award))
    fill = reverse("booster_ia:payment_fill", args=[award.dossier.key, request.pk])
    answer = client.post(fill, ROW | {"version": "1"}, headers={"X-Requested-With": "autosave"})
    assert (answer.status_code, answer.json()["version"]) == (409, 2)
    page = client.post(fill, ROW | {"version": "1"})
    assert page.status_code == 409
    assert "Développement du prototype" in page.content.decode(), "what was typed here stays on the page"


def test_a_saved_form_that_is_not_whole_says_what_is_wanting(client: Client) -> None:
    award = make_award()
    request = requests.begin(award, "balance", by=applicant_of(award))
    sign_in(client, applicant_of(award))
    fill = reverse("booster_ia:payment_fill", args=[award.dossier.key, request.pk])
    response = client.post(fill, ROW | {"version": "1", "suite": "1", "facture1_payee": ""})
    assert response.status_code == 422
    assert "une facture se justifie acquittée" in text(response)


# -------------------------------------------------------------------------------------------------------- the agent
def test_an_agent_decides_each_line_and_goes_to_the_next(client: Client) -> None:
    award = make_award()
    give_account(award)
    request = ask_balance(award, line("facture1", "12000"), line("facture2", "8000"))
    sign_in(client, make_checker())
    page = text(client.get(reverse("booster_ia:payment", args=[request.pk])))
    assert "2 à décider" in page
    first, second = request.lines.all()
    address = reverse("booster_ia:payment_line", args=[request.pk, first.pk])
    assert "12000,00" in client.get(address).content.decode()
    response = client.post(address, {"accepted": "10 000", "reason": ""})
    assert response.status_code == 422
    assert "dites pourquoi la dépense est réduite" in text(response).lower()
    response = client.post(address, {"accepted": "10 000", "reason": "Hors projet.", "suite": "1"})
    assert response.headers["Location"] == reverse("booster_ia:payment_line", args=[request.pk, second.pk])
    client.post(response.headers["Location"], {"accepted": "8000", "reason": "", "suite": "1"})
    page = text(client.get(reverse("booster_ia:payment", args=[request.pk])))
    assert "50 % × 18 000,00 € HT justifiés = 9 000,00 €" in page
    client.post(reverse("booster_ia:payment_check", args=[request.pk]), {})
    request.refresh_from_db()
    assert (request.state, request.amount) == ("checked", Decimal(9000))


def test_an_agent_accepts_an_advance_with_its_alert(client: Client) -> None:
    award = make_award()
    give_account(award)
    request = ask_advance(award, "8000.00")
    sign_in(client, make_checker())
    address = reverse("booster_ia:payment_check", args=[request.pk])
    assert "Cette avance dépasse 50 % de la subvention votée (12 500,00 €)." in text(client.get(address))
    response = client.post(address, {"accepted": "7000", "reason": ""})
    assert (response.status_code, "pourquoi l’avance est réduite" in text(response)) == (422, True)
    client.post(address, {"accepted": "7000", "reason": "Deux mois."})
    request.refresh_from_db()
    assert (request.state, request.amount) == ("checked", Decimal(7000))


def test_a_request_is_sent_back_and_what_is_wanting_is_read_by_the_structure(client: Client) -> None:
    award = make_award()
    give_account(award)
    request = ask_balance(award, line())
    sign_in(client, make_checker())
    client.post(reverse("booster_ia:payment_send_back", args=[request.pk]), {"reason": "La facture est illisible."})
    sign_in(client, applicant_of(award))
    fill = reverse("booster_ia:payment_fill", args=[award.dossier.key, request.pk])
    assert "La facture est illisible." in text(client.get(fill))


def test_the_iban_is_whole_for_an_officer_and_masked_for_an_agent(client: Client) -> None:
    award = make_award()
    details = give_account(award)
    request = ask_advance(award, "5000.00")
    seen = {}
    for name, person in (("agent", make_lead()), ("officer", make_officer())):
        sign_in(client, person)
        page = text(client.get(reverse("booster_ia:payment", args=[request.pk])))
        seen[name] = details.iban in page.replace(" ", "")
    assert seen == {"agent": False, "officer": True}


# ------------------------------------------------------------------------------------------------------ the officer
def test_an_officer_certifies_in_bulk_then_types_the_mandates(client: Client) -> None:
    awards = [make_award(), make_award()]
    for award in awards:
        give_account(award)
    asked = [accept(ask_advance(award, "5000.00")) for award in awards]
    sign_in(client, make_officer())
    page = text(client.get(reverse("booster_ia:payments")))
    assert "2 demandes , 10 000,00 € retenus" in page
    response = client.post(
        reverse("booster_ia:payments_certify"), {"demande": [str(one.pk) for one in asked]}, follow=True
    )
    assert "2 demandes certifiées." in text(response)
    assert [reread(award).paid for award in awards] == [Decimal(5000), Decimal(5000)]
    address = reverse("booster_ia:payments_mandates")
    typed = {"on": f"{timezone.localdate():%d/%m/%Y}", f"mandat{asked[0].pk}": "M-1", f"mandat{asked[1].pk}": ""}
    client.post(address, typed)
    assert sorted(PaymentRequest.objects.values_list("state", "mandate")) == [("certified", ""), ("paid", "M-1")]


def test_a_double_click_on_certify_pays_once(client: Client) -> None:
    award = make_award()
    give_account(award)
    request = accept(ask_advance(award, "5000.00"))
    sign_in(client, make_officer())
    address = reverse("booster_ia:payment_certify", args=[request.pk])
    for _ in range(2):
        assert client.post(address).status_code == 302
    assert reread(award).paid == Decimal(5000)


def test_bank_details_are_checked_on_the_version_that_was_seen(client: Client) -> None:
    award = make_award()
    first = give_account(award, is_checked=False)
    officer = sign_in(client, make_officer())
    address = reverse("booster_ia:bank_check", args=[award.dossier.key])
    assert first.iban in text(client.get(address)).replace(" ", "")
    second = give_account(award, is_checked=False)
    response = client.post(address, {"compte": str(first.pk), "geste": "check"})
    assert response.status_code == 422
    client.post(address, {"compte": str(second.pk), "geste": "check"})
    second.refresh_from_db()
    assert (second.state, second.decided_by) == ("checked", officer)


def test_the_export_is_the_officers_alone_and_inert(client: Client) -> None:
    award = make_award()
    give_account(award)
    BankDetails.objects.update(holder="=1+1")
    pay(ask_advance(award, "5000.00"))
    address = reverse("booster_ia:payments_export", args=["csv"])
    sign_in(client, make_lead())
    assert client.get(address).status_code == 404
    sign_in(client, make_officer())
    rows = b"".join(client.get(address).streaming_content).decode("utf-8-sig").splitlines()  # type: ignore[attr-defined]
    assert len(rows) == 2
    cells = rows[1].split(";")
    assert (cells[0], cells[4], cells[6]) == (award.dossier.number, "5000,00", "'=1+1")
    assert client.get(reverse("booster_ia:payments_export", args=["pdf"])).status_code == 404
    workbook = client.get(reverse("booster_ia:payments_export", args=["xlsx"]))
    assert b"".join(workbook.streaming_content)[:2] == b"PK"  # type: ignore[attr-defined]
    finish(workbook)


# ------------------------------------------------------------------------------------------------------- repayments
def test_a_repayment_from_the_overpayment_to_its_titre(client: Client) -> None:
    award = make_award()
    pay_advance(award, "6250.00")
    pay(ask_balance(award, line(amount="9000")))
    recovery = Recovery.objects.get()
    address = reverse("booster_ia:recovery", args=[recovery.pk])
    own = reverse("booster_ia:recovery_own", args=[award.dossier.key, recovery.pk])
    sign_in(client, applicant_of(award))
    assert client.get(own).status_code == 404, "before the letter the organisation knows nothing of it"
    sign_in(client, make_checker())
    client.post(address, {"geste": "notify"})
    sign_in(client, applicant_of(award))
    assert "Trop-perçu, à reverser 1 750,00 €" in text(client.get(own))
    client.post(own, {"observations": "Nous demandons un étalement."})
    sign_in(client, make_lead())
    assert "Nous demandons un étalement." in text(client.get(address))
    client.post(address, {"geste": "order", "reason": "L’étalement se demande à la paierie."})
    sign_in(client, make_officer())
    client.post(address, {"geste": "issue", "number": "T-42", "on": f"{timezone.localdate():%d/%m/%Y}"})
    recovery.refresh_from_db()
    assert (recovery.state, recovery.claim, recovery.amount) == ("issued", "T-42", Decimal(1750))
    wrong = {"geste": "correct_claim", "number": "T-24", "on": f"{timezone.localdate():%d/%m/%Y}"}
    refused = client.post(address, wrong)
    assert (refused.status_code, "Dites pourquoi le numéro change." in text(refused)) == (422, True)
    assert 'value="T-24"' in refused.content.decode()
    client.post(address, wrong | {"reason": "Chiffres inversés."})
    recovery.refresh_from_db()
    assert recovery.claim == "T-24"


def test_a_lapse_is_proposed_by_one_and_decided_by_another(client: Client) -> None:
    award = make_award()
    address = reverse("booster_ia:payment_lapse", args=[award.dossier.key])
    sign_in(client, make_checker())
    client.post(address, {"geste": "propose", "reason": "Rien n’a été justifié."})
    response = client.post(address, {"geste": "lapse"})
    assert response.status_code == 422
    sign_in(client, make_lead())
    assert "Rien n’a été justifié." in text(client.get(address))
    assert client.post(address, {"geste": "lapse"}).status_code == 302
    assert reread(award).dossier.state == "lapsed"


# ------------------------------------------------------------------------------------------------------------ lists
@pytest.mark.parametrize("name", ["payments", "recoveries"])
def test_the_lists_cost_the_same_queries_and_objects_at_one_and_at_thirty(client: Client, name: str) -> None:
    officer = sign_in(client, make_officer())
    counts = []
    for wanted in (1, 30):
        while PaymentRequest.objects.count() < wanted:
            award = make_award()
            made = PaymentRequest.objects.create(
                award=award, kind="advance", state="checked", saved_by=applicant_of(award),
                justification="Essai.", asked=100, accepted=100, amount=100, checked_by=applicant_of(award),
                checked_at=timezone.now(), submitted_by=applicant_of(award), submitted_at=timezone.now(),
            )  # fmt: skip
            Recovery.objects.create(award=award, kind="breach", amount=100, reason="Essai.")
            assert made.pk
        counts.append(counted(client, reverse(f"booster_ia:{name}")))
    assert counts[0] == counts[1]
    assert officer.pk


def counted(client: Client, address: str) -> tuple[int, int]:
    """Count the queries of a page and the objects it makes."""
    made = 0

    def count(**_: object) -> None:
        nonlocal made
        made += 1

    client.get(address)
    post_init.connect(count)
    try:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
    finally:
        post_init.disconnect(count)
    return len(captured), made
