"""A piece asked for by an agent and supplied: four clicks at most, with the script and without."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from normandata.dossiers.models import Correction, Dossier
from normandata.dossiers.services import corrections
from normandata.dossiers.services.corrections import Asked
from normandata.procedure import services as procedure
from tests.factories.accounts import PASSWORD, UserFactory, make_agent
from tests.factories.dossiers import make_deposit
from tests.factories.organisations import MembershipFactory
from tests.normandata.documents import ordinary

from .browser import Window
from .conftest import Visit
from .errors import plain
from .test_accounts import fill

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("media")]
PIECE, SECTION = "piece:complement", "section:motivations"


@pytest.fixture(autouse=True)
def _mails_stay_in_their_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "appareil"
    place.mkdir()
    (place / "Organigramme signé.pdf").write_bytes(ordinary.pdf())
    (place / "facture.pdf").write_bytes(b"MZ" + bytes(90))
    return place


def asked(*targets: str) -> Dossier:
    """Deposit a request, and have an agent ask for something."""
    membership, agent = MembershipFactory(user=UserFactory()), make_agent()
    dossier = make_deposit(by=membership.user, organisation=membership.organisation).dossier
    procedure.fire(dossier, "start_review", by=agent)
    due = timezone.localdate() + timedelta(days=15)
    items = [Asked(target, "Le document est illisible.") for target in targets]
    corrections.ask(dossier, items, due_on=due, text="Bonjour.", by=agent)
    return dossier


def entered(visit: Visit, dossier: Dossier, *, width: int, javascript: bool) -> Window:
    """Sign in as whoever began the dossier; clicks are counted from there."""
    window = visit("/connexion/?next=/dossiers/", width=width, javascript=javascript)
    fill(window, login=dossier.created_by.email, password=PASSWORD)
    window.press_on("Se connecter")
    if not javascript:
        window.twin = window.twin or window._twin()
        window.twin.context.add_cookies(window.context.cookies())  # type: ignore[arg-type]
    window.clicks = 0
    return window


@pytest.mark.parametrize(("width", "javascript"), [(375, True), (1280, True), (375, False), (1280, False)])
def test_a_missing_piece_is_supplied_in_four_clicks(visit: Visit, folder: Path, width: int, javascript: bool) -> None:
    dossier = asked(PIECE)
    window = entered(visit, dossier, width=width, javascript=javascript)
    assert window.check() == "Mes dossiers"
    assert "Des pièces vous sont demandées, au plus tard le 8 décembre 2026." in plain(
        window.page.locator("main").inner_text()
    )
    window.follow("Répondre")
    assert window.check() == f"Dossier {dossier.number}"
    window.clicks += 1  # the file chooser
    window.page.get_by_label("Choisir le fichier").set_input_files(folder / "Organigramme signé.pdf")
    window.press_on("Envoyer ce qui est demandé")
    assert window.clicks <= 4, window.clicks
    window.check()
    said = plain(window.page.locator("main").inner_text())
    assert "C’est envoyé. L’examen de votre dossier reprend." in said
    assert "Rien n’est attendu de vous." in said
    dossier.refresh_from_db()
    assert (dossier.state, dossier.version) == ("review", 2)
    assert Correction.objects.get().state == Correction.State.ANSWERED
    assert [file.upload.name for file in dossier.attachments.select_related("upload")] == ["Organigramme signé.pdf"]


@pytest.mark.parametrize("javascript", [True, False])
def test_a_file_refused_is_said_and_the_others_wait(visit: Visit, folder: Path, javascript: bool) -> None:
    dossier = asked(PIECE)
    window = entered(visit, dossier, width=375, javascript=javascript)
    window.follow("Répondre")
    window.page.get_by_label("Choisir le fichier").set_input_files(
        [folder / "facture.pdf", folder / "Organigramme signé.pdf"]
    )
    window.press_on("Envoyer ce qui est demandé")
    window.check()
    said = plain(window.page.locator("main").inner_text())
    assert "facture.pdf est un programme, pas un document." in said
    assert "Organigramme signé.pdf" in said
    assert Dossier.objects.get().state == "incomplete"
    window.press_on("Envoyer ce qui est demandé")
    assert Dossier.objects.get().state == "review"


@pytest.mark.parametrize("javascript", [True, False])
def test_a_section_is_taken_up_again_then_sent(visit: Visit, javascript: bool) -> None:
    dossier = asked(SECTION)
    window = entered(visit, dossier, width=375, javascript=javascript)
    window.follow("Répondre")
    window.follow("Reprendre cette section")
    assert window.check() == "Vos motivations"
    window.page.locator("[name=projet]").fill("Le projet, précisé.")
    window.press_on("Revenir au dossier")
    assert window.check() == f"Dossier {dossier.number}"
    window.press_on("Envoyer ce qui est demandé")
    assert window.clicks <= 4, window.clicks
    dossier.refresh_from_db()
    assert (dossier.state, dossier.version) == ("review", 2)


def test_a_double_click_answers_once(visit: Visit, folder: Path) -> None:
    dossier = asked(PIECE)
    window = entered(visit, dossier, width=375, javascript=True)
    window.follow("Répondre")
    window.page.get_by_label("Choisir le fichier").set_input_files(folder / "Organigramme signé.pdf")
    window.page.get_by_role("button", name="Envoyer ce qui est demandé").dblclick()
    window.page.get_by_text("C’est envoyé.").wait_for()
    dossier.refresh_from_db()
    assert (dossier.state, dossier.version, dossier.deposits.count()) == ("review", 2, 2)
