"""The questions of « Quel accompagnement pour mon projet ? », named as the simulators’ are: answers carry over."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict

from booster_ia import simulator as booster
from diagnostic import simulator as diagnostic
from normandata.organisations.models import Territory
from normandata.ui.forms import Choice, Form
from normandata.ui.questionnaire import Answers, Questionnaire, Step

from .orientation import (
    CHALLENGE,
    DEPLOY,
    EXPLORE,
    IDEA,
    PERSON,
    STAGES,
    STRUCTURES,
    TEST,
    TO_BOOSTER,
    TO_DIAGNOSTIC,
    Facts,
)

STRUCTURE_HINTS = {
    "local_authority": "Commune, intercommunalité, syndicat, PETR, département",
    "enterprise": "Société, entreprise individuelle, coopérative",
    "public_health": "Hôpital public, EHPAD public",
    "private_health": "Clinique, établissement de santé privé",
    "public_establishment": "Université, lycée, EPIC, groupement",
    "private_establishment": "École, fondation",
    PERSON: "Étudiant, chercheur, citoyen, futur entrepreneur",
}
STAGE_HINTS = {
    EXPLORE: "Mes données existent, leur valeur m’est mal connue",
    IDEA: "Un besoin ou une piste, pas encore de solution choisie",
    TEST: "Une preuve de concept à mener",
    DEPLOY: "Testée déjà, elle peut passer à l’échelle",
    CHALLENGE: "Un défi ouvert à toute personne, à partir de données ouvertes",
}


class StructureForm(Form):
    profil = forms.ChoiceField(
        label="Qui porte le projet ?",
        widget=forms.RadioSelect,
        choices=[(value, Choice(label, STRUCTURE_HINTS.get(value, ""))) for value, label in STRUCTURES.items()],
        error_messages={
            "required": "Choisissez qui porte le projet.",
            "invalid_choice": "Choisissez une des réponses.",
        },
    )


class StageForm(Form):
    stade = forms.ChoiceField(
        label="Où en êtes-vous ?",
        widget=forms.RadioSelect,
        choices=[(value, Choice(label, STAGE_HINTS[value])) for value, label in STAGES.items()],
        error_messages={
            "required": "Choisissez la phrase qui ressemble le plus à votre situation.",
            "invalid_choice": "Choisissez une des réponses.",
        },
    )


class PlaceForm(diagnostic.DepartmentForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["departement"].label = "Où êtes-vous ?"
        self.fields["departement"].help_text = "Pour une structure, l’adresse de l’établissement qui porte le projet."


def _is_project(answers: Answers) -> bool:
    return answers.get("stade") != CHALLENGE


def _is_local_authority(answers: Answers) -> bool:
    return _is_project(answers) and answers.get("profil") == "local_authority"


def _is_unlisted(answers: Answers) -> bool:
    return _is_local_authority(answers) and answers.get("territoire") == diagnostic.UNLISTED


def _is_placed(answers: Answers) -> bool:
    return _is_project(answers) and (answers.get("profil") != "local_authority" or _is_unlisted(answers))


def _begins_as_enterprise(answers: Answers) -> bool:
    return answers.get("profil") == "enterprise" and answers.get("stade") in (EXPLORE, IDEA)


def _may_use_ai(answers: Answers) -> bool:
    return answers.get("stade") in (IDEA, TEST) and answers.get("profil") != PERSON


def _tests(answers: Answers) -> bool:
    return answers.get("stade") == TEST and answers.get("profil") != PERSON


QUESTIONNAIRE = Questionnaire(
    [
        Step("profil", "Qui vous êtes", StructureForm),
        Step("stade", "Où vous en êtes", StageForm),
        Step("collectivite", "Collectivité", diagnostic.TerritoryForm, _is_local_authority),
        Step("lieu", "Lieu", PlaceForm, _is_placed),
        Step("population", "Population", diagnostic.PopulationForm, _is_unlisted),
        Step("effectif", "Effectif", diagnostic.StaffForm, _begins_as_enterprise),
        Step("creation", "Création", diagnostic.CreationForm, _begins_as_enterprise),
        Step("activite", "Activité", diagnostic.ActivityForm, _begins_as_enterprise),
        Step("ia", "Usage de l’IA", booster.TechnologyForm, _may_use_ai),
        Step("partenaires", "Partenaires", booster.PartnersForm, _tests),
    ]
)


def facts_from(answers: Answers, on: date) -> Facts:
    """Read the answers as facts on a day."""
    territory: Territory | None = answers.get("territory")
    partners: list[str] | None = answers.get("partenaires")
    return Facts(
        on=on,
        structure=answers["profil"],
        stage=answers["stade"],
        department=territory.department if territory else answers.get("departement"),
        has_norman_communes=bool(territory and territory.norman_population) or _is_unlisted(answers),
        population=Decimal(territory.population) if territory else answers.get("population"),
        fte=answers.get("etp"),
        created_on=answers.get("creation"),
        activity=answers.get("activite"),
        partner_departments=None if partners is None else tuple(one for one in partners if one != booster.ALONE),
        uses_ai={"oui": True, "non": False}.get(answers.get("ia", "")),
    )


def carried(slug: str, answers: Answers, typed: QueryDict) -> str:
    """Write the answers that the simulator of a scheme takes, as its own address holds them."""
    profile = answers["profil"]
    if slug == "diagnostic":
        return _address(typed, diagnostic.QUESTIONNAIRE, {"structure": TO_DIAGNOSTIC.get(profile, "")})
    territory: Territory | None = answers.get("territory")
    known = {"porteur": TO_BOOSTER.get(profile, "")} | ({"departement": territory.department} if territory else {})
    return _address(typed, booster.QUESTIONNAIRE, known)


def _address(typed: QueryDict, questionnaire: Questionnaire, known: Mapping[str, str]) -> str:
    mine = {name for step in questionnaire.steps for name in step.names}
    data = QueryDict(mutable=True)
    for name, value in known.items():
        if value:
            data[name] = value
    for name, values in typed.lists():
        if name in mine and name not in data:
            data.setlist(name, [value for value in values if value])
    return data.urlencode()
