import pytest
from hypothesis import given
from hypothesis import strategies as st

from normandata.documents import names
from normandata.documents.checks.formats import EXTENSIONS, FORMATS


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Devis signé.pdf", "Devis signé.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("..\\..\\windows\\win.ini", "win.pdf"),
        ("C:\\Users\\a\\Devis.PDF", "Devis.PDF"),
        ("fdp.\u202eexe", "fdp.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "a Set-Cookie- x.pdf"),
        ("a\x00.pdf.exe", "a.pdf.pdf"),
        ("photo.png", "photo.pdf"),
        ("sans extension", "sans extension.pdf"),
        ("", "Document.pdf"),
        ("...", "Document.pdf"),
        (".pdf", "pdf.pdf"),
        ("\u200b\u200f.pdf", "pdf.pdf"),
        ("e\u0301te\u0301.pdf", "été.pdf"),
        ("a\u00a0b\u2003c.pdf", "a b c.pdf"),
        ("~" * 300 + ".pdf", "~" * 146 + ".pdf"),
        ("note v1.2 finale", "note v1.2 finale.pdf"),
    ],
)
def test_a_name_loses_what_could_mislead_and_ends_as_its_format(given: str, kept: str) -> None:
    assert names.published(given, "pdf") == kept


@given(st.text(max_size=400), st.sampled_from(sorted(FORMATS)))
def test_whatever_is_given_the_name_is_short_plain_and_true(name: str, slug: str) -> None:
    kept = names.published(name, slug)
    assert 0 < len(kept) <= 150
    assert kept.isprintable()
    assert not set(kept) & set('/\\<>:"|?*%\r\n')
    assert EXTENSIONS["." + kept.rsplit(".", 1)[1].lower()] == slug
    assert names.published(kept, slug) == kept
