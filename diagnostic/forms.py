"""The application form of annexe 3 (D-47 to D-62), section by section, with the block needed to decide (D-34, D-65)."""

from typing import Any

from django import forms
from django.core.validators import MaxValueValidator

from normandata.deminimis.forms import MOST, YES_NO
from normandata.deminimis.forms import AidsForm as DeclarationForm
from normandata.dossiers.forms import Context, LongText, SectionForm
from normandata.dossiers.people import PeopleForm as Directory
from normandata.dossiers.structure import StructureForm as Identity
from normandata.regulation.formats import NBSP, spaced
from normandata.ui.fields import DayField, NumberField

from .simulator import ACTIVITY_CHOICES, STRUCTURE_CHOICES

STRUCTURE, SITUATION, AIDS, PEOPLE, REASONS = "structure", "situation", "aides", "personnes", "motivations"


def structure_type(context: Context) -> str:
    return context.typed(STRUCTURE, "type")


def is_enterprise(context: Context) -> bool:
    return structure_type(context) == "enterprise"


def has_situation(context: Context) -> bool:
    return structure_type(context) in ("enterprise", "local_authority", "health_facility")


def declares_aids(context: Context) -> bool:
    """Enterprises, and health facilities with an economic activity: undertakings too (law of de minimis aid)."""
    is_economic = context.typed(SITUATION, "economique") == "oui"
    return is_enterprise(context) or (structure_type(context) == "health_facility" and is_economic)


class StructureForm(Identity):
    """The applicant: what the directory says of it, its kind and its staff."""

    type = forms.ChoiceField(
        label="Type de structure",
        widget=forms.RadioSelect,
        choices=STRUCTURE_CHOICES,
        error_messages={"required": "Choisissez le type de votre structure."},
    )
    etp = NumberField(
        label="Effectif, en équivalents temps plein",
        help_text="Les décimales sont admises, par exemple 45,5. Deux personnes à mi-temps font 1 ETP.",
        unit="ETP",
        example="45,5",
        validators=[MaxValueValidator(1_000_000, MOST)],
        error_messages={"required": "Indiquez l’effectif en équivalents temps plein."},
    )


class SituationForm(SectionForm):
    """What the rules ask of each type of structure; the other fields are not shown."""

    population = NumberField(
        label="Population couverte par votre territoire",
        help_text="Population municipale de tout le territoire, publiée par l’INSEE. Par exemple 12 000.",
        whole=True,
        unit="habitants",
        example="12 000",
        validators=[MaxValueValidator(100_000_000, MOST)],
        error_messages={"required": "Indiquez le nombre d’habitants."},
    )
    communes_normandes = forms.ChoiceField(
        label="Votre groupement compte-t-il des communes en Normandie ?",
        widget=forms.RadioSelect,
        choices=YES_NO,
        error_messages={"required": "Répondez par oui ou par non."},
    )
    creation = DayField(
        label="Date de création de l’entreprise",
        help_text="La date de création au registre, par exemple 12/05/2009.",
        error_messages={"required": "Indiquez la date de création."},
    )
    activite = forms.ChoiceField(
        label="Activité principale",
        widget=forms.RadioSelect,
        choices=ACTIVITY_CHOICES,
        error_messages={"required": "Choisissez l’activité principale."},
    )
    finess = forms.CharField(
        label="Numéro FINESS",
        help_text="Neuf caractères, sur votre autorisation d’activité.",
        required=False,
        max_length=20,
    )
    economique = forms.ChoiceField(
        label="L’établissement exerce-t-il une activité économique ?",
        help_text="Des soins ou des services vendus en concurrence avec d’autres, par exemple.",
        widget=forms.RadioSelect,
        choices=[*YES_NO, ("inconnu", "Je ne sais pas")],
        error_messages={"required": "Choisissez une réponse."},
    )
    ASKED = {
        "local_authority": ("population", "communes_normandes"),
        "enterprise": ("creation", "activite"),
        "health_facility": ("finess", "economique"),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asked = self.ASKED.get(structure_type(self.context), ())
        for name in [name for name in self.fields if name not in asked]:
            del self.fields[name]
        if "communes_normandes" in self.fields and not _is_seated_elsewhere(self.context):
            del self.fields["communes_normandes"]

    def clean_finess(self) -> str:
        number = str(self.cleaned_data["finess"]).replace(" ", "").replace(NBSP, "").upper()
        if number and len(number) != 9:
            raise forms.ValidationError(f"Un numéro FINESS compte 9 caractères ; celui-ci en compte {len(number)}.")
        return number


class PeopleForm(Directory):
    """Who follows the diagnostic day by day, and who may commit the structure."""

    projet_nom = forms.CharField(
        label="Responsable du projet : nom",
        help_text="La personne qui suivra la réalisation du diagnostic.",
        max_length=150,
    )


QUESTIONS = {
    "echanges": "La demande de diagnostic a-t-elle fait l’objet d’échanges au sein de la structure ? "
    "sous quelle forme ?",
    "projet": "La demande de diagnostic est-elle en lien avec un projet particulier, ou une démarche spécifique de "
    "la structure ?",
    "sujets": "La structure demandeuse a-t-elle déjà identifié un(des) sujet(s) spécifique(s) à travailler en lien "
    "avec la donnée et/ou l’IA ? Si oui, le(s)quel(s) ?",
    "competences": "La structure demandeuse dispose-t-elle au sein de son personnel de compétences sur la donnée et "
    "plus généralement sur le numérique ? Si oui, précisez",
}


class ReasonsForm(SectionForm):
    """The four questions of annexe 3, word for word (D-58 to D-61)."""

    LONGEST = 3000

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, question in QUESTIONS.items():
            self.fields[name] = LongText(
                label=spaced(question), longest=self.LONGEST, hint="Si la réponse est non, écrivez-le."
            )


def _is_seated_elsewhere(context: Context) -> bool:
    place = context.organisation.department or context.typed(STRUCTURE, "departement")
    return bool(place) and place not in ("14", "27", "50", "61", "76")


class AidsForm(DeclarationForm):
    """The declaration of the single undertaking, about this diagnostic (D-34)."""

    autre_regime = forms.ChoiceField(
        label="Une autre aide publique finance-t-elle déjà ce diagnostic ?",
        widget=forms.RadioSelect,
        choices=YES_NO,
        error_messages={"required": "Répondez par oui ou par non."},
    )
