"""What follows a grant besides money (annexe 4): indicators reached, exchange, review, proof, feedback, network.

What the organisation types is kept as typed and frozen once sent. What the Region answers of the proof of concept, of
feedback and of the network is never overwritten: a later row takes the place of the former, so that a figure of a past
day says what was known then.
"""

import hashlib
from typing import Self

from django.conf import settings
from django.core.validators import URLValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from normandata.documents.models import Upload
from normandata.organisations.siret import written

from .awards import Award

Person = settings.AUTH_USER_MODEL


class Outcome(models.Model):
    """What became of a funded project, as its organisation says it; then its exchange with the Region, and the review.

    `version` grows with each save until it is sent; 0 while nothing was typed. `finished_on` is the last day of work,
    `is_completed` whether the project went to its end: a proof of concept that fails may have. `commons` is what was
    given indeed (B-18).
    """

    class Mode(models.TextChoices):
        IN_PERSON = "in_person", "En présence"
        REMOTE = "remote", "À distance"

    award = models.OneToOneField(Award, models.PROTECT, primary_key=True, related_name="outcome")
    answers = models.JSONField("réponses", default=dict)
    version = models.PositiveIntegerField("version", default=0)
    saved_at = models.DateTimeField("enregistré le", null=True, blank=True)
    saved_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    sent_at = models.DateTimeField("envoyé le", null=True, blank=True)
    sent_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    is_completed = models.BooleanField("mené à son terme", null=True, blank=True)
    finished_on = models.DateField("fini le", null=True, blank=True)
    commons = models.JSONField("communs donnés", default=list, blank=True)
    commons_detail = models.TextField("détail des communs", blank=True)
    exchange_on = models.DateField("échange le", null=True, blank=True)
    exchange_mode = models.CharField("forme de l’échange", max_length=10, choices=Mode.choices, blank=True)
    exchange_notes = models.TextField("compte rendu, réservé aux agents", blank=True)
    exchange_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    review_on = models.DateField("revue de projets le", null=True, blank=True)
    review_attended = models.BooleanField("y a participé", null=True, blank=True)
    review_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = "bilan d’un projet Booster IA"
        verbose_name_plural = "bilans des projets Booster IA"
        constraints = [
            models.CheckConstraint(
                condition=Q(sent_at=None, sent_by=None, is_completed=None, finished_on=None, commons=[])
                | Q(
                    sent_at__isnull=False, sent_by__isnull=False, is_completed__isnull=False, finished_on__isnull=False
                ),
                name="booster_ia_outcome_sent_whole",
                violation_error_message="Un bilan envoyé a un auteur, une date, et dit comment le projet a fini.",
            ),
            models.CheckConstraint(
                condition=Q(exchange_on=None, exchange_mode="", exchange_by=None)
                | Q(exchange_on__isnull=False, exchange_mode__gt="", exchange_by__isnull=False),
                name="booster_ia_outcome_exchange_whole",
                violation_error_message="Un échange a un jour, une forme et qui l’a noté.",
            ),
            models.CheckConstraint(
                condition=Q(review_on=None, review_attended=None, review_by=None)
                | Q(review_on__isnull=False, review_attended__isnull=False, review_by__isnull=False),
                name="booster_ia_outcome_review_whole",
                violation_error_message="Une revue de projets a un jour, et dit si le porteur y était.",
            ),
        ]

    def __str__(self) -> str:
        return f"bilan de {self.award}"

    @property
    def exchange_mark(self) -> str:
        """What tells that the exchange is noted as a page showed it."""
        said = f"{self.exchange_on}|{self.exchange_mode}|{self.exchange_notes}"
        return hashlib.sha256(said.encode()).hexdigest()

    @property
    def is_sent(self) -> bool:
        return self.sent_at is not None


