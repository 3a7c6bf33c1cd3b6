"""« Garder ce résultat en PDF »: asked for, waited for, fetched; once, and with a word when it fails."""

import uuid
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect

from normandata.documents import pdf
from normandata.documents.models import Document
from normandata.outbox import services as outbox
from normandata.outbox.models import Message

from .browser import Window, follow
from .conftest import Visit
from .errors import plain
from .test_diagnostic_simulator import ENTERPRISE, RESULT

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("media")]

TITLE = "Simulation Diagnostic data et IA du 23 novembre 2026"
FILENAME = "simulation-diagnostic-2026-11-23.pdf"
WAITING = "Votre PDF se prépare."
READY = "Votre PDF est prêt"
SOON = 10_000


def ask_for_pdf(window: Window) -> Message:
    window.press_on("Garder ce résultat en PDF")
    assert window.check() == TITLE
    expect(window.page.get_by_role("status")).to_contain_text(WAITING)
    message = Message.objects.get()
    assert (message.handler, message.state) == ("documents.make", "pending")
    assert window.path == f"/documents/{message.payload['document']}/"
    return message


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (375, True), (320, False)])
def test_a_result_is_kept_as_a_pdf(visit: Visit, tmp_path: Path, width: int, javascript: bool) -> None:
    window = visit(f"{RESULT}?{urlencode(ENTERPRISE)}", width=width, javascript=javascript)
    result_page, page = window.page.url, window.page
    message = ask_for_pdf(window)
    waiting_page = page.url
    assert outbox.work(message.pk)
    expect(page.get_by_role("heading", name=READY)).to_be_visible(timeout=SOON)
    assert page.url == waiting_page
    assert window.check() == TITLE
    with page.expect_download() as waited:
        page.get_by_role("link", name="Télécharger le PDF").click()
    assert waited.value.suggested_filename == FILENAME
    saved = tmp_path / "result.pdf"
    waited.value.save_as(saved)
    document = Document.objects.get()
    assert saved.read_bytes()[:5] == b"%PDF-"
    assert saved.stat().st_size == document.size
    answer = page.request.get(f"/documents/{document.pk}/fichier/")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == f'attachment; filename="{FILENAME}"'
    follow(page.get_by_role("link", name="Revenir au résultat"))
    assert page.url == result_page
    window.press_on("Garder ce résultat en PDF")
    assert page.url == waiting_page
    assert page.get_by_role("heading", name=READY).is_visible()
    assert (Document.objects.count(), Message.objects.count()) == (1, 1)


def test_a_double_click_asks_once(visit: Visit) -> None:
    window = visit(f"{RESULT}?{urlencode(ENTERPRISE)}", width=375)
    window.page.get_by_role("button", name="Garder ce résultat en PDF").dblclick()
    expect(window.page.get_by_role("status")).to_contain_text(WAITING)
    assert (Document.objects.count(), Message.objects.count()) == (1, 1)


def test_other_answers_are_another_document(visit: Visit) -> None:
    window = visit(f"{RESULT}?{urlencode(ENTERPRISE)}", width=375)
    ask_for_pdf(window)
    window.go(f"{RESULT}?{urlencode(ENTERPRISE | {'etp': '46'})}")
    window.press_on("Garder ce résultat en PDF")
    assert (Document.objects.count(), Message.objects.count()) == (2, 2)


@pytest.mark.parametrize("javascript", [True, False])
def test_a_pdf_that_cannot_be_made_is_told(
    visit: Visit, settings, monkeypatch: pytest.MonkeyPatch, javascript: bool
) -> None:
    settings.OUTBOX_BACKOFF = (0, 0)

    def broken(*args: object) -> bytes:
        raise OSError("no space left")

    monkeypatch.setattr(pdf, "render", broken)
    window = visit(f"{RESULT}?{urlencode(ENTERPRISE)}", width=375, javascript=javascript)
    message = ask_for_pdf(window)
    for _ in range(3):
        expect(window.page.get_by_role("status")).to_contain_text(WAITING)
        assert not outbox.work(message.pk)
    message.refresh_from_db()
    assert message.state == "failed"
    status = window.page.get_by_role("status")
    expect(status).to_contain_text("Le PDF n’a pas pu être préparé.", timeout=SOON)
    assert plain(status.inner_text()) == (
        "Le PDF n’a pas pu être préparé. La panne est signalée. "
        "Le résultat reste affiché et imprimable à la page précédente."
    )
    window.check()
    follow(window.page.get_by_role("link", name="Revenir au résultat"))
    assert window.path == RESULT


def test_a_document_nobody_asked_for_is_not_found(visit: Visit) -> None:
    window = visit(f"/documents/{uuid.uuid4()}/", status=404)
    assert window.check() == "Cette page n’existe pas"
    window.go(f"/documents/{uuid.uuid4()}/fichier/", status=404)


def test_a_document_not_ready_has_no_file(visit: Visit) -> None:
    window = visit(f"{RESULT}?{urlencode(ENTERPRISE)}")
    message = ask_for_pdf(window)
    window.go(f"/documents/{message.payload['document']}/fichier/", status=404)
