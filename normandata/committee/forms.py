"""What the clerk types: a session, an order, a reason, what the deliberation says of itself."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import forms

from normandata.dossiers import schemes
from normandata.ui.fields import DayField, NumberField
from normandata.ui.forms import Form, RowForm

from .models import Item, Session
from .services.results import Deliberation

LONGEST_REASON = 500


class SessionForm(RowForm):
    """The day, the place and the report's number of a session."""

    held_on = DayField(label="Date de la séance", help_text="Par exemple 14/12/2026.")
    place = forms.CharField(label="Lieu", max_length=200, required=False)
    report_number = forms.CharField(
        label="Numéro du rapport", help_text="Celui du rapport à la Commission.", max_length=40, required=False
    )

    @property
    def values(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


class NewSessionForm(SessionForm):
    """A session to open; the scheme is asked for where the clerk keeps several."""

    scheme = forms.ChoiceField(label="Dispositif", widget=forms.RadioSelect)
    field_order = ("scheme", "held_on", "place", "report_number")

    def __init__(self, *args: Any, kept: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scheme"].choices = [(slug, schemes.by_slug()[slug].label) for slug in kept]  # type: ignore[attr-defined]
        self.only = kept[0] if len(kept) == 1 else ""
        if self.only:
            del self.fields["scheme"]

    @property
    def values(self) -> dict[str, Any]:
        return {"scheme": self.only} | dict(self.cleaned_data)


class ChangeSessionForm(SessionForm):
    """A session to change; a reason is asked for once its agenda is settled."""

    reason = forms.CharField(
        label="Motif du changement",
        help_text="Il est versé au journal de la séance.",
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Dites pourquoi la séance change : l’ordre du jour est arrêté."},
    )

    @classmethod
    def of(cls, session: Session, data: Mapping[str, Any] | None, *, is_settled: bool) -> "ChangeSessionForm":
        initial = {
            "held_on": f"{session.held_on:%d/%m/%Y}",
            "place": session.place,
            "report_number": session.report_number,
        }
        form = cls(data, initial=initial)
        if not is_settled:
            del form.fields["reason"]
        return form


class ReasonForm(Form):
    """Why something is undone."""

    reason = forms.CharField(
        label="Motif",
        help_text="Il est versé au journal.",
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Indiquez le motif : il est versé au journal."},
    )


class DeliberationForm(RowForm):
    """What is known of a deliberation once it is published."""

    deliberation_url = forms.URLField(
        label="Adresse de la délibération",
        help_text="Là où elle est publiée, par exemple https://deliberations.exemple.fr/cp-2026-12.",
        max_length=500,
        required=False,
        assume_scheme="https",
        error_messages={"invalid": "Écrivez une adresse complète, qui commence par https://."},
    )
    executory_on = DayField(label="Exécutoire le", help_text="Par exemple 18/12/2026.", required=False)

    @classmethod
    def of(cls, session: Session, data: Mapping[str, Any] | None) -> "DeliberationForm":
        return cls(data, initial={"deliberation_url": session.deliberation_url, "executory_on": typed(session)})

    @property
    def values(self) -> dict[str, Any]:
        return {
            "url": self.cleaned_data["deliberation_url"],
            "executory_on": self.cleaned_data["executory_on"],
        }


def typed(session: Session) -> str:
    """Write the day a deliberation became executory as it is typed."""
    return f"{session.executory_on:%d/%m/%Y}" if session.executory_on else ""


class OrderForm(Form):
    """The place of each dossier on the agenda, counted from one; equal places keep the order they had."""

    def __init__(self, *args: Any, items: Sequence[Item], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.items = items
        for place, item in enumerate(items, start=1):
            field = NumberField(label=f"Place de {item.dossier.number}", whole=True, least=1, initial=str(place))
            field.widget.attrs["class"] = "form-control"
            self.fields[f"place{item.pk}"] = field

    def rows(self) -> list[tuple[Item, Any]]:
        return [(item, self[f"place{item.pk}"]) for item in self.items]

    @property
    def keys(self) -> list[int]:
        """The items' keys in the order typed."""
        return [item.pk for item in sorted(self.items, key=lambda item: self.cleaned_data[f"place{item.pk}"])]


def deliberation_of(cleaned: Mapping[str, Any]) -> Deliberation:
    """Return what a form of results says of the deliberation."""
    executory_on: date | None = cleaned["executory_on"]
    return Deliberation(
        number=cleaned["deliberation_number"],
        url=cleaned["deliberation_url"],
        executory_on=executory_on,
        presided_by=cleaned["presided_by"],
    )
