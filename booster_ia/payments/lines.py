"""The expenses that a balance rests on, one a line, with the files that prove them and what an agent decided."""

import unicodedata
from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from normandata.documents.models import Upload

from ..money import CATEGORIES, HT, TTC
from .guards import FrozenOnceCertified

Person = settings.AUTH_USER_MODEL
PERSONNEL = "personnel"


class Document(models.TextChoices):
    """What proves an expense (annexe 4, « Modalités de paiement », pièces justificatives)."""

    PAYSLIP = "bulletin", "Bulletins de paie"
    CONTRACT = "contrat", "Contrat de travail"
    MISSION = "mission", "Lettre de mission"
    TIMESHEET = "temps", "Feuilles de temps signées de l’employé et du représentant légal"
    INVOICE = "facture", "Facture acquittée"


FOR_PERSONNEL = (Document.PAYSLIP, Document.CONTRACT, Document.MISSION, Document.TIMESHEET)
FOR_OTHERS = (Document.INVOICE,)


def wanted(category: str) -> tuple[Document, ...]:
    """Return the kinds of documents that an expense of this category is proved by."""
    return FOR_PERSONNEL if category == PERSONNEL else FOR_OTHERS


def fingerprint(supplier: str, siret: str, invoice: str) -> str:
    """Name an invoice so that two ways of typing it are one; nothing for what has no number.

    The SIREN names its supplier where it is known, the name otherwise.
    """
    number = _folded(invoice)
    return f"{siret[:9] or _folded(supplier)}:{number}"[:120] if number else ""


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(one for one in plain if one.isalnum())


class ExpenseLine(models.Model):
    """An expense as it was sent, and what an agent accepts of it. Amounts in euros, on `basis`; `vat_rate` in percent.

    `row` names its row of the form, which its files follow. `first_day` and `last_day` are those worked, or both the
    day of the invoice. `accepted` is on the line's own basis: bringing it to the carrier's is computed, never typed.
    """

    request = models.ForeignKey("booster_ia.PaymentRequest", models.PROTECT, related_name="lines")
    row = models.CharField("ligne", max_length=20)
    rank = models.PositiveSmallIntegerField("rang")
    category = models.CharField("catégorie", max_length=30, choices=list(CATEGORIES.items()))
    label = models.CharField("libellé", max_length=200)
    supplier = models.CharField("fournisseur", max_length=200, blank=True)
    supplier_siret = models.CharField("SIRET du fournisseur", max_length=14, blank=True)
    invoice = models.CharField("numéro de facture", max_length=60, blank=True)
    fingerprint = models.CharField("empreinte de la facture", max_length=120, blank=True, editable=False)
    first_day = models.DateField("du")
    last_day = models.DateField("au")
    paid_on = models.DateField("payée le", null=True, blank=True)
    amount = models.DecimalField("montant", max_digits=12, decimal_places=2)
    basis = models.CharField("base", max_length=3, choices=[(HT, HT), (TTC, TTC)])
    vat_rate = models.DecimalField("taux de TVA", max_digits=5, decimal_places=2, null=True, blank=True)
    function = models.CharField("fonction", max_length=150, blank=True)
    is_permanent = models.BooleanField("personnel permanent", default=False)
    days = models.DecimalField("jours", max_digits=8, decimal_places=2, null=True, blank=True)
    accepted = models.DecimalField("montant accepté", max_digits=12, decimal_places=2, null=True, blank=True)
    reason = models.TextField("motif", blank=True)
    decided_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField("contrôlée le", null=True, blank=True)

    class Meta:
        verbose_name = "dépense justifiée"
        verbose_name_plural = "dépenses justifiées"
        ordering = ["rank"]
        indexes = [
            models.Index(fields=["fingerprint"], name="booster_ia_line_invoice", condition=Q(fingerprint__gt=""))
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["request", "row"],
                name="booster_ia_line_once",
                violation_error_message="Cette ligne existe déjà.",
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0, first_day__lte=F("last_day")),
                name="booster_ia_line_whole",
                violation_error_message="Une dépense a un montant, et finit après avoir commencé.",
            ),
            models.CheckConstraint(
                condition=Q(accepted=None) | Q(accepted__gte=0, accepted__lte=F("amount")),
                name="booster_ia_line_accepted_within",
                violation_error_message="Le montant accepté ne dépasse pas celui de la dépense.",
            ),
            models.CheckConstraint(
                condition=Q(accepted=None) | Q(accepted=F("amount")) | Q(reason__gt=""),
                name="booster_ia_line_cut_says_why",
                violation_error_message="Une réduction ou un refus a un motif.",
            ),
            models.CheckConstraint(
                condition=Q(accepted=None, decided_by=None) | Q(accepted__isnull=False, decided_by__isnull=False),
                name="booster_ia_line_decided_by_somebody",
                violation_error_message="Une décision a un auteur.",
            ),
            FrozenOnceCertified(name="booster_ia_line_frozen"),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def is_decided(self) -> bool:
        return self.accepted is not None

    @property
    def mark(self) -> str:
        """What tells that its decision is as a page showed it; nothing while it waits for one."""
        return self.decided_at.isoformat() if self.decided_at else ""

    @property
    def cut(self) -> Decimal:
        """What was not accepted, on the line's basis."""
        return self.amount - (self.accepted or Decimal(0))


class ExpenseFile(models.Model):
    """A file that proves an expense, by kind; it follows the row of the form, and stays once taken away."""

    request = models.ForeignKey("booster_ia.PaymentRequest", models.PROTECT, related_name="files")
    row = models.CharField("ligne", max_length=20)
    kind = models.CharField("nature", max_length=10, choices=Document.choices)
    upload = models.OneToOneField(Upload, models.PROTECT, related_name="+")
    added_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    added_at = models.DateTimeField("joint le", default=timezone.now)
    removed_at = models.DateTimeField("retiré le", null=True, blank=True)

    class Meta:
        verbose_name = "pièce d’une dépense"
        verbose_name_plural = "pièces des dépenses"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=Document.values),
                name="booster_ia_file_kind_known",
                violation_error_message="Cette nature de pièce n’existe pas.",
            ),
            FrozenOnceCertified(name="booster_ia_file_frozen"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.row}"
