"""A person's own data in a real browser: read, copied, claimed, erased; then the officer's side. axe at each page."""

import pytest
from playwright.sync_api import expect

from normandata.accounts.models import Role, User
from normandata.dossiers.models import Dossier
from normandata.outbox import services as outbox
from normandata.outbox.models import Message
from normandata.rights.models import Erasure, Lot, LotRow
from normandata.rights.services import exports
from tests.factories.accounts import PASSWORD, UserFactory, make_user_with
from tests.factories.dossiers import make_deposit

from .applicant import signed_in
from .conftest import Visit
from .test_examine import open_as

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("media"),
]


@pytest.fixture(autouse=True)
def _work_stays_in_its_rows(monkeypatch: pytest.MonkeyPatch, settings, tmp_path) -> None:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    monkeypatch.setattr("normandata.outbox.carrier.waiting", lambda: 0)
    settings.ERASURES_FILE = str(tmp_path / "erasures.jsonl")


@pytest.mark.parametrize(("width", "javascript"), [(375, True), (320, False)])
def test_a_person_copies_their_data_then_is_erased(visit: Visit, width: int, javascript: bool) -> None:
    person = UserFactory(name="Zoé Canarix", email="zoe@oiseau.fr")
    dossier = make_deposit(by=person).dossier
    window = signed_in(visit, person, "/compte/", width=width, javascript=javascript)
    window.follow("Voir, copier ou effacer mes données")
    assert window.check() == "Mes données"
    window.press_on("Demander une copie")
    assert window.check() == "Confirmer que c’est vous"
    window.page.locator("[name=password]").fill(PASSWORD)
    window.press_on("Continuer")
    assert window.path == "/compte/donnees/"
    expect(window.page.locator("main")).to_contain_text("En préparation")
    outbox.work(Message.objects.get(handler=exports.MAKE).pk)
    window.go("/compte/donnees/")
    window.check()
    with window.page.expect_download() as caught:
        window.page.get_by_role("link", name="Télécharger").click()
    assert caught.value.suggested_filename.endswith(".zip")

    window.follow("Faire une demande")
    assert window.check() == "Faire une demande sur mes données"
    window.refused_by_design.add(422)
    window.press_on("Envoyer ma demande")
    window.check()
    window.choose("Rectifier une donnée")
    window.page.locator("[name=text]").fill("Mon prénom est mal écrit.")
    window.press_on("Envoyer ma demande")
    expect(window.page.locator("main")).to_contain_text("Réponse avant le 23 décembre 2026")

    window.follow("Effacer mes données")
    assert window.check() == "Effacer mes données"
    expect(window.page.locator("main")).to_contain_text(f"Le dossier {dossier.number} est en cours")
    Dossier.objects.update(state="withdrawn", turn="nobody")
    window.go("/compte/donnees/effacement/")
    window.check()
    window.follow("Continuer vers la confirmation")
    assert window.check() == "Confirmer l’effacement"
    window.press_on("Effacer mes données")
    window.check()
    window.page.locator("label[for=id_sure]").click()
    window.press_on("Effacer mes données")
    assert window.check() == "Vos données sont effacées"
    window.go("/connexion/")
    window.page.locator("[name=login]").fill("zoe@oiseau.fr")
    window.page.locator("[name=password]").fill(PASSWORD)
    window.press_on("Se connecter")
    assert window.path == "/connexion/"
    assert Erasure.objects.get().person == person
    assert not User.objects.filter(email="zoe@oiseau.fr").exists()


def test_an_officer_answers_and_a_lot_is_eliminated_by_two(visit: Visit) -> None:
    officer = make_user_with(Role.DATA_PROTECTION_OFFICER)
    asked = UserFactory(name="Zoé Canarix").data_requests.create(
        kind="opposition", text="Plus de courriels.", due_on="2026-11-26"
    )
    dossier = make_deposit().dossier
    Dossier.objects.update(state="refused", turn="nobody", turn_since="2022-01-03T12:00Z")
    lot = Lot.objects.create(number="ELI-2026-0001", rule="diagnostic-sans-suite", proposed_at="2026-11-20T03:00Z")
    LotRow.objects.create(
        lot=lot, dossier=dossier, label=f"{dossier.number}, Atelier", since="2022-01-03", due_on="2024-01-03"
    )
    window = open_as(visit, officer, "/donnees/demandes/")
    assert window.check() == "Demandes sur les données personnelles"
    window.follow("Opposition")
    window.check()
    window.choose("Acceptée en partie")
    window.page.locator("[name=answer]").fill("Les courriels du dossier restent.")
    window.press_on("Envoyer la réponse")
    window.check()
    asked.refresh_from_db()
    assert asked.outcome == "partly"

    window.go("/donnees/eliminations/")
    assert window.check() == "Éliminations"
    window.follow("ELI-2026-0001")
    assert window.check() == "Lot ELI-2026-0001"
    window.page.locator("[name=reference]").fill("AD14-2026-7")
    window.page.locator("[name=name]").fill("Mme Archive, directrice")
    window.page.locator("[name=on]").fill("21/11/2026")
    window.press_on("Noter le visa")
    window.check()
    expect(window.page.locator("main")).to_contain_text("une autre personne exécute le lot")
    other = open_as(visit, make_user_with(Role.ADMINISTRATOR), f"/donnees/eliminations/{lot.pk}/", width=375)
    other.check()
    other.press_on("Éliminer")
    other.check()
    expect(other.page.locator("main")).to_contain_text("Exécuté le")
    dossier.refresh_from_db()
    assert dossier.eliminated_at is not None
