"""The dossier, whatever its scheme: who, where it stands, what was typed, what was deposited."""

import re
import uuid
from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from normandata.accounts.models import Role, User
from normandata.organisations.models import Membership, Organisation
from normandata.procedure.services import Procedure
from normandata.workflow.table import Editable, State

from . import closures, schemes, states
from .bulk import BulkJob, BulkOutcome
from .desk import Absence, Counter, FilingPeriod, Reading, SavedView
from .exchange import Correction, CorrectionItem, ThreadFile, ThreadMessage
from .letters import Letter, Signatory
from .states import STATES, Turn

__all__ = [
    "Absence",
    "Attachment",
    "BulkJob",
    "BulkOutcome",
    "Correction",
    "CorrectionItem",
    "Counter",
    "Deposit",
    "Dossier",
    "FilingPeriod",
    "Letter",
    "Reading",
    "SavedView",
    "Section",
    "Signatory",
    "ThreadFile",
    "ThreadMessage",
]

Person = settings.AUTH_USER_MODEL
NUMBERED = re.compile(r"[a-z]{2,5}-\d", re.IGNORECASE | re.ASCII)
"""How the number of a dossier begins, as it is typed."""
INSTRUCTORS = (Role.AGENT, Role.LEAD_AGENT)
READERS = (*INSTRUCTORS, Role.AUDITOR, Role.ADMINISTRATOR, Role.DATA_PROTECTION_OFFICER)
"""Who reads every deposited dossier of a scheme."""


class Frozen(TypeError):
    """A deposit is written once."""


class DossierQuerySet(models.QuerySet["Dossier"]):
    def visible_to(self, user: User) -> Self:
        """Keep what this person may open: see `permissions` for the same answer about one dossier."""
        return self._kept(_of_applicant(user) | _of_region(user)) if user.is_active else self.none()

    def applied_by(self, user: User) -> Self:
        """Keep the dossiers of this person's organisations, drafts included, and those this person began there."""
        return self._kept(_of_applicant(user)) if user.is_active else self.none()

    def for_region(self, user: User) -> Self:
        """Keep the deposited dossiers of the schemes this person works on or audits."""
        return self._kept(_of_region(user)) if user.is_active else self.none()

    def _kept(self, whose: Q) -> Self:
        return self.filter(whose, eliminated_at=None)

    def deposited(self) -> Self:
        return self.filter(submitted_at__isnull=False)

    def open(self) -> Self:
        """Keep what still waits for somebody: deposited, and in no final state."""
        return self.filter(state__in=states.OPEN)

    def owned_by(self, *users: User) -> Self:
        return self.filter(owner__in=users)

    def matching(self, text: str) -> Self:
        """Keep the dossiers whose number, SIRET, SIREN or organisation's name (accents or not) answers a search."""
        typed = " ".join(text.split())
        if not typed:
            return self
        if NUMBERED.match(typed):  # alone, so that the index on numbers serves
            return self.filter(number__startswith=typed.upper())
        return self.filter(organisation__in=Organisation.objects.matching(typed).order_by().values("pk"))


