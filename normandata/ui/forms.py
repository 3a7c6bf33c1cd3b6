"""The base of every form: our classes on the controls, one field template, errors that name their field."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError

from normandata.regulation.formats import spaced

CONTROL_CLASSES = (
    (forms.RadioSelect, "form-check-input"),
    (forms.CheckboxInput, "form-check-input"),
    (forms.CheckboxSelectMultiple, "form-check-input"),
    (forms.Select, "form-select"),
    (forms.Textarea, "form-control"),
    (forms.widgets.Input, "form-control"),
)

# Nobody sees them, and whatever follows them on a page or in a PDF reads backwards.
_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")


class Choice(str):
    """A choice's label with the sentence that explains it."""

    hint: str

    def __new__(cls, label: str, hint: str = "") -> "Choice":
        choice = super().__new__(cls, label)
        choice.hint = hint
        return choice


def dress(field: forms.Field) -> None:
    """Give a control the portal's class, and its words their no-break spaces."""
    for widget_class, css in CONTROL_CLASSES:
        if isinstance(field.widget, widget_class):
            field.widget.attrs.setdefault("class", css)
            break
    if isinstance(field, forms.CharField):
        field.to_python = _readable(field.to_python)  # type: ignore[method-assign, assignment]
    field.label = spaced(str(field.label or ""))
    field.help_text = spaced(str(field.help_text))


def _readable(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Read a text without the characters that turn the direction of reading, which come with what is pasted."""
    return lambda value: read(_TURNS.sub("", value) if isinstance(value, str) else value)


class Form(forms.Form):
    """A form whose controls wear the portal's classes and whose errors are said once, in French."""

    use_required_attribute = False
    is_titled_by_page = False
    """Set when the page's h1 is the label of the only field, which is then for assistive technology alone."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            dress(field)

    def add_error(self, field: str | None, error: Any) -> None:
        super().add_error(field, error)
        for name in self.errors:
            if name in self.fields:
                widget = self.fields[name].widget
                css = widget.attrs.get("class", "")
                if "is-invalid" not in css:
                    widget.attrs["class"] = f"{css} is-invalid".strip()

    @property
    def problems(self) -> list[tuple[str, str]]:
        """List (id of the control to reach, message) for the error summary, in the order of the fields."""
        listed = [
            (self[name].id_for_label or f"{self[name].auto_id}_0", spaced(self._named(name, str(message))))
            for name in self.fields
            for message in self.errors.get(name, [])
        ]
        return listed + [("", spaced(str(message))) for message in self.non_field_errors()]

    def _named(self, name: str, message: str) -> str:
        """Name the field before its message where several fields share the page."""
        label = str(self.fields[name].label)
        if len(self.fields) == 1 or "?" in label:
            return message
        return f"{label} : {message[0].lower()}{message[1:]}"


class RowForm(Form):
    """A form of a row: what the model refuses is said beside its field."""

    columns: Mapping[str, str] = {}
    """Fields that are not called as their column, by column."""

    def refuse(self, error: ValidationError) -> None:
        """Put the model's refusals in the form."""
        if not hasattr(error, "error_dict"):
            self.add_error(None, error.messages)
            return
        for name, problems in error.message_dict.items():
            field = self.columns.get(name, name)
            known = field if field in self.fields and name != NON_FIELD_ERRORS else None
            self.add_error(known, problems)
