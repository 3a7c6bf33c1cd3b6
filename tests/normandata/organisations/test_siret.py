"""A SIRET is read as people type it, and the error says what is wrong."""

import pytest
from django import forms

from normandata.organisations.siret import SiretField, compact, is_valid, written, written_siren

NBSP = "\u00a0"
# law.md 3
VECTORS = {
    "73282932000074": True,
    "73282932000075": False,
    "35600000000048": True,
    "35600000049837": True,
    "20005340300017": False,
    "20005340300016": True,
    "99900001100018": True,
}


@pytest.mark.parametrize(("siret", "expected"), VECTORS.items())
def test_the_key_is_checked_and_that_of_la_poste_too(siret: str, expected: bool) -> None:
    assert is_valid(siret) is expected


@pytest.mark.parametrize(
    "typed", ["99900001100018", " 999 000 011 00018 ", "999.000.011.00018", f"999{NBSP}000{NBSP}011{NBSP}00018",
              "999\u202f000\u202f011-00018"],
)  # fmt: skip
def test_spaces_dots_and_no_break_spaces_are_accepted(typed: str) -> None:
    assert SiretField().clean(typed) == "99900001100018"


@pytest.mark.parametrize(
    ("typed", "code", "extract"),
    [
        ("", "required", "14 chiffres"),
        ("9990000110001", "short", "Il manque 1 chiffre : un SIRET en compte 14."),
        ("999000011000", "short", "Il manque 2 chiffres :"),
        ("999000011000181", "long", "Il y a 1 chiffre de trop :"),
        ("9" * 500, "long", "de trop"),
        ("999 000 011", "siren", "est un SIREN"),
        ("999000012", "short", "Il manque 5 chiffres"),
        ("99900001100019", "key", "Un chiffre ne va pas"),
        ("99900001100O18", "letters", "chiffres seulement"),
        ("٩٩٩٠٠٠٠١١٠٠٠١٨", "letters", "chiffres seulement"),
    ],
)
def test_the_message_says_what_is_wrong(typed: str, code: str, extract: str) -> None:
    with pytest.raises(forms.ValidationError) as caught:
        SiretField().clean(typed)
    assert caught.value.error_list[0].code == code
    assert extract in caught.value.messages[0]


def test_it_is_written_in_groups() -> None:
    assert written("99900001100018") == f"999{NBSP}000{NBSP}011{NBSP}00018"
    assert written_siren("999000011") == f"999{NBSP}000{NBSP}011"
    assert compact("W 14–2.0") == "W1420"
