"""What the structure fills: bank details, a request for an advance, the expenses of a balance."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator
from django.utils import timezone
from stdnum import bic, iban

from normandata.deminimis.forms import MOST, YES_NO
from normandata.dossiers.forms import LongText, SectionForm
from normandata.dossiers.tables import Row, Table, TableForm
from normandata.organisations.siret import SiretField
from normandata.regulation.formats import euros
from normandata.regulation.money import ZERO
from normandata.ui.fields import DayField, NumberField
from normandata.ui.forms import Form

from ..money import CATEGORIES, HT, TTC
from .bank import check_bic, check_iban
from .lines import PERSONNEL, ExpenseLine, fingerprint
from .requests import PaymentRequest

LARGEST = 10_000_000
"""Euros of a line: what is larger is a slip of the hand."""
PERSON, INVOICE = "personne", "facture"
PERMANENT, HIRED = "permanent", "recrute"


class BankForm(Form):
    """Holder, IBAN and BIC, read with or without spaces; the paper is received beside, by the uploads' own door."""

    holder = forms.CharField(
        label="Titulaire du compte",
        help_text="Comme sur le relevé d’identité bancaire : le compte est celui de la structure.",
        max_length=150,
        error_messages={"required": "Indiquez le titulaire du compte."},
    )
    iban = forms.CharField(
        label="IBAN",
        help_text="Par exemple FR76 suivi de 23 caractères.",
        max_length=50,
        error_messages={"required": "Indiquez l’IBAN."},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    bic = forms.CharField(
        label="BIC",
        help_text="8 ou 11 caractères.",
        max_length=20,
        error_messages={"required": "Indiquez le BIC."},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_iban(self) -> str:
        value = iban.compact(self.cleaned_data["iban"])
        check_iban(value)
        return str(value)

    def clean_bic(self) -> str:
        value = bic.compact(self.cleaned_data["bic"])
        check_bic(value)
        return str(value)


class AdvanceForm(SectionForm):
    """How much, and why it is necessary: an advance is not due (annexe 4, « Modalités de paiement »)."""

    montant = NumberField(
        label="Avance demandée", unit="€", example="6 250,00", validators=[MaxValueValidator(LARGEST, MOST)]
    )
    justification = LongText(
        label="Pourquoi cette avance est-elle nécessaire ?",
        hint="Dites quelles dépenses elle couvre, quand, et ce qui manque à la trésorerie de la structure.",
        longest=3000,
        rows=7,
    )

    def __init__(self, *args: Any, most: Decimal = ZERO, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.most = most
        self.fields["montant"].help_text = f"Au plus {euros(most)}."

    def clean_montant(self) -> Decimal:
        amount: Decimal = self.cleaned_data["montant"]
        if amount <= 0:
            raise forms.ValidationError("Une avance est supérieure à zéro.")
        if amount > self.most:
            raise forms.ValidationError(f"L’avance ne dépasse pas {euros(self.most)}.")
        return amount


def _amount() -> NumberField:
    return NumberField(label="Montant", unit="€", example="1 250,50", validators=[MaxValueValidator(LARGEST, MOST)])


def _person() -> Mapping[str, forms.Field]:
    return {
        "nom": forms.CharField(label="Personne", max_length=200),
        "fonction": forms.CharField(label="Fonction dans le projet", max_length=150),
        "statut": forms.ChoiceField(
            label="Emploi",
            choices=[("", "Choisissez"), (PERMANENT, "Permanent"), (HIRED, "Recruté pour le projet")],
        ),
        "du": DayField(label="Travaillé du"),
        "au": DayField(label="au"),
        "jours": NumberField(label="Jours", unit="jours", example="45,5", validators=[MaxValueValidator(10_000, MOST)]),
        "montant": _amount(),
    }


def _invoice() -> Mapping[str, forms.Field]:
    known = [(slug, label) for slug, label in CATEGORIES.items() if slug != PERSONNEL]
    return {
        "categorie": forms.ChoiceField(label="Catégorie", choices=[("", "Choisissez"), *known]),
        "libelle": forms.CharField(label="Libellé", max_length=200),
        "fournisseur": forms.CharField(label="Fournisseur", max_length=200),
        "siret": SiretField(label="SIRET du fournisseur (facultatif)"),
        "numero": forms.CharField(label="Numéro de facture", max_length=60),
        "date": DayField(label="Date de la facture"),
        "payee": DayField(label="Payée le"),
        "montant": _amount(),
        "base": forms.ChoiceField(label="HT ou TTC", choices=[(HT, HT), (TTC, TTC)]),
        "tva": NumberField(
            label="Taux de TVA",
            unit="%",
            example="20",
            validators=[MaxValueValidator(100, "Un taux de TVA s’écrit en pour cent, par exemple 20 ou 5,5.")],
        ),
    }


class BalanceForm(TableForm):
    """The expenses of the project as they were made, and the other public aid, asked again at the balance."""

    tables = (
        Table(PERSON, "Personne", _person, shortest=1, longest=20),
        Table(INVOICE, "Facture", _invoice, shortest=2, longest=60, quiet=frozenset({"base"})),
    )
    anchors = ("lignes", PERSON, INVOICE)
    autres = forms.ChoiceField(
        label="D’autres aides publiques ont-elles financé ce projet ?",
        help_text="Vous l’aviez dit à la demande ; répondez selon ce qui a été accordé depuis.",
        widget=forms.RadioSelect,
        choices=YES_NO,
        error_messages={"required": "Répondez par oui ou par non."},
    )
    autres_montant = NumberField(
        label="Total de ces autres aides", unit="€", example="3 000,00", required=False, help_text="Seulement si oui.",
        validators=[MaxValueValidator(LARGEST, MOST)],
    )  # fmt: skip

    def __init__(self, *args: Any, request: PaymentRequest, **kwargs: Any) -> None:
        self.request = request
        super().__init__(*args, **kwargs)
        for row in self.rows(INVOICE):
            self.initial.setdefault(row["base"].name, request.award.basis)

    @property
    def person_rows(self) -> list[Row]:
        return self.rows(PERSON)

    @property
    def invoice_rows(self) -> list[Row]:
        return self.rows(INVOICE)

    @property
    def begun(self) -> int:
        """How many rows were begun."""
        return len(self.filled(PERSON)) + len(self.filled(INVOICE))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        rows = [(row, self._check_person) for row in self.filled(PERSON)]
        rows += [(row, self._check_invoice) for row in self.filled(INVOICE)]
        if not rows:
            self.add_error(f"{INVOICE}1_montant", "Indiquez au moins une dépense.")
        for row, check in rows:
            check(row)
        cleaned["lines"] = [
            self._line(row, rank)
            for rank, (row, _) in enumerate(rows, start=1)
            if not any(cell.name in self.errors for cell in row.cells.values())
        ]
        if cleaned.get("autres") == "oui" and not cleaned.get("autres_montant"):
            self.add_error("autres_montant", "Indiquez le total de ces aides, en euros.")
        return cleaned

    def _check_person(self, row: Row) -> None:
        self._want(
            row,
            {
                "nom": "Indiquez le nom de la personne.",
                "fonction": "Indiquez sa fonction dans le projet.",
                "statut": "Dites si l’emploi est permanent ou créé pour le projet.",
                "du": "Indiquez le premier jour travaillé.",
                "au": "Indiquez le dernier jour travaillé.",
                "jours": "Indiquez le nombre de jours passés au projet.",
                "montant": "Indiquez le coût, charges comprises, en euros.",
            },
        )
        self._not_to_come(row, "au")
        first, last = self.of(row, "du"), self.of(row, "au")
        if first and last and last < first:
            self.add_error(row["au"].name, "Le dernier jour ne précède pas le premier.")

    def _check_invoice(self, row: Row) -> None:
        self._want(
            row,
            {
                "categorie": "Choisissez une catégorie.",
                "libelle": "Dites ce que c’est : achat, prestation, licence.",
                "fournisseur": "Indiquez le fournisseur.",
                "numero": "Indiquez le numéro de la facture.",
                "date": "Indiquez la date de la facture.",
                "payee": "Indiquez le jour du paiement : une facture se justifie acquittée.",
                "montant": "Indiquez le montant, en euros.",
            },
        )
        self._not_to_come(row, "date", "payee")
        is_ttc = (self.of(row, "base") or self.request.award.basis) == TTC
        if self.request.award.recovers_vat and is_ttc and not self.typed(row, "tva"):
            self.add_error(row["tva"].name, "Indiquez le taux de TVA : il sert à retrouver le montant HT.")

    def _want(self, row: Row, wanted: Mapping[str, str]) -> None:
        for part, message in wanted.items():
            if not self.typed(row, part):
                self.add_error(row[part].name, message)
        if self.of(row, "montant") == 0:
            self.add_error(row["montant"].name, "Un montant est supérieur à zéro ; videz la ligne pour l’ôter.")

    def _not_to_come(self, row: Row, *parts: str) -> None:
        for part in parts:
            day = self.of(row, part)
            if day and day > timezone.localdate():
                self.add_error(row[part].name, "Cette date est à venir : une dépense se justifie une fois faite.")

    def _line(self, row: Row, rank: int) -> ExpenseLine:
        is_person = PERSON in row.cells[next(iter(row.cells))].name
        line = self._person(row) if is_person else self._invoice(row)
        line.request, line.rank = self.request, rank
        line.row = f"{PERSON if is_person else INVOICE}{row.number}"
        line.fingerprint = fingerprint(line.supplier, line.supplier_siret, line.invoice)
        return line

    def _person(self, row: Row) -> ExpenseLine:
        return ExpenseLine(
            category=PERSONNEL,
            label=self.of(row, "nom"),
            function=self.of(row, "fonction"),
            is_permanent=self.of(row, "statut") == PERMANENT,
            first_day=self.of(row, "du"),
            last_day=self.of(row, "au"),
            days=self.of(row, "jours"),
            amount=self.of(row, "montant"),
            basis=self.request.award.basis,
        )

    def _invoice(self, row: Row) -> ExpenseLine:
        return ExpenseLine(
            category=self.of(row, "categorie"),
            label=self.of(row, "libelle"),
            supplier=self.of(row, "fournisseur"),
            supplier_siret=self.of(row, "siret") or "",
            invoice=self.of(row, "numero"),
            first_day=self.of(row, "date"),
            last_day=self.of(row, "date"),
            paid_on=self.of(row, "payee"),
            amount=self.of(row, "montant"),
            basis=self.of(row, "base") or self.request.award.basis,
            vat_rate=self.of(row, "tva"),
        )

    @property
    def other_public_aid(self) -> Decimal:
        """The total of the other public aid, in euros."""
        if self.cleaned_data.get("autres") != "oui":
            return ZERO
        return self.cleaned_data.get("autres_montant") or ZERO
