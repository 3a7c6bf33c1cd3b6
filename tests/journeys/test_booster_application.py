"""J3: an application to Booster IA from the simulator to its receipt, in the last hour, with two partners."""

from datetime import date
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect

from booster_ia.models import BoosterApplication, BudgetLine, Partner
from normandata.accounts.models import User
from normandata.dossiers.models import Counter, Deposit, FilingPeriod
from normandata.outbox.models import Message
from tests.factories.accounts import UserFactory
from tests.factories.booster import ACCEPTED, NORMAN, OUTSIDE, TEXT
from tests.factories.dossiers import PEOPLE
from tests.factories.organisations import MembershipFactory
from tests.normandata.documents import ordinary

from .applicant import signed_in
from .browser import Window, follow
from .conftest import Visit
from .errors import plain
from .test_accounts import fill

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("media")]
SIMULATED = {
    "porteur": "enterprise",
    "departement": "14",
    "partenaires": ["61", "ailleurs"],
    "ia": "oui",
    "debut": "01/12/2026",
    "fin": "30/06/2027",
    "tva": "oui",
    "prestations": "24 999,97",
    "equipement": "4 000",
    "autres_aides": "0",
}
DONE = "Dossier BIA-2026-0001 déposé"


@pytest.fixture(autouse=True)
def _mails_stay_in_their_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))


@pytest.fixture
def member() -> User:
    found: User = MembershipFactory(user=UserFactory()).user
    return found


def begin(visit: Visit, member: User, **options: object) -> Window:
    """Come from the simulator, seven months and all, to the first section of the draft."""
    FilingPeriod.objects.create(scheme="booster_ia", opens_on=date(2026, 1, 1), closes_on=date(2026, 11, 23))
    start = f"/dossiers/nouveau/booster-ia/?{urlencode(SIMULATED, doseq=True)}"
    window = signed_in(visit, member, start, **options)
    window.page.locator(".nd-choice label").first.click()
    window.press_on("Continuer")
    return window


def describe(window: Window) -> None:
    """Fill the first two sections; what the simulator said is there."""
    assert window.check() == "Votre structure"
    assert window.page.locator("[name=type]:checked").input_value() == "enterprise"
    assert window.page.locator("[name=tva]:checked").input_value() == "oui"
    fill(window, activite=TEXT)
    window.press_on("Votre projet")
    assert window.check() == "Votre projet"
    texts = ("resume", "usage_ia", "besoin", "faisabilite", "responsable", "securite", "reproductibilite")
    fill(window, titre="Prévoir les crues du bocage", **dict.fromkeys(texts, TEXT))
    window.press_on("Partenaires")


def name_partners(window: Window) -> None:
    """Name two partners, one of them outside Normandie; the directory gives their names."""
    fill(window, partenaire1_siret=NORMAN, partenaire1_courriel="fonderie@exemple.invalid")
    fill(window, partenaire2_siret=OUTSIDE, partenaire2_courriel="essai@exemple.invalid")
    window.press_on("Ajouter un partenaire")
    assert window.check() == "Partenaires"
    assert window.page.locator("[name=partenaire1_nom]").input_value() == "Fonderie imaginaire du Bocage"
    assert "Établie hors de Normandie (35)" in plain(window.page.locator("#lieux").inner_text())
    assert window.page.locator("[name=partenaire3_siret]").count() == 1
    window.press_on("Communs de la donnée")


def plan(window: Window) -> None:
    """Say what is shared and when; the seven months of the simulator are said, then mended."""
    window.choose("Des retours d’expérience")
    fill(window, detail=TEXT)
    window.press_on("Calendrier et indicateurs")
    assert window.check() == "Calendrier et indicateurs"
    said = plain(window.page.locator("#duree").inner_text())
    assert "la fin est possible jusqu’au 31 mai 2027 ; elle est prévue le 30 juin 2027" in said
    fill(window, fin="31/05/2027", indicateur1_nom="Crues prévues", indicateur1_cible="95,5", indicateur1_unite="%")
    window.press_on("Budget")


