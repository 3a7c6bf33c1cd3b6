"""What a pilot types: the sheet of an action, a milestone, a news, a deliberation, a call, a scheme, a reason."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils import timezone

from normandata.dossiers import schemes
from normandata.regulation.formats import day as written_day
from normandata.regulation.formats import spaced
from normandata.ui.fields import DayField, NumberField
from normandata.ui.forms import RowForm

from . import rules
from .models import Action, Milestone

LONG, LONGEST_REASON = 4000, 500
NOTHING = "(vide)"
PERIOD = "La feuille de route va du 1er janvier 2026 au 31 décembre 2028."


def typed(day: date | None) -> str:
    """Write a day as it is typed."""
    return f"{day:%d/%m/%Y}" if day else ""


def within(day: date | None) -> date | None:
    """Return a day of the roadmap's years; raises ValidationError for another."""
    if day is not None and not rules.FIRST_DAY <= day <= rules.LAST_DAY:
        raise ValidationError(PERIOD)
    return day


def text(label: str, help_text: str, *, rows: int = 5, most: int = LONG) -> forms.CharField:
    """Return a long, optional text."""
    area = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, help_text=help_text, max_length=most, widget=area, required=False)


class PilotForm(RowForm):
    """A form of a pilot; `saved` shows what is kept when somebody else wrote in the meantime."""

    named_by = ""
    """The field that names the row: what the model refuses of the row as a whole is said beside it."""

    def refuse(self, error: ValidationError) -> None:
        said = error.message_dict if hasattr(error, "error_dict") else {}
        if self.named_by and NON_FIELD_ERRORS in said:
            self.add_error(self.named_by, said.pop(NON_FIELD_ERRORS))
            if said:
                super().refuse(ValidationError(said))
            return
        super().refuse(error)

    @property
    def values(self) -> dict[str, Any]:
        return dict(self.cleaned_data)

    def saved(self, thing: Any) -> list[tuple[str, str]]:
        """List (label, value kept) for each field whose value kept is not the one typed."""
        found = []
        for name, field in self.fields.items():
            kept = getattr(thing, name, None)
            if kept != self.cleaned_data.get(name):
                if isinstance(kept, bool):
                    written = "Oui" if kept else "Non"
                else:
                    written = written_day(kept) if isinstance(kept, date) else str(kept or NOTHING)
                found.append((str(field.label), spaced(written)))
        return found


class DescribeForm(PilotForm):
    """The sheet of an action."""

    pilot_direction = forms.CharField(
        label="Direction pilote",
        help_text="Le nom de la direction, sans nom de personne.",
        max_length=150,
        required=False,
    )
    partners = text("Partenaires", "Un par ligne.", rows=4, most=2000)
    objectives = text("Objectifs", "Ce que l’action doit produire d’ici à sa fin.")
    starts_on = DayField(label="Début", help_text="Par exemple 01/02/2026.", required=False)
    ends_on = DayField(
        label="Fin", help_text="Par exemple 30/06/2027. Au plus tard le 31 décembre 2028.", required=False
    )
    risks = text("Risques", "Ce qui peut retarder ou empêcher l’action, et ce qui est fait pour l’éviter.")
    climate = text(
        "Climat, biodiversité, ressources naturelles",
        "Comment l’action en tient compte : la délibération en fait une condition de réussite.",
    )

    @classmethod
    def of(cls, action: Action, data: Mapping[str, Any] | None) -> "DescribeForm":
        initial = {name: getattr(action, name) for name in cls.base_fields}
        initial |= {"starts_on": typed(action.starts_on), "ends_on": typed(action.ends_on)}
        return cls(data, initial=initial)

    def clean_starts_on(self) -> date | None:
        return within(self.cleaned_data["starts_on"])

    def clean_ends_on(self) -> date | None:
        return within(self.cleaned_data["ends_on"])

    def clean(self) -> None:
        """Check both dates together, where each can be read."""
        if {"starts_on", "ends_on"} & set(self.errors):
            return
        starts_on, ends_on = self.cleaned_data["starts_on"], self.cleaned_data["ends_on"]
        if starts_on and not ends_on:
            self.add_error("ends_on", "Indiquez aussi la fin, ou laissez les deux dates vides.")
        elif ends_on and not starts_on:
            self.add_error("starts_on", "Indiquez aussi le début, ou laissez les deux dates vides.")
        elif starts_on and ends_on and ends_on < starts_on:
            self.add_error("ends_on", "La fin ne peut pas précéder le début.")


