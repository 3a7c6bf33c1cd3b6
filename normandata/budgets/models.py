"""Envelopes with their running balances, and the entries that explain them."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Round
from django.utils import timezone

from normandata.procedure.guards import WrittenOnce
from normandata.procedure.models import Immutable, kind_of
from normandata.regulation.money import ZERO

from .amounts import Balances

LONGEST_KEY = 120


class Basis(models.TextChoices):
    """What the amounts of an envelope are written in."""

    HT = "HT", "HT"
    TTC = "TTC", "TTC"
    UNSAID = "NC", "(HT ou TTC non précisé)"


def _amount(label: str, **options: Any) -> "models.DecimalField[Any, Any]":
    return models.DecimalField(label, max_digits=12, decimal_places=2, **options)


def _sum(*names: str) -> Round:
    """Add columns to the cent: SQLite adds in binary, where 0.10 + 0.20 exceeds 0.30."""
    first, *others = (F(name) for name in names)
    total: Any = first
    for other in others:
        total += other
    return Round(total, 2)


class EnvelopeQuerySet(models.QuerySet["Envelope"]):
    def of(self, scheme: str) -> Self:
        """Keep the envelopes of one scheme, the latest year first."""
        return self.filter(scheme=scheme).order_by(F("year").desc(nulls_last=True), "label", "pk")


class Envelope(models.Model):
    """An amount that the Region voted for a scheme, and where it stands now, in euros on one basis.

    Only `services` moves the balances: reserved for a choice, committed by an order, paid. The database refuses that
    they exceed what is voted.
    """

    scheme = models.CharField("dispositif", max_length=30)
    label = models.CharField("nom", max_length=120)
    year = models.PositiveSmallIntegerField("année", null=True, blank=True)
    basis = models.CharField("montants", max_length=3, choices=Basis.choices)
    voted = _amount("voté", default=ZERO, editable=False)
    reserved = _amount("réservé", default=ZERO, editable=False)
    committed = _amount("engagé", default=ZERO, editable=False)
    paid = _amount("payé", default=ZERO, editable=False)

    objects = EnvelopeQuerySet.as_manager()

    class Meta:
        verbose_name = "enveloppe"
        verbose_name_plural = "enveloppes"
        constraints = [
            models.UniqueConstraint(
                fields=["scheme", "label", "year"],
                name="budgets_envelope_once",
                violation_error_message="Cette enveloppe existe déjà.",
            ),
            models.UniqueConstraint(
                fields=["scheme", "label"],
                condition=Q(year=None),
                name="budgets_envelope_without_year_once",
                violation_error_message="Cette enveloppe existe déjà.",
            ),
            models.CheckConstraint(
                condition=Q(scheme__gt="", label__gt=""),
                name="budgets_envelope_named",
                violation_error_message="Une enveloppe a un dispositif et un nom.",
            ),
            models.CheckConstraint(
                condition=Q(year=None) | Q(year__range=(2000, 2100)),
                name="budgets_envelope_year_plausible",
                violation_error_message="L’année s’écrit en quatre chiffres.",
            ),
            models.CheckConstraint(
                condition=Q(basis__in=Basis.values),
                name="budgets_envelope_basis_known",
                violation_error_message="Les montants sont HT, TTC ou non précisés.",
            ),
            models.CheckConstraint(
                condition=Q(voted__gte=0),
                name="budgets_envelope_voted_not_negative",
                violation_error_message="Le montant voté n’est jamais négatif.",
            ),
            models.CheckConstraint(
                condition=Q(reserved__gte=0),
                name="budgets_envelope_reserved_not_negative",
                violation_error_message="Le montant réservé n’est jamais négatif.",
            ),
            models.CheckConstraint(
                condition=Q(committed__gte=0),
                name="budgets_envelope_committed_not_negative",
                violation_error_message="Le montant engagé n’est jamais négatif.",
            ),
            models.CheckConstraint(
                condition=Q(paid__gte=0),
                name="budgets_envelope_paid_not_negative",
                violation_error_message="Le montant payé n’est jamais négatif.",
            ),
            models.CheckConstraint(
                condition=Q(voted__gte=_sum("reserved", "committed", "paid")),
                name="budgets_envelope_within_vote",
                violation_error_message="L’enveloppe ne suffit pas.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.year}" if self.year else self.label

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write the rest and leave the balances: a stale object must not bring old ones back."""
        if self._state.adding:
            if self.balances != Balances():
                raise ValueError("an envelope begins empty: vote its credits")
        elif kwargs.get("update_fields") is None:
            kwargs["update_fields"] = ["scheme", "label", "year", "basis"]
        super().save(*args, **kwargs)

    @property
    def balances(self) -> Balances:
        return Balances(self.voted, self.reserved, self.committed, self.paid)

    @property
    def free(self) -> Decimal:
        """What is voted and neither reserved, nor committed, nor paid, in euros."""
        return self.balances.free

    @property
    def unit(self) -> str:
        """What stands after an amount in a sentence: HT, TTC, or that the text does not say."""
        return str(Basis(self.basis).label)


class Kind(models.TextChoices):
    """What an entry does."""

    VOTE = "vote", "Vote"
    RESERVE = "reserve", "Réservation"
    COMMIT = "commit", "Engagement"
    PAY = "pay", "Paiement"
    RELEASE = "release", "Libération"


