"""What people ask about their data, what was erased, and what is proposed to the Archives for elimination."""

import uuid
from datetime import date, datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from normandata.accounts.models import Role, User

Person = settings.AUTH_USER_MODEL
OFFICERS = (Role.DATA_PROTECTION_OFFICER, Role.ADMINISTRATOR)
"""Who answers requests, and prepares eliminations."""


def handles(user: User) -> bool:
    """Tell whether a person answers requests on personal data, and conducts eliminations."""
    return user.holds(*OFFICERS)


def reads_lots(user: User) -> bool:
    """Tell whether a person reads the eliminations: whoever conducts them, and auditors."""
    return handles(user) or user.holds(Role.AUDITOR)


class Kind(models.TextChoices):
    ERASURE = "erasure", "Effacement"
    RECTIFICATION = "rectification", "Rectification"
    LIMITATION = "limitation", "Limitation"
    OPPOSITION = "opposition", "Opposition"
    ACCESS = "access", "Accès"


class RequestQuerySet(models.QuerySet["Request"]):
    def visible_to(self, user: User) -> Self:
        """Keep one's own; all of them for whoever answers."""
        if not user.is_active:
            return self.none()
        return self if handles(user) else self.filter(person=user)

    def waiting(self) -> Self:
        """Keep those that nobody answered, the most urgent first."""
        return self.filter(answered_at=None).order_by("due_on", "pk")


