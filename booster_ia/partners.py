"""The partners of a project: who confirms, by a link received by mail, that it takes part (annexe 4)."""

from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Left
from django.utils import timezone

from normandata.dossiers.models import Dossier
from normandata.organisations.siret import written
from normandata.procedure.services import Firing, Procedure
from normandata.workflow.table import Reason, State, Transition, Workflow

INVITED, CONFIRMED, DECLINED, WITHDRAWN = "invited", "confirmed", "declined", "withdrawn"
STATES = {
    state.slug: state
    for state in (
        State(INVITED, "Confirmation attendue", "Confirmation attendue", "partner", tone="todo", icon="hourglass"),
        State(CONFIRMED, "A confirmé", "A confirmé", "nobody", tone="done", icon="met"),
        State(DECLINED, "A décliné", "A décliné", "applicant", tone="no", icon="unmet"),
        State(WITHDRAWN, "N’est plus partenaire", "N’est plus partenaire", "nobody", icon="close"),
    )
}
WORKFLOW = Workflow(
    STATES,
    (
        Transition("confirm", "Confirmer la participation", (INVITED,), CONFIRMED, effect="sign"),
        Transition("decline", "Décliner", (INVITED,), DECLINED, effect="sign", reason=Reason.REQUIRED),
        Transition("withdraw", "Retirer le partenaire", (INVITED, CONFIRMED, DECLINED), WITHDRAWN),
        Transition("invite_again", "Inviter de nouveau", (DECLINED, WITHDRAWN), INVITED, effect="ask_again"),
    ),
)
"""All four are the portal's own: the services check who asks, a partner has no account."""


def sign(firing: Firing) -> None:
    """Keep who answers."""
    firing.thing.by_name = firing.data["by_name"]
    firing.thing.reason = firing.reason


def ask_again(firing: Firing) -> None:
    """Begin another round: the links of the earlier ones do not open any more."""
    partner: Partner = firing.thing
    partner.round += 1
    partner.by_name = partner.reason = ""
    partner.mailed_at = partner.reminded_on = None
    partner.invited_at = firing.at


PROCEDURE = Procedure(WORKFLOW, {}, effects={"sign": sign, "ask_again": ask_again})


class PartnerQuerySet(models.QuerySet["Partner"]):
    def taking_part(self) -> Self:
        """Keep the partners that the carrier still names."""
        return self.exclude(state=WITHDRAWN)

    def unconfirmed(self) -> Self:
        return self.filter(state__in=(INVITED, DECLINED))


class Partner(models.Model):
    """A structure named as a partner of a dossier. `department` is empty where the directory did not answer.

    `round` counts its invitations: the link of an earlier one does not open any more.
    """

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="partners")
    siret = models.CharField("SIRET", max_length=14)
    siren = models.CharField("SIREN", max_length=9, editable=False)
    name = models.CharField("structure", max_length=200)
    contact = models.CharField("personne à contacter", max_length=200, blank=True)
    email = models.EmailField("courriel")
    department = models.CharField("département", max_length=3, blank=True)
    state = models.CharField(
        "état", max_length=10, choices=[(one.slug, one.label) for one in STATES.values()], default=INVITED
    )
    round = models.PositiveSmallIntegerField("invitation", default=1, editable=False)
    invited_at = models.DateTimeField("invité le", default=timezone.now)
    mailed_at = models.DateTimeField("dernier courriel le", null=True, blank=True)
    """None while the worker has not written it yet."""
    reminded_on = models.DateField("rappelé le", null=True, blank=True)
    confirmed_at = models.DateTimeField("confirmé le", null=True, blank=True)
    by_name = models.CharField("réponse donnée par", max_length=200, blank=True)
    reason = models.CharField("motif", max_length=500, blank=True)

    objects = PartnerQuerySet.as_manager()

    class Meta:
        verbose_name = "partenaire"
        verbose_name_plural = "partenaires"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["dossier", "siret"],
                name="booster_ia_partner_once",
                violation_error_message="Ce partenaire est déjà dans le dossier.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=list(STATES)),
                name="booster_ia_partner_state_known",
                violation_error_message="Cet état n’existe pas.",
            ),
            models.CheckConstraint(
                condition=Q(siren=Left("siret", 9)),
                name="booster_ia_partner_siren_of_siret",
                violation_error_message="Le SIREN est celui du SIRET.",
            ),
            models.CheckConstraint(
                condition=Q(state=CONFIRMED, confirmed_at__isnull=False, by_name__gt="")
                | (~Q(state=CONFIRMED) & Q(confirmed_at=None)),
                name="booster_ia_partner_confirmed_is_signed",
                violation_error_message="Une confirmation porte sa date et le nom de qui la donne.",
            ),
            models.CheckConstraint(
                condition=~Q(state=DECLINED) | Q(reason__gt=""),
                name="booster_ia_partner_declined_says_why",
                violation_error_message="Un refus a un motif.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.siren = self.siret[:9]
        super().save(*args, **kwargs)

    @property
    def procedure(self) -> Procedure:
        return PROCEDURE

    def enter(self, state: State, *, turn: str, at: datetime) -> None:
        """Write the columns that go with a state, unsaved."""
        self.state = state.slug
        self.confirmed_at = at if state.slug == CONFIRMED else None

    @property
    def standing(self) -> State:
        return STATES[self.state]

    @property
    def written_siret(self) -> str:
        return written(self.siret)

    @property
    def is_confirmed(self) -> bool:
        return self.state == CONFIRMED

    @property
    def is_awaited(self) -> bool:
        return self.state == INVITED
