"""What an agent types of the public register: which grants were entered there, and on which day."""

from collections.abc import Iterable
from typing import Any

from django import forms

from normandata.ui.fields import DayField
from normandata.ui.forms import Form


class EnteredForm(Form):
    """Grants ticked in a list, and the day they were entered in the register."""

    aids = forms.TypedMultipleChoiceField(
        label="Aides déclarées",
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Cochez au moins une aide.",
            "invalid_choice": "Une aide cochée n’est plus à déclarer : la liste est à jour.",
        },
    )
    on = DayField(label="Déclarées le")

    def __init__(self, data: Any = None, *, known: Iterable[int] = ()) -> None:
        super().__init__(data)
        listed: Any = self.fields["aids"]
        listed.choices = [(pk, str(pk)) for pk in known]
