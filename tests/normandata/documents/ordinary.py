"""Thirty ordinary files, made by the programs people use or as those programs make them."""

import io
import zipfile
from collections.abc import Callable
from functools import cache

import pikepdf
import xlsxwriter
from PIL import Image
from weasyprint import HTML

ODF = "application/vnd.oasis.opendocument."
TYPES = "application/vnd.openxmlformats-officedocument."
RELS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def zipped(parts: dict[str, bytes | str], *, stored: tuple[str, ...] = ()) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            method = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            archive.writestr(name, content, compress_type=method)
    return target.getvalue()


def pdf(change: Callable[[pikepdf.Pdf], object] | None = None, *, pages: int = 1, **options: object) -> bytes:
    made = pikepdf.new()
    for _ in range(pages):
        made.add_blank_page()
    if change:
        change(made)
    target = io.BytesIO()
    made.save(target, **options)  # type: ignore[arg-type]
    return target.getvalue()


@cache
def written(html: str = "<h1>Devis</h1><p>Montant : 12 500 €</p><a href='https://exemple.invalid'>site</a>") -> bytes:
    return bytes(HTML(string=html).write_pdf())


def picture(kind: str, *, mode: str = "RGB", size: tuple[int, int] = (320, 240), **options: object) -> bytes:
    target = io.BytesIO()
    colour: object = 120 if mode in "LP1" else (40, 120, 90, 200)[: len(mode)]
    Image.new(mode, size, colour).save(target, kind, **options)  # type: ignore[arg-type]
    return target.getvalue()


def relationships(*lines: str) -> str:
    return f'<Relationships xmlns="{PACKAGE}/relationships">{"".join(lines)}</Relationships>'


def relationship(kind: str, target: str, *, is_outside: bool = False) -> str:
    mode = ' TargetMode="External"' if is_outside else ""
    return f'<Relationship Id="r{abs(hash(target))}" Type="{RELS}/{kind}" Target="{target}"{mode}/>'


def types(main: str, part: str, more: str = "") -> str:
    return (
        f'<?xml version="1.0"?><Types xmlns="{PACKAGE}/content-types"><Default Extension="rels"'
        f' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/{part}" ContentType="{main}"/>{more}</Types>'
    )


def docx(
    more: dict[str, bytes | str] | None = None, *, body: str = "<w:p/>", main: str = "", types_more: str = ""
) -> bytes:
    kind = main or f"{TYPES}wordprocessingml.document.main+xml"
    parts: dict[str, bytes | str] = {
        "[Content_Types].xml": types(kind, "word/document.xml", types_more),
        "_rels/.rels": relationships(relationship("officeDocument", "word/document.xml")),
        "word/document.xml": f'<?xml version="1.0"?><w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>',
    }
    return zipped(parts | (more or {}))


def pptx(more: dict[str, bytes | str] | None = None) -> bytes:
    parts: dict[str, bytes | str] = {
        "[Content_Types].xml": types(f"{TYPES}presentationml.presentation.main+xml", "ppt/presentation.xml"),
        "_rels/.rels": relationships(relationship("officeDocument", "ppt/presentation.xml")),
        "ppt/presentation.xml": "<p/>",
    }
    return zipped(parts | (more or {}))


def xlsx(write: Callable[[xlsxwriter.Workbook], object] | None = None) -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Budget")
        sheet.write_row(0, 0, ["Poste", "Montant"])
        sheet.write_formula(1, 1, "=SUM(B3:B9)")
        sheet.write_url(2, 0, "https://exemple.invalid/devis")
        if write:
            write(book)
    return target.getvalue()


def chart(book: xlsxwriter.Workbook) -> None:
    drawn = book.add_chart({"type": "column"})
    drawn.add_series({"values": "=Budget!$B$1:$B$9"})
    book.worksheets()[0].insert_chart("D2", drawn)
    book.worksheets()[0].insert_image("H2", "logo.png", {"image_data": io.BytesIO(picture("PNG"))})


