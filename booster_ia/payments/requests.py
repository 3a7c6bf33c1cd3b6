"""A payment asked for on a grant: an advance or the balance, from its draft to its mandate."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from normandata.accounts.models import Role, User
from normandata.dossiers import closures
from normandata.dossiers.letters import Letter
from normandata.dossiers.models import READERS, Dossier
from normandata.procedure.services import Procedure
from normandata.workflow.table import State

from ..awards import Award
from . import states
from .bank import BankDetails
from .guards import FiguresOnceCertified
from .request_procedure import PROCEDURE

Person = settings.AUTH_USER_MODEL
PAYERS = (Role.PAYMENTS_OFFICER,)
SEEN_BY = (*READERS, *PAYERS)
"""Who reads every payment of the scheme on the Region's side."""


def _euros(label: str) -> "models.DecimalField[Any, Any]":
    return models.DecimalField(label, max_digits=12, decimal_places=2, null=True, blank=True)


class PaymentRequestQuerySet(models.QuerySet["PaymentRequest"]):
    def open(self) -> Self:
        """Keep what is not yet certified nor over: one for a grant at most."""
        return self.filter(state__in=states.OPEN)

    def for_region(self, user: User) -> Self:
        """Keep the requests sent, of dossiers that nothing closes to this person, for the scheme's readers."""
        if not user.holds(*SEEN_BY, scheme="booster_ia"):
            return self.none()
        mine = Dossier.objects.filter(closures.left_open(user), pk=models.OuterRef("award__dossier"))
        return self.filter(models.Exists(mine), state__in=states.DEPOSITED)

    def whole(self) -> Self:
        """Read with the requests what every page of one needs."""
        people = ("saved_by", "checked_by", "certified_by", "mandated_by")
        return self.select_related(
            "award__dossier__organisation", "award__envelope", "award__dossier__owner", "bank", *people
        )


