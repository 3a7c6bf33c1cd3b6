"""The fields read what French people type, and refuse what could be read two ways."""

import contextlib
from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from normandata.regulation import formats
from normandata.ui.fields import DayField, NumberField

NBSP, NARROW, THIN = "\u00a0", "\u202f", "\u2009"
UNREADABLE = "Écrivez ce nombre en chiffres, par exemple 12 500."
FIGURE = NumberField(unit="€", example="12 500")
STAFF = NumberField(unit="ETP", example="45,5")
PEOPLE = NumberField(whole=True, unit="habitants", example="12 000")
DAY = DayField()


def refusal(field: NumberField | DayField, typed: str) -> tuple[str | None, list[str]]:
    with pytest.raises(ValidationError) as caught:
        field.clean(typed)
    return caught.value.error_list[0].code, caught.value.messages


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("12000", "12000"),
        ("12 000", "12000"),
        (f"12{NBSP}000", "12000"),
        (f"12{NARROW}000", "12000"),
        (f"12{THIN}000", "12000"),
        ("12'000", "12000"),
        ("12’000", "12000"),
        ("1 000 000", "1000000"),
        ("12 500,50 €", "12500.50"),
        (f"12{NARROW}500,50{NBSP}€", "12500.50"),
        ("12 500,50€", "12500.50"),
        ("12 500 euros", "12500"),
        ("12 500 EUROS", "12500"),
        ("12 500.50", "12500.50"),
        ("  12,5  ", "12.5"),
        ("12,", "12"),
        ("+5", "5"),
        ("0", "0"),
        ("007", "7"),
        ("0,01", "0.01"),
        ("999 999 999 999,99", "999999999999.99"),
    ],
)
def test_a_number_is_read_as_it_is_written_in_french(typed: str, expected: str) -> None:
    assert FIGURE.clean(typed) == Decimal(expected)


@pytest.mark.parametrize(
    "typed",
    [
        "douze mille",
        "1e5",
        "1E+5",
        "٣",
        "١٢",
        "½",
        "1½",
        "0x10",
        "NaN",
        "Infinity",
        "10 000 ETP",
        "12k",
        "12 k€",
        "€ 500",
        ",5",
        "1 2 3",
        "12 00",
        "12 5000",
        "1.250.000",
        "1,250.50",
        "1,250,000",
        "12-15",
        "1/2",
        "12 500 €; DROP",
        "<b>12</b>",
        "1\x002",
    ],
)
def test_what_is_no_number_is_refused_with_an_example(typed: str) -> None:
    assert refusal(FIGURE, typed) == ("unreadable", [UNREADABLE])


@pytest.mark.parametrize("typed", ["1.250", "1,250", "12.500", "12.000", "12 500,500", "45,505"])
def test_three_digits_after_a_dot_or_a_comma_are_neither_thousands_nor_decimals(typed: str) -> None:
    """`1.250` may mean 1 250 or 1,25: the portal asks again rather than guess."""
    assert refusal(FIGURE, typed)[0] == "places"


@pytest.mark.parametrize(("typed", "code"), [("12.000", "places"), ("12,000", "places"), ("12.500", "whole")])
def test_a_whole_number_has_no_thousands_dot(typed: str, code: str) -> None:
    assert refusal(PEOPLE, typed)[0] == code


@pytest.mark.parametrize("typed", ["-3", "-0,01", "-12 000"])
def test_a_number_below_the_bound_is_refused_with_the_bound(typed: str) -> None:
    assert refusal(FIGURE, typed) == ("least", ["Ce nombre ne peut pas être inférieur à 0."])
    assert NumberField(least=None).clean(typed) == Decimal(typed.replace(",", ".").replace(" ", ""))


@pytest.mark.parametrize("typed", ["1" + "0" * 12, "9" * 40, "-" + "9" * 13, "9" * 5000])
def test_a_huge_number_is_refused(typed: str) -> None:
    assert refusal(FIGURE, typed) == ("most", ["Ce nombre dépasse ce que le portail peut lire."])


def test_a_million_digits_are_refused_and_break_nothing() -> None:
    assert refusal(FIGURE, "9" * 1_000_001)[0] in {"most", "unreadable"}


@pytest.mark.parametrize("typed", ["10²", "1²", "⑫", "10³ €"])
def test_a_power_is_never_read_as_one_more_digit(typed: str) -> None:
    assert refusal(FIGURE, typed)[0] == "unreadable"


@pytest.mark.parametrize("field", [STAFF, PEOPLE])
def test_euros_are_no_unit_of_a_count(field: NumberField) -> None:
    assert refusal(field, "12 500 €")[0] == "unreadable"


def test_zero_has_no_sign() -> None:
    assert str(FIGURE.clean("-0")) == "0"


@pytest.mark.parametrize("typed", [" ", "   ", NBSP, f" {NARROW} "])
@pytest.mark.parametrize(
    ("field", "message"), [(FIGURE, "Indiquez un nombre."), (DAY, "Indiquez une date.")], ids=["number", "day"]
)
def test_spaces_alone_are_no_answer(field: NumberField | DayField, message: str, typed: str) -> None:
    assert refusal(field, typed) == ("required", [message])
    assert type(field)(required=False).clean(typed) is None


