"""A PDF reads nothing outside, whatever was typed in it (check 13), and is tagged."""

import io
from pathlib import Path

import pikepdf
import pytest
from weasyprint import HTML

from normandata.documents import pdf
from tests.listener import CANARY, Listener


def hostile(server: str, secret: Path) -> str:
    """Every way a page has to reach a file or a server."""
    inner = (
        "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink'%3E"
        f"%3Cimage href='{server}/inner.png' xlink:href='file://{secret}'/%3E%3C/svg%3E"
    )
    return f"""<!doctype html><html lang="fr"><head><title>Essai</title>
    <base href="{server}/base/">
    <link rel="stylesheet" href="{server}/sheet.css"><link rel="stylesheet" href="file://{secret}">
    <link rel="attachment" href="file://{secret}" title="secret"><link rel="attachment" href="{server}/attached">
    <style>@import url("{server}/import.css"); @import url("file://{secret}");
    @font-face {{ font-family: x; src: url("{server}/font.woff2"), url("file://{secret}"); }}
    p {{ font-family: x; background: url("{server}/background.png"); list-style-image: url("{server}/list.png") }}
    </style></head><body><p>Texte</p>
    <img src="{server}/image.png"><img src="file://{secret}"><img src="/relative.png"><img src="//127.0.0.1/x.png">
    <img src="{inner}">
    <svg xmlns="http://www.w3.org/2000/svg"><image href="{server}/svg.png" width="9" height="9"/>
    <use href="file://{secret}#x"/></svg>
    <object data="{server}/object.html"></object><embed src="file://{secret}">
    <a rel="attachment" href="file://{secret}">joint</a><a rel="attachment" href="{server}/a">joint</a>
    <iframe src="{server}/frame.html"></iframe><video src="{server}/v.mp4" poster="{server}/poster.png"></video>
    </body></html>"""


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret.txt"
    path.write_text(CANARY * 20, encoding="utf-8")
    return path


def everything(content: bytes) -> bytes:
    """Every byte of a PDF, its streams opened."""
    with pikepdf.open(io.BytesIO(content)) as document:
        out = io.BytesIO()
        document.save(out, stream_decode_level=pikepdf.StreamDecodeLevel.all, compress_streams=False)
    return out.getvalue()


def test_a_hostile_page_reaches_no_server_and_no_file(server: str, secret: Path) -> None:
    content = pdf.write(hostile(server, secret))
    assert Listener.heard == []
    assert CANARY.encode() not in everything(content)
    with pikepdf.open(io.BytesIO(content)) as document:
        assert dict(document.attachments) == {}


def test_the_witness_the_default_fetcher_reaches_both(server: str, secret: Path) -> None:
    content = HTML(string=hostile(server, secret)).write_pdf()
    assert "/image.png" in Listener.heard
    assert CANARY.encode() in everything(bytes(content))


def test_a_document_is_tagged_titled_and_embeds_its_fonts() -> None:
    content = pdf.write(
        '<!doctype html><html lang="fr"><head><title>Titre</title></head><body><h1>Un</h1><p>Dix €</p></body></html>'
    )
    with pikepdf.open(io.BytesIO(content)) as document:
        assert str(document.Root.Lang) == "fr"
        assert bool(document.Root.MarkInfo.Marked) is True
        assert "/StructTreeRoot" in document.Root
        assert str(document.docinfo["/Title"]) == "Titre"
        fonts = document.pages[0].Resources.Font
        for font in fonts.values():
            descriptor = font.DescendantFonts[0].FontDescriptor
            assert {"/FontFile2", "/FontFile3"} & set(descriptor.keys())
