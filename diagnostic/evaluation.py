"""The structure's questionnaire on its diagnostic (annexe 3, « Modalités de paiement », last paragraph).

What is typed is kept as typed; once sent, it is frozen. The consent to be named in feedback stands apart: it may be
given or taken back at any time.
"""

from typing import Any

from django import forms
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from normandata.regulation.formats import spaced
from normandata.ui.forms import Form

from .orders import Order

Person = settings.AUTH_USER_MODEL
LONGEST = 4000
SCALE = [("4", "Oui, tout à fait"), ("3", "Plutôt oui"), ("2", "Plutôt non"), ("1", "Non, pas du tout")]
SATISFIED = ("4", "3")
LENGTHS = [("right", "Adaptée"), ("short", "Trop courte"), ("long", "Trop longue")]
YES_NO = [("oui", "Oui"), ("non", "Non")]
ACTIONS = [
    ("collect", "Recenser ou rassembler nos données"),
    ("quality", "Améliorer la qualité de nos données"),
    ("analyse", "Analyser ou visualiser nos données"),
    ("train", "Former nos équipes"),
    ("recruit", "Recruter ou désigner une personne pour les données"),
    ("ai", "Essayer ou utiliser l’intelligence artificielle"),
    ("support", "Demander un autre accompagnement"),
    ("none", "Aucune pour le moment"),
]
CONSENT = (
    "Nous acceptons que la Région nomme notre structure quand elle raconte cette expérimentation. Sans cet accord, vos "
    "réponses ne servent qu’à des chiffres d’ensemble."
)
"""Feedback that names a structure needs its agreement (annexe 3, « Modalités de paiement » ; X-17)."""


def _choice(label: str, choices: list[tuple[str, str]], wanting: str, help_text: str = "") -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        help_text=help_text,
        choices=choices,
        widget=forms.RadioSelect,
        error_messages={"required": wanting},
    )


def _text(label: str, wanting: str = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        required=bool(wanting),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4, "maxlength": LONGEST}),
        error_messages={"required": wanting},
    )


class EvaluationForm(Form):
    """Nine questions; nothing typed is refused while it is being filled, errors only say what is left."""

    clarte = _choice("Le rapport est-il clair ?", SCALE, "Dites si le rapport est clair.")
    utilite = _choice("Le diagnostic vous est-il utile ?", SCALE, "Dites si le diagnostic vous est utile.")
    ecoute = _choice(
        "Le prestataire a-t-il écouté vos besoins ?", SCALE, "Dites si le prestataire a écouté vos besoins."
    )
    duree = _choice(
        "La durée de l’intervention était-elle adaptée ?", LENGTHS, "Dites si la durée de l’intervention était adaptée."
    )
    appris = _text("Qu’avez-vous appris ?", "Dites en quelques mots ce que vous avez appris.")
    actions = forms.MultipleChoiceField(
        label="Quelles actions prévoyez-vous ?",
        help_text="Plusieurs réponses possibles. La Région vous demandera dans six mois ce qui a été fait.",
        choices=ACTIONS,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Cochez au moins une ligne, même « Aucune pour le moment »."},
    )
    actions_precisions = _text("Précisez ces actions")
    recommande = _choice(
        "Recommanderiez-vous ce diagnostic à une autre structure ?",
        YES_NO,
        "Dites si vous recommanderiez ce diagnostic.",
    )
    remarques = _text("Autre chose à dire à la Région ?")

    def clean_actions(self) -> list[str]:
        said: list[str] = self.cleaned_data["actions"]
        if "none" in said and len(said) > 1:
            raise forms.ValidationError("« Aucune pour le moment » ne se coche pas avec une autre ligne.")
        return said