def test_an_empty_number_is_asked_for_or_left_out() -> None:
    assert refusal(FIGURE, "") == ("required", ["Indiquez un nombre."])
    assert NumberField(required=False).clean("") is None
    assert NumberField(required=False).clean(None) is None


def test_the_unit_of_the_field_may_follow_the_number() -> None:
    assert STAFF.clean("45,5 etp") == Decimal("45.5")
    assert PEOPLE.clean(f"12{NBSP}000{NBSP}habitants") == Decimal(12_000)
    assert refusal(PEOPLE, "12 000 ETP") == (
        "unreadable",
        ["Écrivez ce nombre en chiffres, par exemple 12 000."],
    )


def test_a_whole_number_has_no_decimals() -> None:
    assert refusal(PEOPLE, "12,5") == ("whole", ["Écrivez un nombre entier, sans virgule."])
    assert PEOPLE.clean("12,0") == Decimal(12)


def test_the_keyboard_of_a_phone_fits_the_field() -> None:
    assert PEOPLE.widget.attrs == {"inputmode": "numeric", "autocomplete": "off", "maxlength": 100}
    assert FIGURE.widget.attrs == {"inputmode": "decimal", "autocomplete": "off", "maxlength": 100}
    assert DAY.widget.attrs == {"autocomplete": "off", "maxlength": 100}


@given(st.decimals(0, Decimal("999999999999.99"), places=2))
def test_a_number_that_the_portal_writes_is_read_back_equal(amount: Decimal) -> None:
    assert FIGURE.clean(formats.number(amount)) == amount
    assert FIGURE.clean(formats.number(amount, 2)) == amount
    assert FIGURE.clean(formats.euros(amount)) == amount
    assert FIGURE.clean(formats.euros(amount, cents=False)) == amount


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused_and_breaks_nothing(typed: str) -> None:
    for field in (FIGURE, STAFF, PEOPLE, DAY):
        with contextlib.suppress(ValidationError):
            field.clean(typed)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("1er mars 2026", date(2026, 3, 1)),
        ("1ER MARS 2026", date(2026, 3, 1)),
        ("1ᵉʳ mars 2026", date(2026, 3, 1)),
        ("1 mars 2026", date(2026, 3, 1)),
        (f"12{NBSP}mai{NBSP}2009", date(2009, 5, 12)),
        ("12 août 2020", date(2020, 8, 12)),
        ("12 aout 2020", date(2020, 8, 12)),
        ("5 FÉVRIER 2024", date(2024, 2, 5)),
        ("31 decembre 1999", date(1999, 12, 31)),
        ("12/05/2009", date(2009, 5, 12)),
        ("12-5-2009", date(2009, 5, 12)),
        ("12.05.2009", date(2009, 5, 12)),
        ("12 05 2009", date(2009, 5, 12)),
        ("2009-05-12", date(2009, 5, 12)),
        (" 03/04/2009 ", date(2009, 4, 3)),
        ("29/02/2024", date(2024, 2, 29)),
        ("01/01/1000", date(1000, 1, 1)),
        ("31/12/2100", date(2100, 12, 31)),
    ],
)
def test_a_day_is_read_day_first(typed: str, expected: date) -> None:
    assert DAY.clean(typed) == expected


@pytest.mark.parametrize(
    ("typed", "code", "message"),
    [
        *(
            (typed, "impossible", "Cette date n’existe pas dans le calendrier.")
            for typed in ("31/02/2026", "2026-02-30", "29/02/2023", "31 avril 2026", "00/01/2020", "12/13/2009")
        ),
        *(
            (typed, "far", "L’année doit être comprise entre 1000 et 2100.")
            for typed in ("0012-01-01", "31/12/0999", "01/01/2101", "1er mars 9999", "99/99/9999")
        ),
        *(
            (typed, "unreadable", "Écrivez le jour, le mois et l’année, par exemple 12/05/2009.")
            for typed in (
                "12 mai 09", "12/05/09", "mai 2009", "2009", "12052009", "12/05/20090", "٣/٣/2020", "hier",
                "12 floréal 2009", "12/05\x00/2009", "12 mai 2009 à midi",
            )
        ),
    ],
)  # fmt: skip
def test_a_day_that_cannot_be_read_says_why(typed: str, code: str, message: str) -> None:
    assert refusal(DAY, typed) == (code, [message])


def test_an_empty_day_is_asked_for_or_left_out() -> None:
    assert refusal(DAY, "") == ("required", ["Indiquez une date."])
    assert DayField(required=False).clean("") is None


@given(st.dates(date(1000, 1, 1), date(2100, 12, 31)))
def test_a_day_that_the_portal_writes_is_read_back_equal(day: date) -> None:
    assert DAY.clean(formats.day(day)) == day
    assert DAY.clean(day.isoformat()) == day
    assert DAY.clean(f"{day:%d/%m/%Y}") == day
