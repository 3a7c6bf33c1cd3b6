"""The PDFs of a report: what they say, what they hold, and what the redacted one does not hold at all."""

import io
import json
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest
from weasyprint import HTML

from diagnostic import papers
from diagnostic.markup import REMOVED
from diagnostic.orders import Order
from diagnostic.reports import PARTS
from diagnostic.services import reports
from normandata.accounts.models import User
from normandata.documents import services as documents
from normandata.documents.models import Document
from normandata.procedure import services as procedure
from tests.diagnostic import writings
from tests.diagnostic.writings import SECRET, SECRET_CAPTION, SECRET_FILE
from tests.factories.accounts import make_agent
from tests.factories.diagnostic import make_market, make_provider, make_started
from tests.listener import CANARY, Listener

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))


@pytest.fixture
def order() -> Order:
    return make_started(make_market())


@pytest.fixture
def provider(order: Order) -> User:
    return make_provider(order.company)


def accepted(order: Order, by: User) -> Document:
    reports.submit(order.dossier, by=by)
    procedure.fire(order.dossier, "accept_report", by=make_agent())
    version = reports.latest(order)
    assert version is not None
    assert version.document is not None
    return version.document


def made(document: Document) -> bytes:
    documents.make(document.pk)
    document.refresh_from_db()
    with document.file.open("rb") as file:
        return bytes(file.read())


def pages(content: bytes) -> list[str]:
    """Return the text of each page, on one line."""
    pdf = pypdfium2.PdfDocument(content)
    found = []
    for page in pdf:
        text = page.get_textpage()
        found.append(" ".join(text.get_text_bounded().split()))
        text.close()
        page.close()
    pdf.close()
    return found


def everything(content: bytes) -> bytes:
    """Every byte of a PDF, its streams opened, after those of the file as it is."""
    with pikepdf.open(io.BytesIO(content)) as document:
        out = io.BytesIO()
        document.save(out, stream_decode_level=pikepdf.StreamDecodeLevel.all, compress_streams=False)
    return content + out.getvalue()


