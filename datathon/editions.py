"""Editions: their days, their rules text, themes, data sets, criteria, prizes, and what each phase lets see.

Annexe 5, « Caractéristiques de l’aide et critères d’éligibilité » and « Modalités de paiement ».
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from normandata.accounts.models import User
from normandata.documents.models import Document
from normandata.procedure.guards import WrittenOnce
from normandata.procedure.services import Procedure
from normandata.workflow.table import State

from . import articles, permissions, phases, workflow
from .days import Days
from .phases import NOTHING, RIGHTS, SETTABLE, Rights
from .rules import REGLEMENT

Person = settings.AUTH_USER_MODEL
STATE_CHOICES = [(slug, state.label) for slug, state in phases.STATES.items()]
FIGURES = REGLEMENT.on(date(2026, 1, 1))
MOST_PRIZES = FIGURES.number("prizes_total")
MOST_LAUREATES = int(FIGURES.number("laureates_max"))
# SQLite subtracts in binary: less than a cent above lets equality pass, and no prize between two cents exists.
_MOST = MOST_PRIZES + Decimal("0.004")
HERE, ELSEWHERE = "here", "elsewhere"
FORMATS = (("remote", "À distance"), ("on_site", "Sur place"), ("both", "À distance et sur place"))


class EditionQuerySet(models.QuerySet["Edition"]):
    def visible_to(self, user: User) -> Self:
        """Keep what a person may read: editions that are public, those they organise, judge or mentor."""
        public = Q(state__in=phases.PUBLIC)
        scopes = permissions.scopes_of(user)
        return self if scopes is None else self.filter(public | Q(slug__in=scopes))

    def public(self) -> Self:
        return self.filter(state__in=phases.PUBLIC)

    def followed_by(self, user: User) -> Self:
        """Keep the editions whose organisers' pages a person reads."""
        scopes = permissions.scopes_followed_by(user)
        return self if scopes is None else self.filter(slug__in=scopes)

    def organised_by(self, user: User) -> Self:
        """Keep the editions that a person organises: all of them for whoever leads the scheme."""
        scopes = permissions.scopes_organised_by(user)
        return self if scopes is None else self.filter(slug__in=scopes)