class Dossier(models.Model):
    """One request of one organisation to one scheme. Only `normandata.procedure` moves its state.

    `amount` is in euros, on the basis written beside it; it is the scheme's services that write it.
    """

    scheme = models.CharField("dispositif", max_length=30)
    number = models.CharField("numéro", max_length=20, null=True, blank=True, unique=True)
    organisation = models.ForeignKey(Organisation, models.PROTECT, verbose_name="structure", related_name="dossiers")
    state = models.CharField("état", max_length=20, choices=states.STATE_CHOICES, default=states.DRAFT)
    turn = models.CharField("à qui le tour", max_length=10, choices=Turn.choices, default=Turn.APPLICANT)
    turn_since = models.DateTimeField("à ce tour depuis", default=timezone.now)
    editable = models.CharField(
        "modifiable", max_length=10, choices=states.EDITABLE_CHOICES, default=Editable.ALL.value
    )
    created_by = models.ForeignKey(Person, models.PROTECT, verbose_name="commencé par", related_name="dossiers_begun")
    created_at = models.DateTimeField("commencé le", default=timezone.now)
    submitted_at = models.DateTimeField("déposé le", null=True, blank=True)
    version = models.PositiveSmallIntegerField("version déposée", default=0)
    complete_on = models.DateField("complet le", null=True, blank=True)
    refused_by_silence_on = models.DateField("refus implicite le", null=True, blank=True)
    owner = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, verbose_name="responsable", related_name="dossiers_owned"
    )
    backup = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, verbose_name="suppléant", related_name="dossiers_backed"
    )
    amount = models.DecimalField("montant", max_digits=12, decimal_places=2, null=True, blank=True)
    amount_basis = models.CharField("base du montant", max_length=20, blank=True)
    department = models.CharField("département", max_length=3, blank=True)
    verdict = models.JSONField("constats", null=True, blank=True)
    eliminated_at = models.DateTimeField("éliminé le", null=True, blank=True)
    """When its content was eliminated, its time being over: what it says is gone, nobody opens it."""
    key = models.UUIDField("identifiant", default=uuid.uuid4, unique=True, editable=False)

    objects = DossierQuerySet.as_manager()

    class Meta:
        verbose_name = "dossier"
        verbose_name_plural = "dossiers"
        indexes = [
            models.Index(fields=["turn_since", "id"], name="dossiers_open", condition=Q(state__in=states.OPEN)),
            models.Index(fields=["owner", "turn_since", "id"], name="dossiers_owner"),
            models.Index(fields=["state", "turn_since", "id"], name="dossiers_state"),
            models.Index(fields=["turn_since", "id"], name="dossiers_waiting", condition=~Q(state=states.DRAFT)),
            models.Index(fields=["submitted_at", "id"], name="dossiers_submitted"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=list(STATES)),
                name="dossiers_state_known",
                violation_error_message="Cet état n’existe pas.",
            ),
            models.CheckConstraint(
                condition=Q(state=states.DRAFT, number=None, submitted_at=None, version=0)
                | (~Q(state=states.DRAFT) & Q(number__isnull=False, submitted_at__isnull=False, version__gte=1)),
                name="dossiers_numbered_iff_deposited",
                violation_error_message="Un dossier déposé, et lui seul, porte un numéro et une date de dépôt.",
            ),
            models.CheckConstraint(
                condition=Q(amount=None, amount_basis="") | Q(amount__gte=0, amount_basis__gt=""),
                name="dossiers_amount_says_its_basis",
                violation_error_message="Un montant est positif et dit s’il est HT ou TTC.",
            ),
            models.CheckConstraint(
                condition=Q(backup=None) | ~Q(backup=F("owner")),
                name="dossiers_backup_is_another",
                violation_error_message="Le suppléant n’est pas le responsable.",
            ),
        ]

    def __str__(self) -> str:
        return self.number or f"brouillon {self.pk}"

    @property
    def procedure(self) -> Procedure:
        """The procedure of its scheme; raises LookupError for a scheme that takes no dossier."""
        return schemes.application_of(self.scheme).procedure

    def enter(self, state: State, *, turn: str, at: datetime) -> None:
        """Write the columns that go with a state, unsaved; the wait starts again when the turn changes hands."""
        if turn != self.turn or self.state == states.DRAFT:
            self.turn_since = at
        self.state, self.turn, self.editable = state.slug, turn, state.editable.value

    @property
    def standing(self) -> State:
        return STATES[self.state]

    @property
    def is_draft(self) -> bool:
        return self.state == states.DRAFT

    @property
    def is_open(self) -> bool:
        return self.state in states.OPEN

    def waiting_days(self, at: datetime) -> int:
        """Count the civil days since the turn changed hands (Europe/Paris)."""
        return (timezone.localdate(at) - timezone.localdate(self.turn_since)).days


