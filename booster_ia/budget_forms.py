"""The budget of the project: one expense a row, the other public aid, and the grant that they give."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cached_property
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator
from django.utils import timezone

from normandata.deminimis.forms import MOST, YES_NO
from normandata.dossiers.forms import Line, as_data
from normandata.dossiers.tables import Row, Table, TableForm
from normandata.regulation.formats import euros, percent, plural, spaced
from normandata.regulation.money import ZERO
from normandata.ui.fields import NumberField

from . import budget
from .budget import Estimate, Spent, Status
from .forms import applicant_type, recovers_vat
from .money import CATEGORIES, HT, TTC

EXPENSE, AID = "depense", "aidepub"
PERSONNEL = "personnel"
PERMANENT, HIRED = "permanent", "recrute"
STAFF = ("fonction", "statut", "jours")
LARGEST = 10_000_000
"""Euros of a line: what is larger is a slip of the hand."""


def _amount(label: str = "Montant") -> NumberField:
    return NumberField(label=label, unit="€", example="12 500,50", validators=[MaxValueValidator(LARGEST, MOST)])


def _expense() -> Mapping[str, forms.Field]:
    return {
        "categorie": forms.ChoiceField(label="Catégorie", choices=[("", "Choisissez"), *CATEGORIES.items()]),
        "libelle": forms.CharField(label="Libellé", max_length=200),
        "montant": _amount(),
        "base": forms.ChoiceField(label="HT ou TTC", choices=[(HT, HT), (TTC, TTC)]),
        "tva": NumberField(
            label="Taux de TVA",
            unit="%",
            example="20",
            validators=[MaxValueValidator(100, "Un taux de TVA s’écrit en pour cent, par exemple 20 ou 5,5.")],
        ),
        "fonction": forms.CharField(label="Fonction", max_length=150),
        "statut": forms.ChoiceField(
            label="Emploi",
            choices=[("", "Choisissez"), (PERMANENT, "Permanent"), (HIRED, "Recruté pour le projet")],
        ),
        "jours": NumberField(
            label="Jours",
            unit="jours",
            example="45,5",
            validators=[MaxValueValidator(10_000, "Ce nombre de jours est trop grand pour six mois.")],
        ),
    }


def _aid() -> Mapping[str, forms.Field]:
    return {"financeur": forms.CharField(label="Financeur", max_length=150), "montant": _amount()}


class BudgetForm(TableForm):
    """Expenses line by line, on the basis that the carrier's VAT commands; the server alone computes the grant."""

    tables = (
        Table(EXPENSE, "Dépense", _expense, shortest=3, longest=60, quiet=frozenset({"base"})),
        Table(AID, "Aide", _aid, shortest=2, longest=20),
    )
    live_template = "booster_ia/sections/budget_live.html"
    autres = forms.ChoiceField(
        label="D’autres aides publiques financent-elles ce projet ?",
        help_text="État, Europe, Bpifrance, ADEME, collectivités… demandées ou obtenues.",
        widget=forms.RadioSelect,
        choices=YES_NO,
        error_messages={"required": "Répondez par oui ou par non."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for row in self.expense_rows:
            self.initial.setdefault(row["base"].name, self.basis)

    @property
    def basis(self) -> str:
        """The basis on which the carrier's budget is counted."""
        return HT if recovers_vat(self.context) else TTC

    @property
    def recovers_vat(self) -> bool:
        return recovers_vat(self.context)

    @property
    def expense_rows(self) -> list[Row]:
        return self.rows(EXPENSE)

    @property
    def aid_rows(self) -> list[Row]:
        return self.rows(AID)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        spent: dict[int, Spent] = {}
        for row in self.filled(EXPENSE):
            self._check(row)
            if not any(cell.name in self.errors for cell in row.cells.values()):
                spent[row.number] = self._spent(row)
        if not self.filled(EXPENSE):
            self.add_error(f"{EXPENSE}1_montant", "Le budget est vide : indiquez au moins une dépense.")
        cleaned["spent"] = spent
        aids = self._aids()
        is_aided = cleaned.get("autres") == "oui"
        if is_aided and not self.filled(AID):
            self.add_error(f"{AID}1_montant", "Indiquez au moins une autre aide publique, ou répondez « Non ».")
        cleaned["public_aids"] = aids if is_aided else []
        return cleaned

    def _check(self, row: Row) -> None:
        """Say what is wanting in a row that was begun."""
        wanted = {
            "categorie": "Choisissez une catégorie.",
            "libelle": "Dites ce que c’est : achat, prestation, personne.",
            "montant": f"Indiquez le montant {self.basis}, en euros.",
        }
        if self.typed(row, "categorie") == PERSONNEL:
            wanted |= {
                "fonction": "Indiquez la fonction de cette personne dans le projet.",
                "statut": "Dites si l’emploi est permanent ou créé pour le projet.",
                "jours": "Indiquez le nombre de jours passés au projet.",
            }
        for part, message in wanted.items():
            if not self.typed(row, part):
                self.add_error(row[part].name, message)
        if self.of(row, "montant") == 0:
            self.add_error(row["montant"].name, "Un montant est supérieur à zéro ; videz la ligne pour l’ôter.")
        self._check_vat(row)

    def _check_vat(self, row: Row) -> None:
        basis = self.of(row, "base") or self.basis
        if self.recovers_vat and basis == TTC and not self.typed(row, "tva"):
            self.add_error(row["tva"].name, "Indiquez le taux de TVA : il sert à retrouver le montant HT.")
        if not self.recovers_vat and basis == HT and self.typed(row, "montant"):
            said = "Votre structure ne récupère pas la TVA : donnez le montant TTC et choisissez « TTC »."
            self.add_error(row["base"].name, said)

    def _spent(self, row: Row) -> Spent:
        is_staff = self.of(row, "categorie") == PERSONNEL
        return Spent(
            category=self.of(row, "categorie"),
            label=self.of(row, "libelle"),
            amount=self.of(row, "montant"),
            basis=self.of(row, "base") or self.basis,
            vat_rate=self.of(row, "tva"),
            function=(self.of(row, "fonction") or "") if is_staff else "",
            is_permanent=is_staff and self.of(row, "statut") == PERMANENT,
            days=self.of(row, "jours") if is_staff else None,
        )

    def _aids(self) -> list[tuple[str, Decimal]]:
        aids = []
        for row in self.filled(AID):
            funder, amount = self.of(row, "financeur"), self.of(row, "montant")
            if not self.typed(row, "financeur"):
                self.add_error(row["financeur"].name, "Indiquez qui accorde cette aide.")
            if not self.typed(row, "montant"):
                self.add_error(row["montant"].name, "Indiquez le montant de cette aide, en euros.")
            if amount is not None:
                aids.append((funder or "", amount))
        return aids

    @property
    def other_public_aid(self) -> Decimal:
        """The total of the other public aid, in euros."""
        return sum((amount for _, amount in self.cleaned_data.get("public_aids", [])), ZERO)

    @cached_property
    def estimate(self) -> Estimate:
        """What the whole rows give so far."""
        return budget.estimate(
            list(self.cleaned_data.get("spent", {}).values()),
            self.other_public_aid,
            applicant_type=applicant_type(self.context) or None,
            recovers_vat=self.recovers_vat,
            on=self.context.on or timezone.localdate(),
        )

    @property
    def statuses(self) -> list[tuple[int, Status | None]]:
        """What becomes of each row shown, by number; nothing of one that is empty or not whole yet."""
        known = dict(zip(self.cleaned_data.get("spent", {}), self.estimate.statuses, strict=True))
        return [(row.number, known.get(row.number)) for row in self.expense_rows]

    @property
    def judged_rows(self) -> list[tuple[Row, Status | None]]:
        """The rows shown, each with what becomes of it as last saved."""
        known = dict(self.checked.statuses)
        return [(row, known.get(row.number)) for row in self.expense_rows]

    @cached_property
    def checked(self) -> "BudgetForm":
        """This form once read, even where the page shows it unread."""
        if self.is_bound:
            return self
        read = BudgetForm(as_data(self.initial), context=self.context)
        read.full_clean()
        return read

    @property
    def counted(self) -> str:
        whole = len(self.cleaned_data.get("spent", {}))
        return budget.counted(whole, len(self.filled(EXPENSE)) - whole)

    def lines(self) -> Iterator[Line]:
        for line in super().lines():
            if not line.name.startswith((EXPENSE, AID)):
                yield line
        known = self.cleaned_data.get("spent", {})
        for (rank, one), status in zip(known.items(), self.estimate.statuses, strict=True):
            yield Line(f"{EXPENSE}{rank}", f"Dépense {rank}", f"{_written(one)}\n{status.sentence}")
        for rank, (funder, amount) in enumerate(self.cleaned_data.get("public_aids", []), start=1):
            yield Line(f"{AID}{rank}", f"Autre aide publique {rank}", spaced(f"{funder} : {euros(amount)}"))
        for rank, step in enumerate(self.estimate.steps if known else (), start=1):
            yield Line(f"calcul{rank}", step.label, step.value)


def _written(one: Spent) -> str:
    vat = f", TVA {percent(one.vat_rate)}" if one.basis == TTC and one.vat_rate is not None else ""
    said = f"{CATEGORIES[one.category]} : {one.label}, {euros(one.amount)} {one.basis}{vat}"
    if one.category == PERSONNEL:
        job = "emploi permanent" if one.is_permanent else "emploi créé pour le projet"
        days = plural(one.days, "jour") if one.days is not None else ""
        said += f" ; {one.function}, {job}, {days}"
    return spaced(said)