class Edition(models.Model):
    """One edition; its state is its phase, and only `normandata.procedure` moves it.

    Days are civil days in Europe/Paris, each included. Prizes are gift vouchers in euros, by rank; the text does not
    say whether taxes are included. `revision` grows with each change, so that two pages never overwrite each other.
    """

    slug = models.SlugField("adresse", max_length=60, unique=True)
    year = models.PositiveSmallIntegerField("année")
    title = models.CharField("titre", max_length=150)
    summary = models.TextField("en quelques mots", max_length=1000, blank=True)
    state = models.CharField("phase", max_length=14, choices=STATE_CHOICES, default=phases.PREPARING)
    revision = models.PositiveIntegerField("révision", default=1)
    cloned_from = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, verbose_name="reprise de", related_name="clones"
    )
    created_by = models.ForeignKey(Person, models.PROTECT, verbose_name="créée par", related_name="+")
    created_at = models.DateTimeField("créée le", default=timezone.now)
    format = models.CharField("déroulement", max_length=8, choices=FORMATS, default="both")
    registration_mode = models.CharField(
        "inscription", max_length=9, choices=[(HERE, "Sur ce portail"), (ELSEWHERE, "Sur un autre site")], default=HERE
    )
    registration_url = models.URLField("adresse de l’inscription", max_length=500, blank=True)
    opens_on = models.DateField("inscriptions à partir du", null=True, blank=True)
    registration_closes_on = models.DateField("inscriptions jusqu’au", null=True, blank=True)
    starts_on = models.DateField("début du challenge", null=True, blank=True)
    teams_lock_on = models.DateField("dernier jour pour changer d’équipe", null=True, blank=True)
    deliverables_due_at = models.DateTimeField("livrables à remettre avant le", null=True, blank=True)
    closing_at = models.DateTimeField("clôture, en Normandie", null=True, blank=True)
    closing_place = models.CharField("lieu de la clôture", max_length=300, blank=True)
    quorum = models.PositiveSmallIntegerField(
        "bulletins pour classer une équipe", default=int(FIGURES.number("ballots_min"))
    )
    recusal_is_whole = models.BooleanField("un déport vaut pour tout le jury", default=False)
    spread_alert = models.DecimalField("écart signalé", max_digits=3, decimal_places=2, default=Decimal("1.5"))
    prize_1 = models.DecimalField("premier prix", max_digits=7, decimal_places=2, null=True, blank=True)
    prize_2 = models.DecimalField("deuxième prix", max_digits=7, decimal_places=2, null=True, blank=True)
    prize_3 = models.DecimalField("troisième prix", max_digits=7, decimal_places=2, null=True, blank=True)
    embargo_until = models.DateTimeField("résultats visibles à partir du", null=True, blank=True)
    published_at = models.DateTimeField("publiée le", null=True, blank=True)

    objects = EditionQuerySet.as_manager()

    class Meta:
        verbose_name = "édition"
        verbose_name_plural = "éditions"
        ordering = ["-year", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=list(phases.STATES)),
                name="datathon_edition_phase_known",
                violation_error_message="Cette phase n’existe pas.",
            ),
            models.CheckConstraint(
                condition=Q(title__gt="", slug__gt="", year__gte=2019),
                name="datathon_edition_named",
                violation_error_message="Une édition a un titre, une adresse et une année.",
            ),
            models.CheckConstraint(
                condition=Q(registration_mode=HERE, registration_url="")
                | Q(registration_mode=ELSEWHERE, registration_url__gt=""),
                name="datathon_edition_registers_somewhere",
                violation_error_message="Indiquez l’adresse où l’on s’inscrit, ou choisissez ce portail.",
            ),
            models.CheckConstraint(
                condition=Q(opens_on=None)
                | Q(registration_closes_on=None)
                | Q(opens_on__lte=F("registration_closes_on")),
                name="datathon_edition_registration_in_order",
                violation_error_message="Les inscriptions se closent après avoir ouvert.",
            ),
            models.CheckConstraint(
                condition=Q(registration_closes_on=None)
                | Q(teams_lock_on=None)
                | Q(registration_closes_on__lte=F("teams_lock_on")),
                name="datathon_edition_teams_lock_after",
                violation_error_message="Les équipes se figent après la fin des inscriptions, ou le même jour.",
            ),
            models.CheckConstraint(
                condition=Q(opens_on=None) | Q(starts_on=None) | Q(opens_on__lte=F("starts_on")),
                name="datathon_edition_starts_after",
                violation_error_message="Le challenge commence après l’ouverture des inscriptions.",
            ),
            models.CheckConstraint(
                condition=Q(deliverables_due_at=None)
                | Q(closing_at=None)
                | Q(deliverables_due_at__lte=F("closing_at")),
                name="datathon_edition_delivered_before_closing",
                violation_error_message="Les livrables se remettent avant la clôture.",
            ),
            models.CheckConstraint(
                condition=Q(quorum__gte=1),
                name="datathon_edition_quorum",
                violation_error_message="Il faut au moins un bulletin pour classer une équipe.",
            ),
            models.CheckConstraint(
                condition=Q(spread_alert__gt=0),
                name="datathon_edition_spread_positive",
                violation_error_message="L’écart signalé est au-dessus de zéro.",
            ),
            models.CheckConstraint(
                condition=(Q(prize_1=None) | Q(prize_1__gt=0))
                & (Q(prize_2=None) | Q(prize_2__gt=0))
                & (Q(prize_3=None) | Q(prize_3__gt=0)),
                name="datathon_edition_prizes_positive",
                violation_error_message="Un prix vaut plus de zéro euro.",
            ),
            models.CheckConstraint(
                condition=(Q(prize_2=None) | Q(prize_1__isnull=False, prize_2__lt=F("prize_1")))
                & (Q(prize_3=None) | Q(prize_2__isnull=False, prize_3__lt=F("prize_2"))),
                name="datathon_edition_prizes_decrease",
                violation_error_message="Chaque prix vaut moins que celui du rang précédent, qui existe.",
            ),
            models.CheckConstraint(
                condition=Q(prize_1=None)
                | Q(prize_2=None, prize_1__lte=_MOST)
                | Q(prize_2__isnull=False, prize_3=None, prize_1__lte=_MOST - F("prize_2"))
                | Q(prize_3__isnull=False, prize_1__lte=_MOST - F("prize_2") - F("prize_3")),
                name="datathon_edition_prizes_total",
                violation_error_message="Le total des prix dépasse 5 000 € par édition.",
            ),
            models.CheckConstraint(
                condition=Q(state=phases.PUBLISHED, published_at__isnull=False)
                | (~Q(state=phases.PUBLISHED) & Q(published_at=None)),
                name="datathon_edition_published_dated",
                violation_error_message="Une édition publiée, et elle seule, dit quand.",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def procedure(self) -> Procedure:
        return workflow.EDITION

    def enter(self, state: State, *, turn: str, at: datetime) -> None:
        """Write the phase, unsaved; leaving the publication takes its date away."""
        self.state = state.slug
        self.revision += 1
        self.published_at = at if state.slug == phases.PUBLISHED else None

    @property
    def standing(self) -> State:
        return phases.STATES[self.state]

    @property
    def is_public(self) -> bool:
        return self.state in phases.PUBLIC

    @property
    def is_rehearsing(self) -> bool:
        return self.state == phases.REHEARSAL

    @property
    def prizes(self) -> tuple[Decimal, ...]:
        """The prizes by rank, in euros."""
        return tuple(one for one in (self.prize_1, self.prize_2, self.prize_3) if one is not None)

    @property
    def laureates(self) -> int:
        """How many teams the public knows by their rank: one for each prize, or as many as the règlement admits."""
        return len(self.prizes) or MOST_LAUREATES

    @property
    def rights(self) -> Rights:
        """What the phase opens, less what this edition shut in it; one query."""
        given = RIGHTS.get(self.state, NOTHING)
        shut = set(self.shut.filter(phase=self.state).values_list("right", flat=True))
        return Rights(**{name: getattr(given, name) and name not in shut for name in Rights.__slots__})

    @property
    def days(self) -> Days:
        """The dates of the edition, apart from its row."""
        return Days(**{name: getattr(self, name) for name in Days.__slots__})

    def shows_results(self, at: datetime) -> bool:
        """Tell whether anybody reads the results: published, and the embargo over."""
        return self.state == phases.PUBLISHED and (self.embargo_until is None or self.embargo_until <= at)


class PhaseSetting(models.Model):
    """Something that a phase opens and that one edition shuts in it."""

    edition = models.ForeignKey(Edition, models.CASCADE, verbose_name="édition", related_name="shut")
    phase = models.CharField("phase", max_length=14, choices=STATE_CHOICES)
    right = models.CharField("ce qui est fermé", max_length=20, choices=list(SETTABLE.items()))

    class Meta:
        verbose_name = "réglage de phase"
        verbose_name_plural = "réglages de phases"
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "phase", "right"],
                name="datathon_phase_setting_once",
                violation_error_message="Ce réglage existe déjà.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.edition}, {self.phase} : {self.right}"