class Section(models.Model):
    """What was typed in one section of the form, as it was typed; `version` grows with each save."""

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="sections")
    slug = models.SlugField("section", max_length=40)
    answers = models.JSONField("réponses", default=dict)
    version = models.PositiveIntegerField("version", default=1)
    saved_at = models.DateTimeField("enregistré le", default=timezone.now)
    saved_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = "section"
        verbose_name_plural = "sections"
        constraints = [
            models.UniqueConstraint(
                fields=["dossier", "slug"],
                name="dossiers_section_once",
                violation_error_message="Cette section existe déjà.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.dossier} {self.slug}"


class Deposit(models.Model):
    """What was deposited, frozen: answers as typed, answers as written, files with their hashes, who signed.

    `key` comes from the page that sent it: the same key with the same content is the same deposit.
    """

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="deposits")
    version = models.PositiveSmallIntegerField("version")
    key = models.UUIDField("clé d’envoi")
    content_hash = models.CharField("empreinte de l’envoi", max_length=64)
    answers_hash = models.CharField("empreinte des réponses et des fichiers", max_length=64)
    at = models.DateTimeField("déposé le", default=timezone.now)
    by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, verbose_name="déposé par", related_name="+")
    """Nobody when the portal sent, at the last day, what had wholly arrived."""
    signatory = models.JSONField("engagement", default=dict)
    answers = models.JSONField("réponses telles que saisies")
    recap = models.JSONField("réponses en clair")
    pieces = models.JSONField("pièces", default=list)
    receipt = models.ForeignKey(
        "documents.Document", models.PROTECT, null=True, blank=True, verbose_name="accusé", related_name="+"
    )

    class Meta:
        verbose_name = "dépôt"
        verbose_name_plural = "dépôts"
        constraints = [
            models.UniqueConstraint(
                fields=["dossier", "version"],
                name="dossiers_deposit_version_once",
                violation_error_message="Cette version a déjà été déposée.",
            ),
            models.UniqueConstraint(
                fields=["dossier", "key"],
                name="dossiers_deposit_key_once",
                violation_error_message="Cette page a déjà été envoyée.",
            ),
            models.CheckConstraint(
                condition=Q(version__gte=1),
                name="dossiers_deposit_version_from_one",
                violation_error_message="La première version porte le numéro 1.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dossier} version {self.version}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise Frozen("a deposit is written once")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise Frozen("a deposit is never deleted")


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    def current(self) -> Self:
        """Keep the files that nobody removed."""
        return self.filter(removed_at=None)


class Attachment(models.Model):
    """A file given for a piece of the form. Removing it dates its end: a deposit may have named it."""

    class Status(models.TextChoices):
        RECEIVED = "received", "Reçue"
        ACCEPTED = "accepted", "Acceptée"
        TO_REPLACE = "to_replace", "À remplacer"

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="attachments")
    piece = models.SlugField("pièce", max_length=40)
    upload = models.ForeignKey("documents.Upload", models.PROTECT, related_name="+")
    added_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    added_at = models.DateTimeField("reçue le", default=timezone.now)
    removed_at = models.DateTimeField("retirée le", null=True, blank=True)
    status = models.CharField("examen", max_length=10, choices=Status.choices, default=Status.RECEIVED)
    reason = models.CharField("motif", max_length=500, blank=True)
    decided_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField("examinée le", null=True, blank=True)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        verbose_name = "pièce jointe"
        verbose_name_plural = "pièces jointes"
        ordering = ["added_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["upload"],
                name="dossiers_attachment_upload_once",
                violation_error_message="Ce fichier est déjà joint.",
            ),
            models.CheckConstraint(
                condition=~Q(status="to_replace") | Q(reason__gt=""),
                name="dossiers_attachment_to_replace_says_why",
                violation_error_message="Dites pourquoi la pièce est à remplacer.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dossier} {self.piece}"


def _of_applicant(user: User) -> Q:
    mine = Membership.objects.filter(user=user)
    active = mine.filter(state=Membership.State.ACTIVE).values("organisation")
    asked = mine.filter(state=Membership.State.REQUESTED).values("organisation")
    return Q(organisation__in=active) | Q(organisation__in=asked, created_by=user)


def _of_region(user: User) -> Q:
    """What the Region's people read: deposited dossiers of their schemes, never a draft nor what is closed to them."""
    held = user.schemes_as(*READERS)
    if held is not None and not held:
        return Q(pk__in=())  # most people: what is closed to them need not be worked out
    deposited = ~Q(state=states.DRAFT) if held is None else Q(scheme__in=held) & ~Q(state=states.DRAFT)
    return deposited & closures.left_open(user)