class MilestoneForm(PilotForm):
    """A milestone."""

    title = forms.CharField(label="Jalon", help_text="Ce qui sera fait, en une phrase.", max_length=200)
    due_on = DayField(label="Échéance", help_text="Par exemple 30/09/2026.")
    weight = NumberField(
        label="Poids",
        help_text="De 1 à 100 : ce que ce jalon compte dans l’avancement, par rapport aux autres.",
        whole=True,
        least=1,
        example="3",
    )
    done_on = DayField(label="Tenu le", help_text="À remplir le jour où le jalon est tenu.", required=False)

    @classmethod
    def of(cls, milestone: Milestone | None, data: Mapping[str, Any] | None) -> "MilestoneForm":
        if milestone is None:
            return cls(data, initial={"weight": "1"})
        initial = {
            "title": milestone.title,
            "due_on": typed(milestone.due_on),
            "weight": str(milestone.weight),
            "done_on": typed(milestone.done_on),
        }
        return cls(data, initial=initial)

    def clean_due_on(self) -> date | None:
        return within(self.cleaned_data["due_on"])

    def clean_weight(self) -> int:
        weight = int(self.cleaned_data["weight"])
        if weight > rules.HEAVIEST:
            raise ValidationError(f"Le poids d’un jalon va de 1 à {rules.HEAVIEST}.")
        return weight

    def clean_done_on(self) -> date | None:
        return within(self.cleaned_data["done_on"])


class NewsForm(PilotForm):
    """An entry of the public journal."""

    text = forms.CharField(
        label="Nouvelle",
        help_text="Lue par tous, sans nom de personne. Elle ne se modifie pas : une correction est une autre nouvelle.",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    on = DayField(label="Date", help_text="Celle du fait raconté.")

    @classmethod
    def of(cls, data: Mapping[str, Any] | None) -> "NewsForm":
        return cls(data, initial={"on": typed(timezone.localdate())})


class DeliberationForm(PilotForm):
    """A deliberation that came after the roadmap's."""

    named_by = "number"
    number = forms.CharField(label="Numéro", help_text="Par exemple CP D 26-06-12.", max_length=40)
    title = forms.CharField(label="Objet", max_length=300)
    adopted_on = DayField(label="Adoptée le", help_text="Par exemple 15/06/2026.")
    url = forms.URLField(
        label="Adresse",
        help_text="Là où elle est publiée.",
        max_length=500,
        required=False,
        assume_scheme="https",
        error_messages={"invalid": "Écrivez une adresse complète, qui commence par https://."},
    )
    about = forms.ChoiceField(
        label="Elle porte sur",
        choices=[("action", "cette action"), ("chantier", "tout le chantier")],
        widget=forms.RadioSelect,
        initial="action",
    )

    @property
    def values(self) -> dict[str, Any]:
        said = dict(self.cleaned_data)
        return said | {"is_for_chantier": said.pop("about") == "chantier"}


class CallForm(PilotForm):
    """A call that an action opened or announces."""

    named_by = "title"
    title = forms.CharField(label="Appel", help_text="Par exemple « appel à manifestation d’intérêt ».", max_length=200)
    url = forms.URLField(
        label="Adresse",
        help_text="Laissez vide tant que l’appel n’a pas de page.",
        max_length=500,
        required=False,
        assume_scheme="https",
        error_messages={"invalid": "Écrivez une adresse complète, qui commence par https://."},
    )


def aids() -> list[tuple[str, str]]:
    """List the aids of the Region, as they are chosen."""
    return [("", "Choisir un dispositif"), *((one.slug, one.sheet.short_title) for one in schemes.aids())]


class SchemeForm(PilotForm):
    """An aid of the Region that an action opened."""

    named_by = "scheme"
    scheme = forms.ChoiceField(
        label="Dispositif",
        help_text="Une aide de la Région que l’action a ouverte.",
        choices=aids,
        error_messages={
            "required": "Choisissez un dispositif.",
            "invalid_choice": "Ce dispositif n’existe pas : choisissez-le dans la liste.",
        },
    )


class ReasonForm(PilotForm):
    """Why something is undone or stopped."""

    reason = forms.CharField(
        label="Motif",
        help_text="Il est versé au journal, où il reste.",
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Indiquez le motif : il est versé au journal."},
    )


class ConfirmForm(PilotForm):
    """Nothing to type: the gesture is confirmed."""
