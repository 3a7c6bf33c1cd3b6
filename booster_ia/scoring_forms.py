"""What is typed on the pages of scoring: marks and justifications, reasons, people who sit."""

from collections.abc import Sequence
from typing import Any

from django import forms

from normandata.accounts.models import User
from normandata.dossiers.gesture_forms import reason_field
from normandata.scoring.forms import ReasonForm
from normandata.ui.forms import RowForm


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
