"""The public simulator of Booster IA: its questions, and its result in words and figures."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from normandata.deminimis import rules as deminimis
from normandata.dossiers.schemes import Amount, Recap, Result, Simulator, Way, review_notice
from normandata.regulation.findings import Conclusion, Outcome
from normandata.regulation.formats import day as written_day
from normandata.regulation.formats import euros, listing, plural
from normandata.regulation.money import cents
from normandata.ui.fields import PLACES, DayField, NumberField, PlaceField
from normandata.ui.forms import Choice, Form
from normandata.ui.questionnaire import Answers, Questionnaire, Step

from . import money
from .budget import steps
from .rules import Evaluation, Facts, evaluate

ALONE = "aucun"
AID_ROWS = range(1, 5)
BUDGET = {
    "personnel": "Personnel employé pour le projet",
    "permanent": "Dont personnel permanent",
    "intellectuel": "Prestations intellectuelles",
    "licences": "Licences d’utilisation",
    "prestations": "Autres prestations",
    "consommables": "Consommables",
    "equipement": "Équipement, matériel",
    "autres": "Frais généraux et autres dépenses",
}
CATEGORIES = {
    "personnel": "personnel",
    "intellectuel": "intellectual_services",
    "licences": "licences",
    "prestations": "services",
    "consommables": "consumables",
    "equipement": "equipment",
    "autres": "other",
}


APPLICANT_CHOICES = [
    ("enterprise", Choice("Une entreprise")),
    ("association", Choice("Une association")),
    ("local_authority", Choice("Une collectivité", "Commune, intercommunalité, département, syndicat")),
    ("public_establishment", Choice("Un établissement public", "Université, hôpital public, lycée, EPIC")),
    ("private_establishment", Choice("Un établissement privé", "Clinique, école, fondation")),
]


class ApplicantForm(Form):
    porteur = forms.ChoiceField(
        label="Qui porte le projet ?",
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez le type de porteur."},
        choices=APPLICANT_CHOICES,
    )


class DepartmentForm(Form):
    departement = PlaceField(
        label="Où le porteur est-il établi ?",
    )


PARTNER_PLACES = [*PLACES, (ALONE, "Je n’ai pas de partenaire")]


class PartnersForm(Form):
    partenaires = forms.MultipleChoiceField(
        label="Où sont établis vos partenaires ?",
        help_text="Cochez le département de chaque structure qui mène le projet avec vous.",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Cochez au moins une case, ou « Je n’ai pas de partenaire »."},
        choices=PARTNER_PLACES,
    )

    def clean_partenaires(self) -> list[str]:
        places: list[str] = self.cleaned_data["partenaires"]
        if ALONE in places and len(places) > 1:
            raise ValidationError("Décochez « Je n’ai pas de partenaire », ou décochez les départements.")
        return places


REPLIES = [("oui", "Oui"), ("non", "Non"), ("inconnu", "Je ne sais pas")]


class TechnologyForm(Form):
    ia = forms.ChoiceField(
        label="Un usage principal de votre projet s’appuie-t-il sur l’intelligence artificielle ?",
        help_text="Par exemple : apprentissage automatique, vision, traitement du langage, prévision.",
        widget=forms.RadioSelect,
        error_messages={"required": "Répondez par oui ou par non, ou « Je ne sais pas »."},
        choices=REPLIES,
    )


class CalendarForm(Form):
    debut = DayField(label="Quand le projet commence-t-il ?", help_text="Par exemple 01/12/2026.")
    fin = DayField(label="Quand finit-il ?", help_text="Le dernier jour de travail prévu.")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        start, end = cleaned.get("debut"), cleaned.get("fin")
        if start and end and end < start:
            self.add_error("fin", f"La fin précède le début, le {written_day(start)}.")
        return cleaned


class VatForm(Form):
    tva = forms.ChoiceField(
        label="Le porteur récupère-t-il la TVA ?",
        help_text="S’il la récupère, donnez les montants hors taxes ; sinon, toutes taxes comprises.",
        widget=forms.RadioSelect,
        error_messages={"required": "Indiquez si le porteur récupère la TVA."},
        choices=[("oui", "Oui : montants HT"), ("non", "Non : montants TTC")],
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if any(name in self.errors for name in BUDGET):
            return cleaned
        if not any(cleaned.get(name) for name in BUDGET):
            self.add_error("personnel", "Indiquez au moins une dépense.")
        elif (cleaned.get("permanent") or 0) > (cleaned.get("personnel") or 0):
            self.add_error("permanent", "Cette part ne peut pas dépasser la ligne du personnel.")
        return cleaned


BUDGET_HINTS = {
    "personnel": "Stagiaires, chercheurs, techniciens, personnels d’appui",
    "permanent": "Agents ou salariés permanents d’un établissement public ou d’une collectivité",
}
BudgetForm: type[VatForm] = type(
    "BudgetForm",
    (VatForm,),
    {
        name: NumberField(label=label, help_text=BUDGET_HINTS.get(name, ""), required=False, unit="€", example="12 500")
        for name, label in BUDGET.items()
    },
)


class OtherAidForm(Form):
    autres_aides = NumberField(
        label="Quelles autres aides publiques financent ce projet ?",
        help_text="Total en euros, tous financeurs publics confondus. Écrivez 0 s’il n’y en a pas.",
        unit="€",
        example="5 000",
        error_messages={"required": "Indiquez un montant, ou 0 s’il n’y a pas d’autre aide."},
    )

    @property
    def aid_rows(self) -> list[tuple[int, Any, Any]]:
        return [(row, self[f"dm_date_{row}"], self[f"dm_montant_{row}"]) for row in AID_ROWS]

    @property
    def aid_years(self) -> str:
        """The period over which de minimis aids add up, as written."""
        return plural(deminimis.REGLEMENT.on(timezone.localdate()).number("years_2831"), "an")

    @property
    def has_aid(self) -> bool:
        return any(self[name].value() for name in self.fields if name.startswith("dm_"))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for row in AID_ROWS:
            day, amount = f"dm_date_{row}", f"dm_montant_{row}"
            if day in self.errors or amount in self.errors:
                continue
            if cleaned.get(amount) is not None and cleaned.get(day) is None:
                self.add_error(day, "Indiquez la date de cette aide.")
            if cleaned.get(day) is not None and cleaned.get(amount) is None:
                self.add_error(amount, "Indiquez le montant de cette aide.")
        return cleaned


AidForm: type[OtherAidForm] = type(
    "AidForm",
    (OtherAidForm,),
    {f"dm_date_{row}": DayField(label=f"Aide {row} : date d’octroi", required=False) for row in AID_ROWS}
    | {
        f"dm_montant_{row}": NumberField(label=f"Aide {row} : montant", required=False, unit="€", example="5 000")
        for row in AID_ROWS
    },
)

QUESTIONNAIRE = Questionnaire(
    [
        Step("porteur", "Porteur", ApplicantForm),
        Step("departement", "Établissement", DepartmentForm),
        Step("partenaires", "Partenaires", PartnersForm),
        Step("ia", "Usage de l’IA", TechnologyForm),
        Step("calendrier", "Calendrier", CalendarForm),
        Step("budget", "Budget", BudgetForm),
        Step("aides", "Autres aides", AidForm),
    ]
)


def facts_from(answers: Answers, on: date) -> Facts:
    """Read the answers as facts on a day."""
    aids = tuple(
        deminimis.Aid(answers[f"dm_date_{row}"], answers[f"dm_montant_{row}"])
        for row in AID_ROWS
        if answers.get(f"dm_date_{row}")
    )
    return Facts(
        on=on,
        applicant_type=answers["porteur"],
        department=answers["departement"],
        recovers_vat=answers["tva"] == "oui",
        partner_departments=tuple(place for place in answers["partenaires"] if place != ALONE),
        uses_ai={"oui": True, "non": False}.get(answers["ia"]),
        start=answers["debut"],
        end=answers["fin"],
        expenses=_expenses(answers),
        other_public_aid=answers["autres_aides"],
        de_minimis=deminimis.Facts(on=on, aids=aids) if aids else None,
    )


def _expenses(answers: Answers) -> tuple[money.Expense, ...]:
    basis = money.HT if answers["tva"] == "oui" else money.TTC
    permanent = answers.get("permanent") or Decimal(0)
    amounts = {name: answers.get(name) or Decimal(0) for name in CATEGORIES}
    amounts["personnel"] -= permanent
    lines = [
        money.Expense(category=category, amount=amounts[name], basis=basis)
        for name, category in CATEGORIES.items()
        if amounts[name]
    ]
    if permanent:
        lines.append(money.Expense(category="personnel", amount=permanent, basis=basis, is_permanent_public_staff=True))
    return tuple(lines)


def conclude(answers: Answers, on: date) -> Result:
    """Judge the answers on a day and put the conclusion in words and figures."""
    evaluation = evaluate(facts_from(answers, on))
    verdict = evaluation.verdict
    is_refused = verdict.conclusion is Conclusion.INELIGIBLE
    grantable = evaluation.sums.grantable_max
    if is_refused:
        title = "Votre projet ne peut pas être présenté en l’état"
        summary = "La règle qui s’y oppose est citée ci-dessous, avec son article."
    else:
        title = f"Votre projet peut demander jusqu’à {euros(grantable or 0)}"
        summary = review_notice(verdict)
    return Result(
        title=title,
        summary=summary,
        verdict=verdict,
        recap=_recap(answers),
        amounts=_amounts(evaluation, answers, on),
        refused_lines=tuple(
            f"{money.CATEGORIES[line.expense.category or 'other']}, {euros(line.expense.amount or 0)} : {line.refusal}."
            for line in evaluation.sums.lines
            if line.refusal
        ),
        ways=_ways(evaluation) if is_refused else (),
    )


def _amounts(evaluation: Evaluation, answers: Answers, on: date) -> tuple[Amount, ...]:
    sums = evaluation.sums
    if sums.expenses is None or sums.grant is None:
        return ()
    recovers_vat, other = answers["tva"] == "oui", answers["autres_aides"]
    lines = steps(sums.expenses, other, sums.grant, recovers_vat=recovers_vat, on=on)
    room = sums.de_minimis.room if sums.de_minimis else None
    if room is None or sums.grantable_max is None:
        return lines
    return (
        *lines[:-1],
        Amount("Place restante sous le plafond des aides de minimis", euros(cents(room))),
        Amount("Montant possible : le plus petit des quatre derniers", euros(sums.grantable_max), True),
    )


def _ways(evaluation: Evaluation) -> tuple[Way, ...]:
    refused = {finding.rule.removeprefix("booster_ia.") for finding in evaluation.verdict.with_outcome(Outcome.UNMET)}
    ways = []
    if "partnership" in refused:
        ways.append(
            Way(
                "Le réseau d’experts du DataLab Normandie peut vous aider à trouver un partenaire normand.",
                "Voir le cœur expert",
                anchor="coeur-expert",
            )
        )
    if "ai" in refused:
        ways.append(
            Way(
                "Le diagnostic data et IA aide à voir ce que vos données peuvent apporter, avec ou sans IA.",
                "Voir le diagnostic",
                scheme="diagnostic",
            )
        )
    return tuple(ways)


def _recap(answers: Answers) -> tuple[Recap, ...]:
    applicants = {value: str(label) for value, label in APPLICANT_CHOICES}
    places = {value: str(label) for value, label in PARTNER_PLACES}
    replies = dict(REPLIES)
    budget = sum((answers.get(name) or Decimal(0) for name in CATEGORIES), Decimal(0))
    received = sum((answers.get(f"dm_montant_{row}") or Decimal(0) for row in AID_ROWS), Decimal(0))
    basis = "HT" if answers["tva"] == "oui" else "TTC"
    lines = [
        Recap("Porteur", applicants[answers["porteur"]], "porteur"),
        Recap("Établissement", places[answers["departement"]], "departement"),
        Recap("Partenaires", listing([places[place] for place in answers["partenaires"]]), "partenaires"),
        Recap("Usage de l’IA", replies[answers["ia"]], "ia"),
        Recap("Calendrier", f"Du {written_day(answers['debut'])} au {written_day(answers['fin'])}", "calendrier"),
        Recap("Budget", f"{euros(budget)} {basis}", "budget"),
        Recap("Autres aides", euros(answers["autres_aides"]), "aides"),
    ]
    if received:
        lines.append(Recap("Aides de minimis", euros(received), "aides"))
    return tuple(lines)


SIMULATOR = Simulator(QUESTIONNAIRE, conclude)