class FollowUpForm(Form):
    """Six months later: did anything new come of it (annexe 3, « Indicateurs de suivi-évaluation »)?"""

    has_acted = _choice(
        "Avez-vous mis en œuvre des actions nouvelles d’exploitation de la donnée et/ou d’utilisation de l’IA ?",
        YES_NO,
        "Répondez par oui ou par non.",
        "Depuis la remise du rapport, quelle que soit leur ampleur.",
    )
    actions = forms.MultipleChoiceField(
        label="Lesquelles ?",
        help_text="À cocher si vous avez répondu oui.",
        required=False,
        choices=ACTIONS[:-1],
        widget=forms.CheckboxSelectMultiple,
    )
    what = _text("Dites-en quelques mots")

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        acted, actions = said.get("has_acted"), said.get("actions")
        if acted == "oui" and not actions:
            self.add_error("actions", "Cochez au moins une action.")
        if acted == "non" and actions:
            self.add_error("actions", "Vous avez répondu non : décochez ces actions, ou répondez oui.")
        return said


class Evaluation(models.Model):
    """The questionnaire of one diagnostic. `answers` are as typed; `version` grows with each save until it is sent."""

    order = models.OneToOneField(Order, models.PROTECT, primary_key=True, related_name="evaluation")
    answers = models.JSONField("réponses", default=dict)
    version = models.PositiveIntegerField("version", default=1)
    saved_at = models.DateTimeField("enregistré le", default=timezone.now)
    saved_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    sent_at = models.DateTimeField("envoyé le", null=True, blank=True)
    sent_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    may_be_named = models.BooleanField("accord pour être nommée", default=False)

    class Meta:
        verbose_name = "questionnaire d’évaluation"
        verbose_name_plural = "questionnaires d’évaluation"
        constraints = [
            models.CheckConstraint(
                condition=Q(sent_at=None, sent_by=None) | Q(sent_at__isnull=False, sent_by__isnull=False),
                name="diagnostic_evaluation_sent_by_somebody",
                violation_error_message="Un questionnaire envoyé a un auteur et une date.",
            ),
            models.CheckConstraint(
                condition=Q(may_be_named=False) | Q(sent_at__isnull=False),
                name="diagnostic_evaluation_consent_once_sent",
                violation_error_message="L’accord se donne avec le questionnaire envoyé.",
            ),
        ]

    def __str__(self) -> str:
        return f"questionnaire de {self.order}"

    @property
    def is_sent(self) -> bool:
        return self.sent_at is not None


class FollowUp(models.Model):
    """What a structure says it did, six months after its report or later. Each answer is kept; the last one holds."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="follow_ups")
    number = models.PositiveSmallIntegerField("réponse")
    has_acted = models.BooleanField("actions nouvelles")
    actions = models.JSONField("actions", default=list)
    what = models.TextField("précisions", blank=True)
    at = models.DateTimeField("le", default=timezone.now)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "suivi à six mois"
        verbose_name_plural = "suivis à six mois"
        ordering = ["order", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["order", "number"],
                name="diagnostic_follow_up_numbered_once",
                violation_error_message="Cette réponse existe déjà.",
            ),
            models.CheckConstraint(
                condition=Q(has_acted=True) | Q(actions=[]),
                name="diagnostic_no_action_without_yes",
                violation_error_message="Sans action nouvelle, aucune action n’est cochée.",
            ),
        ]

    def __str__(self) -> str:
        return f"suivi de {self.order}"

    @property
    def action_labels(self) -> list[str]:
        known = dict(ACTIONS)
        return [known[slug] for slug in self.actions if slug in known]


def recap(answers: dict[str, Any]) -> list[tuple[str, str]]:
    """Write the answers of a questionnaire in clear, question by question; what is unanswered is left out."""
    lines = []
    for name, field in EvaluationForm.base_fields.items():
        value = answers.get(name)
        if not value:
            continue
        known = dict(getattr(field, "choices", []))
        said = ", ".join(str(known.get(one, one)) for one in (value if isinstance(value, list) else [value]))
        lines.append((spaced(str(field.label)), spaced(said)))
    return lines
