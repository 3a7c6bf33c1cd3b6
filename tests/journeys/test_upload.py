"""Sending files in a real browser, with the script and without."""

import os
import re
from pathlib import Path

import pikepdf
import pytest
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import Route, expect

from normandata.accounts.models import User
from normandata.documents.models import Upload
from tests.factories.accounts import BACKEND, UserFactory
from tests.normandata.documents import ordinary
from tests.normandata.documents.conftest import files_under

from .browser import Window, follow
from .conftest import Visit

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.normandata.documents.pages"),
]


@pytest.fixture
def member(media: Path) -> User:
    return UserFactory()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Lay out the files of a person's device."""
    place = tmp_path / "appareil"
    place.mkdir()
    (place / "Devis signé.pdf").write_bytes(ordinary.pdf(pages=2))
    (place / "photo.jpg").write_bytes(ordinary.picture("JPEG"))
    (place / "facture.pdf").write_bytes(b"MZ" + bytes(90))
    (place / "plan.pdf").write_bytes(bytes(31 * 1024 * 1024))
    return place


def heavy(document: pikepdf.Pdf) -> None:
    document.pages[0].Thumb = document.make_stream(os.urandom(3 * 1024 * 1024 + 9))


def signed_in(visit: Visit, member: User, **options: object) -> Window:
    session = SessionStore()
    session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(member.pk), BACKEND
    session[HASH_SESSION_KEY] = member.get_session_auth_hash()
    session.save()
    window = visit("/contact/", **options)
    cookie = {"name": "sessionid", "value": session.session_key, "url": window.address}
    window.context.add_cookies([cookie])  # type: ignore[list-item]
    window.go("/essai/")
    return window


def words(window: Window) -> str:
    return window.page.locator("main").inner_text().replace("\u00a0", " ")


@pytest.mark.parametrize("width", [375, 1280])
def test_several_files_at_once_and_one_failure_keeps_the_others(
    visit: Visit, member: User, folder: Path, media: Path, width: int
) -> None:
    window = signed_in(visit, member, width=width)
    window.refused_by_design.add(422)
    assert "CSV ou texte ; 4 Mo par fichier, 6 fichiers au plus." in words(window)
    window.check()
    window.page.get_by_label("Ajouter des fichiers").set_input_files(
        [folder / name for name in ("Devis signé.pdf", "facture.pdf", "plan.pdf", "photo.jpg")]
    )
    # Four files are read and searched for viruses before it says so: a busy machine takes its time.
    received = re.compile(r"2.fichiers sont bien reçus\. 2.fichiers ne")
    expect(window.page.get_by_role("status")).to_have_text(received, timeout=20_000)
    said = words(window)
    assert "facture.pdf est un programme, pas un document. Envoyez plutôt le document en PDF." in said
    assert "plan.pdf pèse 31 Mo ; la limite est de 4 Mo. Réduisez-le ou envoyez-le en plusieurs parties." in said
    assert sorted(Upload.objects.values_list("name", flat=True)) == ["Devis signé.pdf", "photo.jpg"]
    assert len(files_under(media)) == 2
    window.check()
    window.page.get_by_role("button", name="Effacer de la liste facture.pdf").click()
    follow(window.page.get_by_role("link", name="Devis signé.pdf"))
    expect(window.page.get_by_role("heading", level=1)).to_have_text("Devis signé.pdf")
    drawn = window.page.locator("img.nd-preview")
    # Asked again from here: the page's own policy forbids a script that waits in it.
    for _ in range(80):
        if drawn.evaluate("image => image.naturalWidth") > 100:
            break
        window.page.wait_for_timeout(100)
    assert drawn.evaluate("image => image.naturalWidth") > 100
    window.check()
    follow(window.page.get_by_role("link", name="Page suivante"))
    expect(window.page.get_by_text("Page 2 sur 2")).to_be_visible()
    window.check_shape()


def test_a_lost_connection_keeps_the_file_and_tries_again(visit: Visit, member: User, folder: Path) -> None:
    window = signed_in(visit, member)
    lost: list[str] = []

    def cut(route: Route) -> None:
        if route.request.method == "POST" and not lost:
            lost.append(route.request.url)
            route.abort("connectionreset")
        else:
            route.continue_()

    window.page.route("**/essai/", cut)
    window.page.get_by_label("Ajouter des fichiers").set_input_files(folder / "photo.jpg")
    retry = window.page.get_by_role("button", name="Réessayer photo.jpg")
    expect(retry).to_be_visible()
    assert "photo.jpg n’a pas été envoyé : la connexion est interrompue." in words(window)
    assert len(window.complaints) > 0
    window.complaints.clear()
    retry.click()
    expect(window.page.get_by_role("link", name="photo.jpg")).to_be_visible()
    assert Upload.objects.get().name == "photo.jpg"


def test_an_expired_session_is_said_and_the_file_kept(visit: Visit, member: User, folder: Path) -> None:
    window = signed_in(visit, member)
    window.refused_by_design.add(403)
    window.context.clear_cookies()
    window.page.get_by_label("Ajouter des fichiers").set_input_files(folder / "photo.jpg")
    expect(window.page.get_by_role("button", name="Réessayer photo.jpg")).to_be_visible()
    assert "votre session a expiré. Reconnectez-vous dans un autre onglet, puis revenez ici." in words(window)


def test_the_progress_is_written_in_words(visit: Visit, member: User, folder: Path) -> None:
    window = signed_in(visit, member)
    (folder / "long.pdf").write_bytes(ordinary.pdf(heavy))
    window.page.evaluate(
        """() => { window.said = [];
          new MutationObserver(() => document.querySelectorAll(".nd-file--sending small")
            .forEach((one) => window.said.push(one.textContent)))
            .observe(document.querySelector("[data-upload-list]"), {subtree: true, childList: true}); }"""
    )
    window.page.get_by_label("Ajouter des fichiers").set_input_files(folder / "long.pdf")
    expect(window.page.get_by_role("link", name="long.pdf")).to_be_visible()
    assert "0\u00a0Mo sur 4" in window.page.evaluate("window.said")


@pytest.mark.parametrize("width", [375, 1280])
def test_without_script_the_form_sends_them_all(visit: Visit, member: User, folder: Path, width: int) -> None:
    window = signed_in(visit, member, width=width, javascript=False)
    window.page.get_by_label("Ajouter des fichiers").set_input_files(
        [folder / name for name in ("Devis signé.pdf", "facture.pdf", "plan.pdf", "photo.jpg")]
    )
    window.press_on("Envoyer")
    said = words(window)
    assert "plan.pdf pèse 31 Mo ; la limite est de 4 Mo. Réduisez-le ou envoyez-le en plusieurs parties." in said
    assert "facture.pdf est un programme, pas un document." in said
    assert "Vos 2 autres fichiers sont bien reçus." in said
    window.check_shape()
    window.page.get_by_role("button", name="Retirer photo.jpg").click()
    window.page.wait_for_load_state()
    assert Upload.objects.get().name == "Devis signé.pdf"
