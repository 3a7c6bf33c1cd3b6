"""Form fields that read what French people type: `12 500,50`, `1er mars 2026`, `12/05/2009`."""

import re
import unicodedata
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model

from normandata.regulation import calendar
from normandata.regulation.formats import MONTHS
from normandata.regulation.territory import NORMAN_NAMES, OUTSIDE

_PLAIN_MONTHS = {
    "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c)): number
    for number, name in enumerate(MONTHS, start=1)
}
_NUMERIC_DAY = re.compile(r"(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4})", re.ASCII)
_ISO_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)
_HOUR = re.compile(r"(\d{1,2})\s*(?:h|:|heures?)\s*(\d{2})?", re.ASCII | re.IGNORECASE)
_INSTANT = re.compile(rf"(.+?)(?:\s*,\s*|\s+à\s+|\s+|T)({_HOUR.pattern})", re.ASCII | re.IGNORECASE)
_WRITTEN_DAY = re.compile(r"(\d{1,2})(?:er)?\s+([a-z]+)\s+(\d{4})", re.ASCII)


LONGEST = 100
"""Characters that a number or a date may take: what is longer is not read at all."""
UNIT_WORDS = {"€": ("€", "euros", "euro"), "habitants": ("habitants", "habitant")}

PLACES = [
    *((code, f"{name} ({code})") for code, name in NORMAN_NAMES.items()),
    (OUTSIDE, "Ailleurs, hors de Normandie"),
]


class PlaceField(forms.ChoiceField):
    """A department of Normandie, or elsewhere."""

    widget = forms.RadioSelect
    default_error_messages = {"required": "Choisissez un département, ou « Ailleurs »."}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=PLACES, **kwargs)


MOST_DIGITS = 9
"""Digits of the longest key: a number beyond it is no row, and some databases cannot even be asked about it."""


def check_key(field: forms.ModelChoiceField, key: Any) -> None:  # type: ignore[type-arg]  # as below
    """Raise the ValidationError of an ordinary wrong choice for a key that no row has."""
    if len(str(key)) > MOST_DIGITS:
        shown = f"{str(key)[:MOST_DIGITS]}…"
        raise ValidationError(field.error_messages["invalid_choice"], code="invalid_choice", params={"value": shown})


class RowField(forms.ModelChoiceField):  # type: ignore[type-arg]  # not subscriptable when it runs
    """A row chosen by its key."""

    def to_python(self, value: Any) -> Any:
        if not isinstance(value, Model):
            check_key(self, value)
        return super().to_python(value)


class RowsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # as above
    """Rows chosen by their keys."""

    def clean(self, value: Any) -> Any:
        for key in value if isinstance(value, list | tuple) else ():
            check_key(self, key)
        return super().clean(value)


