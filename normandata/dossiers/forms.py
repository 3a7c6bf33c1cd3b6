"""The base of a form's sections: what they know of the dossier, and their answers written in clear."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict

from normandata.organisations.models import Organisation
from normandata.regulation.formats import day as written_day
from normandata.regulation.formats import number, spaced
from normandata.ui.forms import Form

Typed = Mapping[str, Any]
"""Answers as they were typed: a text, or a list of texts, by name."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a section may read beside its own answers: the organisation, and the other sections as typed."""

    organisation: Organisation
    answers: Mapping[str, Typed] = field(default_factory=dict)
    on: date | None = None
    """The day whose règlement judges the request, when it was deposited already."""

    def typed(self, section: str, name: str) -> str:
        """Return what was typed for a field of another section, or an empty text."""
        value = self.answers.get(section, {}).get(name, "")
        return value if isinstance(value, str) else (value[-1] if value else "")


class LongText(forms.CharField):
    """A text of several lines, counted on the screen: one pasted whole is kept whole, the browser would cut it."""

    def __init__(self, *, hint: str = "", longest: int = 3000, rows: int = 5, **kwargs: Any) -> None:
        kwargs.setdefault("error_messages", {"required": "Répondez à cette question, même en une phrase."})
        kwargs["error_messages"].setdefault(
            "max_length", "Cette réponse compte %(show_value)d signes ; la limite est de %(limit_value)d."
        )
        super().__init__(
            max_length=longest,
            help_text=f"{number(longest)} signes au plus. {hint}".strip(),
            widget=forms.Textarea(attrs={"rows": rows, "class": "form-control", "data-count": longest}),
            **kwargs,
        )

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {name: value for name, value in super().widget_attrs(widget).items() if name != "maxlength"}


@dataclass(frozen=True, slots=True)
class Line:
    """One answer as it is read back: its field, its label and its value in clear."""

    name: str
    label: str
    value: str


class SectionForm(Form):
    """A section of an application form. Nothing typed is refused by the draft: errors only say what is left."""

    live_template = ""
    """What the page asks for again after each save, for a section whose answers are computed upon."""
    anchors: Collection[str] = ("lignes",)
    """Where in its page a button that saves may lead back."""

    def __init__(self, *args: Any, context: Context, **kwargs: Any) -> None:
        self.context = context
        super().__init__(*args, **kwargs)

    @classmethod
    def completed(cls, typed: Typed, before: Typed) -> Typed:
        """Add to what was typed what the portal finds out by itself; called outside of any transaction.

        `before` is what was saved last.
        """
        return typed

    def lines(self) -> Iterator[Line]:
        """Write each answer of a valid form in clear, in order; unanswered optional fields are left out."""
        for name, bound in self.fields.items():
            value = self.cleaned_data.get(name)
            if value in (None, "", []) or isinstance(bound.widget, forms.HiddenInput):
                continue
            yield Line(name, str(bound.label or name), spaced(written(bound, value)))


def written(field: forms.Field, value: Any) -> str:
    """Write one cleaned value as its author would say it."""
    if isinstance(field, forms.MultipleChoiceField):
        labels = dict(_flat(field))
        return ", ".join(labels.get(str(one), str(one)) for one in value)
    if isinstance(field, forms.ChoiceField):
        return dict(_flat(field)).get(str(value), str(value))
    if isinstance(value, bool):
        return "Oui" if value else "Non"
    if isinstance(value, Decimal):
        unit = getattr(field, "unit", "")
        return f"{number(value)} {unit}".strip()
    if isinstance(value, date):
        return written_day(value)
    return str(value)


def as_data(typed: Typed) -> QueryDict:
    """Turn stored answers into what a form reads."""
    data = QueryDict(mutable=True)
    for name, value in typed.items():
        data.setlist(name, value if isinstance(value, list) else [value])
    return data


def as_typed(data: QueryDict, form: forms.Form) -> dict[str, Any]:
    """Keep what a request says of a form's own fields, as typed, lines ending as on the screen; nothing else is kept.

    A field that its class declares and that this request does not show is kept too: its page was open before.
    """
    kept: dict[str, Any] = {}
    for name, one in (form.base_fields | form.fields).items():
        typed = data.getlist(form.add_prefix(name))
        if name not in form.fields and not typed:
            continue
        values = [value.replace("\x00", "").replace("\r\n", "\n") for value in typed]
        if isinstance(one, forms.MultipleChoiceField):
            kept[name] = values
        elif values:
            kept[name] = values[-1]
    return kept


def _flat(field: forms.ChoiceField) -> Iterator[tuple[str, str]]:
    choices: Any = field.choices
    for value, label in choices:
        if isinstance(label, (list, tuple)):
            yield from ((str(key), str(text)) for key, text in label)
        else:
            yield str(value), str(label)
