"""What a pilot types about a call, and an agent about a proposal."""

import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from normandata.dossiers.gesture_forms import SeenForm
from normandata.regulation.formats import spaced
from normandata.ui.fields import DayField, RowField, RowsField

from ..forms import NOTHING, PilotForm, ReasonForm, text, typed
from ..models import Chantier, Deliberation
from .models import Call, CallProposal, Option

MOST_OPTIONS = 30
LONGEST_OPTION = 120
NAMED = {True: "Oui", False: "Non"}
DELIBERATIONS = "Délibérations"
AGAIN = "Envoyez à nouveau ce qui est ci-dessous."
PHONE_HINT = "Par exemple 02 31 06 79 00."


def lines(label: str, help_text: str) -> forms.CharField:
    """Return a list typed one item a line."""
    area = forms.Textarea(attrs={"rows": 8})
    return forms.CharField(label=label, help_text=help_text, widget=area, required=False, max_length=5000)


class NewCallForm(PilotForm):
    """A call to begin: whose it is, and its title; all the rest is written afterwards."""

    chantier = RowField(
        label="Chantier",
        queryset=Chantier.objects.none(),
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Choisissez le chantier qui ouvre l’appel."),
    )
    title = forms.CharField(
        label="Intitulé de l’appel",
        help_text="Il fait aussi son adresse, qui ne change plus.",
        max_length=200,
        error_messages={"required": "Donnez un intitulé à l’appel."},
    )
    key = forms.UUIDField(
        label="Envoi", widget=forms.HiddenInput, error_messages=dict.fromkeys(("required", "invalid"), AGAIN)
    )

    def __init__(self, *args: Any, chantiers: "QuerySet[Chantier]", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["key"].initial = uuid.uuid4()
        chosen = cast("RowField", self.fields["chantier"])
        chosen.queryset = chantiers
        # Each annexe numbers its own from 1.
        chosen.label_from_instance = lambda obj: spaced(f"Annexe {obj.axis.number}, {obj}")  # type: ignore[method-assign]

    def renew(self) -> None:
        """Give the page another key: what it sends next begins another call."""
        self.data = self.data.copy()  # type: ignore[attr-defined]
        self.data["key"] = str(uuid.uuid4())  # type: ignore[index]


class CallForm(PilotForm):
    """All that a call says; once it is open, its règlement is fixed and only whom to ask may change."""

    title = forms.CharField(label="Intitulé", max_length=200)
    summary = forms.CharField(
        label="Résumé",
        help_text="Une ou deux phrases, en tête de la page et dans la liste des appels.",
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    text = text(
        "Texte de l’appel",
        "Qui peut répondre, ce qui est attendu, ce qui sera fait des réponses, ce que le bilan publiera. Une ligne qui "
        "commence par un tiret fait une liste.",
        rows=16,
        most=20000,
    )
    opens_on = DayField(label="Ouvre le", help_text="Par exemple 01/02/2027, à 0 h, heure de Paris.", required=False)
    closes_on = DayField(label="Ferme le", help_text="Ce jour compris, à 23 h 59, heure de Paris.", required=False)
    themes = lines("Thématiques", "Une par ligne, dans l’ordre du formulaire. Chaque projet en choisira une.")
    scales = lines("Échelles", "Une par ligne, de la plus petite à la plus grande.")
    names_carriers = forms.BooleanField(
        label="Le bilan nomme les porteurs et les titres des projets",
        help_text="Le texte de l’appel le dit, et chaque porteur l’accepte en déposant. Sinon, le bilan compte sans "
        "nommer.",
        required=False,
    )
    contact = forms.CharField(
        label="Contact", help_text="Le service qui répond aux questions.", max_length=150, required=False
    )
    email = forms.EmailField(label="Courriel", max_length=254, required=False)
    phone = forms.CharField(label="Téléphone", help_text=PHONE_HINT, max_length=30, required=False)
    deliberations = RowsField(
        label=DELIBERATIONS,
        help_text="Celles que le chantier ou ses actions citent déjà ; une autre se lie depuis la page d’une action.",
        queryset=Deliberation.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        error_messages=dict.fromkeys(
            ("invalid_choice", "invalid_pk_value"), "Choisissez des délibérations de la liste."
        ),
    )

    def __init__(self, *args: Any, call: Call, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = Deliberation.objects.of_chantier(call.chantier).distinct()
        self.fields["deliberations"].queryset = known  # type: ignore[attr-defined]
        if not known.exists():
            del self.fields["deliberations"]
        self.left_out: list[tuple[str, str]] = []
        """What was typed, by label, in the fields that an opening closed since the page was shown."""
        if call.is_frozen:
            for name in [name for name in self.fields if name not in ("contact", "email", "phone", "deliberations")]:
                self._leave_out(name, self.fields.pop(name))

    def _leave_out(self, name: str, field: forms.Field) -> None:
        if "title" not in self.data:  # the page showed none of these
            return
        kept, given = self.initial.get(name), self.data.get(name, "")
        if isinstance(field, forms.BooleanField):
            kept, given = (NAMED[bool(one)] for one in (kept, given))
        if str(kept or "").split() != str(given).split():
            self.left_out.append((str(field.label), str(given) or NOTHING))

    @classmethod
    def of(cls, call: Call, data: Mapping[str, Any] | None) -> "CallForm":
        named = ("title", "summary", "text", "names_carriers", "contact", "email", "phone")
        initial = {name: getattr(call, name) for name in named}
        initial |= {"opens_on": typed(call.opens_on), "closes_on": typed(call.closes_on)}
        initial |= {name: "\n".join(one.label for one in call.choices(kind)) for name, kind in _KINDS.items()}
        initial["deliberations"] = list(call.deliberations.all())
        return cls(data, call=call, initial=initial)

    @property
    def values(self) -> dict[str, Any]:
        return {"deliberations": (), **self.cleaned_data}

    def clean_themes(self) -> list[str]:
        return _listed(self.cleaned_data["themes"])

    def clean_scales(self) -> list[str]:
        return _listed(self.cleaned_data["scales"])

    def clean(self) -> None:
        """Check both dates together, where each can be read."""
        opens_on, closes_on = self.cleaned_data.get("opens_on"), self.cleaned_data.get("closes_on")
        if opens_on and closes_on and closes_on < opens_on:
            self.add_error("closes_on", "L’appel ferme après avoir ouvert.")

    def saved(self, thing: Any) -> list[tuple[str, str]]:
        lists = {name: field for name, field in self.fields.items() if name in (*_KINDS, "deliberations")}
        shown = self.fields
        self.fields = {name: field for name, field in shown.items() if name not in lists}
        found = super().saved(thing)
        self.fields = shown
        for name, field in lists.items():
            kept = [str(one) for one in (thing.choices(_KINDS[name]) if name in _KINDS else thing.deliberations.all())]
            if kept != [str(one) for one in self.cleaned_data[name]]:
                found.append((str(field.label), spaced("\n".join(kept) or NOTHING)))
        return found


_KINDS = {"themes": Option.Kind.THEME, "scales": Option.Kind.SCALE}


def _listed(typed_text: str) -> list[str]:
    """Read a list typed one item a line; raises ValidationError for one too long or said twice."""
    found = [" ".join(line.split()) for line in typed_text.splitlines() if line.strip()]
    if len(found) > MOST_OPTIONS:
        raise ValidationError(f"Cette liste compte {len(found)} lignes ; la limite est de {MOST_OPTIONS}.")
    for one in found:
        if len(one) > LONGEST_OPTION:
            raise ValidationError(f"« {one[:40]}… » compte {len(one)} signes ; la limite est de {LONGEST_OPTION}.")
        if found.count(one) > 1:
            raise ValidationError(f"« {one} » figure deux fois.")
    return found


class ExtendForm(ReasonForm):
    """More time to answer, and why."""

    closes_on = DayField(label="Nouvelle fermeture", help_text="Ce jour compris, à 23 h 59, heure de Paris.")
    field_order = ["closes_on", "reason"]

    @classmethod
    def of(cls, closes_on: date | None, data: Mapping[str, Any] | None) -> "ExtendForm":
        return cls(data, initial={"closes_on": typed(closes_on)})


class ConcludeForm(SeenForm):
    """What becomes of a proposal, and what its carrier is told."""

    outcome = forms.ChoiceField(
        label="Suite donnée à la proposition",
        widget=forms.RadioSelect,
        choices=CallProposal.Outcome.choices,
        error_messages={"required": "Choisissez la suite donnée."},
    )
    answer = forms.CharField(
        label="Réponse au porteur",
        help_text="Elle part par courriel et reste dans le dossier : dites pourquoi, et vers qui se tourner ensuite.",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": "Écrivez la réponse : le porteur l’attend."},
    )
