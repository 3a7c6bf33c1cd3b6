"""What is typed after a grant: the organisation's account of its project, and what the agents note."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from normandata.deminimis.forms import MOST, YES_NO
from normandata.documents.limits import Limits
from normandata.dossiers.forms import Context, as_data, written
from normandata.dossiers.models import Deposit
from normandata.regulation.formats import day as written_day
from normandata.regulation.formats import number, spaced
from normandata.ui.fields import DayField, NumberField
from normandata.ui.forms import Form, dress

from .after import NetworkEntry, Outcome, Reply
from .forms import CALENDAR, COMMONS_CHOICES
from .project_forms import LARGEST, CalendarForm

LONGEST = 4000
NONE = "none"
NOTHING = (NONE, "Rien pour le moment")
FILE = Limits(most_files=1)
TO_COME = "Cette date est à venir."


@dataclass(frozen=True, slots=True)
class Declared:
    """An indicator as the application declared it; `rank` counts from 1."""

    rank: int
    name: str
    target: Decimal
    unit: str

    @property
    def written_target(self) -> str:
        return spaced(f"{number(self.target)} {self.unit}".strip())


def declared_in(sent: Deposit) -> list[Declared]:
    """Read the indicators of a deposit in their order."""
    form = CalendarForm(as_data(sent.answers.get(CALENDAR) or {}), context=Context(sent.dossier.organisation))
    form.is_valid()
    found = form.cleaned_data.get("indicators", [])
    return [Declared(rank, name, target, unit) for rank, (name, target, unit) in enumerate(found, start=1)]


def _text(label: str, *, wanting: str = "", rows: int = 4, help_text: str = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=bool(wanting),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": rows, "maxlength": LONGEST}),
        error_messages={"required": wanting},
    )


def _yes_no(label: str, wanting: str, help_text: str = "") -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        help_text=help_text,
        choices=YES_NO,
        widget=forms.RadioSelect,
        error_messages={"required": wanting},
    )


def _past(day: date | None) -> date | None:
    if day is not None and day > timezone.localdate():
        raise ValidationError(TO_COME)
    return day


class ReachedField(NumberField):
    """A value that is asked for; a comment may stand in its place, which the form checks."""

    def validate(self, value: Any) -> None:
        """Leave an empty value to the form."""


class OutcomeForm(Form):
    """The account of a project; nothing typed is refused while it is filled, errors only say what is left."""

    terme = _yes_no(
        "Le projet est-il allé à son terme ?",
        "Dites si le projet est allé à son terme.",
        "Oui, même si la preuve de concept n’a pas été validée. Non, si le travail s’est arrêté avant.",
    )
    fini_le = DayField(
        label="Dernier jour de travail sur le projet",
        help_text="Par exemple 31/05/2027.",
        error_messages={"required": "Indiquez le dernier jour de travail."},
    )
    communs = forms.MultipleChoiceField(
        label="Qu’avez-vous donné aux communs de la donnée ?",
        help_text="Ce qui est fait, et non ce qui reste prévu.",
        choices=[*COMMONS_CHOICES.items(), NOTHING],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Cochez au moins une ligne, même « Rien pour le moment »."},
    )
    communs_detail = _text(
        "Où les trouve-t-on ?",
        wanting="Dites où on les trouve, ou pourquoi rien n’est donné encore.",
        help_text="Une adresse, une licence, une date ; ou pourquoi rien n’est donné encore.",
    )
    appris = _text("Qu’avez-vous appris, réussi ou non ?", wanting="Dites en quelques mots ce que vous avez appris.")

    def __init__(self, *args: Any, declared: Sequence[Declared], starts_on: date, **kwargs: Any) -> None:
        self.declared, self.starts_on = declared, starts_on
        super().__init__(*args, **kwargs)
        for one in declared:
            value = ReachedField(
                label=spaced(f"{one.name} : valeur atteinte"),
                least=None,
                help_text=spaced(f"Cible annoncée : {one.written_target}."),
            )
            comment = forms.CharField(
                label=spaced(f"{one.name} : commentaire"),
                max_length=500,
                required=False,
                help_text="Attendu si la valeur manque : dites pourquoi elle n’a pas été mesurée.",
            )
            for name, field in ((f"valeur{one.rank}", value), (f"mot{one.rank}", comment)):
                dress(field)
                self.fields[name] = field
        self.order_fields([*(name for name in self.fields if name.startswith(("valeur", "mot"))), *self.base_fields])

    def clean_fini_le(self) -> date | None:
        day = _past(self.cleaned_data["fini_le"])
        if day is not None and day < self.starts_on:
            raise ValidationError(f"Le projet commence le {written_day(self.starts_on)} : relisez cette date.")
        return day

    def clean_communs(self) -> list[str]:
        said: list[str] = self.cleaned_data["communs"]
        if NONE in said and len(said) > 1:
            raise ValidationError("« Rien pour le moment » ne se coche pas avec une autre ligne.")
        return said

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for one in self.declared:
            name = f"valeur{one.rank}"
            value = cleaned.get(name)
            if value is None and name not in self.errors and not cleaned.get(f"mot{one.rank}"):
                self.add_error(name, "Indiquez la valeur atteinte, ou dites pourquoi elle n’a pas été mesurée.")
            if value is not None and abs(value) > LARGEST:
                self.add_error(name, MOST)
        return cleaned

    @property
    def commons(self) -> list[str]:
        """What was given to the commons, nothing being an empty list."""
        return [slug for slug in self.cleaned_data["communs"] if slug != NONE]

    def recap(self) -> list[tuple[str, str]]:
        """Write what was typed in clear, question by question; what is unanswered or unreadable is left out."""
        self.is_valid()
        return [
            (spaced(str(field.label)), spaced(written(field, self.cleaned_data[name])))
            for name, field in self.fields.items()
            if self.cleaned_data.get(name) not in (None, "", [])
        ]


class NoteForm(Form):
    """What an agent notes; `of` fills it with what is noted already."""

    @classmethod
    def of(cls, known: Mapping[str, Any], data: Any = None, **more: Any) -> "NoteForm":
        initial = {name: f"{one:%d/%m/%Y}" if isinstance(one, date) else one for name, one in known.items()}
        return cls(data, initial=initial, **more)


class ExchangeForm(NoteForm):
    """The exchange at the end of the project (B-39)."""

    on = DayField(label="Jour de l’échange", error_messages={"required": "Indiquez le jour de l’échange."})
    mode = forms.ChoiceField(
        label="Forme",
        choices=Outcome.Mode.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Dites si l’échange a eu lieu en présence ou à distance."},
    )
    notes = _text("Compte rendu, réservé aux agents", help_text="La structure ne le lit pas.")

    def clean_on(self) -> date | None:
        return _past(self.cleaned_data["on"])


class ReviewForm(NoteForm):
    """The collective project review of the DataLab (B-41)."""

    on = DayField(label="Jour de la revue de projets", error_messages={"required": "Indiquez le jour de la revue."})
    attended = _yes_no("Le porteur y a-t-il participé ?", "Dites si le porteur y a participé.")

    def clean_on(self) -> date | None:
        return _past(self.cleaned_data["on"])

    def clean_attended(self) -> bool:
        return bool(self.cleaned_data["attended"] == "oui")


class ProofForm(NoteForm):
    """Whether the proof of concept was validated: one question, apart from feedback (B-51)."""

    is_yes = _yes_no("La preuve de concept est-elle validée ?", "Répondez par oui ou par non.")

    def clean_is_yes(self) -> bool:
        return bool(self.cleaned_data["is_yes"] == "oui")


class FeedbackForm(NoteForm):
    """Whether feedback was produced, and where it is."""

    is_yes = _yes_no(
        "Un retour d’expérience est-il produit ?",
        "Répondez par oui ou par non.",
        "Que le projet ait pu ou non valider sa preuve de concept.",
    )
    link = forms.URLField(
        label="Adresse du retour d’expérience",
        max_length=500,
        required=False,
        assume_scheme="https",
        error_messages={"invalid": "Ce lien n’est pas une adresse : il commence par https://."},
    )
    file = forms.FileField(
        label="Ou son fichier",
        required=False,
        help_text=FILE.sentence(),
        widget=forms.FileInput(attrs={"accept": FILE.accept}),
    )

    def __init__(self, *args: Any, has_file: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.has_file = has_file

    def clean_is_yes(self) -> bool:
        return bool(self.cleaned_data["is_yes"] == "oui")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        given = cleaned.get("link") or cleaned.get("file")
        if cleaned.get("is_yes") and not given and not self.has_file and not self.errors:
            self.add_error("link", "Indiquez l’adresse du retour d’expérience, ou joignez son fichier.")
        if cleaned.get("is_yes") is False and given:
            self.add_error("is_yes", "Vous répondez non : ôtez l’adresse ou le fichier, ou répondez oui.")
        return cleaned


class NetworkForm(NoteForm):
    """Whether a structure came new in the network, and whether it is public (B-52)."""

    is_new = _yes_no("Nouvelle au réseau du DataLab ?", "Dites si cette structure est nouvelle au réseau.")
    is_public = forms.ChoiceField(
        label="Statut",
        choices=[("oui", "Publique"), ("non", "Privée")],
        widget=forms.RadioSelect,
        error_messages={"required": "Dites si cette structure est publique ou privée."},
    )
    joined_on = DayField(label="Intégrée au réseau le", required=False, help_text="Si elle est nouvelle.")

    def clean_is_new(self) -> bool:
        return bool(self.cleaned_data["is_new"] == "oui")

    def clean_is_public(self) -> bool:
        return bool(self.cleaned_data["is_public"] == "oui")

    def clean_joined_on(self) -> date | None:
        return _past(self.cleaned_data["joined_on"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("is_new") and not cleaned.get("joined_on") and "joined_on" not in self.errors:
            self.add_error("joined_on", "Indiquez le jour où cette structure est entrée dans le réseau.")
        if cleaned.get("is_new") is False:
            cleaned["joined_on"] = None
        return cleaned


def said(reply: Reply | None) -> dict[str, Any]:
    """Return the answer that holds as it was typed."""
    return {} if reply is None else {"is_yes": "oui" if reply.is_yes else "non", "link": reply.link}


def entered(entry: NetworkEntry | None) -> dict[str, Any]:
    if entry is None:
        return {}
    words = {True: "oui", False: "non"}
    return {"is_new": words[entry.is_new], "is_public": words[entry.is_public], "joined_on": entry.joined_on or ""}