MOVES = (
    Q(Q(kind=Kind.VOTE, voted=F("amount"), reserved=0, committed=0, paid=0), ~Q(amount=0))
    | Q(kind=Kind.RESERVE, amount__gt=0, voted=0, reserved=F("amount"), committed=0, paid=0)
    | Q(kind=Kind.COMMIT, amount__gt=0, voted=0, reserved__lte=0, committed=F("amount"), paid=0)
    | Q(kind=Kind.PAY, amount__gt=0, voted=0, reserved=0, committed=-F("amount"), paid=F("amount"), is_last=False)
    | Q(kind=Kind.PAY, amount__gt=0, voted=0, reserved=0, committed__lte=-F("amount"), paid=F("amount"), is_last=True)
    | Q(
        Q(kind=Kind.RELEASE, amount__gt=0, voted=0, reserved__lte=0, committed__lte=0, paid=0),
        Q(amount=-_sum("reserved", "committed")),
    )
)
"""Which columns each kind of entry moves, and by how much."""


class EntryQuerySet(models.QuerySet["Entry"]):
    def about(self, thing: models.Model) -> Self:
        """Keep the entries of one thing, the oldest first."""
        return self.filter(about_kind=kind_of(thing), about_key=str(thing.pk)).order_by("pk")

    def until(self, at: datetime) -> Self:
        """Keep what was written at an instant or before."""
        return self.filter(at__lte=at)

    def update(self, **values: Any) -> int:
        raise Immutable("the ledger is append-only")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise Immutable("the ledger is append-only")


class Entry(models.Model):
    """One gesture on an envelope, in euros: how it moved each balance, and where they stood then.

    `voted`, `reserved`, `committed` and `paid` are signed movements: a commitment of 80 on a reservation of 100 reads
    reserved -100, committed +80, and frees 20. A thing is pointed at by kind and key, as in the journal.
    """

    envelope = models.ForeignKey(Envelope, models.PROTECT, verbose_name="enveloppe", related_name="entries")
    kind = models.CharField("nature", max_length=10, choices=Kind.choices)
    amount = _amount("montant")
    key = models.CharField("clé d’idempotence", max_length=LONGEST_KEY)
    about_kind = models.CharField("nature de l’objet", max_length=60, blank=True)
    about_key = models.CharField("clé de l’objet", max_length=40, blank=True)
    is_last = models.BooleanField("solde l’engagement", default=False)
    voted = _amount("mouvement du voté", default=ZERO)
    reserved = _amount("mouvement du réservé", default=ZERO)
    committed = _amount("mouvement de l’engagé", default=ZERO)
    paid = _amount("mouvement du payé", default=ZERO)
    voted_after = _amount("voté ensuite")
    reserved_after = _amount("réservé ensuite")
    committed_after = _amount("engagé ensuite")
    paid_after = _amount("payé ensuite")
    day = models.DateField("date de l’acte")
    act = models.CharField("acte", max_length=200, blank=True)
    reason = models.TextField("motif", blank=True)
    at = models.DateTimeField("écrit le", default=timezone.now)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, verbose_name="par", related_name="+"
    )

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = "écriture"
        verbose_name_plural = "écritures"
        indexes = [models.Index(fields=["about_kind", "about_key", "envelope"], name="budgets_entry_thing")]
        constraints = [
            models.UniqueConstraint(
                fields=["envelope", "key"],
                name="budgets_entry_key_once",
                violation_error_message="Cette écriture a déjà été passée.",
            ),
            models.CheckConstraint(
                condition=Q(key__gt=""),
                name="budgets_entry_keyed",
                violation_error_message="Une écriture porte une clé.",
            ),
            models.CheckConstraint(
                condition=MOVES,
                name="budgets_entry_moves_what_it_says",
                violation_error_message="Cette écriture ne bouge pas ce que dit sa nature.",
            ),
            models.CheckConstraint(
                condition=Q(kind=Kind.PAY) | Q(is_last=False),
                name="budgets_entry_last_is_a_payment",
                violation_error_message="Seul un paiement solde un engagement.",
            ),
            models.CheckConstraint(
                condition=Q(kind=Kind.VOTE, about_kind="", about_key="")
                | Q(~Q(kind=Kind.VOTE), about_kind__gt="", about_key__gt=""),
                name="budgets_entry_about_a_thing",
                violation_error_message="Une écriture dit pour quel objet, un vote pour aucun.",
            ),
            models.CheckConstraint(
                condition=~Q(kind=Kind.VOTE) | Q(act__gt=""),
                name="budgets_entry_vote_names_its_act",
                violation_error_message="Un vote cite sa délibération.",
            ),
            models.CheckConstraint(
                condition=~Q(kind=Kind.RELEASE) | Q(reason__gt=""),
                name="budgets_entry_release_says_why",
                violation_error_message="Une libération dit son motif.",
            ),
            models.CheckConstraint(
                condition=Q(
                    reserved_after__gte=0,
                    committed_after__gte=0,
                    paid_after__gte=0,
                    voted_after__gte=_sum("reserved_after", "committed_after", "paid_after"),
                ),
                name="budgets_entry_within_vote",
                violation_error_message="L’enveloppe ne suffisait pas.",
            ),
            WrittenOnce(name="budgets_entry_append_only"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.amount} {self.key}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise Immutable("the ledger is append-only")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise Immutable("the ledger is append-only")

    @property
    def moves(self) -> Balances:
        """How it moved each balance."""
        return Balances(self.voted, self.reserved, self.committed, self.paid)

    @property
    def after(self) -> Balances:
        """Where the balances stood once it was written."""
        return Balances(self.voted_after, self.reserved_after, self.committed_after, self.paid_after)

    @property
    def freed(self) -> Decimal:
        """What it gave back to the free money, zero when it took some or brought some."""
        return ZERO if self.kind == Kind.VOTE else max(ZERO, self.moves.free)