def open_document(kind: str, more: dict[str, bytes | str] | None = None, *, body: str = "") -> bytes:
    names = 'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:xlink="http://www.w3.org/1999/xlink"'
    names += ' xmlns:text="urn:text" xmlns:draw="urn:draw" xmlns:script="urn:script" xmlns:table="urn:table"'
    parts: dict[str, bytes | str] = {
        "mimetype": ODF + kind,
        "content.xml": f'<?xml version="1.0"?><office:document-content {names}>{body}</office:document-content>',
        "META-INF/manifest.xml": '<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:manifest"/>',
        "Pictures/1.png": picture("PNG"),
        "Configurations2/accelerator/current.xml": "",
    }
    return zipped(parts | (more or {}), stored=("mimetype",))


def invoice(pdf: pikepdf.Pdf) -> None:
    attach(pdf, "factur-x.xml", b'<?xml version="1.0"?><rsm:CrossIndustryInvoice xmlns:rsm="urn:x"/>')


def attach(pdf: pikepdf.Pdf, name: str, content: bytes) -> None:
    pdf.attachments[name] = pikepdf.AttachedFileSpec(pdf, content, filename=name)


def opens_on_a_page(pdf: pikepdf.Pdf) -> None:
    pdf.Root.OpenAction = pikepdf.Array([pdf.pages[0].obj, pikepdf.Name.Fit])


LINK = relationship("hyperlink", "https://exemple.invalid/", is_outside=True)
MAIL = relationship("hyperlink", "mailto:contact@exemple.invalid", is_outside=True)
ANCHOR = '<text:a xlink:href="https://exemple.invalid/">site</text:a><draw:image xlink:href="Pictures/1.png"/>'

FILES: dict[str, Callable[[], bytes]] = {
    "devis.pdf": written,
    "page blanche.pdf": pdf,
    "rapport de 40 pages.pdf": lambda: pdf(pages=40),
    "numérisé.pdf": lambda: picture("PDF"),
    "compressé.pdf": lambda: pdf(object_stream_mode=pikepdf.ObjectStreamMode.generate),
    "ouvre sur la page 1.pdf": lambda: pdf(opens_on_a_page),
    "facture électronique.pdf": lambda: pdf(invoice),
    "protégé contre la modification.pdf": lambda: pdf(encryption=pikepdf.Encryption(owner="x", user="")),
    "fin de ligne.pdf": lambda: pdf() + b"\r\n\n",
    "photo.jpg": lambda: picture("JPEG"),
    "photo progressive.jpeg": lambda: picture("JPEG", progressive=True),
    "photo d’un téléphone.jpg": lambda: picture(
        "JPEG", size=(4032, 3024), exif=b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x00"
    ),
    "photo animée d’un téléphone.jpg": lambda: picture("JPEG") + b"\x00\x00\x00\x18ftypmp42" + bytes(200),
    "gris.jpg": lambda: picture("JPEG", mode="L"),
    "impression.jpg": lambda: picture("JPEG", mode="CMYK"),
    "logo.png": lambda: picture("PNG", mode="RGBA"),
    "palette.png": lambda: picture("PNG", mode="P"),
    "schéma.webp": lambda: picture("WEBP"),
    "nommé à tort.png": lambda: picture("JPEG"),
    "note.docx": docx,
    "note avec liens.docx": lambda: docx({"word/_rels/document.xml.rels": relationships(LINK, MAIL)}),
    "note avec graphique.docx": lambda: docx({"word/embeddings/Microsoft_Excel_Sheet.xlsx": xlsx()}),
    "budget.xlsx": xlsx,
    "budget avec graphique.xlsx": lambda: xlsx(chart),
    "présentation.pptx": lambda: pptx({"ppt/media/image1.png": picture("PNG")}),
    "lettre.odt": lambda: open_document("text", body=ANCHOR),
    "calcul.ods": lambda: open_document("spreadsheet"),
    "diapos.odp": lambda: open_document("presentation"),
    "données.csv": lambda: "nom;montant\r\nÉcole;-12,50\r\n=SOMME(A1:A2);5 | 6\r\n".encode(),
    "données excel.csv": lambda: "nom;montant\r\nÉcole;12 €\r\n".encode("cp1252"),
    "lisez-moi.txt": lambda: "\ufeffBonjour, voici « la note » : 1 < 2.\n".encode(),
    "vieux texte.txt": lambda: "Été à Évreux".encode("latin-1"),
}
