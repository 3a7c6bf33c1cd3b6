"""What a lead agent types about a market: its fields, members, acts, companies, conflicts; and votes of credits."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from normandata.budgets.models import Basis, Envelope
from normandata.organisations.siret import SiretField
from normandata.regulation.formats import number
from normandata.ui.fields import DayField, NumberField, RowField
from normandata.ui.forms import RowForm

from .market import SHARINGS, Company, Holder, Market
from .rules import STRUCTURES
from .sharing import HALF_DAYS_A_DAY

MOST_DAYS = 10_000


class MarketForm(RowForm):
    """A market; its maximum is typed in days, by halves."""

    columns = {"max_half_days": "days_max"}

    reference = forms.CharField(label="Référence", max_length=60)
    label = forms.CharField(label="Objet", max_length=200)
    envelope = RowField(
        Envelope.objects.none(),
        label="Enveloppe",
        help_text="Une enveloppe du Diagnostic, votée TTC.",
        empty_label="Choisissez",
    )
    sharing = forms.ChoiceField(label="Règle de répartition", choices=SHARINGS, widget=forms.RadioSelect)
    day_rate = NumberField(label="Prix d’une journée, en euros HT", unit="€", example="900,00", least=None)
    vat_rate = NumberField(label="TVA, en pourcentage", unit="%", example="20", least=None, initial="20")
    days_max = NumberField(label="Maximum du marché, en jours", unit="jours", example="200")
    starts_on = DayField(label="Premier jour")
    ends_on = DayField(label="Dernier jour")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        envelopes = Envelope.objects.of("diagnostic").filter(basis=Basis.TTC)
        self.fields["envelope"].queryset = envelopes  # type: ignore[attr-defined]

    @classmethod
    def of(cls, market: Market, data: Mapping[str, Any] | None) -> "MarketForm":
        initial = {
            "reference": market.reference,
            "label": market.label,
            "envelope": market.envelope_id,
            "sharing": market.sharing,
            "day_rate": number(market.day_rate, 2),
            "vat_rate": number(market.vat_rate),
            "days_max": number(Decimal(market.max_half_days) / HALF_DAYS_A_DAY),
            "starts_on": f"{market.starts_on:%d/%m/%Y}",
            "ends_on": f"{market.ends_on:%d/%m/%Y}",
        }
        return cls(data, initial=initial)

    def clean_day_rate(self) -> Decimal:
        rate: Decimal = self.cleaned_data["day_rate"]
        if rate <= 0:
            raise ValidationError("Le prix d’une journée est supérieur à zéro.")
        return rate

    def clean_vat_rate(self) -> Decimal:
        rate: Decimal = self.cleaned_data["vat_rate"]
        if not 0 <= rate < 100:
            raise ValidationError("La TVA est un pourcentage, de 0 à moins de 100.")
        return rate

    def clean_days_max(self) -> Decimal:
        days: Decimal = self.cleaned_data["days_max"]
        if days <= 0 or days * HALF_DAYS_A_DAY != (days * HALF_DAYS_A_DAY).to_integral_value():
            raise ValidationError("Écrivez un nombre de jours, par demi-journée : 12 ou 12,5.")
        if days > MOST_DAYS:
            raise ValidationError(f"Un marché compte {MOST_DAYS} jours au plus.")
        return days

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        start, end = cleaned.get("starts_on"), cleaned.get("ends_on")
        if start and end and end < start:
            self.add_error("ends_on", "Le marché finit après avoir commencé.")
        return cleaned

    @property
    def values(self) -> dict[str, Any]:
        """The columns of the market."""
        found = dict(self.cleaned_data)
        found["max_half_days"] = int(found.pop("days_max") * HALF_DAYS_A_DAY)
        return found


class HolderForm(RowForm):
    """A member of a market: its company, its rank, what it is able to diagnose."""

    company = RowField(Company.objects.none(), label="Prestataire", empty_label="Choisissez")
    rank = NumberField(
        label="Rang", whole=True, least=1, help_text="1 pour le titulaire ou le mandataire.", example="1"
    )
    competences = forms.MultipleChoiceField(
        label="Types de structures qu’il sait diagnostiquer",
        choices=list(STRUCTURES.items()),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="Sert à la répartition par compétence.",
    )
    skills = forms.CharField(label="Compétences", max_length=300, required=False)

    def __init__(self, *args: Any, market: Market, holder: Holder | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if holder is not None:
            del self.fields["company"]
            self.initial = {"rank": holder.rank, "competences": holder.competences, "skills": holder.skills}
            return
        others = Company.objects.exclude(holdings__market=market)
        self.fields["company"].queryset = others  # type: ignore[attr-defined]
        self.initial["rank"] = market.holders.count() + 1

    @property
    def values(self) -> dict[str, Any]:
        return self.cleaned_data | {"rank": int(self.cleaned_data["rank"])}


class ActForm(RowForm):
    """A deliberation, a signature or an amendment."""

    label = forms.CharField(label="Acte", max_length=200, help_text="Délibération, signature, avenant.")
    reference = forms.CharField(label="Référence", max_length=60, required=False)
    day = DayField(label="Date")


class CompanyForm(RowForm):
    """A company and how it is reached; its SIRET never changes."""

    siret = SiretField(label="SIRET")
    name = forms.CharField(label="Nom", max_length=200)
    address = forms.CharField(label="Adresse", max_length=300, required=False)
    email = forms.EmailField(label="Courriel", required=False)
    phone = forms.CharField(label="Téléphone", max_length=30, required=False)

    def __init__(self, *args: Any, company: Company | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if company is not None:
            del self.fields["siret"]
            self.initial = {name: getattr(company, name) for name in self.fields}


class ConflictForm(RowForm):
    """A structure that a company may not diagnose, and why."""

    siren = forms.RegexField(
        r"^\d{9}$",
        label="SIREN de la structure",
        strip=True,
        error_messages={"invalid": "Un SIREN compte 9 chiffres.", "required": "Indiquez le SIREN de la structure."},
    )
    reason = forms.CharField(
        label="Motif",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2, "class": "form-control"}),
        error_messages={"required": "Un conflit d’intérêts a un motif."},
    )

    def __init__(self, data: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        if data is not None:
            data = dict(data.items()) | {"siren": "".join(str(data.get("siren", "")).split())}
        super().__init__(data, **kwargs)


class WhyForm(RowForm):
    """A gesture with its reason."""

    reason = forms.CharField(
        label="Motif, versé au journal",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2, "class": "form-control"}),
        error_messages={"required": "Indiquez le motif : il est versé au journal."},
    )


class VoteForm(RowForm):
    """Credits voted, or withdrawn by an amount below zero; `key` makes a double click one vote."""

    key = forms.CharField(widget=forms.HiddenInput, max_length=60)
    amount = NumberField(
        label="Montant, en euros",
        help_text="Ce que l’acte ajoute. Un montant négatif retire des crédits encore libres.",
        unit="€",
        example="50 000,00",
        least=None,
        error_messages={"required": "Indiquez le montant voté."},
    )
    act = forms.CharField(
        label="Délibération",
        max_length=200,
        error_messages={"required": "Indiquez la délibération qui vote ces crédits."},
    )
    day = DayField(label="Date de la délibération")

    def clean_amount(self) -> Decimal:
        amount: Decimal = self.cleaned_data["amount"]
        if not amount:
            raise ValidationError("Un vote ajoute ou retire un montant.")
        return amount

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        if day > timezone.localdate():
            raise ValidationError("Une délibération à venir n’a encore rien voté : sa date est aujourd’hui au plus.")
        return day


class EnvelopeForm(RowForm):
    """A new envelope of the Diagnostic, in euros TTC."""

    label = forms.CharField(label="Nom", max_length=120, initial="Diagnostic data et IA")
    year = NumberField(label="Année", whole=True, least=2000, required=False, example="2026")
