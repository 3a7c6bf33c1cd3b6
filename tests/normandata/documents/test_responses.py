"""Check 11: what people send never runs in our origin; each request is checked by its caller."""

from pathlib import Path

import pytest
from django.http import Http404
from django.test import Client

from normandata.accounts.models import User
from normandata.documents import previews, responses, rows, uploads
from normandata.documents.limits import Limits
from normandata.documents.models import Upload
from tests.factories.documents import UploadFactory
from tests.normandata.documents import ordinary
from tests.normandata.documents.conftest import files_under
from tests.normandata.documents.test_uploads import sent

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.normandata.documents.pages")]


@pytest.fixture
def member(client: Client, person: User) -> Client:
    client.force_login(person)
    return client


@pytest.mark.parametrize("name", ordinary.FILES)
def test_each_accepted_file_leaves_as_a_download_that_runs_nothing(
    member: Client, person: User, media: Path, name: str
) -> None:
    content = ordinary.FILES[name]()
    upload = uploads.receive(sent(name, content), by=person, limits=Limits())
    answer = member.get(f"/essai/{upload.pk}/fichier/")
    assert b"".join(answer) == content
    assert answer.headers["Content-Disposition"].startswith("attachment; filename")
    assert {header: answer.headers[header] for header in responses.SHIELD} == responses.SHIELD
    assert answer.headers["Content-Type"].split(";")[0] == upload.media_type
    assert upload.media_type not in ("text/html", "image/svg+xml", "application/xhtml+xml", "text/xml")


def test_the_name_of_a_download_keeps_its_accents(member: Client, media: Path) -> None:
    upload = UploadFactory(name="Délibération n° 3.pdf")
    answer = member.get(f"/essai/{upload.pk}/fichier/")
    assert answer.headers["Content-Disposition"] == (
        "attachment; filename*=utf-8''D%C3%A9lib%C3%A9ration%20n%C2%B0%203.pdf"
    )
    assert b"".join(answer)


@pytest.mark.parametrize("state", ["checking", "infected", "refused"])
def test_a_file_that_is_not_clean_does_not_exist(member: Client, media: Path, state: str) -> None:
    upload = UploadFactory(state=state)
    for page in ("", "image/", "fichier/"):
        assert member.get(f"/essai/{upload.pk}/{page}").status_code == 404
    row = rows.Row(upload, preview="/essai/").render()
    assert 'href="/essai/' not in row


def test_a_file_gone_from_the_disk_does_not_exist(media: Path) -> None:
    upload = UploadFactory()
    Path(upload.file.path).unlink()
    with pytest.raises(Http404):
        responses.send(upload)


def test_nothing_is_open_to_a_stranger(client: Client, media: Path) -> None:
    upload = UploadFactory()
    for page in ("", "image/", "fichier/"):
        assert client.get(f"/essai/{upload.pk}/{page}").status_code == 302


@pytest.mark.parametrize("name", ["devis.pdf", "photo d’un téléphone.jpg", "logo.png", "schéma.webp", "impression.jpg"])
def test_a_preview_is_drawn_anew(member: Client, person: User, media: Path, name: str) -> None:
    content = ordinary.FILES[name]()
    upload = uploads.receive(sent(name, content), by=person, limits=Limits())
    page = member.get(f"/essai/{upload.pk}/").content.decode()
    assert f'src="/essai/{upload.pk}/image/?page=1"' in page
    answer = member.get(f"/essai/{upload.pk}/image/?page=1")
    drawn = b"".join(answer)
    assert drawn.startswith(b"\x89PNG")
    assert b"Exif" not in drawn
    assert (answer.headers["Content-Type"], answer.headers["X-Content-Type-Options"]) == ("image/png", "nosniff")
    assert member.get(f"/essai/{upload.pk}/image/?page=2").status_code == 404
    assert files_under(media / "previews") == [f"{upload.pk}/1.png"]


