"""Files of a dossier: what is refused leaves nothing, what is taken away stays with the deposit that named it."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from normandata.accounts.models import User
from normandata.documents import conf
from normandata.documents.forms import UploadBox
from normandata.documents.models import Upload
from normandata.dossiers.models import Attachment, Dossier
from normandata.organisations.models import Organisation
from tests.factories.accounts import UserFactory, make_agent, sign_in
from tests.factories.dossiers import make_deposit, make_draft
from tests.normandata.documents import ordinary
from tests.normandata.documents.conftest import files_under

pytestmark = pytest.mark.django_db
JSON = {"Accept": "application/json"}
MEGA = 1024 * 1024


@pytest.fixture
def draft(applicant: User, organisation: Organisation, kept: Path) -> Dossier:
    return make_draft(by=applicant, organisation=organisation)


def pdf(name: str = "devis.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, ordinary.pdf(), "application/pdf")


def plain(response: object) -> str:
    return response.content.decode().replace("\u00a0", " ").replace("&nbsp;", " ")  # type: ignore[attr-defined]


def post(client: Client, dossier: Dossier, *files: SimpleUploadedFile) -> Any:
    path = f"/dossiers/{dossier.key}/pieces/complement/"
    return client.post(path, {UploadBox.field: list(files)}, headers=JSON)


def fetched(client: Client, path: str) -> bytes:
    sent = client.get(path)
    assert (sent.status_code, "attachment" in sent.headers["Content-Disposition"]) == (200, True)
    return b"".join(sent.streaming_content)  # type: ignore[attr-defined]


def test_a_file_joined_is_listed_previewed_and_sent(client: Client, draft: Dossier, kept: Path) -> None:
    assert post(client, draft, pdf()).status_code == 201
    joined = Attachment.objects.get()
    assert (joined.piece, joined.upload.name, joined.added_by) == ("complement", "devis.pdf", draft.created_by)
    assert "devis.pdf" in plain(client.get(f"/dossiers/{draft.key}/pieces/"))
    assert client.get(f"/dossiers/{draft.key}/fichiers/{joined.pk}/apercu/").status_code == 200
    assert fetched(client, f"/dossiers/{draft.key}/fichiers/{joined.pk}/").startswith(b"%PDF")


def test_an_executable_renamed_leaves_nothing(client: Client, draft: Dossier, kept: Path) -> None:
    answer = post(client, draft, SimpleUploadedFile("facture.pdf", b"MZ" + bytes(90), "application/pdf"))
    assert answer.status_code == 422
    assert "facture.pdf est un programme, pas un document." in answer.json()["message"].replace("\u00a0", " ")
    assert (Attachment.objects.count(), Upload.objects.count(), files_under(kept)) == (0, 0, [])
    assert list(conf.drafts().glob("*")) == [] if conf.drafts().exists() else True


class Heavy(SimpleUploadedFile):
    """A file of 300 MB, made as it is read."""

    LEFT = 300 * MEGA

    def __init__(self) -> None:
        super().__init__("plan.pdf", b"", "application/pdf")
        self.left = self.LEFT

    def read(self, size: int = -1) -> bytes:
        taken = self.left if size < 0 else min(size, self.left)
        self.left -= taken
        return bytes(taken)


def test_three_hundred_megabytes_are_refused_with_the_limit(client: Client, draft: Dossier, kept: Path) -> None:
    answer = post(client, draft, Heavy())
    said = answer.json()["message"].replace("\u00a0", " ")
    assert answer.status_code in (413, 422)
    assert "20 Mo" in said or "limite" in said, said
    assert (Attachment.objects.count(), Upload.objects.count(), files_under(kept)) == (0, 0, [])


def test_one_file_refused_keeps_the_others(client: Client, draft: Dossier) -> None:
    bad = SimpleUploadedFile("facture.pdf", b"MZ" + bytes(90), "application/pdf")
    files = {UploadBox.field: [pdf("a.pdf"), bad, pdf("b.pdf")]}
    page = client.post(f"/dossiers/{draft.key}/pieces/complement/", files, follow=True)
    text = plain(page)
    assert "facture.pdf est un programme" in text
    assert sorted(Attachment.objects.values_list("upload__name", flat=True)) == ["a.pdf", "b.pdf"]


def test_no_more_files_than_the_limit(client: Client, draft: Dossier) -> None:
    for number in range(5):
        assert post(client, draft, pdf(f"{number}.pdf")).status_code == 201
    answer = post(client, draft, pdf("6.pdf"))
    assert "dépasse le nombre de fichiers acceptés, 5 au plus" in answer.json()["message"]
    assert Attachment.objects.count() == Upload.objects.count() == 5


def test_what_a_deposit_named_stays_readable_once_taken_away(client: Client, draft: Dossier) -> None:
    post(client, draft, pdf())
    joined = Attachment.objects.get()
    sent = make_deposit(draft)
    client.post(f"/dossiers/{draft.key}/fichiers/{joined.pk}/retirer/")
    assert not Attachment.objects.current().exists()
    assert [piece["name"] for piece in sent.pieces] == ["devis.pdf"]
    assert fetched(client, f"/dossiers/{draft.key}/fichiers/{joined.pk}/").startswith(b"%PDF")
    again = client.post(f"/dossiers/{draft.key}/fichiers/{joined.pk}/retirer/")
    assert again.status_code == 404


def test_a_dossier_under_review_takes_no_file(client: Client, draft: Dossier, kept: Path) -> None:
    make_deposit(draft)
    Dossier.objects.update(state="review", editable="none")
    answer = post(client, draft, pdf())
    assert "Ce dossier n’est plus modifiable" in answer.json()["message"]
    assert (Attachment.objects.count(), Upload.objects.count(), files_under(kept)) == (0, 0, [])
    page = plain(client.get(f"/dossiers/{draft.key}/pieces/"))
    assert "Cette pièce n’est pas modifiable pour le moment." in page


def test_files_of_a_draft_are_its_organisations_alone(client: Client, draft: Dossier) -> None:
    post(client, draft, pdf())
    joined = Attachment.objects.get()
    paths = [f"/dossiers/{draft.key}/fichiers/{joined.pk}/{end}" for end in ("", "apercu/", "image/")]
    for stranger in (UserFactory(), make_agent()):
        sign_in(client, stranger)
        assert [client.get(path).status_code for path in paths] == [404, 404, 404]
        assert client.post(f"{paths[0]}retirer/").status_code == 404
    make_deposit(draft)
    assert fetched(client, paths[0]).startswith(b"%PDF")


def test_an_unknown_piece_does_not_exist(client: Client, draft: Dossier) -> None:
    assert client.post(f"/dossiers/{draft.key}/pieces/inconnue/", {}).status_code == 404
