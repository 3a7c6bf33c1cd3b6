"""Refusals that know which field they speak of, so that a form shows them beside it."""

from normandata.procedure.errors import NotDone, ReasonMissing
from normandata.regulation.formats import spaced
from normandata.ui.forms import Form


class About(str):
    """A French sentence of refusal about what was typed in a field."""

    field: str

    def __new__(cls, field: str, sentence: str) -> "About":
        said = super().__new__(cls, spaced(sentence))
        said.field = field
        return said


def write(form: Form, error: NotDone, otherwise: str | None = None) -> None:
    """Put a refusal in a form: each sentence beside its field, the others beside `otherwise` or above them all."""
    for sentence in error.messages:
        field = "reason" if isinstance(error, ReasonMissing) else getattr(sentence, "field", otherwise)
        form.add_error(field if field in form.fields else None, sentence)
