"""Forms of scoring that every scheme shows: a gesture and why it is made."""

from typing import Any

from normandata.dossiers.gesture_forms import reason_field
from normandata.ui.forms import RowForm

TIE = {
    "label": "Ce qui vous lie au projet",
    "required": "Indiquez ce qui vous lie au projet.",
    "help_text": "Intérêt personnel, familial, financier, ou participation récente. Le motif est versé au journal.",
}
"""The words of a form where a conflict of interest is declared."""


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
