"""What is typed on the pages of scoring: marks and justifications, reasons, people who sit."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.http import QueryDict

from normandata.accounts.models import User
from normandata.dossiers.gesture_forms import reason_field
from normandata.scoring.services.sheets import TOO_LONG, Typed
from normandata.ui.forms import RowForm

from .grid import CRITERIA
from .scores import Problems

MARK, LEVEL, WAS, WORDS = "note", "palier", "etait", "mot"
"""Beginnings of the names of the controls, before the criterion; `etait` is the mark that the page showed."""


def typed(data: QueryDict) -> dict[str, Typed]:
    """Read the marks and justifications of a page, whole and unchecked; what was not sent is left as it is."""
    return {
        slug: Typed(_mark(data, slug), data.get(f"{WORDS}-{slug}"))
        for slug in CRITERIA
        if f"{MARK}-{slug}" in data or f"{WORDS}-{slug}" in data or f"{LEVEL}-{slug}" in data
    }


def _mark(data: QueryDict, slug: str) -> str | None:
    """Return the mark: the level that was chosen, unless another mark was typed beside it.

    Without script both controls arrive, and the one that changed since the page was drawn is the one that is meant.
    """
    mark, level, was = (data.get(f"{name}-{slug}") for name in (MARK, LEVEL, WAS))
    if level and (mark is None or mark.strip() == (was or "").strip()):
        return level
    return mark


def whole(data: QueryDict, name: str) -> int:
    """Read a number that the page itself wrote; zero for anything else."""
    text = data.get(name, "")
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 10 else 0


def problems(errors: Mapping[str, str]) -> Problems:
    """Put what could not be kept beside the control that it is about."""
    words = {slug: message for slug, message in errors.items() if message == TOO_LONG}
    return Problems({slug: message for slug, message in errors.items() if slug not in words}, words)


class ReasonForm(RowForm):
    """A gesture and why it is made."""

    def __init__(
        self, *args: Any, label: str = "Motif", required: str = "Indiquez le motif.", help_text: str = "", **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["motif"] = reason_field(label, required, help_text)

    @property
    def reason(self) -> str:
        return str(self.cleaned_data["motif"])


class PersonForm(ReasonForm):
    """A gesture about one person, and why."""

    personne = forms.TypedChoiceField(
        label="Personne",
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez une personne."},
    )

    def __init__(self, *args: Any, people: Sequence[User], nobody: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {one.pk: one for one in people}
        first = [("", nobody)] if nobody else []
        field: Any = self.fields["personne"]
        field.choices = [*first, *((one.pk, str(one)) for one in people)]
        field.required = not nobody
        field.empty_value = None

    @property
    def person(self) -> User | None:
        return self.people.get(self.cleaned_data["personne"])


class PeopleForm(RowForm):
    """Who scores a wave; a reason once somebody who sat is left out."""

    personnes = forms.TypedMultipleChoiceField(
        label="Qui note les dossiers de cette vague ?",
        help_text="Chacun remplit sa fiche sans voir celles des autres.",
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choisissez au moins une personne : c’est elle qui note."},
    )

    def __init__(self, *args: Any, people: Sequence[User], seated: Sequence[int] = (), **kwargs: Any) -> None:
        super().__init__(*args, initial={"personnes": list(seated)}, **kwargs)
        self.people = {one.pk: one for one in people}
        field: Any = self.fields["personnes"]
        field.choices = [(one.pk, str(one)) for one in people]
        if seated:
            self.fields["motif"] = reason_field(
                "Motif, si vous retirez quelqu’un", "", "Facultatif autrement. Les fiches déjà remises comptent encore."
            )

    @property
    def chosen(self) -> list[User]:
        return [self.people[pk] for pk in self.cleaned_data["personnes"]]

    @property
    def reason(self) -> str:
        return str(self.cleaned_data.get("motif", ""))
