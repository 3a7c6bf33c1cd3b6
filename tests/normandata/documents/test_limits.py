import pytest

from normandata.documents.limits import WITH_ARCHIVES, Limits
from normandata.regulation.formats import MEGA, weight


@pytest.mark.parametrize(
    ("size", "written"),
    [
        (1, "1 octet"),
        (900, "900 octets"),
        (1024, "1 ko"),
        (186_000, "182 ko"),
        (MEGA, "1 Mo"),
        (20 * MEGA, "20 Mo"),
        (20 * MEGA + 1, "20,1 Mo"),
        (31 * MEGA, "31 Mo"),
    ],
)
def test_a_weight_is_never_less_than_it_is(size: int, written: str) -> None:
    assert weight(size).replace("\u00a0", " ") == written


def test_the_limits_are_one_sentence() -> None:
    assert Limits().sentence().replace("\u00a0", " ") == (
        "PDF, image (JPEG, PNG, WebP), Word, Excel, PowerPoint, LibreOffice, CSV ou texte ; 20 Mo par fichier,"
        " 10 fichiers au plus."
    )
    only = Limits(frozenset({"pdf"}), most_bytes=5 * MEGA, most_files=1)
    assert only.sentence().replace("\u00a0", " ") == "PDF ; 5 Mo par fichier, un seul fichier."
    assert "archive ZIP" in Limits(WITH_ARCHIVES).sentence()


def test_the_chooser_is_told_the_extensions() -> None:
    assert Limits(frozenset({"pdf", "jpeg"})).accept == ".jpeg,.jpg,.pdf"
