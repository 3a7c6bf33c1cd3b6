"""The words of the mails, version by version, and the mails written with them."""

import uuid
from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Lower
from django.utils import timezone

from normandata.accounts.models import Role, User

from .texts import LONGEST_SUBJECT


def may_edit_texts(user: User | AnonymousUser) -> bool:
    """Tell whether a person may change the words of the mails: an administrator of the whole portal."""
    return isinstance(user, User) and user.holds(Role.ADMINISTRATOR)


class MailTextQuerySet(models.QuerySet["MailText"]):
    def in_force(self) -> Self:
        """Keep the last version of each kind."""
        return self.filter(~Exists(MailText.objects.filter(kind=OuterRef("kind"), number__gt=OuterRef("number"))))

    def of(self, kind: str) -> Self:
        """Keep the versions of one kind, the newest first."""
        return self.filter(kind=kind).order_by("-number")


class MailText(models.Model):
    """One version of the words of a kind of mail; the last applies. Never changed, never removed.

    Number 0 is the original text, which lives in a file and has no row.
    """

    kind = models.CharField("courriel", max_length=80)
    number = models.PositiveIntegerField("version")
    subject = models.CharField("objet", max_length=LONGEST_SUBJECT)
    text = models.TextField("texte")
    reason = models.CharField("motif", max_length=200, blank=True)
    edited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="écrit par", related_name="+")
    edited_at = models.DateTimeField("écrit le", default=timezone.now)

    objects = MailTextQuerySet.as_manager()

    class Meta:
        verbose_name = "texte de courriel"
        verbose_name_plural = "textes de courriels"
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "number"],
                name="notifications_text_number_once",
                violation_error_message="Cette version du texte existe déjà.",
            ),
            models.CheckConstraint(
                condition=Q(number__gt=0) & ~Q(subject="") & ~Q(text=""),
                name="notifications_text_says_something",
                violation_error_message="Un texte de courriel a un numéro, un objet et un texte.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}, version {self.number}"


NOBODY = "elimine@efface.invalid"


class MailQuerySet(models.QuerySet["Mail"]):
    def about(self, thing: models.Model) -> Self:
        """Keep the mails about one thing, the newest first."""
        return self.filter(about_kind=thing._meta.label_lower, about_key=str(thing.pk)).order_by("-created_at", "pk")

    def empty(self, word: str) -> None:
        """Put a word in the place of what mails say, and nobody in the place of whom they were sent to."""
        self.order_by().update(subject=word, text=word, address=NOBODY, recipient=None, key=None)

    def to(self, address: str) -> Self:
        """Keep the mails to one address, whatever its case."""
        return self.filter(address=address.strip().lower())

    def resent(self) -> Self:
        """Keep the mails that somebody sent again."""
        return self.filter(resend_of__isnull=False)


class Mail(models.Model):
    """A mail to one address, as it was written; the outbox carries its identifier and nothing else.

    Not for codes nor links that open an account: those go through `normandata.outbox.mail`, which forgets them.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField("courriel", max_length=80)
    text_version = models.PositiveIntegerField("version du texte", default=0)
    address = models.EmailField("adresse", max_length=254)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        verbose_name="destinataire",
        related_name="mails",
    )
    subject = models.TextField("objet")
    text = models.TextField("texte")
    about_kind = models.CharField("nature de l’objet", max_length=80, blank=True)
    about_key = models.CharField("clé de l’objet", max_length=64, blank=True)
    key = models.CharField("clé d’idempotence", max_length=200, null=True, blank=True)
    created_at = models.DateTimeField("écrit le", default=timezone.now)
    sent_at = models.DateTimeField("parti le", null=True, blank=True)
    resend_of = models.ForeignKey(
        "self", models.CASCADE, null=True, blank=True, verbose_name="renvoi de", related_name="resends"
    )
    resent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, verbose_name="renvoyé par", related_name="+"
    )

    objects = MailQuerySet.as_manager()

    class Meta:
        verbose_name = "courriel"
        verbose_name_plural = "courriels"
        indexes = [
            models.Index(fields=["about_kind", "about_key", "-created_at"], name="notifications_mail_about"),
            models.Index(fields=["address", "-created_at"], name="notifications_mail_address"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["key", "address"],
                name="notifications_mail_key_once",
                violation_error_message="Ce courriel a déjà été écrit pour ce destinataire.",
            ),
            models.CheckConstraint(
                condition=Q(address=Lower("address")) & ~Q(address=""),
                name="notifications_mail_address_lower_case",
                violation_error_message="Une adresse électronique s’enregistre en minuscules.",
            ),
            models.CheckConstraint(
                condition=Q(about_kind="", about_key="") | (~Q(about_kind="") & ~Q(about_key="")),
                name="notifications_mail_about_whole",
                violation_error_message="L’objet d’un courriel a une nature et une clé, ou ni l’une ni l’autre.",
            ),
            models.CheckConstraint(
                condition=Q(resend_of__isnull=True, resent_by__isnull=True)
                | Q(resend_of__isnull=False, resent_by__isnull=False),
                name="notifications_mail_resent_by_somebody",
                violation_error_message="Un renvoi dit de quel courriel, et par qui.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