class PaymentRequest(models.Model):
    """What is asked on a grant, what an agent accepted of it, and what was certified. Amounts in euros.

    `typed` is the form as it was typed, until it is sent; `asked` and `accepted` are those of an advance; the figures
    of a balance (`justified` to `overpayment`) are those of the check, with `explanation`, their computation in words.
    Only `normandata.procedure` moves the state.
    """

    class Kind(models.TextChoices):
        ADVANCE = "advance", "Avance"
        BALANCE = "balance", "Solde"

    award = models.ForeignKey(Award, models.PROTECT, verbose_name="subvention", related_name="requests")
    kind = models.CharField("nature", max_length=7, choices=Kind.choices)
    state = models.CharField(
        "état",
        max_length=9,
        choices=[(one.slug, one.label) for one in states.REQUESTS.values()],
        default=states.DRAFT,
    )
    state_since = models.DateTimeField("dans cet état depuis", default=timezone.now)
    typed = models.JSONField("saisie", default=dict, blank=True)
    version = models.PositiveIntegerField("version", default=1)
    saved_at = models.DateTimeField("enregistrée le", default=timezone.now)
    saved_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    justification = models.TextField("nécessité de l’avance", blank=True)
    asked = _euros("avance demandée")
    other_public_aid = _euros("autres aides publiques")
    submitted_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    submitted_at = models.DateTimeField("envoyée le", null=True, blank=True)
    answer_by = models.DateField("à compléter au plus tard le", null=True, blank=True)
    reason = models.TextField("motif", blank=True)
    checked_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    checked_at = models.DateTimeField("contrôlée le", null=True, blank=True)
    accepted = _euros("avance acceptée")
    justified = _euros("dépenses justifiées")
    final_grant = _euros("subvention définitive")
    effective = _euros("au taux effectif")
    overpayment = _euros("trop-perçu")
    amount = _euros("montant à payer")
    explanation = models.JSONField("calcul", default=dict, blank=True)
    certified_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    certified_at = models.DateTimeField("certifiée le", null=True, blank=True)
    bank = models.ForeignKey(BankDetails, models.PROTECT, null=True, blank=True, related_name="+")
    certificate = models.OneToOneField(Letter, models.PROTECT, null=True, blank=True, related_name="+")
    mandate = models.CharField("mandat", max_length=40, blank=True)
    mandated_on = models.DateField("mandatée le", null=True, blank=True)
    mandated_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")

    objects = PaymentRequestQuerySet.as_manager()

    class Meta:
        verbose_name = "demande de paiement"
        verbose_name_plural = "demandes de paiement"
        ordering = ["-pk"]
        indexes = [models.Index(fields=["state", "state_since"], name="booster_ia_request_state")]
        constraints = [
            models.UniqueConstraint(
                fields=["award"],
                condition=Q(state__in=states.OPEN),
                name="booster_ia_one_open_request",
                violation_error_message="Une demande de paiement est déjà en cours sur ce dossier.",
            ),
            models.UniqueConstraint(
                fields=["award", "kind"],
                condition=~Q(state__in=states.OVER),
                name="booster_ia_one_request_of_a_kind",
                violation_error_message="Cette demande a déjà été faite.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=list(states.REQUESTS)),
                name="booster_ia_request_state_known",
                violation_error_message="Cet état n’existe pas.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[states.DRAFT, states.WITHDRAWN])
                | Q(submitted_at__isnull=False, submitted_by__isnull=False),
                name="booster_ia_request_sent_by_somebody",
                violation_error_message="Une demande envoyée a un auteur et une date.",
            ),
            models.CheckConstraint(
                condition=~Q(kind="advance")
                | Q(state__in=[states.DRAFT, states.WITHDRAWN])
                | Q(justification__gt="", asked__gt=0),
                name="booster_ia_advance_is_justified",
                violation_error_message="Une avance a un montant et se justifie par écrit.",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[states.CHECKED, *states.FROZEN])
                | Q(checked_by__isnull=False, checked_at__isnull=False, amount__gte=0),
                name="booster_ia_request_checked_by_somebody",
                violation_error_message="Un contrôle a un auteur, une date et un montant.",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=states.FROZEN)
                | Q(certified_by__isnull=False, certified_at__isnull=False) & ~Q(certified_by=F("checked_by")),
                name="booster_ia_request_certified_by_another",
                violation_error_message="Qui contrôle ne certifie pas.",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[states.CERTIFIED, states.PAID]) | Q(amount__gt=0, bank__isnull=False),
                name="booster_ia_request_paid_somewhere",
                violation_error_message="Un paiement a un montant et un compte.",
            ),
            models.CheckConstraint(
                condition=Q(state=states.PAID, mandate__gt="", mandated_on__isnull=False, mandated_by__isnull=False)
                | (~Q(state=states.PAID) & Q(mandate="", mandated_on=None, mandated_by=None)),
                name="booster_ia_request_mandated_iff_paid",
                violation_error_message="Une demande mandatée, et elle seule, porte un mandat, sa date et son auteur.",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[states.RETURNED, states.REFUSED]) | Q(reason__gt=""),
                name="booster_ia_request_says_why",
                violation_error_message="Un renvoi ou un refus a un motif.",
            ),
            FiguresOnceCertified(name="booster_ia_request_figures_frozen"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.award.dossier.number}"

    @property
    def procedure(self) -> Procedure:
        return PROCEDURE

    def enter(self, state: State, *, turn: str, at: datetime) -> None:
        """Write the columns that go with a state, unsaved."""
        self.state, self.state_since = state.slug, at

    @property
    def standing(self) -> State:
        return states.REQUESTS[self.state]

    @property
    def is_advance(self) -> bool:
        return self.kind == self.Kind.ADVANCE

    @property
    def is_filled(self) -> bool:
        """Whether the organisation may change it."""
        return self.state in states.FILLED

    @property
    def is_frozen(self) -> bool:
        return self.state in states.FROZEN

    @property
    def answers(self) -> Mapping[str, Any]:
        return dict(self.typed)

    def is_late(self, day: date) -> bool:
        return self.answer_by is not None and self.answer_by < day

    @property
    def mark(self) -> str:
        """What tells that it is as a page showed it: another step, or another check, has another mark."""
        return self.state_since.isoformat()

    @property
    def paid_amount(self) -> Decimal | None:
        """What it paid, once certified."""
        return self.amount if self.is_frozen else None