class Request(models.Model):
    """A right that somebody claims over their data. The answer is due within one month (RGPD, article 12)."""

    class Outcome(models.TextChoices):
        GRANTED = "granted", "Acceptée"
        PARTLY = "partly", "Acceptée en partie"
        REFUSED = "refused", "Refusée"

    person = models.ForeignKey(Person, models.PROTECT, verbose_name="personne", related_name="data_requests")
    kind = models.CharField("droit", max_length=13, choices=Kind.choices)
    text = models.TextField("demande", max_length=4000, blank=True)
    asked_at = models.DateTimeField("reçue le", default=timezone.now)
    due_on = models.DateField("à répondre avant le")
    outcome = models.CharField("issue", max_length=7, choices=Outcome.choices, blank=True)
    answer = models.TextField("réponse", max_length=6000, blank=True)
    answered_at = models.DateTimeField("répondue le", null=True, blank=True)
    answered_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, verbose_name="répondue par", related_name="+"
    )

    objects = RequestQuerySet.as_manager()

    class Meta:
        verbose_name = "demande sur des données"
        verbose_name_plural = "demandes sur des données"
        constraints = [
            models.UniqueConstraint(
                fields=["person", "kind"],
                condition=Q(answered_at=None),
                name="rights_request_open_once",
                violation_error_message="Cette demande est déjà en cours.",
            ),
            models.CheckConstraint(
                condition=Q(answered_at=None, outcome="", answer="")
                | Q(answered_at__isnull=False, outcome__gt="", answer__gt=""),
                name="rights_request_answer_says_something",
                violation_error_message="Une réponse a une issue et un texte.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.person}"

    def is_late(self, day: date) -> bool:
        """Tell whether the answer is overdue."""
        return self.answered_at is None and day > self.due_on


class Erasure(models.Model):
    """That somebody was erased: the code that stands for them, and how many rows were changed. No name."""

    person = models.OneToOneField(Person, models.PROTECT, verbose_name="personne", related_name="erasure")
    code = models.CharField("code", max_length=12, unique=True)
    identity = models.CharField("empreinte de l’adresse", max_length=64)
    rows = models.JSONField("lignes changées", default=dict)
    namesake = models.BooleanField("homonyme connu", default=False)
    at = models.DateTimeField("le", default=timezone.now)
    by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, verbose_name="par", related_name="+")
    files = models.JSONField("fichiers gardés", default=list)

    class Meta:
        verbose_name = "effacement"
        verbose_name_plural = "effacements"

    def __str__(self) -> str:
        return f"Personne {self.code}"


def filed_under(export: "Export", filename: str) -> str:
    """File an export by its identifier; its name never comes from a user."""
    return f"exports/{export.pk}.zip"


class ExportQuerySet(models.QuerySet["Export"]):
    def visible_to(self, user: User) -> Self:
        """Keep one's own, whoever one is."""
        return self.filter(person=user) if user.is_active else self.none()

    def expired(self, at: datetime) -> Self:
        return self.filter(expires_at__lte=at)


class Export(models.Model):
    """A copy of one's data, asked for or ready, until its link ends."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, verbose_name="personne", related_name="data_exports")
    asked_at = models.DateTimeField("demandé le", default=timezone.now)
    ready_at = models.DateTimeField("prêt le", null=True, blank=True)
    expires_at = models.DateTimeField("effacé le")
    file = models.FileField("fichier", upload_to=filed_under, blank=True)
    size = models.PositiveBigIntegerField("taille en octets", default=0)

    objects = ExportQuerySet.as_manager()

    class Meta:
        verbose_name = "copie de données"
        verbose_name_plural = "copies de données"
        constraints = [
            models.CheckConstraint(
                condition=Q(ready_at=None, file="", size=0) | Q(ready_at__isnull=False, file__gt="", size__gt=0),
                name="rights_export_ready_has_file",
                violation_error_message="Une copie prête a un fichier ; une autre n’en a pas.",
            )
        ]

    def __str__(self) -> str:
        return f"copie du {timezone.localdate(self.asked_at):%d/%m/%Y}"


class LotQuerySet(models.QuerySet["Lot"]):
    def visible_to(self, user: User) -> Self:
        """Keep them all for whoever conducts eliminations or audits them."""
        return self if reads_lots(user) else self.none()

    def under_way(self) -> Self:
        """Keep the lots that nobody executed nor gave up."""
        return self.filter(executed_at=None, dropped_at=None)


class Lot(models.Model):
    """What is proposed for elimination together: the Archives' visa is noted on it, then it is executed."""

    number = models.CharField("numéro", max_length=20, unique=True)
    rule = models.CharField("règle", max_length=40)
    needs_visa = models.BooleanField("visa des Archives demandé", default=True)
    proposed_at = models.DateTimeField("proposé le", default=timezone.now)
    proposed_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, verbose_name="proposé par", related_name="+"
    )
    visa_reference = models.CharField("référence du visa", max_length=100, blank=True)
    visa_name = models.CharField("donné par", max_length=150, blank=True)
    visa_on = models.DateField("visa du", null=True, blank=True)
    visa_noted_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, verbose_name="visa noté par", related_name="+"
    )
    executed_at = models.DateTimeField("exécuté le", null=True, blank=True)
    executed_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, verbose_name="exécuté par", related_name="+"
    )
    dropped_at = models.DateTimeField("abandonné le", null=True, blank=True)
    dropped_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, verbose_name="abandonné par", related_name="+"
    )
    dropped_reason = models.CharField("motif de l’abandon", max_length=300, blank=True)

    objects = LotQuerySet.as_manager()

    class Meta:
        verbose_name = "lot d’élimination"
        verbose_name_plural = "lots d’élimination"
        constraints = [
            models.CheckConstraint(
                condition=Q(visa_on=None, visa_reference="", visa_name="", visa_noted_by=None)
                | Q(visa_on__isnull=False, visa_reference__gt="", visa_name__gt="", visa_noted_by__isnull=False),
                name="rights_lot_visa_whole",
                violation_error_message="Un visa a une référence, un auteur et une date.",
            ),
            models.CheckConstraint(
                condition=Q(executed_at=None) | Q(needs_visa=False) | Q(visa_on__isnull=False),
                name="rights_lot_executed_with_visa",
                violation_error_message="Rien n’est éliminé sans le visa des Archives.",
            ),
            models.CheckConstraint(
                condition=Q(executed_at=None) | Q(dropped_at=None),
                name="rights_lot_one_end",
                violation_error_message="Un lot est exécuté ou abandonné, pas les deux.",
            ),
            models.CheckConstraint(
                condition=Q(visa_noted_by=None) | Q(executed_by=None) | ~Q(visa_noted_by=F("executed_by")),
                name="rights_lot_by_two",
                violation_error_message="Qui a noté le visa n’exécute pas le lot : il faut deux personnes.",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class LotRow(models.Model):
    """A dossier or an account of a lot: since when its time is over, what became of it."""

    lot = models.ForeignKey(Lot, models.PROTECT, related_name="rows")
    dossier = models.ForeignKey(
        "dossiers.Dossier", models.SET_NULL, null=True, blank=True, verbose_name="dossier", related_name="lot_rows"
    )
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, verbose_name="compte", related_name="lot_rows"
    )
    label = models.CharField("objet", max_length=300)
    since = models.DateField("début de la durée")
    due_on = models.DateField("fin de la durée")
    done_at = models.DateTimeField("éliminé le", null=True, blank=True)
    kept = models.CharField("gardé parce que", max_length=500, blank=True)
    is_waiting = models.BooleanField("en attente", default=True)

    class Meta:
        verbose_name = "ligne d’un lot"
        verbose_name_plural = "lignes d’un lot"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["lot", "dossier"],
                condition=Q(dossier__isnull=False),
                name="rights_row_dossier_once",
                violation_error_message="Ce dossier est déjà dans le lot.",
            ),
            models.UniqueConstraint(
                fields=["lot", "person"],
                condition=Q(person__isnull=False),
                name="rights_row_person_once",
                violation_error_message="Ce compte est déjà dans le lot.",
            ),
            models.UniqueConstraint(
                fields=["dossier"],
                condition=Q(is_waiting=True, dossier__isnull=False),
                name="rights_row_dossier_waits_once",
                violation_error_message="Ce dossier est déjà proposé dans un lot.",
            ),
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(is_waiting=True, person__isnull=False),
                name="rights_row_person_waits_once",
                violation_error_message="Ce compte est déjà proposé dans un lot.",
            ),
        ]

    def __str__(self) -> str:
        return self.label


class Warned(models.Model):
    """That somebody was told, before the day, that a draft or an account will be erased."""

    rule = models.CharField("règle", max_length=40)
    key = models.CharField("objet", max_length=40)
    due_on = models.DateField("effacement le")
    at = models.DateTimeField("prévenu le", default=timezone.now)

    class Meta:
        verbose_name = "avertissement"
        verbose_name_plural = "avertissements"
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "key", "due_on"],
                name="rights_warned_once",
                violation_error_message="Cet avertissement est déjà parti.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.key}"