def pictures(content: bytes) -> int:
    """Count the pictures that a PDF holds, shown or not."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        return sum(isinstance(thing, pikepdf.Stream) and thing.get("/Subtype") == "/Image" for thing in pdf.objects)


def holds(content: bytes, word: str) -> list[str]:
    """Say where a word is: in the text, or in the bytes under any of the encodings that a PDF writes."""
    found = ["text"] if any(word in page for page in pages(content)) else []
    raw = everything(content)
    forms = {
        "bytes": word.encode(),
        "utf-16": word.encode("utf-16-be"),
        "hexadecimal": word.encode("utf-16-be").hex().encode(),
    }
    return found + [name for name, form in forms.items() if form in raw or form.upper() in raw]


def test_a_report_says_it_all(order: Order, provider: User) -> None:
    writings.write(order, writings.SHORT, by=provider)
    writings.join_picture(order, provider)
    content = made(accepted(order, provider))
    read = pages(content)
    cover, whole = read[0], " ".join(read)
    number = order.dossier.number or ""
    assert all(f"Page {rank} sur {len(read)}" in page and number in page for rank, page in enumerate(read, start=1))
    assert order.organisation.label in cover
    assert order.company.name in cover
    assert "0,5 jour (commande : 5 jours)" in cover
    assert "ne contient aucune donnée gérée par la structure" in cover
    assert all(title in cover and whole.count(title) >= 2 for title in PARTS.values())
    assert SECRET in whole
    assert "[[" not in whole
    assert "six fichiers" in whole
    assert "**" not in whole
    assert "Pannes du four 1 240 62 %" in whole
    assert "Entretiens, visite de l’atelier" in whole
    assert "pannes.png, Pannes par four" in whole
    assert pictures(content) == 1


def test_a_report_is_tagged_titled_and_in_french(order: Order, provider: User) -> None:
    writings.write(order, writings.SHORT, by=provider)
    writings.join_picture(order, provider)
    with pikepdf.open(io.BytesIO(made(accepted(order, provider)))) as pdf:
        assert str(pdf.Root.Lang) == "fr"
        assert bool(pdf.Root.MarkInfo.Marked) is True
        assert "/StructTreeRoot" in pdf.Root
        assert f"Rapport du diagnostic {order.dossier.number}" in str(pdf.docinfo["/Title"])
        assert _alternative(pdf) == ["Pannes par four"]


def _alternative(pdf: pikepdf.Pdf) -> list[str]:
    return [
        str(thing["/Alt"])
        for thing in pdf.objects
        if isinstance(thing, pikepdf.Dictionary) and thing.get("/S") == "/Figure" and "/Alt" in thing
    ]


def test_thirty_pages_with_tables_and_pictures(order: Order, provider: User) -> None:
    writings.write(order, {slug: writings.long_part(title) for slug, title in PARTS.items()}, by=provider, days=2)
    for rank, slug in enumerate(PARTS):
        drawing = writings.picture(width=900 - rank * 20)
        said: dict[str, Any] = {"part": slug, "name": f"{slug}.png", "caption": f"Figure de {slug}"}
        writings.join_picture(order, provider, content=drawing, **said)
    content = made(accepted(order, provider))
    read = pages(content)
    assert 30 <= len(read) <= 40
    assert pictures(content) == 5
    assert all(f"Figure de {slug}" in " ".join(read) for slug in PARTS)
    # A table longer than a page says its headers again.
    assert " ".join(read).count("Machine Pannes Part") > 5


def test_the_redacted_report_does_not_hold_what_was_confidential(order: Order, provider: User) -> None:
    writings.write(order, writings.SHORT, by=provider)
    writings.join_picture(order, provider)
    secret = writings.picture(width=640, height=300)
    writings.join_picture(
        order, provider, name=SECRET_FILE, caption=SECRET_CAPTION, part="ia", is_confidential=True, content=secret
    )
    whole = accepted(order, provider)
    cut = reports.redact(order, by=make_agent())
    content = made(cut)
    for word in (SECRET, SECRET_FILE, SECRET_CAPTION):
        assert holds(content, word) == [], word
        assert word not in json.dumps(cut.record, ensure_ascii=False)
    read = pages(content)
    assert REMOVED in " ".join(read)
    assert "Des passages ont été retirés de cette version. 1 passage confidentiel et 1 fichier confidentiel" in read[0]
    assert "six fichiers" in " ".join(read)
    assert pictures(content) == 1
    # The witness: the whole report holds them all.
    full = made(whole)
    assert "text" in holds(full, SECRET)
    assert "text" in holds(full, SECRET_CAPTION)
    assert "text" in holds(full, SECRET_FILE)
    assert pictures(full) == 2


def test_thirty_pages_are_redacted_in_paragraphs_lists_and_tables(order: Order, provider: User) -> None:
    texts = {slug: writings.long_part(title) for slug, title in PARTS.items()}
    for rank, slug in enumerate(PARTS):
        texts[slug] = (
            texts[slug]
            .replace("Une valeur sur vingt est", f"Une valeur sur [[vingt, {SECRET}-{rank},]] est", 3)
            .replace("- point 2 du constat 5 ;", f"- point 2 [[{SECRET}-L{rank}]] ;")
            .replace("| Machine 30 | 1110 |", f"| [[{SECRET}-T{rank}]] | [[{SECRET}-V]] |")
        )
    writings.write(order, texts, by=provider, days=2)
    accepted(order, provider)
    content = made(reports.redact(order, by=make_agent()))
    read = pages(content)
    assert 28 <= len(read) <= 40
    assert holds(content, SECRET) == []
    assert " ".join(read).count(REMOVED) == 30
    assert "30 passages confidentiels" in read[0]
    assert " ".join(read).count("Machine 29") == len(PARTS)


def test_a_redacted_report_without_anything_to_remove_says_so(order: Order, provider: User) -> None:
    writings.write(order, dict.fromkeys(PARTS, "Rien de secret."), by=provider)
    accepted(order, provider)
    assert "Aucun passage n’était marqué comme confidentiel" in pages(made(reports.redact(order, by=make_agent())))[0]


# ---------------------------------------------------------------------------------------------- check 13: nothing read


def attacks(server: str, secret: Path) -> list[str]:
    """Every way to have a page read a file or a server, as somebody would type it."""
    return [
        f'<img src="{server}/image.png"><img src="file://{secret}">',
        f'<style>@import url("{server}/import.css"); @import url("file://{secret}");</style>',
        f'<svg xmlns="http://www.w3.org/2000/svg"><image href="{server}/svg.png"/><use href="file://{secret}#x"/></svg>',
        f'<link rel="attachment" href="file://{secret}"><a rel="attachment" href="{server}/a">joint</a>',
        f'<link rel="stylesheet" href="{server}/sheet.css"><object data="{server}/o.html"></object>',
        f"![image]({server}/markdown.png) [lien](file://{secret}) <{server}/auto>",
        f'<base href="{server}/"><iframe src="frame.html"></iframe>',
        f"<p style=\"background: url('{server}/bg.png')\">x</p>",
    ]


def write_attacks(order: Order, by: User, typed: list[str]) -> None:
    """Type the attacks in every free field that reaches a report."""
    text = "\n\n".join([*typed, "| A |\n|---|\n" + "\n".join(f"| {one} |" for one in typed), f"- {typed[0]}"])
    writings.write(order, dict.fromkeys(PARTS, text), by=by)
    order.sessions.update(what=typed[0])
    for attack in typed[:3]:
        writings.join_picture(order, by, caption=attack[:200], name=attack[:100])
    order.organisation.name = typed[0][:200]
    order.organisation.save(update_fields=["name"])
    order.company.name = typed[3][:200]
    order.company.save(update_fields=["name"])


def test_a_report_reads_no_server_and_no_file(
    order: Order, provider: User, server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text(CANARY * 20, encoding="utf-8")
    write_attacks(order, provider, attacks(server, secret))
    whole = accepted(order, provider)
    for document in (whole, reports.redact(order, by=make_agent())):
        content = made(document)
        assert CANARY.encode() not in everything(content)
        with pikepdf.open(io.BytesIO(content)) as pdf:
            assert dict(pdf.attachments) == {}
            addresses = [
                annotation for page in pdf.pages for annotation in page.get("/Annots", []) if "/A" in annotation
            ]
            assert addresses == []
    assert Listener.heard == []
    # The witness: a template that trusts what was typed is heard by the server, were the fetcher open.
    text = "".join(part["text"] for part in whole.record["parts"])
    HTML(string=f"<p>{text}</p>").write_pdf()
    assert "/image.png" in Listener.heard


@pytest.mark.parametrize("kind", ["diagnostic.purchase_order", "diagnostic.selection", "diagnostic.refusal"])
def test_a_letter_reads_no_server_and_no_file(order: Order, server: str, tmp_path: Path, kind: str) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text(CANARY * 20, encoding="utf-8")
    record: dict[str, Any] = order.dossier.letters.get(kind="diagnostic.selection").document.record
    bon = order.dossier.letters.get(kind="diagnostic.purchase_order").document.record
    attack = " ".join(attacks(server, secret))
    hostile: dict[str, Any] = {
        **record,
        **bon,
        "reason": attack,
        "organisation": attack,
        "street": attack,
        "place": attack,
    }
    hostile["company"] = dict.fromkeys(("name", "siret", "address", "email", "phone"), attack)
    hostile["market"] = {"reference": attack, "label": attack}
    hostile["rules"] = [dict.fromkeys(("label", "message", "text", "article"), attack)]
    hostile["aid"] = [attack]
    document = documents.request_document(kind, title="Essai", filename="essai.pdf", record=hostile)
    content = made(document)
    assert Listener.heard == []
    assert CANARY.encode() not in everything(content)


def test_a_picture_that_is_not_available_is_listed_without_being_shown(order: Order, provider: User) -> None:
    writings.write(order, writings.SHORT, by=provider)
    file = writings.join_picture(order, provider)
    document = accepted(order, provider)
    type(file.upload).objects.filter(pk=file.upload_id).update(state="checking", checked_at=None)
    content = made(document)
    assert pictures(content) == 0
    assert "pannes.png" in pages(content)[-1]
    assert papers.drawn(document.record["files"]) == []
