"""Territories of Normandie: communes and intercommunal groups (EPCI), with their populations and vintage."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Any, Self

from django.db import models
from django.db.models import Case, F, Q, Value, When

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
