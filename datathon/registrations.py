"""Registrations: minimal data, the rules accepted by a dated act, and optional consents apart.

Annexe 5: open to any person, free of charge; refusal for one of two reasons; rules accepted when registering (T-12,
T-21 to T-24, T-35).
"""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from normandata.accounts.models import User
from normandata.documents.models import Document
from normandata.procedure.services import Procedure
from normandata.workflow.table import State

from . import workflow
from .editions import Edition, RulesText

Person = settings.AUTH_USER_MODEL
STATE_CHOICES = [(slug, state.label) for slug, state in workflow.REGISTRATION_STATES.items()]
PROFILES = (
    ("student", "Étudiant"),
    ("researcher", "Chercheur"),
    ("entrepreneur", "Entrepreneur"),
    ("local_authority", "Agent d’une collectivité"),
    ("employee", "Salarié"),
    ("other", "Autre"),
)
SECURITY, RULES = "security", "rules"
REFUSALS = ((SECURITY, "Raisons de sécurité"), (RULES, "Non-respect du règlement"))
IMAGE, NEWSLETTER = "image", "newsletter"
CONSENTS = (
    (IMAGE, "Diffusion de mon image"),
    (NEWSLETTER, "Lettre d’information"),
)
SKILLS = (
    ("data", "Analyse de données"),
    ("dev", "Développement"),
    ("ai", "Apprentissage automatique"),
    ("maps", "Cartographie"),
    ("design", "Design et ergonomie"),
    ("domain", "Connaissance du sujet"),
    ("project", "Conduite de projet"),
    ("communication", "Communication"),
)


class RegistrationQuerySet(models.QuerySet["Registration"]):
    def active(self) -> Self:
        """Keep who takes part, or will once a parent agrees."""
        return self.filter(state__in=(workflow.AWAITING, workflow.REGISTERED))

    def taking_part(self) -> Self:
        return self.filter(state=workflow.REGISTERED)

    def of(self, user: User) -> Self:
        return self.filter(person=user)