def test_pages_follow_one_another(member: Client, media: Path) -> None:
    upload = UploadFactory(content=ordinary.pdf(pages=3), pages=3)
    for asked, shown in ((None, 1), ("2", 2), ("9", 3), ("x", 1), ("-1", 1), ("9" * 400, 1)):
        page = member.get(f"/essai/{upload.pk}/", {"page": asked} if asked else {}).content.decode()
        assert f"Page {shown} sur 3" in page
        assert ("Page précédente" in page, "Page suivante" in page) == (shown > 1, shown < 3)


def test_a_text_is_shown_as_text(member: Client, person: User, media: Path) -> None:
    upload = uploads.receive(sent("a.csv", "é;<b>1</b>\r\n&\r\n".encode("cp1252")), by=person, limits=Limits())
    page = member.get(f"/essai/{upload.pk}/").content.decode()
    assert "<p>é;&lt;b&gt;1&lt;/b&gt;</p><p>&amp;</p>" in page


def test_a_long_text_is_cut_and_says_so(media: Path) -> None:
    upload = UploadFactory(format="txt", content=("é" * 70_000 + "\n").encode() * 4)
    shown = previews.of(upload)
    assert (len(shown.lines[0]), set(shown.lines[0]), shown.is_cut) == (500, {"é"}, True)


def test_an_office_file_says_it_has_no_preview(member: Client, person: User, media: Path) -> None:
    upload = uploads.receive(sent("a.docx", ordinary.docx()), by=person, limits=Limits())
    assert "Ce format n’a pas d’aperçu." in member.get(f"/essai/{upload.pk}/").content.decode()
    assert member.get(f"/essai/{upload.pk}/image/").status_code == 404


def test_a_page_that_cannot_be_drawn_is_said(member: Client, media: Path, settings) -> None:
    upload = UploadFactory()
    settings.UPLOAD_PATIENCE = 0.001
    assert "L’aperçu n’a pas pu être dessiné." in member.get(f"/essai/{upload.pk}/").content.decode()
    assert member.get(f"/essai/{upload.pk}/image/").status_code == 404
    assert files_under(media) == [upload.file.name]


def test_the_script_is_told_what_became_of_a_file(member: Client, media: Path) -> None:
    kept = member.post("/essai/", {"fichier": sent("a.pdf")}, headers={"accept": "application/json"})
    assert (kept.status_code, list(kept.json())) == (201, ["html"])
    assert kept.json()["html"].strip().startswith('<li class="nd-file">')
    refused = member.post("/essai/", {"fichier": sent("a.pdf", b"MZ")}, headers={"accept": "application/json"})
    assert (refused.status_code, refused.json()) == (
        422,
        {"message": "a.pdf est un programme, pas un document. Envoyez plutôt le document en PDF."},
    )
    assert member.post("/essai/", {}, headers={"accept": "application/json"}).status_code == 400


def test_a_plain_form_says_one_message_a_failure_and_keeps_the_others(member: Client, media: Path) -> None:
    files = [sent("a.pdf"), sent("plan.pdf", bytes(5 * 1024 * 1024)), sent("b.pdf"), sent("c.pdf", b"")]
    page = member.post("/essai/", {"fichier": files}, follow=True).content.decode()
    assert "plan.pdf pèse 5\u00a0Mo\u00a0; la limite est de 4\u00a0Mo." in page
    assert "Vos 2 autres fichiers sont bien reçus." in page
    assert sorted(Upload.objects.values_list("name", flat=True)) == ["a.pdf", "b.pdf"]
    assert "Choisissez au moins un fichier." in member.post("/essai/", {}, follow=True).content.decode()


def test_a_name_is_written_never_read_as_markup(media: Path) -> None:
    upload = UploadFactory.build(name="<img src=x onerror=alert(1)>.pdf", size=9)
    upload.uploaded_at = UploadFactory().uploaded_at
    drawn = rows.Row(upload, why="<b>").render()
    assert ("<img" in drawn, "<b>" in drawn) == (False, False)


@pytest.mark.parametrize(("judged", "word"), [("accepted", "Acceptée"), ("replace", "À remplacer"), ("", "Reçue")])
def test_a_row_says_what_was_judged(media: Path, judged: str, word: str) -> None:
    assert rows.Row(UploadFactory(), judged=judged).tag[2] == word
    assert rows.Row(UploadFactory(state="checking"), judged=judged).tag[2] == "Analyse antivirus"
