"""What an expert chose to show in the public directory: it lives with their agreement, and ends with it."""

import uuid
from typing import Self

from django.db import models
from django.db.models import Case, F, Prefetch, Q, When

LONGEST_WORDS = 600


class Domain(models.TextChoices):
    """What the public directory is sorted by."""

    GOVERNANCE = "gouvernance", "Gouvernance et qualité des données"
    OPEN_DATA = "donnees-ouvertes", "Données ouvertes"
    GEOGRAPHY = "donnees-geographiques", "Données géographiques"
    LEARNING = "apprentissage", "Apprentissage automatique et prévision"
    VISION = "vision", "Image et vision par ordinateur"
    LANGUAGE = "langage", "Langage et IA générative"
    COMPUTING = "calcul", "Calcul intensif et hébergement"
    SECURITY = "cybersecurite", "Cybersécurité"
    LAW = "droit", "Droit, éthique et données personnelles"
    HEALTH = "sante", "Santé"
    INDUSTRY = "industrie", "Industrie et services"
    ENVIRONMENT = "environnement", "Environnement, climat et biodiversité"


class ListingQuerySet(models.QuerySet["Listing"]):
    def public(self) -> Self:
        """Keep what may be shown today: the agreement to be listed stands."""
        return self.filter(agreement__kind="listed", agreement__withdrawn_on=None)

    def of_domain(self, domain: str) -> Self:
        """Keep the experts of one domain; all of them for a domain that does not exist."""
        return self.filter(domains__domain=domain) if domain in Domain.values else self

    def in_order(self) -> Self:
        """Order by what is shown: a name kept hidden does not place its entry."""
        shown = Case(
            When(shows_name=True, then=F("agreement__expert__name")), default=F("agreement__expert__organisation")
        )
        return self.annotate(shown=shown).order_by("shown", "pk")

    def with_domains(self) -> Self:
        """Read with the entries their expert and domains, in one more query."""
        domains = Prefetch("domains", queryset=ListedDomain.objects.order_by("pk"), to_attr="listed")
        return self.select_related("agreement__expert").prefetch_related(domains)


class Listing(models.Model):
    """The public entry of an expert. Their address is never part of it: one writes to them through a request."""

    key = models.UUIDField("identifiant", default=uuid.uuid4, unique=True, editable=False)
    agreement = models.OneToOneField("experts.Agreement", models.PROTECT, verbose_name="accord", related_name="listing")
    shows_name = models.BooleanField("montre le nom", default=True)
    shows_organisation = models.BooleanField("montre la structure", default=False)
    presentation = models.TextField("présentation", max_length=LONGEST_WORDS, blank=True)

    objects = ListingQuerySet.as_manager()

    class Meta:
        verbose_name = "fiche de l’annuaire public"
        verbose_name_plural = "fiches de l’annuaire public"
        ordering = ["agreement__expert__name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(shows_name=True) | Q(shows_organisation=True),
                name="experts_listing_names_somebody",
                violation_error_message="Une fiche montre le nom, la structure, ou les deux.",
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """The first line of the entry: the name where it is shown, or the organisation."""
        expert = self.agreement.expert
        return expert.name if self.shows_name else expert.organisation

    @property
    def subtitle(self) -> str:
        """The organisation, where it is shown under a name."""
        return self.agreement.expert.organisation if self.shows_name and self.shows_organisation else ""


class ListedDomain(models.Model):
    """One domain under which an expert is listed."""

    listing = models.ForeignKey(Listing, models.CASCADE, verbose_name="fiche", related_name="domains")
    domain = models.CharField("domaine", max_length=30, choices=Domain.choices)

    class Meta:
        verbose_name = "domaine d’un expert"
        verbose_name_plural = "domaines des experts"
        constraints = [
            models.CheckConstraint(
                condition=Q(domain__in=Domain.values),
                name="experts_listed_domain_known",
                violation_error_message="Ce domaine n’existe pas.",
            ),
            models.UniqueConstraint(
                fields=["listing", "domain"],
                name="experts_listed_domain_once",
                violation_error_message="Ce domaine est déjà choisi.",
            ),
        ]

    def __str__(self) -> str:
        return self.get_domain_display()