class RulesText(models.Model):
    """One version of an edition's rules, as a participant accepts it; written once."""

    edition = models.ForeignKey(Edition, models.PROTECT, verbose_name="édition", related_name="rules_texts")
    version = models.PositiveSmallIntegerField("version")
    text = models.TextField("texte")
    change = models.CharField("ce qui change", max_length=300, blank=True)
    document = models.ForeignKey(Document, models.PROTECT, null=True, blank=True, verbose_name="PDF", related_name="+")
    published_by = models.ForeignKey(Person, models.PROTECT, verbose_name="publié par", related_name="+")
    published_at = models.DateTimeField("publié le", default=timezone.now)

    class Meta:
        verbose_name = "règlement de l’édition"
        verbose_name_plural = "règlements des éditions"
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "version"],
                name="datathon_rules_version_once",
                violation_error_message="Cette version existe déjà.",
            ),
            models.CheckConstraint(
                condition=Q(text__gt="", version__gte=1),
                name="datathon_rules_say_something",
                violation_error_message="Le règlement a un texte et une version, à partir de 1.",
            ),
            models.CheckConstraint(
                condition=Q(version=1) | Q(change__gt=""),
                name="datathon_rules_say_what_changes",
                violation_error_message="Une nouvelle version dit ce qui change.",
            ),
            WrittenOnce(name="datathon_rules_append_only"),
        ]

    def __str__(self) -> str:
        return f"{self.edition}, règlement, version {self.version}"

    @property
    def blocks(self) -> list[tuple[bool, str]]:
        """Its headings and paragraphs."""
        return articles.blocks(self.text)


