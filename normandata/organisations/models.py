"""Territories of Normandie, organisations by SIRET, and the undertakings they make up."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Left, Length
from django.db.models.lookups import Exact
from django.utils import timezone

from normandata.accounts.models import User

from . import classify
from .members import MailAllowance, MemberInvitation, Membership
from .siret import compact, written, written_siren

__all__ = [
    "MailAllowance", "MemberInvitation", "Membership", "Organisation", "Territory", "Undertaking",
    "UndertakingMember", "searchable", "with_search_keys",
]  # fmt: skip

SUGGESTIONS = 8
LONGEST = 100
"""Characters of a search: one LIKE a word, and databases bound the depth of a condition."""


def searchable(text: str) -> str:
    """Fold accents, ligatures, case and punctuation: « Saint-Lô » and « st lo » meet, on every database."""
    folded = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe").replace("æ", "ae"))
    letters = "".join(char for char in folded if not unicodedata.combining(char))
    words = re.sub(r"[^a-z0-9]+", " ", letters).split()
    return " ".join({"st": "saint", "ste": "sainte"}.get(word, word) for word in words)


class TerritoryQuerySet(models.QuerySet["Territory"]):
    def matching(self, text: str) -> Self:
        """Keep the territories whose name holds every word of the text, or whose postal code starts with it.

        Exact and leading matches come first, then the most populated.
        """
        words = searchable(text[:LONGEST]).split()
        if not words:
            return self.none()
        found = Q()
        for word in words:
            found &= Q(search_name__contains=f" {word}") | Q(postal_codes__contains=f" {word}")
        phrase = " ".join(words)
        return (
            self.filter(found)
            .annotate(
                closeness=Case(
                    When(search_name=f" {phrase}", then=Value(0)),
                    When(search_name__startswith=f" {phrase}", then=Value(1)),
                    default=Value(2),
                )
            )
            .order_by("closeness", F("population").desc(), "name", "siren")
        )

    def suggestions(self, text: str) -> Self:
        """Keep the few closest territories to choose from, each with its group."""
        return self.matching(text).select_related("epci")[:SUGGESTIONS]


class Territory(models.Model):
    """A commune or an EPCI, and its municipal population (inhabitants, INSEE) of a given vintage.

    Source: INSEE (COG 2026, populations de référence 2023), DGCL, La Poste – Licence Ouverte, via
    @etalab/decoupage-administratif 6.0.0. An EPCI's population is the sum of its communes.
    """

    class Kind(models.TextChoices):
        COMMUNE = "commune", "commune"
        EPCI = "epci", "groupement de communes"

    siren = models.CharField("SIREN", max_length=9, primary_key=True)
    kind = models.CharField("nature", max_length=7, choices=Kind.choices)
    name = models.CharField("nom", max_length=120)
    search_name = models.CharField(max_length=140, editable=False)
    insee_code = models.CharField("code INSEE", max_length=5, blank=True)
    department = models.CharField("département du siège", max_length=3)
    postal_codes = models.CharField("codes postaux", max_length=200, blank=True)
    epci = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="communes")
    population = models.PositiveIntegerField("population municipale")
    norman_population = models.PositiveIntegerField("population de la partie normande")
    vintage = models.CharField("millésime", max_length=60)

    objects = TerritoryQuerySet.as_manager()

    class Meta:
        verbose_name = "territoire"
        verbose_name_plural = "territoires"
        ordering = ["name", "siren"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="commune", insee_code__gt="") | Q(kind="epci", insee_code="", epci=None),
                name="organisations_territory_kind",
                violation_error_message="Une commune a un code INSEE ; un groupement n’en a pas.",
            ),
            models.CheckConstraint(
                condition=Q(norman_population__lte=F("population")),
                name="organisations_territory_norman_part",
                violation_error_message="La partie normande ne peut pas dépasser la population totale.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.search_name = self.search_key()
        super().save(*args, **kwargs)

    def search_key(self) -> str:
        """Return the folded name, led by a space so that a word is found at its start."""
        return f" {searchable(self.name)}"

    @property
    def postal_code(self) -> str:
        """The first postal code, the one that tells two namesakes apart."""
        return self.postal_codes.split()[0] if self.postal_codes else ""


def with_search_keys(territories: Iterable[Territory]) -> list[Territory]:
    """Prepare rows for a bulk write, which does not call `save()`."""
    rows = list(territories)
    for row in rows:
        row.search_name = row.search_key()
    return rows


class Kept(TypeError):
    """An undertaking is history: aids were granted to it, and it is never erased."""


class UndertakingQuerySet(models.QuerySet["Undertaking"]):
    def current(self) -> Self:
        """Keep the undertakings that no other has absorbed."""
        return self.filter(absorbed_by=None)

    def delete(self) -> tuple[int, dict[str, int]]:
        raise Kept("an undertaking is never erased")


class Undertaking(models.Model):
    """An « entreprise unique » (Reg. (EU) 2023/2831, art. 2(2)): SIRENs whose de minimis aid adds up.

    Its row is the account that two grants at once both lock: see `undertakings.hold`. Merged into another, it stays.
    """

    name = models.CharField("nom", max_length=200, blank=True)
    created_at = models.DateTimeField("créée le", default=timezone.now)
    absorbed_by = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, verbose_name="regroupée dans", related_name="absorbed"
    )

    objects = UndertakingQuerySet.as_manager()

    class Meta:
        verbose_name = "entreprise unique"
        verbose_name_plural = "entreprises uniques"
        constraints = [
            models.CheckConstraint(
                condition=Q(absorbed_by=None) | ~Q(absorbed_by=F("pk")),
                name="organisations_undertaking_absorbed_by_another",
                violation_error_message="Une entreprise unique ne se regroupe pas dans elle-même.",
            )
        ]

    def __str__(self) -> str:
        return self.name or f"Entreprise unique {self.pk}"

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise Kept("an undertaking is never erased")


class UndertakingMember(models.Model):
    """A SIREN belongs to one undertaking; by default it is alone in it. Aids hang on this row, which moves with it."""

    undertaking = models.ForeignKey(Undertaking, models.PROTECT, related_name="members")
    siren = models.CharField("SIREN", max_length=9, unique=True)
    since = models.DateTimeField("depuis", default=timezone.now)
    reason = models.CharField("motif", max_length=500, blank=True)

    class Meta:
        verbose_name = "membre d’une entreprise unique"
        verbose_name_plural = "membres d’une entreprise unique"
        constraints = [
            models.CheckConstraint(
                condition=Q(Exact(Length("siren"), 9)),
                name="organisations_undertaking_siren",
                violation_error_message="Un SIREN compte 9 chiffres.",
            )
        ]

    def __str__(self) -> str:
        return self.siren


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    def matching(self, text: str) -> Self:
        """Keep the organisations of this SIRET or SIREN, whole or begun, or whose name holds every word begun."""
        number = compact(text[:LONGEST])
        if len(number) >= 3 and number.isascii() and number.isdigit():
            return self.filter(siret__startswith=number[:14]) if len(number) <= 14 else self.none()
        words = searchable(text[:LONGEST]).split()
        if not words:
            return self.none()
        found = Q()
        for word in words:
            found &= Q(search_name__contains=f" {word}")
        return self.filter(found)

    def of(self, user: User) -> Self:
        """Keep the organisations of which this person is an active member."""
        active = Membership.objects.active().filter(user=user)
        return self.filter(pk__in=active.values("organisation"))


class DirectoryState(models.TextChoices):
    FOUND = "found", "Identité reçue de l’annuaire"
    PENDING = "pending", "Annuaire à interroger de nouveau"
    UNKNOWN = "unknown", "Inconnue de l’annuaire"
    DECLARED = "declared", "Identité déclarée"


class Organisation(models.Model):
    """An establishment: one row a SIRET. Its values come from the directory, or are typed by hand meanwhile.

    `declared` keeps what was typed and is still in force; the directory's word takes its place when it comes.
    `fetched_at` is the directory's last answer: DECLARED without it means that it has never answered.
    """

    State = DirectoryState

    siret = models.CharField("SIRET", max_length=14, unique=True)
    siren = models.CharField("SIREN", max_length=9, db_index=True)
    undertaking = models.ForeignKey(
        Undertaking, models.PROTECT, verbose_name="entreprise unique", related_name="organisations"
    )
    name = models.CharField("nom", max_length=200, blank=True)
    search_name = models.CharField(max_length=320, editable=False)
    sigle = models.CharField("sigle", max_length=80, blank=True)
    legal_category = models.CharField("catégorie juridique (Insee, niveau III)", max_length=4, blank=True)
    activity_code = models.CharField("code NAF", max_length=6, blank=True)
    activity_nomenclature = models.CharField("nomenclature d’activités", max_length=10, blank=True)
    street = models.CharField("adresse", max_length=300, blank=True)
    postal_code = models.CharField("code postal", max_length=5, blank=True)
    city = models.CharField("commune", max_length=100, blank=True)
    insee_code = models.CharField("code INSEE de la commune", max_length=5, blank=True)
    department = models.CharField("département de l’établissement", max_length=3, blank=True)
    epci_siren = models.CharField("SIREN de l’EPCI", max_length=9, blank=True)
    established_on = models.DateField("création de l’établissement", null=True, blank=True)
    created_on = models.DateField("création de l’unité légale", null=True, blank=True)
    staff_band = models.CharField("tranche d’effectif", max_length=2, blank=True)
    seat_siret = models.CharField("SIRET du siège", max_length=14, blank=True)
    seat_department = models.CharField("département du siège", max_length=3, blank=True)
    is_seat = models.BooleanField("est le siège", null=True)
    association_number = models.CharField("numéro RNA", max_length=10, blank=True)
    finess_numbers = models.JSONField("numéros FINESS", default=list, blank=True)
    is_diffusible = models.BooleanField("identité publique", default=True)
    is_closed = models.BooleanField("fermé", default=False)
    closed_on = models.DateField("date de fermeture", null=True, blank=True)
    directory_state = models.CharField(
        "annuaire", max_length=8, choices=DirectoryState.choices, default=DirectoryState.PENDING
    )
    fetched_at = models.DateTimeField("dernière réponse de l’annuaire", null=True, blank=True)
    fetch_tries = models.PositiveSmallIntegerField("nouvelles interrogations", default=0)
    source = models.CharField("source", max_length=120, blank=True)
    declared = models.JSONField("déclaré à la main", default=dict, blank=True)
    declared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, verbose_name="déclaré par", related_name="+"
    )
    declared_at = models.DateTimeField("déclaré le", null=True, blank=True)
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, verbose_name="inscrite par", related_name="+"
    )
    registered_at = models.DateTimeField("inscrite le", default=timezone.now)

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        verbose_name = "structure"
        verbose_name_plural = "structures"
        ordering = ["name", "siret"]
        constraints = [
            models.CheckConstraint(
                condition=Q(Exact(Length("siret"), 14)) & Q(Exact(F("siren"), Left("siret", 9))),
                name="organisations_siret_holds_siren",
                violation_error_message="Un SIRET compte 14 chiffres et commence par le SIREN.",
            ),
            models.CheckConstraint(
                condition=Q(directory_state__in=DirectoryState.values),
                name="organisations_directory_state_known",
                violation_error_message="Cet état de l’annuaire n’existe pas.",
            ),
            models.CheckConstraint(
                condition=~Q(directory_state__in=["found", "unknown"]) | Q(fetched_at__isnull=False),
                name="organisations_answered_is_dated",
                violation_error_message="Une réponse de l’annuaire porte une date.",
            ),
            models.CheckConstraint(
                condition=~Q(directory_state="pending") | Q(fetched_at=None),
                name="organisations_pending_never_answered",
                violation_error_message="Une structure en attente n’a pas reçu de réponse de l’annuaire.",
            ),
            models.CheckConstraint(
                condition=~Q(directory_state="declared") | Q(declared_at__isnull=False),
                name="organisations_declared_is_dated",
                violation_error_message="Une identité déclarée dit quand elle l’a été.",
            ),
            models.CheckConstraint(
                condition=Q(closed_on=None) | Q(is_closed=True),
                name="organisations_closed_is_dated",
                violation_error_message="Seule une structure fermée porte une date de fermeture.",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.search_name = f" {searchable(f'{self.name} {self.sigle}')}"[:320]
        if (fields := kwargs.get("update_fields")) is not None:
            kwargs["update_fields"] = {*fields, "search_name"}
        super().save(*args, **kwargs)

    @property
    def label(self) -> str:
        """The name, or the SIRET while it is not known."""
        return self.name or f"Structure {written(self.siret)}"

    @property
    def written_siret(self) -> str:
        return written(self.siret)

    @property
    def written_siren(self) -> str:
        return written_siren(self.siren)

    @property
    def written_seat_siret(self) -> str:
        return written(self.seat_siret) if self.seat_siret else ""

    @property
    def is_confirmed(self) -> bool:
        """Whether the directory gave this identity; otherwise its facts are to review."""
        return self.directory_state == DirectoryState.FOUND

    @property
    def can_be_declared(self) -> bool:
        """Whether somebody may describe it by hand: the directory is silent, ignorant, or bound to secrecy."""
        return not self.is_confirmed or not self.is_diffusible

    @property
    def legal_label(self) -> str:
        return classify.legal_label(self.legal_category)

    @property
    def staff_range(self) -> str:
        return classify.staff_range(self.staff_band)

    @property
    def activity(self) -> str:
        """The kind of activity its code stands for: production, services, trade, other."""
        return classify.activity(self.activity_code)

    @property
    def structure_type(self) -> classify.Proposal:
        """The type of structure its codes suggest, for somebody to confirm."""
        return classify.structure_type(
            self.legal_category, activity_code=self.activity_code, has_finess=bool(self.finess_numbers)
        )