class NumberField(forms.Field):
    """A number as it is written in French; `whole` refuses decimals, `least` and `most` bound it.

    `unit` may be typed after the number (`10 000 €`, `12 ETP`).
    """

    widget = forms.TextInput
    default_error_messages = {
        "required": "Indiquez un nombre.",
        "unreadable": "Écrivez ce nombre en chiffres, par exemple %(example)s.",
        "whole": "Écrivez un nombre entier, sans virgule.",
        "least": "Ce nombre ne peut pas être inférieur à %(bound)s.",
        "most": "Ce nombre dépasse ce que le portail peut lire.",
        "places": "Deux décimales au plus ; les milliers se séparent par une espace.",
    }

    def __init__(
        self, *, whole: bool = False, least: int | None = 0, unit: str = "", example: str = "1 250", **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.whole, self.least, self.unit, self.example = whole, least, unit, example
        self.widget.attrs.setdefault("inputmode", "numeric" if whole else "decimal")
        self.widget.attrs.setdefault("autocomplete", "off")
        self.widget.attrs.setdefault("maxlength", LONGEST)

    def to_python(self, value: Any) -> Decimal | None:
        text = "" if value is None else str(value).strip()
        if not text:
            return None
        if len(text) > LONGEST:
            raise self._error("most")
        number = self._read(text)
        if abs(number) >= 10**12:
            raise self._error("most")
        if self.whole and number != number.to_integral_value():
            raise self._error("whole")
        if -int(number.as_tuple().exponent) > 2:
            raise self._error("places")
        if self.least is not None and number < self.least:
            raise self._error("least")
        return number

    def _read(self, text: str) -> Decimal:
        for unit in UNIT_WORDS.get(self.unit, (self.unit,)) if self.unit else ():
            text = re.sub(rf"\s*{re.escape(unit)}$", "", text, flags=re.IGNORECASE)
        text = re.sub(r"(?<=\d)[\s'’_](?=\d{3}(\D|$))", "", text)
        if not re.fullmatch(r"[+-]?\d+([.,]\d*)?", text, re.ASCII):
            raise self._error("unreadable")
        try:
            return Decimal(text.replace(",", ".")) + 0  # « -0 » is zero
        except InvalidOperation as error:
            raise self._error("unreadable") from error

    def _error(self, code: str) -> ValidationError:
        return ValidationError(
            self.error_messages[code], code=code, params={"example": self.example, "bound": self.least}
        )


class DayField(forms.Field):
    """A civil day: `12/05/2009`, `2009-05-12` or `12 mai 2009`."""

    widget = forms.TextInput
    default_error_messages = {
        "required": "Indiquez une date.",
        "unreadable": "Écrivez le jour, le mois et l’année, par exemple 12/05/2009.",
        "impossible": "Cette date n’existe pas dans le calendrier.",
        "far": "L’année doit être comprise entre 1000 et 2100.",
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.widget.attrs.setdefault("autocomplete", "off")
        self.widget.attrs.setdefault("maxlength", LONGEST)

    def to_python(self, value: Any) -> date | None:
        text = "" if value is None else str(value).strip()
        if not text:
            return None
        year, month, day = self._parts(text[:LONGEST])
        if not 1000 <= year <= 2100:
            raise ValidationError(self.error_messages["far"], code="far")
        try:
            return date(year, month, day)
        except ValueError as error:
            raise ValidationError(self.error_messages["impossible"], code="impossible") from error

    def _parts(self, text: str) -> tuple[int, int, int]:
        folded = unicodedata.normalize("NFKD", text.strip().casefold())
        plain = re.sub(r"\s+", " ", "".join(c for c in folded if not unicodedata.combining(c)))
        if match := _ISO_DAY.fullmatch(plain):
            return int(match[1]), int(match[2]), int(match[3])
        if match := _NUMERIC_DAY.fullmatch(plain):
            return int(match[3]), int(match[2]), int(match[1])
        if (match := _WRITTEN_DAY.fullmatch(plain)) and match[2] in _PLAIN_MONTHS:
            return int(match[3]), _PLAIN_MONTHS[match[2]], int(match[1])
        raise ValidationError(self.error_messages["unreadable"], code="unreadable")


class HourField(forms.CharField):
    """An hour of the day: `14:30`, `14 h 30`, `9h`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=20, **kwargs)

    def clean(self, value: Any) -> Any:
        found = hour_of(super().clean(value))
        if found is None:
            raise ValidationError("Écrivez l’heure et les minutes, par exemple 14 h 30.")
        return found


def hour_of(typed: str) -> time | None:
    """Read an hour of the day, None when it is not one."""
    match = _HOUR.fullmatch(typed.strip())
    if match is None or int(match[1]) > 23 or int(match[2] or 0) > 59:
        return None
    return time(int(match[1]), int(match[2] or 0))


class InstantField(DayField):
    """A day and an hour of Paris in one control: `22/10/2027 à 14 h 30`, `2027-10-22 14:30`.

    An hour that the change of the clock skips, or gives twice, is refused.
    """

    default_error_messages = {
        "required": "Indiquez le jour et l’heure.",
        "unreadable": "Écrivez le jour et l’heure, par exemple 22/10/2027 à 14 h 30.",
        "skipped": "Cette heure n’existe pas : cette nuit-là, l’heure d’été commence et l’on passe de 2 h à 3 h.",
        "twice": "Cette heure existe deux fois : cette nuit-là, l’heure d’hiver commence. "
        "Choisissez avant 2 h, ou à partir de 3 h.",
    }

    def to_python(self, value: Any) -> datetime | None:
        text = "" if value is None else " ".join(str(value).split())
        if not text:
            return None
        match = _INSTANT.fullmatch(text[:LONGEST])
        hour = hour_of(match[2]) if match else None
        if match is None or hour is None:
            raise ValidationError(self.error_messages["unreadable"], code="unreadable")
        day = super().to_python(match[1])
        try:
            return None if day is None else calendar.paris(day, hour)
        except calendar.NoSuchHour as error:
            raise ValidationError(self.error_messages["skipped"], code="skipped") from error
        except calendar.SameHourTwice as error:
            raise ValidationError(self.error_messages["twice"], code="twice") from error

    def prepare_value(self, value: Any) -> Any:
        return typed_instant(value) if isinstance(value, datetime) else value


def typed_instant(at: datetime) -> str:
    """Write an instant as it is typed, in Paris time."""
    return f"{at.astimezone(calendar.PARIS):%d/%m/%Y à %-H h %M}"
