"""The application form of annexe 4, section by section: the carrier, its project, what it shares, the aid regime."""

from collections.abc import Iterator
from typing import Any

from django import forms

from normandata.deminimis.forms import AidsForm as DeclarationForm
from normandata.dossiers.forms import Context, Line, LongText, SectionForm
from normandata.dossiers.structure import StructureForm as Identity
from normandata.ui.forms import Choice

from .regimes import DE_MINIMIS, NO_STATE_AID, REGIMES
from .simulator import APPLICANT_CHOICES, REPLIES

STRUCTURE, PROJECT, PARTNERS, COMMONS = "structure", "projet", "partenaires", "communs"
CALENDAR, BUDGET, REGIME, AIDS, PEOPLE = "calendrier", "budget", "regime", "aides", "personnes"
ASSOCIATION = "association"
S3_DOMAINS = {
    "resources": "Préserver et transformer durablement les ressources agricoles, marines, sylvicoles et les systèmes "
    "de production",
    "energy": "Développer un mix énergétique vers zéro émission carbone",
    "industry": "Transformer les process pour une industrie performante, durable et digitale",
    "mobility": "Développer de nouvelles solutions de mobilité bas-carbone efficientes et sécurisées",
    "health": "Accélérer les synergies et l’innovation au service d’une médecine 5P humaine et animale",
    "resilience": "Faire de la Normandie un territoire résilient par la maitrise des risques technologiques, naturels, "
    "sanitaires et sociaux",
}
"""The smart specialisation strategy of Normandie, 2021-2027, word for word (B-12)."""
COMMONS_CHOICES = {
    "feedback": Choice("Des retours d’expérience", "Ce que le projet a appris, réussi ou non."),
    "contents": Choice(
        "Des outils et des contenus",
        "Sensibilisation, guides méthodologiques, référentiels d’actions, fiches techniques.",
    ),
    "open_data": Choice("Des données ouvertes", "À intégrer aux outils régionaux ou nationaux, le cas échéant."),
}


def applicant_type(context: Context) -> str:
    return context.typed(STRUCTURE, "type")


def recovers_vat(context: Context) -> bool:
    """Tell whether amounts are brought to HT; so they are until the carrier says otherwise."""
    return context.typed(STRUCTURE, "tva") != "non"


def is_association(context: Context) -> bool:
    return applicant_type(context) == ASSOCIATION


def declares_aids(context: Context) -> bool:
    """Only an aid under the de minimis regime asks for the aids already received (B-54)."""
    return context.typed(REGIME, "regime") == DE_MINIMIS


class StructureForm(Identity):
    """The carrier: what the directory says of it, its kind, and whether it recovers VAT."""

    establishment = "qui porte le projet"

    type = forms.ChoiceField(
        label="Qui porte le projet ?",
        widget=forms.RadioSelect,
        choices=APPLICANT_CHOICES,
        error_messages={"required": "Choisissez le type de porteur."},
    )
    activite = LongText(
        label="Activité de la structure",
        hint="Ce que fait votre structure, pour qui, avec combien de personnes.",
        longest=1000,
        rows=3,
        error_messages={"required": "Décrivez l’activité de la structure, même en une phrase."},
    )
    tva = forms.ChoiceField(
        label="Le porteur récupère-t-il la TVA sur les dépenses du projet ?",
        help_text="S’il la récupère, le budget est compté hors taxes ; sinon, toutes taxes comprises.",
        widget=forms.RadioSelect,
        error_messages={"required": "Indiquez si le porteur récupère la TVA."},
        choices=[("oui", "Oui : budget HT"), ("non", "Non : budget TTC")],
    )


