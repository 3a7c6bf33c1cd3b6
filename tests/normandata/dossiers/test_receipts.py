"""The acknowledgement of receipt on paper: every mention of CRPA, art. R112-11-1, tagged and numbered."""

import io
import re
from datetime import UTC, datetime

import pikepdf
import pypdfium2 as pdfium
import pytest

from normandata.documents import services
from normandata.documents.models import Document
from normandata.dossiers import receipts
from normandata.dossiers.models import Attachment, Deposit
from normandata.notifications.models import Mail
from tests.factories.documents import UploadFactory
from tests.factories.dossiers import FIRM, make_deposit, make_draft

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]
AT = datetime(2026, 10, 1, 7, 14, tzinfo=UTC)
SHORT = FIRM["motivations"] | {"projet": "Une ligne.\nUne <b>autre</b>."}


@pytest.fixture
def sent() -> Deposit:
    draft = make_draft(answers=dict(FIRM) | {"motivations": SHORT})
    upload = UploadFactory(uploaded_by=draft.created_by, name="Organigramme de la fonderie.pdf")
    Attachment.objects.create(dossier=draft, piece="complement", upload=upload, added_by=draft.created_by)
    return make_deposit(draft, at=AT)


def printed(sent: Deposit) -> bytes:
    assert sent.receipt is not None
    services.make(sent.receipt.pk)
    made = Document.objects.get(pk=sent.receipt.pk)
    with made.file.open() as file:
        return bytes(file.read())


def pages(pdf: bytes) -> list[str]:
    """Return the words of each page, as a reader copies them."""
    with pdfium.PdfDocument(pdf) as document:
        found = [document[rank].get_textpage().get_text_bounded() for rank in range(len(document))]
    # A word cut at the end of a line is one word, and its hyphen a control character.
    return [re.sub(r"\s+", " ", text.replace("\ufffe", "").replace("\x02", "")) for text in found]


def text_of(pdf: bytes) -> str:
    return " ".join(pages(pdf))


def test_every_mention_the_law_demands_is_written(sent: Deposit) -> None:
    said = text_of(printed(sent))
    service = sent.receipt.record["service"]  # type: ignore[union-attr]
    for mention in (
        "Accusé de réception de votre demande",
        "DIA-2026-0001, version 1",
        "1er octobre 2026 à 9 h 14 (heure de Paris)",
        service["name"],
        service["address"],
        service["phone"].replace("\u00a0", " "),
        service["email"],
        "Sans réponse le 1er décembre 2026, votre demande est refusée",
        "article L231-4, 3°",
        "Ce délai court si votre demande est complète.",
        "dans un délai de deux mois à compter de sa notification, ou du jour où il est né",
        "recours gracieux",
        "tribunal administratif de Caen",
        "www.telerecours.fr",
        "articles L112-11 et R112-11-1",
        "Organigramme de la fonderie.pdf",
        "Une ligne. Une <b>autre</b>.",
    ):
        assert mention in said, mention
    assert sent.pieces[0]["sha256"] in said.replace(" ", "")


def test_the_pdf_is_tagged_titled_and_every_page_bears_number_and_rank(sent: Deposit) -> None:
    content = printed(sent)
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert bool(pdf.Root.MarkInfo.Marked)
        assert "/StructTreeRoot" in pdf.Root
        assert str(pdf.Root.Lang) == "fr"
        assert str(pdf.docinfo["/Title"]) == "Accusé de réception DIA-2026-0001, version 1"
        count = len(pdf.pages)
    assert 2 <= count <= 4
    for page, said in enumerate(pages(content), start=1):
        assert f"Page {page} sur {count}" in said, said
        assert "DIA-2026-0001" in said


def test_the_mail_holds_the_same_mentions(sent: Deposit) -> None:
    mail = Mail.objects.get(kind="dossiers.receipt")
    said = f"{mail.subject}\n{mail.text}".replace("\u00a0", " ")
    service = sent.receipt.record["service"]  # type: ignore[union-attr]
    for mention in (
        "Accusé de réception de votre demande DIA-2026-0001",
        "Date de réception : 1er octobre 2026 à 9 h 14 (heure du serveur, Paris)",
        *(value.replace("\u00a0", " ") for value in service.values()),
        "Sans réponse de la Région le 1er décembre 2026, votre demande est refusée",
        "Ce délai court si votre demande est complète",
        "dans un délai de deux mois à compter du jour où il est né",
        "tribunal administratif de Caen",
        f"/dossiers/{sent.dossier.key}/",
    ):
        assert mention in said, mention


def test_the_mails_of_two_versions_do_not_look_alike(sent: Deposit) -> None:
    make_deposit(sent.dossier, at=datetime(2026, 10, 3, 8, tzinfo=UTC))
    subjects = Mail.objects.filter(kind="dossiers.receipt").order_by("created_at").values_list("subject", flat=True)
    assert [subject.partition(", ")[2] for subject in subjects] == ["version 1", "version 2"]
    assert len({subject.partition(", ")[0] for subject in subjects}) == 1


def test_a_deposit_at_midnight_is_dated_in_paris() -> None:
    sent = make_deposit(at=datetime(2026, 10, 31, 23, 30, tzinfo=UTC))
    assert sent.receipt is not None
    assert sent.receipt.record["silence_on"] == "2027-01-01"
    found = receipts.context(sent.receipt)
    assert str(found["silence_on"]) == "2027-01-01"
    assert receipts.tags(sent.dossier, sent)["recu_le"].replace("\u00a0", " ") == "1er novembre 2026 à 0 h 30"


def test_a_second_version_says_when_the_first_came() -> None:
    first = make_deposit(at=AT)
    section = first.dossier.sections.get(slug="motivations")
    section.answers |= {"projet": "Autre."}
    section.save()
    second = make_deposit(first.dossier, at=datetime(2026, 10, 3, 8, tzinfo=UTC))
    said = text_of(printed(second))
    assert "3 octobre 2026 à 10 h 00 (heure de Paris) ; première version le 1er octobre 2026 à 9 h 14" in said
    assert "Sans réponse le 1er décembre 2026" in said
