"""The directory of experts, and what each agreed to.

The opinions asked of them are in `opinions`, their public entries in `listings`, cœur expert requests in `needs`.
"""

from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Prefetch, Q
from django.db.models.functions import Lower
from django.utils import timezone

from .listings import Domain, ListedDomain, Listing
from .needs import Introduction, Need, Outcome
from .opinions import Answer, Opinion

__all__ = [
    "Agreement",
    "Answer",
    "Domain",
    "Expert",
    "Introduction",
    "ListedDomain",
    "Listing",
    "Need",
    "Opinion",
    "Outcome",
]

Person = settings.AUTH_USER_MODEL
LONGEST_SKILLS = 500


class ExpertQuerySet(models.QuerySet["Expert"]):
    def agreeing(self, kind: "Agreement.Kind") -> Self:
        """Keep the experts whose agreement of a kind stands."""
        standing = Agreement.objects.standing().filter(expert=OuterRef("pk"), kind=kind)
        return self.filter(Exists(standing))

    def with_agreements(self) -> Self:
        """Read with the experts, in one more query, the agreements that stand."""
        return self.prefetch_related(Prefetch("agreements", queryset=Agreement.objects.standing(), to_attr="given"))

    def matching(self, text: str) -> Self:
        """Keep the experts whose name, organisation or skills hold each of the words typed."""
        found = self
        for word in text.split():
            found = found.filter(Q(name__icontains=word) | Q(organisation__icontains=word) | Q(skills__icontains=word))
        return found


class Expert(models.Model):
    """Somebody whose opinion may be asked: no more than what it takes to choose them and to write to them.

    `user` is their account, once they opened their space with an account of this address.
    """

    name = models.CharField("nom", max_length=150)
    organisation = models.CharField("structure", max_length=150, blank=True)
    email = models.EmailField(
        "adresse électronique",
        max_length=254,
        unique=True,
        error_messages={"unique": "Cette adresse est déjà celle d’un expert de l’annuaire."},
    )
    skills = models.TextField("domaines et compétences", max_length=LONGEST_SKILLS)
    user = models.OneToOneField(
        Person, models.PROTECT, null=True, blank=True, verbose_name="compte", related_name="expert"
    )
    added_by = models.ForeignKey(Person, models.PROTECT, verbose_name="ajouté par", related_name="+")
    added_at = models.DateTimeField("ajouté le", default=timezone.now)

    objects = ExpertQuerySet.as_manager()

    class Meta:
        verbose_name = "expert"
        verbose_name_plural = "experts"
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(email=Lower("email")),
                name="experts_expert_email_lower_case",
                violation_error_message="Une adresse électronique s’enregistre en minuscules.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.organisation}" if self.organisation else self.name


class AgreementQuerySet(models.QuerySet["Agreement"]):
    def standing(self) -> Self:
        """Keep what nobody withdrew."""
        return self.filter(withdrawn_on=None)


class Agreement(models.Model):
    """What an expert agreed to, when, and what proves it. Withdrawn by dating its end; given again, it is another row.

    `listed` opens the public directory (B-11); `asked` is what an agent needs to ask a question (B-42), `introduced`
    what the cœur expert needs to offer a meeting (C-03).
    """

    class Kind(models.TextChoices):
        ASKED = "asked", "Être sollicité pour un avis"
        INTRODUCED = "introduced", "Être mis en relation par le cœur expert"
        LISTED = "listed", "Figurer dans l’annuaire public"

    expert = models.ForeignKey(Expert, models.PROTECT, related_name="agreements")
    kind = models.CharField("accord", max_length=10, choices=Kind.choices)
    given_on = models.DateField("donné le")
    proof = models.CharField("preuve", max_length=300)
    recorded_by = models.ForeignKey(Person, models.PROTECT, verbose_name="enregistré par", related_name="+")
    recorded_at = models.DateTimeField("enregistré le", default=timezone.now)
    withdrawn_on = models.DateField("retiré le", null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, verbose_name="retiré par", related_name="+"
    )

    objects = AgreementQuerySet.as_manager()

    class Meta:
        verbose_name = "accord"
        verbose_name_plural = "accords"
        ordering = ["-given_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["expert", "kind"],
                condition=Q(withdrawn_on=None),
                name="experts_agreement_standing_once",
                violation_error_message="Cet accord est déjà enregistré.",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["asked", "introduced", "listed"]),
                name="experts_agreement_known",
                violation_error_message="Cet accord n’existe pas.",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_on=None, withdrawn_by=None)
                | Q(withdrawn_on__gte=F("given_on"), withdrawn_by__isnull=False),
                name="experts_agreement_withdrawn_by_somebody",
                violation_error_message="Un accord est retiré par quelqu’un, après avoir été donné.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.expert} : {self.get_kind_display()}"

    def stands_on(self, day: date) -> bool:
        return self.given_on <= day and (self.withdrawn_on is None or day < self.withdrawn_on)
