"""A partner confirms from its mail, on a phone and without an account; the agent then reads it in the panel."""

from datetime import UTC, datetime, timedelta

import pytest

from booster_ia.partners import Partner
from booster_ia.services import partners
from normandata.accounts.models import Role, User
from normandata.dossiers.models import Dossier
from normandata.procedure import services as procedure
from tests.factories.accounts import PASSWORD, make_user_with, totp_code
from tests.factories.booster import expenses, make_booster
from tests.factories.waves import make_next_wave

from .browser import Window
from .conftest import Visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("media")]
DEPOSITED = datetime(2026, 11, 12, 8, 14, tzinfo=UTC)
ROWS = expenses({"montant": "20 000"}, {"categorie": "equipment", "libelle": "Serveur"}) | {"autres": "non"}


@pytest.fixture(autouse=True)
def _mails_stay_in_their_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    monkeypatch.setattr("normandata.outbox.carrier.waiting", lambda: 0)


@pytest.fixture
def agent() -> User:
    return make_user_with(Role.AGENT, "booster_ia", email="agent@exemple.invalid", name="Sacha Petit")


@pytest.fixture
def dossier(agent: User) -> Dossier:
    make_next_wave()
    dossier = make_booster(answers={"budget": ROWS}, at=DEPOSITED)
    procedure.fire(dossier, "start_review", by=agent)
    partners.send_invitations(dossier.pk)
    return dossier


def sign_in(window: Window, person: User) -> None:
    code = totp_code(person)
    window.page.locator("[name=login]").fill(person.email)
    window.page.locator("[name=password]").fill(PASSWORD)
    window.press_on("Se connecter")
    window.page.locator("[name=code]").fill(code)
    window.press_on("Se connecter")


def test_a_partner_confirms_and_the_agent_reads_it(visit: Visit, dossier: Dossier, agent: User) -> None:
    partner = Partner.objects.get()
    phone = visit(partners.address(partner), width=375)
    assert phone.check() == "Confirmer un partenariat"
    phone.refused_by_design.add(422)
    phone.press_on("Décliner")
    assert phone.check() == "Confirmer un partenariat"
    phone.page.get_by_label("Votre nom et votre fonction").fill("Camille Exemple, gérante")
    phone.clicks = 0
    phone.press_on("Confirmer la participation")
    assert phone.check() == "Participation confirmée"
    assert phone.clicks == 1

    address = f"/instruction/{dossier.key}/"
    desk = visit(f"/connexion/?next={address}", width=1280)
    sign_in(desk, agent)
    assert desk.path == address
    desk.check()
    panel = desk.page.locator("main")
    for said in (
        "Confirmé par Camille Exemple, gérante",
        "1re vague 2027",
        "hors des catégories de dépenses éligibles",
    ):
        assert panel.get_by_text(said).first.is_visible()
    desk.widen(375)
    desk.check_width()


def test_an_old_link_gives_another(visit: Visit, dossier: Dossier) -> None:
    partner = Partner.objects.get(dossier=dossier)
    address = partners.address(partner)
    Partner.objects.update(round=2, mailed_at=DEPOSITED - timedelta(days=40))
    phone = visit(address, width=375, javascript=False, status=410)
    phone.check()
    phone.press_on("Recevoir un nouveau lien")
    assert "Un nouveau lien est envoyé." in phone.page.locator("main").inner_text()
    phone.check_shape()
