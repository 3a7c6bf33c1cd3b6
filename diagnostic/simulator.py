"""The public simulator of the Diagnostic: its questions, and its result in words."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from normandata.dossiers.schemes import Recap, Result, Simulator, Way, review_notice
from normandata.organisations.models import Territory
from normandata.regulation.findings import Conclusion, Outcome, Verdict
from normandata.regulation.formats import day as written_day
from normandata.regulation.formats import number
from normandata.ui.fields import PLACES, DayField, NumberField, PlaceField
from normandata.ui.forms import Choice, Form
from normandata.ui.questionnaire import Answers, Questionnaire, Step

from .rules import Facts, evaluate

UNLISTED = "autre"


STRUCTURE_CHOICES = [
    ("local_authority", Choice("Une collectivité", "Commune, intercommunalité, syndicat, PETR")),
    ("enterprise", Choice("Une entreprise", "Société, entreprise individuelle, coopérative")),
    ("health_facility", Choice("Un établissement de santé", "Hôpital, clinique, établissement de soins")),
    ("association", Choice("Une association")),
    ("other", Choice("Une autre structure")),
]


class StructureForm(Form):
    structure = forms.ChoiceField(
        label="Quelle est votre structure ?",
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez le type de votre structure."},
        choices=STRUCTURE_CHOICES,
    )


class TerritoryForm(Form):
    recherche = forms.CharField(
        label="Quelle est votre collectivité ?",
        help_text="Écrivez son nom ou son code postal, par exemple « Lisieux » ou « CC de Bayeux ».",
        required=False,
        max_length=100,
    )
    territoire = forms.CharField(label="Quelle collectivité ?", required=False, max_length=9)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["recherche"].widget.attrs["autocomplete"] = "off"
        self.fields["recherche"].widget.attrs["spellcheck"] = "false"
        typed = self.data if self.is_bound else self.initial
        self.searched = str(typed.get("recherche") or "").strip()
        self.chosen = str(typed.get("territoire") or "")

    @property
    def choices(self) -> list[Territory]:
        """The territories to choose from: those searched for, or the one already chosen."""
        if self.searched:
            return list(Territory.objects.suggestions(self.searched))
        return list(Territory.objects.filter(siren=self.chosen)) if self.chosen.isalnum() else []

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        siren = cleaned.get("territoire")
        if not siren:
            if self.searched:
                self.add_error("territoire", "Choisissez votre collectivité dans la liste.")
            else:
                self.add_error("recherche", "Écrivez le nom de votre collectivité, puis choisissez-la dans la liste.")
        elif siren != UNLISTED:
            cleaned["territory"] = Territory.objects.filter(siren=siren).first()
            if cleaned["territory"] is None:
                self.add_error("recherche", "Cette collectivité n’est pas dans la liste : cherchez-la par son nom.")
        return cleaned


class DepartmentForm(Form):
    departement = PlaceField(
        label="Où est votre établissement ?",
        help_text="C’est l’adresse de l’établissement demandeur qui compte, pas celle du siège.",
    )


class PopulationForm(Form):
    population = NumberField(
        label="Combien d’habitants compte votre territoire ?",
        help_text="Population municipale de tout le territoire, publiée par l’INSEE. Par exemple 12 000.",
        whole=True,
        unit="habitants",
        example="12 000",
        error_messages={"required": "Indiquez le nombre d’habitants."},
    )


class StaffForm(Form):
    etp = NumberField(
        label="Quel est votre effectif, en équivalents temps plein ?",
        help_text="Les décimales sont admises, par exemple 45,5. Deux personnes à mi-temps font 1 ETP.",
        unit="ETP",
        example="45,5",
        error_messages={"required": "Indiquez l’effectif en équivalents temps plein."},
    )


class CreationForm(Form):
    creation = DayField(
        label="Quand votre entreprise a-t-elle été créée ?",
        help_text="La date de création au registre, par exemple 12/05/2009.",
        error_messages={"required": "Indiquez la date de création."},
    )


ACTIVITY_CHOICES = [
    ("production", Choice("Production", "Industrie, artisanat, agroalimentaire, construction")),
    ("services", Choice("Services", "Aux entreprises ou aux particuliers, transport, numérique")),
    ("trade", Choice("Commerce", "Achat et revente de marchandises")),
    ("other", Choice("Une autre activité")),
]


class ActivityForm(Form):
    activite = forms.ChoiceField(
        label="Quelle est votre activité principale ?",
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez l’activité principale."},
        choices=ACTIVITY_CHOICES,
    )


def is_enterprise(answers: Answers) -> bool:
    return answers.get("structure") == "enterprise"


def is_local_authority(answers: Answers) -> bool:
    return answers.get("structure") == "local_authority"


def is_unlisted(answers: Answers) -> bool:
    return is_local_authority(answers) and answers.get("territoire") == UNLISTED


def is_located(answers: Answers) -> bool:
    return answers.get("structure") in ("enterprise", "health_facility") or is_unlisted(answers)


QUESTIONNAIRE = Questionnaire(
    [
        Step("structure", "Structure", StructureForm),
        Step("collectivite", "Collectivité", TerritoryForm, is_local_authority),
        Step("departement", "Établissement", DepartmentForm, is_located),
        Step("population", "Population", PopulationForm, is_unlisted),
        Step("effectif", "Effectif", StaffForm, is_enterprise),
        Step("creation", "Création", CreationForm, is_enterprise),
        Step("activite", "Activité", ActivityForm, is_enterprise),
    ]
)


def facts_from(answers: Answers, on: date) -> Facts:
    """Read the answers as facts on a day."""
    territory: Territory | None = answers.get("territory")
    return Facts(
        on=on,
        structure_type=answers.get("structure"),
        department=territory.department if territory else answers.get("departement"),
        population=Decimal(territory.population) if territory else answers.get("population"),
        fte=answers.get("etp"),
        created_on=answers.get("creation"),
        activity=answers.get("activite"),
        # The reference tables hold no syndicat nor PETR: one seated elsewhere may have Norman communes.
        has_norman_communes=bool(territory and territory.norman_population) or is_unlisted(answers),
    )


def conclude(answers: Answers, on: date) -> Result:
    """Judge the answers on a day and put the conclusion in words."""
    verdict = evaluate(facts_from(answers, on))
    if verdict.conclusion is Conclusion.INELIGIBLE:
        return Result(
            title=_refusal_title(verdict, answers),
            summary="La règle qui s’y oppose est citée ci-dessous, avec son article.",
            verdict=verdict,
            recap=_recap(answers),
            ways=_ways(verdict),
        )
    return Result(
        title="Vous pouvez demander un diagnostic",
        summary=review_notice(verdict),
        verdict=verdict,
        recap=_recap(answers),
    )


def _refusal_title(verdict: Verdict, answers: Answers) -> str:
    first = verdict.with_outcome(Outcome.UNMET)[0]
    if first.rule == "diagnostic.beneficiary":
        who = "Une association" if answers.get("structure") == "association" else "Votre structure"
        return f"{who} ne peut pas demander un diagnostic"
    if first.rule == "diagnostic.opening":
        return "Le diagnostic n’est pas encore ouvert"
    return "Vous ne pouvez pas demander un diagnostic"


def _ways(verdict: Verdict) -> tuple[Way, ...]:
    refused = {finding.rule for finding in verdict.with_outcome(Outcome.UNMET)}
    if "diagnostic.normandy" in refused:
        return ()
    return (
        Way(
            "Booster IA n’a pas de seuil de taille ni d’âge : il finance une preuve de concept en IA, "
            "menée avec une autre structure normande.",
            "Voir Booster IA",
            scheme="booster_ia",
        ),
        Way(
            "Les experts du DataLab Normandie peuvent étudier votre besoin avec vous.",
            "Voir le cœur expert",
            anchor="coeur-expert",
        ),
    )


def _recap(answers: Answers) -> tuple[Recap, ...]:
    labels = {value: str(label) for value, label in STRUCTURE_CHOICES}
    lines = [Recap("Structure", labels[answers["structure"]], "structure")]
    if territory := answers.get("territory"):
        lines.append(Recap("Collectivité", territory.name, "collectivite"))
        source = f"{number(territory.population)} habitants (INSEE, population municipale {territory.vintage})"
        lines.append(Recap("Population", source, "collectivite"))
    if department := answers.get("departement"):
        places = dict(PLACES)
        lines.append(Recap("Établissement", str(places[department]), "departement"))
    if (people := answers.get("population")) is not None:
        lines.append(Recap("Population", f"{number(people)} habitants déclarés", "population"))
    if (staff := answers.get("etp")) is not None:
        lines.append(Recap("Effectif", f"{number(staff)} ETP", "effectif"))
    if created := answers.get("creation"):
        lines.append(Recap("Création", written_day(created), "creation"))
    if activity := answers.get("activite"):
        labels = {value: str(label) for value, label in ACTIVITY_CHOICES}
        lines.append(Recap("Activité", labels[activity], "activite"))
    return tuple(lines)


SIMULATOR = Simulator(QUESTIONNAIRE, conclude)
