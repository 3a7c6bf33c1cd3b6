"""What the Region's people type on payments: decisions line by line, reasons, mandates, repayments."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator
from django.utils import timezone

from normandata.deminimis.forms import MOST
from normandata.dossiers.gesture_forms import reason_field
from normandata.ui.fields import DayField, NumberField
from normandata.ui.forms import Form

from .forms import LARGEST


def _euros(label: str, help_text: str = "") -> NumberField:
    return NumberField(
        label=label,
        help_text=help_text,
        unit="€",
        example="1 250,50",
        validators=[MaxValueValidator(LARGEST, MOST)],
        error_messages={"required": "Indiquez un montant, en euros."},
    )


class LineForm(Form):
    """What is accepted of an expense, on its own basis."""

    accepted = _euros("Montant accepté")
    reason = reason_field("Motif", "", "Obligatoire pour réduire ou refuser, ou pour accepter contre un constat.")

    def __init__(self, *args: Any, basis: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["accepted"].label = f"Montant accepté ({basis})"


class AdvanceCheckForm(Form):
    """What is accepted of an advance, with a reason where it is less than what is asked."""

    accepted = _euros("Avance acceptée")
    reason = reason_field("Motif de la réduction", "", "Seulement si vous acceptez moins que demandé.")


class ReasonForm(Form):
    """A gesture with its reason."""

    reason = reason_field("Motif", "Indiquez le motif.", "La structure le lit.")


class ConfirmForm(Form):
    """A gesture without anything to type."""


class NumberForm(Form):
    """The number that finance gave, and its day."""

    number = forms.CharField(label="Numéro", max_length=40, error_messages={"required": "Indiquez le numéro."})
    on = DayField(label="Date")

    def __init__(self, *args: Any, label: str, with_reason: bool = False, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"on": f"{timezone.localdate():%d/%m/%Y}"})
        super().__init__(*args, **kwargs)
        self.fields["number"].label = label
        if with_reason:
            self.fields["reason"] = reason_field("Motif de la correction", "Dites pourquoi le numéro change.")


class BreachForm(Form):
    """A repayment asked for a breach of the convention."""

    amount = _euros("Montant à reverser")
    reason = reason_field(
        "Obligation manquée", "Dites à quelle obligation la structure a manqué.", "La structure lit ce motif."
    )

    def __init__(self, *args: Any, most: Decimal, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.most = most


class AnswerForm(Form):
    """The answer to the observations of the organisation, in the order itself."""

    reason = reason_field("Réponse aux observations", "", "Écrite dans l’ordre de reversement ou l’abandon.")


class ObservationsForm(Form):
    """What an organisation answers before anything is asked back."""

    observations = forms.CharField(
        label="Vos observations",
        help_text="Vous pouvez les compléter jusqu’au dernier jour ; le dernier texte remplace le précédent.",
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 8, "class": "form-control"}),
        error_messages={"required": "Écrivez vos observations avant de les envoyer."},
    )
