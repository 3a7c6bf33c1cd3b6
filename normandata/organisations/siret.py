"""The SIRET as people type it: read, checked, and written back in groups."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from stdnum import exceptions
from stdnum.fr import siren as siren_number
from stdnum.fr import siret as siret_number

from normandata.regulation.formats import NBSP

LONGEST = 40
_SEPARATORS = re.compile(r"[\s.\-–_/]+")


def compact(text: str) -> str:
    """Take off spaces, dots and dashes, whatever their kind."""
    return _SEPARATORS.sub("", text)


def is_valid(siret: str) -> bool:
    """Tell whether these 14 digits make a SIRET; La Poste's establishments have their own key."""
    return siret.isascii() and siret_number.is_valid(siret)


def written(siret: str) -> str:
    """Write a SIRET `999 000 011 00018`, with no-break spaces."""
    return NBSP.join((siret[:3], siret[3:6], siret[6:9], siret[9:]))


def written_siren(siren: str) -> str:
    """Write a SIREN `999 000 011`, with no-break spaces."""
    return NBSP.join((siren[:3], siren[3:6], siren[6:9]))


class SiretField(forms.Field):
    """A SIRET; the error says what is wrong with the number typed, which stays in the field."""

    widget = forms.TextInput
    is_short = True
    default_error_messages = {
        "required": "Indiquez le SIRET de votre établissement, 14 chiffres.",
        "letters": "Un SIRET s’écrit avec des chiffres seulement.",
        "siren": "Ce numéro de 9 chiffres est un SIREN. Ajoutez les cinq derniers chiffres, propres à votre "
        "établissement : ils figurent sur l’avis de situation Insee, les bulletins de paie et les factures.",
        "short": "Il manque %(count)s chiffre%(s)s : un SIRET en compte 14.",
        "long": "Il y a %(count)s chiffre%(s)s de trop : un SIRET en compte 14.",
        "key": "Un chiffre ne va pas : la clé de contrôle de ce SIRET n’est pas juste. Relisez-le chiffre par "
        "chiffre ; deux chiffres sont souvent inversés.",
    }

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", "SIRET de votre établissement")
        super().__init__(**kwargs)
        self.widget.attrs.update({"inputmode": "numeric", "autocomplete": "off", "maxlength": LONGEST})

    def to_python(self, value: Any) -> str:
        number = compact("" if value is None else str(value)[: LONGEST + 1])
        if not number:
            return ""
        if not re.fullmatch(r"\d+", number, re.ASCII):
            raise self._error("letters")
        if len(number) == 9 and siren_number.is_valid(number):
            raise self._error("siren")
        if len(number) != 14:
            raise self._error("short" if len(number) < 14 else "long", abs(14 - len(number)))
        try:
            return siret_number.validate(number)
        except exceptions.ValidationError as error:
            raise self._error("key") from error

    def _error(self, code: str, count: int = 0) -> ValidationError:
        params = {"count": count, "s": "s" if count > 1 else ""}
        return ValidationError(self.error_messages[code], code=code, params=params)