class Theme(models.Model):
    """A theme of an edition (T-11)."""

    edition = models.ForeignKey(Edition, models.CASCADE, verbose_name="édition", related_name="themes")
    rank = models.PositiveSmallIntegerField("ordre", default=1)
    title = models.CharField("thème", max_length=150)
    summary = models.TextField("description", max_length=2000, blank=True)

    class Meta:
        verbose_name = "thème"
        verbose_name_plural = "thèmes"
        ordering = ["rank", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "title"],
                name="datathon_theme_once",
                violation_error_message="Ce thème est déjà dans l’édition.",
            ),
            models.CheckConstraint(
                condition=Q(title__gt=""),
                name="datathon_theme_named",
                violation_error_message="Un thème a un titre.",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class DataSet(models.Model):
    """Open data that an edition proposes, with its address and its licence."""

    edition = models.ForeignKey(Edition, models.CASCADE, verbose_name="édition", related_name="data_sets")
    theme = models.ForeignKey(
        Theme, models.SET_NULL, null=True, blank=True, verbose_name="thème", related_name="data_sets"
    )
    rank = models.PositiveSmallIntegerField("ordre", default=1)
    title = models.CharField("jeu de données", max_length=200)
    producer = models.CharField("producteur", max_length=150, blank=True)
    url = models.URLField("adresse", max_length=500)
    licence = models.CharField("licence", max_length=100)

    class Meta:
        verbose_name = "jeu de données"
        verbose_name_plural = "jeux de données"
        ordering = ["rank", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "url"],
                name="datathon_data_set_once",
                violation_error_message="Cette adresse est déjà dans l’édition.",
            ),
            models.CheckConstraint(
                condition=Q(title__gt="", url__gt="", licence__gt=""),
                name="datathon_data_set_described",
                violation_error_message="Un jeu de données a un titre, une adresse et une licence.",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Criterion(models.Model):
    """A criterion of the jury and its weight; the grid made from them is frozen when scoring opens (T-19)."""

    edition = models.ForeignKey(Edition, models.CASCADE, verbose_name="édition", related_name="criteria")
    rank = models.PositiveSmallIntegerField("ordre", default=1)
    slug = models.SlugField("code", max_length=40)
    label = models.CharField("critère", max_length=200)
    hint = models.CharField("ce qu’il faut regarder", max_length=300, blank=True)
    weight = models.DecimalField("poids", max_digits=4, decimal_places=2, default=Decimal(1))

    class Meta:
        verbose_name = "critère"
        verbose_name_plural = "critères"
        ordering = ["rank", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "slug"],
                name="datathon_criterion_once",
                violation_error_message="Ce critère est déjà dans l’édition.",
            ),
            models.CheckConstraint(
                condition=Q(weight__gt=0, label__gt="", slug__gt=""),
                name="datathon_criterion_weighs",
                violation_error_message="Un critère a un nom, et un poids au-dessus de zéro.",
            ),
        ]

    def __str__(self) -> str:
        return self.label
