"""What an agent types to propose a grant or a refusal, on one dossier or in a scenario of its wave."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms

from normandata.dossiers.gesture_forms import SeenForm, reason_field
from normandata.regulation.formats import euros, number, spaced
from normandata.ui.fields import NumberField
from normandata.ui.forms import Form, dress

from .programme import GRANT, KINDS, LATER, REFUSE, Candidate, Choice
from .services.programming import Typed

POSITIVE = "Le montant proposé est supérieur à zéro."
UNKNOWN = "Les aides de minimis de l’entreprise ne sont pas déclarées : demandez-les avant toute proposition."
LONGEST_REASON = 2000


def amount_field(**options: Any) -> NumberField:
    """Make the field of a grant in euros."""
    return NumberField(
        unit="€", example="12 500,00", error_messages={"required": "Indiquez le montant, en euros."}, **options
    )


def too_much(amount: Decimal, most: Decimal | None) -> str:
    """Say why an amount cannot be proposed; nothing when it can."""
    if amount <= 0:
        return POSITIVE
    if most is None:
        return UNKNOWN
    return spaced(f"Le montant ne dépasse pas ce qui peut être accordé : {euros(most)}.") if amount > most else ""


class ProposeForm(SeenForm):
    """The grant proposed on one dossier, `most` euros at most."""

    amount = amount_field(label="Montant proposé, en euros")
    reason = reason_field("Commentaire", "", "Facultatif : la personne qui valide le lit, la structure non.")

    def __init__(self, *args: Any, most: Decimal | None, **kwargs: Any) -> None:
        initial = {"amount": number(most, 2) if most else ""} | kwargs.pop("initial", {})
        super().__init__(*args, initial=initial, **kwargs)
        self.most = most
        if most is not None:
            self.fields["amount"].help_text = spaced(f"Au plus {euros(most)} aujourd’hui.")

    def clean_amount(self) -> Decimal:
        amount: Decimal = self.cleaned_data["amount"]
        if problem := too_much(amount, self.most):
            raise forms.ValidationError(problem)
        return amount


class ScenarioForm(Form):
    """A scenario: its name, a note, and for each open dossier what is foreseen. `revision` is that of the page."""

    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)
    name = forms.CharField(
        label="Nom du scénario", max_length=60, error_messages={"required": "Donnez un nom à ce scénario."}
    )
    note = forms.CharField(
        label="Note",
        required=False,
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Pour les agents seulement.",
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        candidates: list[Candidate],
        choices: Mapping[int, Choice],
        default_reason: str,
        **kwargs: Any,
    ) -> None:
        super().__init__(data, **kwargs)
        self.candidates = candidates
        for one in candidates:
            self._add(one, choices[one.pk], default_reason)

    def _add(self, one: Candidate, choice: Choice, default_reason: str) -> None:
        """Add the three controls of a dossier."""
        whose = f"{one.number}, {one.organisation}"
        kinds = [(slug, label) for slug, label in KINDS.items() if slug != GRANT or _may_be_granted(one)]
        kind = forms.ChoiceField(
            label=f"Proposition, {whose}",
            choices=kinds,
            initial=choice.kind,
            error_messages={"required": "Choisissez une proposition.", "invalid_choice": "Choisissez dans la liste."},
        )
        suggested = choice.amount if choice.amount is not None else one.most
        amount = amount_field(
            label=f"Montant, {whose}", required=False, initial=number(suggested, 2) if suggested else ""
        )
        reason = forms.CharField(
            label=f"Motif du refus, {whose}",
            required=False,
            max_length=LONGEST_REASON,
            initial=choice.reason or one.refusal or default_reason,
            widget=forms.Textarea(attrs={"rows": 3}),
        )
        for name, made in (("kind", kind), ("amount", amount), ("reason", reason)):
            self.fields[f"{name}_{one.pk}"] = made
            dress(made)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for one in self.candidates:
            kind, amount = cleaned.get(f"kind_{one.pk}"), cleaned.get(f"amount_{one.pk}")
            if kind == GRANT and f"amount_{one.pk}" not in self.errors:
                problem = "Indiquez le montant, en euros." if amount is None else too_much(amount, one.most)
                if problem:
                    self.add_error(f"amount_{one.pk}", problem)
            if kind == REFUSE and not cleaned.get(f"reason_{one.pk}", "").strip():
                self.add_error(f"reason_{one.pk}", "Indiquez le motif : la lettre le donnera.")
        return cleaned

    @property
    def choices(self) -> dict[int, Choice]:
        """What was typed, by key of dossier."""
        return {one.pk: self._choice(one) for one in self.candidates}

    def _choice(self, one: Candidate) -> Choice:
        said = self.cleaned_data
        kind = said[f"kind_{one.pk}"]
        if kind == GRANT:
            return Choice(GRANT, said[f"amount_{one.pk}"])
        return Choice(REFUSE, reason=said[f"reason_{one.pk}"].strip()) if kind == REFUSE else Choice(LATER)

    @property
    def typed(self) -> Typed:
        said = self.cleaned_data
        return Typed(said["name"], said["note"], self.choices, said["revision"] or 0)

    def controls(self, one: Candidate) -> tuple[Any, Any, Any]:
        """Return the controls of a dossier: what is foreseen, the amount, the reason."""
        kind, amount, reason = (self[f"{name}_{one.pk}"] for name in ("kind", "amount", "reason"))
        return kind, amount, reason


def _may_be_granted(one: Candidate) -> bool:
    return not one.refusal and one.most is not None