def check_amounts(window: Window) -> None:
    """Check the budget carried from the simulator, line by line, with the grant that the server computed."""
    assert window.check() == "Budget"
    assert "12 499,99 €" in plain(window.page.locator("#montants").inner_text())
    assert plain(window.page.locator("#etat-1").inner_text()) == "Éligible : 24 999,97 € HT."
    said = plain(window.page.locator("#etat-2").inner_text())
    assert said == "Non éligible : hors des catégories de dépenses éligibles."


def conclude(window: Window, tmp_path: Path) -> None:
    """Choose the regime, name the people, join four files, and come to the signature."""
    window.choose("Régime exempté d’aides à la recherche")
    window.press_on("Les personnes")
    fill(window, **PEOPLE)
    window.press_on("Pièces")
    files = [tmp_path / f"support {number}.pdf" for number in range(4)]
    for file in files:
        file.write_bytes(ordinary.pdf())
    for label, chosen in (("Support de présentation", files[:2]), ("Devis", files[2:])):
        window.page.get_by_label(f"Ajouter : {label}").set_input_files(chosen)
        if not window.javascript:
            form = window.page.locator("form", has=window.page.get_by_label(f"Ajouter : {label}"))
            with window.page.expect_navigation():
                form.get_by_role("button", name="Envoyer").click()
        for file in chosen:
            expect(window.page.get_by_role("link", name=file.name)).to_be_visible()
    assert window.check() == "Pièces"
    follow(window.page.locator(".nd-actionbar").get_by_role("link", name="Relire et déposer"))
    assert window.check() == "Relire et déposer"


def sign(window: Window) -> None:
    """Accept what an enterprise accepts, and deposit with a double click."""
    assert window.page.locator("[name^=accepte_]").count() == len(ACCEPTED)
    window.choose("Moi")
    for name in ACCEPTED:
        window.page.locator(f"label[for=id_accepte_{name}]").click()
    window.page.get_by_role("button", name="Déposer la demande").dblclick()
    expect(window.page.get_by_role("heading", level=1)).to_have_text(DONE)
    window.check()


@pytest.mark.parametrize(("width", "javascript"), [(375, True), (1280, False)])
def test_from_the_simulator_to_the_receipt(
    visit: Visit, member: User, tmp_path: Path, width: int, javascript: bool
) -> None:
    window = begin(visit, member, width=width, javascript=javascript)
    describe(window)
    name_partners(window)
    plan(window)
    check_amounts(window)
    if javascript:
        # The amount is typed and saved alone; the server's grant comes back beside it.
        fill(window, depense1_montant="10 000,00")
        expect(window.page.locator("#montants .nd-grant__amount")).to_have_text("5\u00a0000,00\u00a0€")
        expect(window.page.locator("#etat-1")).to_have_text("Éligible\u00a0: 10\u00a0000,00\u00a0€ HT.")
        fill(window, depense1_montant="24 999,97")
        expect(window.page.locator("#montants .nd-grant__amount")).to_have_text("12\u00a0499,99\u00a0€")
    window.press_on("Régime d’aide")
    conclude(window, tmp_path)
    sign(window)
    assert (Deposit.objects.count(), Counter.objects.get().last, BoosterApplication.objects.count()) == (1, 1, 1)
    assert [str(amount) for amount in BudgetLine.objects.values_list("kept", flat=True)] == ["24999.97", "0.00"]
    assert set(Partner.objects.values_list("siret", "department")) == {(NORMAN, "61"), (OUTSIDE, "35")}
    sent = Deposit.objects.get()
    assert len(sent.pieces) == 4
    assert sent.receipt.record["number"] == "BIA-2026-0001"
    assert Message.objects.filter(handler="booster_ia.invite_partners").count() == 1
