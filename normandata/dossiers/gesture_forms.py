"""What an agent types on the page of a gesture: what was seen goes with it, and a reason where one is kept."""

from typing import Any

from django import forms

from normandata.ui.forms import Form

LONGEST_REASON = 2000


def reason_field(label: str, required: str, help_text: str = "") -> forms.CharField:
    """Make the field of a reason; `required` is what is said without one, empty where it may be left out."""
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=bool(required),
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3, "class": "form-control"}),
        error_messages={"required": required},
    )


class SeenForm(Form):
    """A gesture confirmed by a button: what its author saw goes with it."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)


class ReasonForm(SeenForm):
    """A gesture with a reason that is kept, and read where `label` says so."""

    reason = reason_field("Motif, versé au journal", "Indiquez le motif : il est versé au journal.")

    def __init__(self, *args: Any, label: str = "", help_text: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if label:
            self.fields["reason"].label = label
        self.fields["reason"].help_text = help_text
