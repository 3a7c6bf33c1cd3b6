"""Check 9: of the hostile files none is accepted, of the ordinary ones none is refused."""

import io
from pathlib import Path

import pytest
from pypdfium2 import PdfDocument

from normandata.documents.checks import process
from normandata.documents.checks.formats import EXTENSIONS, FORMATS, Found
from normandata.documents.checks.inspect import inspect
from normandata.documents.checks.refusal import Refused
from normandata.documents.limits import ORDINARY, WITH_ARCHIVES
from tests.normandata.documents import hostile, ordinary


def judged(folder: Path, name: str, content: bytes, formats: frozenset[str] = ORDINARY) -> Found | str:
    """Return what is found of a file, or why it is refused."""
    path = folder / "draft"
    path.write_bytes(content)
    answer = process.answer({"work": "inspect", "path": str(path), "name": name, "formats": sorted(formats)})
    return Found(**answer["found"]) if "found" in answer else str(answer["refused"])


def test_there_are_enough_of_each() -> None:
    assert (len(hostile.FILES) >= 40, len(ordinary.FILES) >= 30) == (True, True)


@pytest.mark.parametrize("name", hostile.FILES)
def test_a_hostile_file_is_refused_in_words(tmp_path: Path, name: str) -> None:
    said = judged(tmp_path, name, hostile.FILES[name]())
    assert isinstance(said, str), f"{name} was accepted: {said}"
    assert said.startswith(f"{name} ")
    cause = said.removeprefix(f"{name} ")
    assert cause.count(". ") == 1
    assert cause.endswith(".")
    assert "!" not in cause


@pytest.mark.parametrize("name", ordinary.FILES)
def test_an_ordinary_file_is_accepted_for_what_it_is(tmp_path: Path, name: str) -> None:
    found = judged(tmp_path, name, ordinary.FILES[name]())
    assert isinstance(found, Found), found
    expected = "jpeg" if name == "nommé à tort.png" else EXTENSIONS[Path(name).suffix]
    assert found.format == expected


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("script.pdf", "contient un script. Ouvrez-le, imprimez-le en PDF, puis envoyez ce nouveau fichier."),
        ("facture.pdf", "est un programme, pas un document. Envoyez plutôt le document en PDF."),
        ("facture.pdf.exe", "est un programme, pas un document. Envoyez plutôt le document en PDF."),
        ("vide.pdf", "est vide. Vérifiez le fichier sur votre appareil, puis renvoyez-le."),
        ("macros.docx", "contient des macros. Enregistrez-le en PDF, puis envoyez ce PDF."),
        (
            "mot de passe.pdf",
            "est protégé par un mot de passe. Retirez le mot de passe, ou imprimez-le en PDF, puis renvoyez-le.",
        ),
        (
            "ancien.doc",
            "est d’un ancien format de Microsoft Office, ou protégé par un mot de passe."
            " Enregistrez-le sans mot de passe en .docx, .xlsx ou .pptx, puis renvoyez-le.",
        ),
        (
            "bombe.pdf",
            "est démesuré une fois décompressé. Ouvrez-le, imprimez-le en PDF, puis envoyez ce nouveau fichier.",
        ),
        ("bombe.docx", "est démesuré une fois décompressé. Envoyez-le en plusieurs parties."),
        (
            "glissement.docx",
            "contient des noms de fichiers trompeurs. Ouvrez-le, enregistrez-le de nouveau, puis renvoyez-le.",
        ),
        ("page.txt", "contient du code de page web. Envoyez plutôt le document en PDF."),
    ],
)
def test_the_refusal_names_the_cause_then_the_gesture(tmp_path: Path, name: str, said: str) -> None:
    assert judged(tmp_path, name, hostile.FILES[name]()) == f"{name} {said}"


def test_what_makes_a_pdf_hostile_is_what_is_refused(tmp_path: Path) -> None:
    """Witnesses: the same files without their charge pass."""
    harmless = hostile.action(S=hostile.pikepdf.Name.GoTo, D=hostile.pikepdf.Array([0, hostile.pikepdf.Name.Fit]))
    assert judged(tmp_path, "a.pdf", ordinary.pdf(harmless)) == Found("pdf", pages=1)
    assert judged(tmp_path, "a.docx", hostile.field("PAGE", "DATE")) == Found("docx")
    assert judged(tmp_path, "a.docx", hostile.entry("word/media/a.png")) == Found("docx")
    assert judged(tmp_path, "a.docx", hostile.rels("hyperlink", "file:///C:/Users/a/devis.pdf")) == Found("docx")
    assert judged(tmp_path, "a.png", hostile.picture("PNG") + b"\n") == Found("png", width=320, height=240)


def test_the_escaped_script_is_one_to_a_reader() -> None:
    content = hostile.FILES["script écrit autrement.pdf"]()
    assert b"/JavaScript" not in content
    assert b"/JS" not in content
    assert len(PdfDocument(io.BytesIO(content).getvalue())) == 1


def test_a_format_not_expected_here_is_said(tmp_path: Path) -> None:
    assert judged(tmp_path, "a.txt", b"bonjour", frozenset({"pdf", "jpeg"})) == (
        "a.txt est un fichier .txt, qui n’est pas attendu ici. Les formats acceptés ici sont .pdf, .jpg."
    )


@pytest.mark.parametrize(
    ("parts", "is_kept"),
    [
        ({"rapport.pdf": ordinary.pdf(), "données/a.csv": b"a;b", "code/a.py": b"print(1)"}, True),
        ({"budget.xlsx": ordinary.xlsx()}, True),
        ({"a.exe": b"x"}, False),
        ({"a.txt": hostile.PROGRAM}, False),
        ({"a.zip": b"x"}, False),
        ({"a.dat": ordinary.zipped({"a": b"a"})}, False),
        ({"../a.txt": b"x"}, False),
        ({"a.doc": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"}, False),
        ({"a.csv": bytes(50_000_000)}, False),
        ({}, False),
    ],
)
def test_an_archive_is_taken_only_where_it_is_asked_for(
    tmp_path: Path, parts: dict[str, bytes | str], is_kept: bool
) -> None:
    content = ordinary.zipped(parts)
    assert isinstance(judged(tmp_path, "a.zip", content), str)
    assert isinstance(judged(tmp_path, "a.zip", content, WITH_ARCHIVES), Found) == is_kept


def test_every_format_is_among_the_ordinary_files(tmp_path: Path) -> None:
    assert {EXTENSIONS[Path(name).suffix] for name in ordinary.FILES} == set(FORMATS) - {"zip"}


def test_inspect_raises_what_the_process_says(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(hostile.PROGRAM)
    with pytest.raises(Refused, match="programme"):
        inspect(tmp_path / "a", "a.pdf", ORDINARY)
