"""The ledger of de minimis aid, what dossiers declare, what was read in the public register and entered in it."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from normandata.dossiers.models import Dossier
from normandata.organisations.models import Organisation, Undertaking, UndertakingMember
from normandata.procedure.guards import WrittenOnce
from normandata.procedure.models import Immutable

from . import reckoning, regimes

Person = settings.AUTH_USER_MODEL
REGION = "Région Normandie"


class Source(models.TextChoices):
    """Where the portal knows an aid from."""

    PORTAL = reckoning.PORTAL, "octroi du portail"
    DECLARATION = reckoning.DECLARATION, "déclaration de l’entreprise"
    REGISTER = reckoning.REGISTER, "registre public"
    ADJUSTMENT = reckoning.ADJUSTMENT, "ajustement d’un agent"


class Instrument(models.TextChoices):
    """The form of an aid, in the register's words."""

    GRANT = "Subvention directe", "Subvention directe"
    SERVICE = "Prestation gratuite (services subventionnés)", "Prestation gratuite (services subventionnés)"


class AppendOnlyQuerySet(models.QuerySet[Any]):
    def update(self, **values: Any) -> int:
        raise Immutable("the ledger is append-only")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise Immutable("the ledger is append-only")


class AppendOnly(models.Model):
    """A row that is written once; the database refuses the rest too, see `guards`."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise Immutable("the ledger is append-only")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise Immutable("the ledger is append-only")


class DeclarationQuerySet(AppendOnlyQuerySet):
    def current(self) -> Self:
        """Keep the last declaration of each dossier."""
        later = Declaration.objects.filter(dossier=OuterRef("dossier"), version__gt=OuterRef("version"))
        return self.filter(~Exists(later))


class Declaration(AppendOnly):
    """What one version of a dossier declares of the de minimis aid of its undertaking; none is said by having no line.

    It takes the place of the declaration of the dossier's earlier versions.
    """

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="de_minimis_declarations")
    version = models.PositiveSmallIntegerField("version déposée")
    member = models.ForeignKey(UndertakingMember, models.PROTECT, verbose_name="SIREN", related_name="+")
    fiscal_month = models.PositiveSmallIntegerField("mois de clôture de l’exercice", default=12)
    fiscal_day = models.PositiveSmallIntegerField("jour de clôture de l’exercice", default=31)
    is_road_freight = models.BooleanField("transport routier de marchandises", default=False)
    has_other_regime = models.BooleanField("autre aide sur les mêmes coûts", default=False)
    group = models.JSONField("autres SIREN du groupe", default=list, blank=True)
    covers = models.JSONField("SIREN couverts", default=list)
    """The group as typed and the undertaking as it stood: a SIREN that joins later is not covered."""
    by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, verbose_name="déclarée par", related_name="+")
    at = models.DateTimeField("déclarée le", default=timezone.now)

    objects = DeclarationQuerySet.as_manager()

    class Meta:
        verbose_name = "déclaration d’aides de minimis"
        verbose_name_plural = "déclarations d’aides de minimis"
        constraints = [
            models.UniqueConstraint(
                fields=["dossier", "version"],
                name="deminimis_declaration_once",
                violation_error_message="Cette version du dossier a déjà sa déclaration.",
            ),
            models.CheckConstraint(
                condition=Q(fiscal_month__range=(1, 12), fiscal_day__range=(1, 31)),
                name="deminimis_declaration_year_end",
                violation_error_message="Un exercice se clôt un jour de l’année.",
            ),
            WrittenOnce(name="deminimis_declaration_written_once"),
        ]

    def __str__(self) -> str:
        return f"{self.dossier} version {self.version}"


class RegisterImport(models.Model):
    """A file of the public register that brought new lines; its lines point here."""

    name = models.CharField("fichier", max_length=200)
    sha256 = models.CharField("empreinte", max_length=64)
    lines = models.PositiveIntegerField("lignes")
    refused = models.PositiveIntegerField("lignes refusées")
    by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, verbose_name="importé par", related_name="+")
    at = models.DateTimeField("importé le", default=timezone.now)

    class Meta:
        verbose_name = "import du registre"
        verbose_name_plural = "imports du registre"

    def __str__(self) -> str:
        return self.name


class AidQuerySet(AppendOnlyQuerySet):
    def of(self, undertaking: Undertaking) -> Self:
        return self.filter(member__undertaking=undertaking)

    def standing(self) -> Self:
        """Drop what a declaration said that a later version of its dossier replaced."""
        return self.filter(Q(declaration=None) | Q(declaration__in=Declaration.objects.current().values("pk")))

    def granted_here(self) -> Self:
        """Keep the portal's own grants, reversed or not."""
        return self.filter(source=Source.PORTAL, reverses=None)

    def to_register(self) -> Self:
        """Keep the grants that the public register must still receive."""
        return self.granted_here().filter(reversal=None, registration=None)


