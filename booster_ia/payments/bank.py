"""Where an organisation is paid: holder, IBAN, BIC, and the paper that proves them."""

from typing import Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from stdnum import bic, iban

from normandata.documents.models import Upload
from normandata.organisations.models import Organisation
from normandata.regulation.formats import NBSP

Person = settings.AUTH_USER_MODEL
SHOWN_HEAD, SHOWN_TAIL = 4, 3
"""Characters of an IBAN that stay readable once it is masked."""


def check_iban(value: str) -> None:
    """Raise ValidationError unless country, length and key make an IBAN."""
    if not iban.is_valid(value):
        raise ValidationError("Cet IBAN n’est pas juste : relisez-le sur votre RIB, caractère par caractère.")


def check_bic(value: str) -> None:
    """Raise ValidationError unless this has the shape of a BIC."""
    if not bic.is_valid(value):
        raise ValidationError("Ce BIC n’est pas juste : il compte 8 ou 11 caractères, par exemple AGRIFRPP.")


class BankDetailsQuerySet(models.QuerySet["BankDetails"]):
    def current(self) -> Self:
        """Keep what nothing has replaced: one row for an organisation at most."""
        return self.filter(replaced_at=None)


class BankDetails(models.Model):
    """Bank details as an organisation declared them once; a change is another row, which is checked anew.

    Only `services.bank` writes them. The IBAN is shown whole to payments officers alone.
    """

    class State(models.TextChoices):
        DECLARED = "declared", "À vérifier"
        CHECKED = "checked", "Vérifiées"
        REFUSED = "refused", "Refusées"

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="bank_details")
    holder = models.CharField("titulaire du compte", max_length=150)
    iban = models.CharField("IBAN", max_length=34, validators=[check_iban])
    bic = models.CharField("BIC", max_length=11, validators=[check_bic])
    proof = models.OneToOneField(Upload, models.PROTECT, verbose_name="relevé d’identité bancaire", related_name="+")
    state = models.CharField("état", max_length=8, choices=State.choices, default=State.DECLARED)
    declared_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    declared_at = models.DateTimeField("déclarées le", default=timezone.now)
    decided_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField("vérifiées le", null=True, blank=True)
    reason = models.TextField("motif", blank=True)
    replaced_at = models.DateTimeField("remplacées le", null=True, blank=True)

    objects = BankDetailsQuerySet.as_manager()

    class Meta:
        verbose_name = "coordonnées bancaires"
        verbose_name_plural = "coordonnées bancaires"
        ordering = ["-declared_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation"],
                condition=Q(replaced_at=None),
                name="booster_ia_one_current_account",
                violation_error_message="Cette structure a déjà des coordonnées bancaires.",
            ),
            models.CheckConstraint(
                condition=Q(state="declared", decided_by=None, decided_at=None)
                | Q(state__in=["checked", "refused"], decided_by__isnull=False, decided_at__isnull=False),
                name="booster_ia_account_decided_by_somebody",
                violation_error_message="Une vérification a un auteur et une date.",
            ),
            models.CheckConstraint(
                condition=~Q(state="refused") | Q(reason__gt=""),
                name="booster_ia_account_refused_says_why",
                violation_error_message="Un refus a un motif.",
            ),
            models.CheckConstraint(
                condition=Q(holder__gt="", iban__gt="", bic__gt=""),
                name="booster_ia_account_whole",
                violation_error_message="Indiquez le titulaire, l’IBAN et le BIC.",
            ),
        ]

    def __str__(self) -> str:
        return f"coordonnées bancaires {self.pk}"

    @property
    def masked(self) -> str:
        """The IBAN with its head and tail alone: enough to recognise it, not to use it."""
        return f"{self.iban[:SHOWN_HEAD]}{NBSP}••••{NBSP}••••{NBSP}{self.iban[-SHOWN_TAIL:]}"

    @property
    def masked_iban(self) -> str:
        """The same as it is kept once its holder is erased: head and tail, without the rest."""
        return f"{self.iban[:SHOWN_HEAD]}••••{self.iban[-SHOWN_TAIL:]}"

    @property
    def written(self) -> str:
        """The whole IBAN in groups of four, for a payments officer."""
        return NBSP.join(self.iban[at : at + 4] for at in range(0, len(self.iban), 4))

    @property
    def is_checked(self) -> bool:
        return self.state == self.State.CHECKED
