"""What names somebody is found however it is written, and nobody else is touched."""

import pytest

from normandata.privacy.identity import Identity, folded

ZOE = Identity("4F2A9C", frozenset({"zoe.brun@ex.fr"}), frozenset({"Zoé Brun-Lemaître"}), frozenset({"02 31 12 34 56"}))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Écrire à ZOE.BRUN@ex.fr.", "Écrire à personne-4f2a9c@efface.invalid."),
        ("?a=zoe.brun%40ex.fr", "?a=personne-4f2a9c@efface.invalid"),
        ("azoe.brun@ex.fr", "azoe.brun@ex.fr"),
        ("zoe.brun@ex.fr.org", "zoe.brun@ex.fr.org"),
        ("Mme ZOE BRUN LEMAITRE, maire", "Mme Personne 4F2A9C, maire"),
        ("Brun-Lemaître Zoé", "Personne 4F2A9C"),
        ("CV_Zoé_Brun-Lemaître.pdf", "CV_Personne 4F2A9C.pdf"),
        ("Zoé\u00a0Brun-Lemaître", "Personne 4F2A9C"),
        ("Zoé Brun-Lemaîtres", "Zoé Brun-Lemaîtres"),
        ("Zoé et Brun-Lemaître", "Zoé et Brun-Lemaître"),
        ("Tél. +33 2.31.12.34.56", "Tél. numéro effacé"),
        ("0231123456", "numéro effacé"),
        ("10231123456", "10231123456"),
    ],
)
def test_a_name_an_address_a_number_is_replaced_and_nothing_else(text: str, expected: str) -> None:
    assert ZOE.scrub(text) == expected
    assert ZOE.names_in(text) == (text != expected)


def test_a_single_word_is_replaced_only_where_it_is_everything() -> None:
    one = Identity("00000A", frozenset({"m@ex.fr"}), frozenset({"Martin"}))
    assert one.scrub("Rue Martin") == "Rue Martin"
    assert one.scrub("MARTIN ") == "Personne 00000A"
    assert one.from_afar().scrub("MARTIN") == "MARTIN"


def test_json_keeps_its_shape_and_its_figures() -> None:
    before = {"zoe.brun@ex.fr": [1, "Zoé Brun-Lemaître", None, {"x": True}], "montant": 12.5}
    assert ZOE.scrub_json(before) == {
        "personne-4f2a9c@efface.invalid": [1, "Personne 4F2A9C", None, {"x": True}],
        "montant": 12.5,
    }


@pytest.mark.parametrize(
    "text", ["zoé brun-lemaître", "ZOÉ BRUN LEMAITRE", "Zoe Brun_Lemaitre", "02.31.12.34.56", "0 231 123 456"]
)
def test_what_the_database_looks_for_is_in_every_writing(text: str) -> None:
    """Else a row that names somebody would never be read."""
    written = text.lower().encode("ascii", "backslashreplace").decode()  # as JSON keeps it on SQLite
    assert any(all(fragment in written for fragment in group) for group in ZOE.runs)


def test_folding_forgets_case_and_accents() -> None:
    assert folded("ÉLODIE Dupré") == "elodie dupre"


def test_a_name_of_accented_letters_alone_has_every_row_read() -> None:
    assert Identity("00000A", frozenset({"a@ex.fr"}), frozenset({"Aé Ouïe"})).runs[1] == ("",)