class Aid(AppendOnly):
    """An entry of the ledger: so much aid (gross grant equivalent, euros) granted on a day to a SIREN.

    A mistake is never corrected: another entry, of the same day, takes it back. `key` says it twice is once.
    """

    member = models.ForeignKey(UndertakingMember, models.PROTECT, verbose_name="SIREN", related_name="aids")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, verbose_name="établissement", related_name="+"
    )
    on = models.DateField("accordée le")
    amount = models.DecimalField("équivalent-subvention brut (euros)", max_digits=12, decimal_places=2)
    regime = models.CharField("régime", max_length=10, choices=regimes.CHOICES)
    source = models.CharField("source", max_length=11, choices=Source.choices)
    instrument = models.CharField("instrument", max_length=200, blank=True)
    sector = models.CharField("secteur (NACE)", max_length=40, blank=True)
    authority = models.CharField("autorité", max_length=300, blank=True)
    operator = models.CharField("opérateur", max_length=300, blank=True)
    about_kind = models.CharField("nature de l’objet", max_length=60, blank=True)
    about_key = models.CharField("clé de l’objet", max_length=40, blank=True)
    key = models.CharField("clé", max_length=120, unique=True)
    declaration = models.ForeignKey(Declaration, models.PROTECT, null=True, blank=True, related_name="aids")
    reverses = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, verbose_name="annule", related_name="reversal"
    )
    reason = models.TextField("motif", blank=True)
    by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, verbose_name="par", related_name="+")
    at = models.DateTimeField("inscrite le", default=timezone.now)

    objects = AidQuerySet.as_manager()

    class Meta:
        verbose_name = "aide de minimis"
        verbose_name_plural = "aides de minimis"
        ordering = ["on", "pk"]
        indexes = [models.Index(fields=["about_kind", "about_key"], name="deminimis_aid_about")]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0)
                | Q(amount__lt=0, reverses__isnull=False)
                | Q(amount__lt=0, source=reckoning.ADJUSTMENT),
                name="deminimis_aid_sign",
                violation_error_message="Une aide a un montant positif ; seule une annulation ou un ajustement retire.",
            ),
            models.CheckConstraint(
                condition=Q(reverses=None) | (Q(amount__lt=0) & ~Q(reverses=F("pk"))),
                name="deminimis_aid_reversal_takes_back",
                violation_error_message="Une annulation retire le montant d’une autre écriture.",
            ),
            models.CheckConstraint(
                condition=Q(source=reckoning.DECLARATION, declaration__isnull=False)
                | (~Q(source=reckoning.DECLARATION) & Q(declaration=None)),
                name="deminimis_aid_declared_iff_declaration",
                violation_error_message="Une aide déclarée, et elle seule, vient d’une déclaration.",
            ),
            models.CheckConstraint(
                condition=(Q(reverses=None) & ~Q(source=reckoning.ADJUSTMENT)) | Q(reason__gt=""),
                name="deminimis_aid_change_says_why",
                violation_error_message="Une annulation ou un ajustement dit pourquoi.",
            ),
            models.CheckConstraint(
                condition=~Q(source=reckoning.PORTAL)
                | Q(about_kind__gt="", about_key__gt="", organisation__isnull=False),
                name="deminimis_aid_grant_says_for_what",
                violation_error_message="Un octroi du portail dit pour quoi et à quel établissement.",
            ),
            models.CheckConstraint(
                condition=Q(key__gt=""),
                name="deminimis_aid_keyed",
                violation_error_message="Une écriture porte une clé.",
            ),
            WrittenOnce(name="deminimis_aid_written_once"),
        ]

    def __str__(self) -> str:
        return self.key


class Registration(AppendOnly):
    """A grant of the portal was entered in the public register on a day (art. 6): its countdown is over."""

    aid = models.OneToOneField(Aid, models.PROTECT, verbose_name="aide", related_name="registration")
    on = models.DateField("déclarée au registre le")
    by = models.ForeignKey(Person, models.PROTECT, verbose_name="par", related_name="+")
    at = models.DateTimeField("noté le", default=timezone.now)

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        verbose_name = "déclaration au registre"
        verbose_name_plural = "déclarations au registre"
        constraints = [WrittenOnce(name="deminimis_registration_written_once")]

    def __str__(self) -> str:
        return f"{self.aid} {self.on}"