class Registration(models.Model):
    """A natural person in one edition. A person erased leaves the row, its dates and its seat, and nothing personal.

    `rehearsal` marks a registration of a trial, erased when the edition opens.
    """

    edition = models.ForeignKey(Edition, models.PROTECT, verbose_name="édition", related_name="registrations")
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, verbose_name="personne", related_name="registrations"
    )
    state = models.CharField("état", max_length=10, choices=STATE_CHOICES, default=workflow.REGISTERED)
    profile = models.CharField("profil", max_length=15, choices=PROFILES, blank=True)
    is_minor = models.BooleanField("mineur", default=False)
    guardian_name = models.CharField("nom du parent", max_length=150, blank=True)
    guardian_email = models.EmailField("adresse électronique du parent", max_length=254, blank=True)
    guardian_token = models.CharField("empreinte du jeton", max_length=64, blank=True)
    guardian_asked_at = models.DateTimeField("accord demandé le", null=True, blank=True)
    guardian_refused_at = models.DateTimeField("refus du parent le", null=True, blank=True)
    guardian_agreed_at = models.DateTimeField("accord du parent le", null=True, blank=True)
    rules = models.ForeignKey(RulesText, models.PROTECT, verbose_name="règlement accepté", related_name="+")
    rules_accepted_at = models.DateTimeField("règlement accepté le", default=timezone.now)
    wants_team = models.BooleanField("cherche une équipe", default=False)
    skills = models.JSONField("compétences", default=list, blank=True)
    pitch = models.CharField("en une phrase", max_length=300, blank=True)
    refusal = models.CharField("motif du refus", max_length=8, choices=REFUSALS, blank=True)
    refusal_message = models.TextField("message", max_length=2000, blank=True)
    revision = models.PositiveIntegerField("révision", default=1)
    rehearsal = models.BooleanField("pour l’essai", default=False)
    registered_at = models.DateTimeField("inscrit le", default=timezone.now)
    ended_at = models.DateTimeField("fin le", null=True, blank=True)
    present_at = models.DateTimeField("présent à la clôture", null=True, blank=True)
    lot_given_at = models.DateTimeField("lot remis le", null=True, blank=True)
    erased_at = models.DateTimeField("effacé le", null=True, blank=True)

    objects = RegistrationQuerySet.as_manager()

    class Meta:
        verbose_name = "inscription"
        verbose_name_plural = "inscriptions"
        ordering = ["registered_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "person"],
                condition=Q(person__isnull=False),
                name="datathon_registration_once",
                violation_error_message="Cette personne est déjà inscrite à cette édition.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=list(workflow.REGISTRATION_STATES)),
                name="datathon_registration_state_known",
                violation_error_message="Cet état n’existe pas.",
            ),
            models.CheckConstraint(
                condition=Q(is_minor=False) | ~Q(state=workflow.REGISTERED) | Q(guardian_agreed_at__isnull=False),
                name="datathon_registration_minor_authorised",
                violation_error_message="Un mineur participe avec l’accord d’un parent.",
            ),
            models.CheckConstraint(
                condition=Q(state=workflow.REFUSED, refusal__in=[SECURITY, RULES])
                | (~Q(state=workflow.REFUSED) & Q(refusal="")),
                name="datathon_registration_refused_why",
                violation_error_message="Un refus a l’un des deux motifs du règlement.",
            ),
            models.CheckConstraint(
                condition=Q(erased_at=None, person__isnull=False)
                | Q(
                    erased_at__isnull=False, person=None, profile="", guardian_name="", guardian_email="",
                    guardian_token="", pitch="", refusal_message="",
                ),
                name="datathon_registration_erased_wholly",
                violation_error_message="Une inscription effacée ne garde rien de personnel.",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return str(self.person) if self.person_id else "Participant effacé"

    @property
    def procedure(self) -> Procedure:
        return workflow.REGISTRATION

    def enter(self, state: State, *, turn: str, at: datetime) -> None:
        """Write the state, unsaved."""
        self.state = state.slug
        self.revision += 1
        self.ended_at = at if state.slug in (workflow.REFUSED, workflow.WITHDRAWN) else None

    @property
    def standing(self) -> State:
        return workflow.REGISTRATION_STATES[self.state]

    @property
    def takes_part(self) -> bool:
        return self.state == workflow.REGISTERED

    @property
    def skill_names(self) -> list[str]:
        """The skills declared, in French and in the order of the list."""
        return [label for slug, label in SKILLS if slug in self.skills]


class Consent(models.Model):
    """An optional consent: given on a day, withdrawn on another, given again as another row."""

    registration = models.ForeignKey(Registration, models.CASCADE, verbose_name="inscription", related_name="consents")
    kind = models.CharField("objet", max_length=10, choices=CONSENTS)
    given_at = models.DateTimeField("donné le", default=timezone.now)
    withdrawn_at = models.DateTimeField("retiré le", null=True, blank=True)

    class Meta:
        verbose_name = "consentement"
        verbose_name_plural = "consentements"
        constraints = [
            models.UniqueConstraint(
                fields=["registration", "kind"],
                condition=Q(withdrawn_at=None),
                name="datathon_consent_once",
                violation_error_message="Ce consentement est déjà donné.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.registration}, {self.kind}"


class Remark(models.Model):
    """What was written of a participant, with its letter where it decides: kept here, so that it goes with the person.

    The journal, which stays, says the act alone. `read_at` is the first opening of the letter.
    """

    REFUSED, READMITTED, REMOVED = "refused", "readmitted", "removed"
    ACTS = ((REFUSED, "Inscription refusée"), (READMITTED, "Refus levé"), (REMOVED, "Retrait d’une équipe"))

    registration = models.ForeignKey(Registration, models.CASCADE, verbose_name="inscription", related_name="remarks")
    act = models.CharField("acte", max_length=10, choices=ACTS)
    text = models.TextField("texte", max_length=2000)
    document = models.OneToOneField(
        Document, models.SET_NULL, null=True, blank=True, verbose_name="lettre", related_name="remark"
    )
    by = models.ForeignKey(Person, models.SET_NULL, null=True, blank=True, verbose_name="par", related_name="+")
    at = models.DateTimeField("le", default=timezone.now)
    read_at = models.DateTimeField("lettre lue le", null=True, blank=True)

    class Meta:
        verbose_name = "motif"
        verbose_name_plural = "motifs"
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(text__gt="", act__in=["refused", "readmitted", "removed"]),
                name="datathon_remark_says_why",
                violation_error_message="Un motif a un texte.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.registration}, {self.get_act_display()}"