class Reached(models.Model):
    """An indicator as the application declared it, and the value reached; what was not measured says why."""

    outcome = models.ForeignKey(Outcome, models.PROTECT, related_name="indicators")
    rank = models.PositiveSmallIntegerField("rang")
    name = models.CharField("indicateur", max_length=200)
    target = models.DecimalField("cible", max_digits=14, decimal_places=2)
    unit = models.CharField("unité", max_length=40, blank=True)
    value = models.DecimalField("valeur atteinte", max_digits=14, decimal_places=2, null=True, blank=True)
    comment = models.TextField("commentaire", blank=True)

    class Meta:
        verbose_name = "indicateur atteint"
        verbose_name_plural = "indicateurs atteints"
        ordering = ["outcome", "rank"]
        constraints = [
            models.UniqueConstraint(
                fields=["outcome", "rank"],
                name="booster_ia_reached_once",
                violation_error_message="Cet indicateur a déjà sa valeur.",
            ),
            models.CheckConstraint(
                condition=Q(value__isnull=False) | Q(comment__gt=""),
                name="booster_ia_reached_or_explained",
                violation_error_message="Un indicateur sans valeur dit pourquoi.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Reply(models.Model):
    """The Region's answer to one of two separate questions on an award (B-51); each is kept, the last one holds.

    Feedback that was produced is somewhere: a link, or a file.
    """

    class Question(models.TextChoices):
        PROOF = "proof", "Preuve de concept validée"
        FEEDBACK = "feedback", "Retour d’expérience produit"

    award = models.ForeignKey(Award, models.PROTECT, related_name="replies")
    question = models.CharField("question", max_length=8, choices=Question.choices)
    number = models.PositiveSmallIntegerField("réponse")
    is_yes = models.BooleanField("oui")
    link = models.URLField("adresse", max_length=500, blank=True, validators=[URLValidator(schemes=["https", "http"])])
    upload = models.ForeignKey(
        Upload, models.PROTECT, null=True, blank=True, verbose_name="fichier", related_name="booster_replies"
    )
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField("le", default=timezone.now)

    class Meta:
        verbose_name = "réponse sur un projet Booster IA"
        verbose_name_plural = "réponses sur les projets Booster IA"
        ordering = ["award", "question", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["award", "question", "number"],
                name="booster_ia_reply_numbered_once",
                violation_error_message="Cette réponse existe déjà.",
            ),
            models.CheckConstraint(
                condition=Q(question="feedback", is_yes=True) & (Q(link__gt="") | Q(upload__isnull=False))
                | Q(Q(link="", upload=None), Q(question="proof") | Q(is_yes=False)),
                name="booster_ia_feedback_is_somewhere",
                violation_error_message="Un retour d’expérience produit a une adresse ou un fichier, et lui seul.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_question_display()} : {'oui' if self.is_yes else 'non'}"


class NetworkQuerySet(models.QuerySet["NetworkEntry"]):
    def current(self) -> Self:
        """Keep the last word on each structure of an award."""
        later = NetworkEntry.objects.filter(
            award=OuterRef("award"), siren=OuterRef("siren"), number__gt=OuterRef("number")
        )
        return self.filter(~Exists(later))


class NetworkEntry(models.Model):
    """Whether a structure of a project, carrier or partner, came new in the network of the DataLab (B-52).

    `joined_on` is the day it came in; a later row on the same structure takes the place of the former.
    """

    award = models.ForeignKey(Award, models.PROTECT, related_name="network")
    number = models.PositiveSmallIntegerField("réponse")
    siret = models.CharField("SIRET", max_length=14)
    siren = models.CharField("SIREN", max_length=9)
    name = models.CharField("structure", max_length=200)
    is_new = models.BooleanField("nouvelle au réseau")
    is_public = models.BooleanField("structure publique")
    joined_on = models.DateField("intégrée au réseau le", null=True, blank=True)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField("le", default=timezone.now)

    objects = NetworkQuerySet.as_manager()

    class Meta:
        verbose_name = "structure du réseau du DataLab"
        verbose_name_plural = "structures du réseau du DataLab"
        ordering = ["award", "siren", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["award", "siren", "number"],
                name="booster_ia_network_numbered_once",
                violation_error_message="Cette réponse existe déjà.",
            ),
            models.CheckConstraint(
                condition=Q(is_new=True, joined_on__isnull=False) | Q(is_new=False, joined_on=None),
                name="booster_ia_network_new_is_dated",
                violation_error_message="Une structure nouvelle, et elle seule, a son jour d’entrée dans le réseau.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def written_siret(self) -> str:
        return written(self.siret)
