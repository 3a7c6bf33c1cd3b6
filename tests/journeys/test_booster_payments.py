"""A grant from its advance to a repayment: the structure on a phone, an agent, a payments officer; axe at 0."""

from collections.abc import Iterator

import pytest
import time_machine
from playwright.sync_api import expect

from booster_ia.awards import Award
from booster_ia.payments.recoveries import Recovery
from normandata.accounts.models import User
from tests.factories.payments import (
    BIC,
    applicant_of,
    fictitious_iban,
    make_award,
    make_checker,
    make_lead,
    make_officer,
    make_signatory,
    reread,
)
from tests.normandata.documents.ordinary import pdf

from .applicant import signed_in
from .browser import Window
from .conftest import Visit
from .test_examine import open_as

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("media"),
]
PAPER = [{"name": "piece.pdf", "mimeType": "application/pdf", "buffer": pdf()}]
ROW = {
    "libelle": "Développement du prototype",
    "fournisseur": "Atelier d’essai",
    "numero": "F-2027-12",
    "date": "01/03/2027",
    "payee": "20/03/2027",
    "montant": "9 000",
}


@pytest.fixture(autouse=True)
def _after_the_project(_today: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    monkeypatch.setattr("normandata.outbox.carrier.waiting", lambda: 0)
    with time_machine.travel("2027-07-05T09:00:00+02:00", tick=True):
        yield


def own(award: Award, end: str = "") -> str:
    return f"/dossiers/{award.dossier.key}/paiements/{end}"


def give_account(window: Window) -> None:
    window.follow("Donner mes coordonnées bancaires")
    window.check()
    page = window.page
    page.locator("[name=holder]").fill("Entreprise fictive")
    page.locator("[name=iban]").fill(fictitious_iban())
    page.locator("[name=bic]").fill(BIC)
    page.locator("[name=fichier]").set_input_files(PAPER)  # type: ignore[arg-type]
    window.press_on("Enregistrer mes coordonnées")
    window.check()


def ask_advance(window: Window) -> None:
    window.press_on("Demander une avance")
    window.check()
    window.page.locator("[name=montant]").fill("6 250")
    window.page.locator("[name=justification]").fill("Deux salaires à verser avant la première facture.")
    expect(window.page.locator("[data-save-state]")).to_contain_text("Enregistré à")
    window.press_on("Relire et envoyer")
    window.check()
    window.page.locator("[name=atteste]").check()
    window.press_on("Envoyer la demande")
    window.check()


def ask_balance(window: Window) -> None:
    window.press_on("Justifier et demander le solde")
    window.check()
    page = window.page
    page.locator("[name=facture1_categorie]").select_option("services")
    for part, value in ROW.items():
        page.locator(f"[name=facture1_{part}]").fill(value)
    page.locator("label[for=id_autres_1]").click()
    expect(page.locator("#montants")).to_contain_text("1 dépense lue")
    expect(page.locator("#montants")).to_contain_text("Trop-perçu")
    window.check()
    window.press_on("Joindre les pièces")
    window.check()
    page.locator("[name=fichier]").set_input_files(PAPER)  # type: ignore[arg-type]
    expect(page.locator("[data-upload-list]")).to_contain_text("Non analysée")
    window.check()
    window.follow("Relire et envoyer")
    window.check()
    page.locator("[name=atteste]").check()
    window.press_on("Envoyer la demande")
    window.check()


def certify(window: Window, button: str) -> None:
    window.go("/paiements/")
    window.check()
    window.page.locator("tbody").get_by_role("link").first.click()
    window.page.wait_for_load_state()
    window.check()
    window.press_on(button)
    window.check()


@pytest.mark.parametrize("width", [375, 1280])
def test_an_advance_then_a_balance_then_an_overpayment(visit: Visit, width: int) -> None:
    award = make_award()
    make_signatory()
    agent, officer, lead = make_checker(), make_officer(), make_lead()
    window = signed_in(visit, applicant_of(award), own(award), width=width)
    window.check()
    give_account(window)
    ask_advance(window)

    desk = _desk(visit, agent, "/paiements/", width)
    desk.page.locator("tbody").get_by_role("link").first.click()
    desk.page.wait_for_load_state()
    desk.check()
    desk.follow("Valider le contrôle")
    desk.check()
    desk.press_on("Valider le contrôle")
    desk.check()

    pay = _desk(visit, officer, f"/paiements/coordonnees/{award.dossier.key}/", width)
    pay.check()
    pay.press_on("Tout concorde : vérifier")
    certify(pay, "Certifier 6 250,00 €".replace(" 250", "\u202f250").replace(" €", "\u00a0€"))
    pay.go("/paiements/mandats/")
    pay.check()
    pay.page.locator("tbody input").first.fill("2027-000123")
    pay.press_on("Enregistrer les mandats")
    pay.check()
    assert str(reread(award).paid) == "6250.00"

    window.go(own(award))
    ask_balance(window)

    desk.go("/paiements/")
    desk.page.locator("tbody").get_by_role("link").first.click()
    desk.page.wait_for_load_state()
    desk.check()
    desk.follow("Développement du prototype")
    desk.check()
    desk.press_on("Enregistrer et suivante")
    desk.follow("Valider le contrôle")
    desk.check()
    desk.press_on("Valider le contrôle")

    certify(pay, "Certifier sans versement")
    recovery = Recovery.objects.get()
    assert str(recovery.amount) == "1750.00"
    desk.go("/paiements/reversements/")
    desk.check()
    desk.go(f"/paiements/reversements/{recovery.pk}/")
    desk.check()
    desk.press_on("Envoyer le courrier contradictoire")

    window.go(own(award, f"reversements/{recovery.pk}/"))
    window.check()
    window.page.locator("[name=observations]").fill("Une facture de 2 000 € arrive trop tard.")
    window.press_on("Envoyer mes observations")
    window.check()

    chief = _desk(visit, lead, f"/paiements/reversements/{recovery.pk}/", width)
    chief.check()
    chief.page.locator("[name=reason]").fill("La facture est hors de la période du projet.")
    chief.press_on("Signer l’ordre de reversement")
    chief.check()

    pay.go(f"/paiements/reversements/{recovery.pk}/")
    pay.page.locator("[name=number]").fill("T-2027-42")
    pay.press_on("Enregistrer")
    pay.check()
    recovery.refresh_from_db()
    assert (recovery.state, recovery.claim) == ("issued", "T-2027-42")
    window.go(own(award))
    window.check()


def _desk(visit: Visit, person: User, path: str, width: int) -> Window:
    return open_as(visit, person, path, width=width)