class ProjectForm(SectionForm):
    """What the scoring grid reads: each text answers one criterion of annexe 4, named in its hint."""

    titre = forms.CharField(
        label="Titre du projet",
        max_length=150,
        error_messages={"required": "Donnez un titre au projet."},
    )
    resume = LongText(
        label="Résumé du projet",
        hint="Critère « qualité globale de la proposition » : ce que vous voulez prouver, avec qui, pourquoi.",
    )
    ia = forms.ChoiceField(
        label="Un usage principal du projet s’appuie-t-il sur l’intelligence artificielle ?",
        widget=forms.RadioSelect,
        choices=REPLIES,
        error_messages={"required": "Répondez par oui ou par non, ou « Je ne sais pas »."},
    )
    usage_ia = LongText(
        label="Usage de l’IA et des données",
        hint="La technologie d’IA envisagée, ce qu’elle fait, les données qu’elle utilise et d’où elles viennent.",
    )
    domaine = forms.ChoiceField(
        label="Domaine de la stratégie de spécialisation intelligente de la Normandie 2021-2027",
        widget=forms.RadioSelect,
        required=False,
        choices=[("", "Aucun de ces domaines"), *S3_DOMAINS.items()],
    )
    besoin = LongText(
        label="Besoin de l’usager et intérêt pour la Normandie",
        hint="Critère « intérêt régional et besoin de l’usager » : qui s’en servira, comment vous le savez.",
    )
    faisabilite = LongText(
        label="Faisabilité",
        hint="Critère « faisabilité de la preuve de concept » : étapes, compétences, risques, données disponibles.",
    )
    responsable = LongText(
        label="Numérique responsable et durable",
        hint="Critère « numérique responsable et durable » : sobriété, accessibilité, éthique, données personnelles.",
    )
    securite = LongText(
        label="Sécurité informatique",
        hint="Critère « sécurité informatique du projet » : hébergement, accès, sauvegardes, protection des données.",
    )
    reproductibilite = LongText(
        label="Reproductibilité",
        hint="Critère « reproductibilité sur le territoire » : qui d’autre en Normandie s’en servira, et comment.",
    )


class CommonsForm(SectionForm):
    """What the project gives to the commons of data in Normandie (B-17, B-18)."""

    apports = forms.MultipleChoiceField(
        label="Que mettrez-vous à disposition des communs de la donnée ?",
        widget=forms.CheckboxSelectMultiple,
        choices=list(COMMONS_CHOICES.items()),
        error_messages={"required": "Cochez au moins une contribution : elle est attendue de chaque projet."},
    )
    detail = LongText(
        label="Décrivez ces contributions",
        hint="Les éléments, les actions, leur licence ou leurs conditions d’accès, leur date.",
    )


REGIME_HINTS = {
    "rdi": "L’annexe 4 cite le régime SA.58995, clos : la Région dira lequel le remplace.",
    "pme": "L’annexe 4 cite le régime SA.59107, clos : la Région dira lequel le remplace.",
    DE_MINIMIS: "Vous déclarerez les aides de minimis déjà reçues par votre entreprise.",
    NO_STATE_AID: "Vous expliquerez pourquoi ; un agent vérifiera.",
}


class RegimeForm(SectionForm):
    """Under which regime the aid may be granted (B-53, B-54): the carrier proposes, an agent checks."""

    regime = forms.ChoiceField(
        label="Sous quel régime demandez-vous l’aide ?",
        widget=forms.RadioSelect,
        choices=[(slug, Choice(label, REGIME_HINTS[slug])) for slug, label in REGIMES.items()],
        error_messages={"required": "Choisissez un régime d’aide."},
    )
    justification = LongText(
        label="Pourquoi l’activité n’est pas économique",
        hint="Seulement hors aide d’État : ni vente de biens ou de services sur un marché, ni concurrence.",
        required=False,
        longest=1500,
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("regime") == NO_STATE_AID and not cleaned.get("justification") and not self.errors:
            self.add_error("justification", "Expliquez en une phrase pourquoi l’activité n’est pas économique.")
        return cleaned

    def lines(self) -> Iterator[Line]:
        for line in super().lines():
            if line.name != "justification" or self.cleaned_data.get("regime") == NO_STATE_AID:
                yield line


class AidsForm(DeclarationForm):
    """The de minimis declaration; the other public aids of the project are those of its budget, not asked again."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["autre_regime"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        cleaned["autre_regime"] = "oui" if self.context.typed(BUDGET, "autres") == "oui" else "non"
        return cleaned
