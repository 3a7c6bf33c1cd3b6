"""What an agent types to decide a diagnostic: provider and days, a reason, an invoice."""

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms

from normandata.dossiers.gesture_forms import SeenForm, reason_field
from normandata.regulation.formats import day as written_day
from normandata.regulation.formats import euros, number
from normandata.ui.fields import DayField, NumberField
from normandata.ui.forms import Choice

from .market import Market
from .sharing import Candidate, days


class Providers(forms.RadioSelect):
    """Companies to choose from; those that may not be chosen are shown and disabled."""

    barred: Collection[str] = ()

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        if str(value) in self.barred:
            option["attrs"]["disabled"] = True
        return option


class ProposeForm(SeenForm):
    """Who carries the diagnostic out and how long it lasts; another provider than the designated one takes a reason."""

    half_days = forms.TypedChoiceField(
        label="Durée",
        coerce=int,
        error_messages={"required": "Choisissez une durée.", "invalid_choice": "Choisissez une durée de la liste."},
    )
    company = forms.TypedChoiceField(
        label="Prestataire",
        coerce=int,
        widget=Providers,
        error_messages={
            "required": "Choisissez un prestataire.",
            "invalid_choice": "Choisissez un prestataire du marché.",
        },
    )
    reason = reason_field(
        "Pourquoi un autre prestataire", "", "À remplir seulement si vous ne suivez pas la règle du marché."
    )

    def __init__(
        self,
        *args: Any,
        market: Market,
        candidates: Sequence[Candidate],
        designated: int | None,
        why: str,
        most: int,
        **kwargs: Any,
    ) -> None:
        initial = {"half_days": most, "company": designated} | kwargs.pop("initial", {})
        super().__init__(*args, initial=initial, **kwargs)
        self.most = most
        durations, providers = self.fields["half_days"], self.fields["company"]
        durations.choices = [  # type: ignore[attr-defined]
            (count, f"{days(count)}, {euros(market.price(count).ttc)} TTC") for count in range(most, 0, -1)
        ]
        first = sorted(candidates, key=lambda one: (one.key != designated, one.rank))
        providers.choices = [  # type: ignore[attr-defined]
            (one.key, Choice(_named(one, designated), _said(one, why if one.key == designated else "")))
            for one in first
        ]
        providers.widget.barred = [str(one.key) for one in candidates if one.conflict]

    @property
    def asked(self) -> int:
        """The half-days that the page prices: those typed, if they are a choice."""
        typed = str(self["half_days"].value() or "")
        return int(typed) if typed.isdecimal() and 1 <= int(typed[:3]) <= self.most else self.most


def _named(one: Candidate, designated: int | None) -> str:
    return f"{one.name}, désigné par la règle du marché" if one.key == designated else one.name


def _said(one: Candidate, why: str) -> str:
    """Say what was ordered of a company, and what the rule makes of it."""
    ordered = f"{days(one.half_days)} commandés" if one.half_days else "Aucun jour commandé"
    last = f", dernière commande le {written_day(one.last_on)}" if one.last_on else ""
    return " ".join(part for part in (f"{one.conflict}." if one.conflict else "", why, f"{ordered}{last}.") if part)


class SettleForm(SeenForm):
    """The invoice of a diagnostic, in euros TTC."""

    invoice = forms.CharField(
        label="Numéro de la facture",
        max_length=60,
        error_messages={"required": "Indiquez le numéro de la facture."},
    )
    on = DayField(label="Date de la facture", error_messages={"required": "Indiquez la date de la facture."})
    amount = NumberField(
        label="Montant TTC, en euros",
        unit="€",
        example="5 400,00",
        error_messages={"required": "Indiquez le montant de la facture."},
    )
    mandate = forms.CharField(label="Numéro du mandat", max_length=60, required=False)

    def clean_amount(self) -> Decimal:
        amount: Decimal = self.cleaned_data["amount"]
        if not amount:
            raise forms.ValidationError("Le montant de la facture est supérieur à zéro.")
        return amount

    @classmethod
    def priced(cls, data: Mapping[str, Any] | None, *, amount: Decimal, seen: str) -> "SettleForm":
        """Propose the price of what was done."""
        return cls(data, initial={"amount": number(amount, 2), "seen": seen})
