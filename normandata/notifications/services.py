"""The gestures of the mails: write one and let it go, send it again, change its words."""

import logging
import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from normandata.accounts.models import User
from normandata.outbox import mail as post_office
from normandata.outbox import services as outbox
from normandata.outbox.models import Message, State
from normandata.regulation.formats import spaced

from . import conf, kinds, texts
from .models import Mail, MailText

logger = logging.getLogger(__name__)
SEND = "notifications.mail"
RESTORED = "Retour au texte d’origine"


class Words(NamedTuple):
    """A subject and a text with their tags, and the number of their version; 0 is the original."""

    subject: str
    text: str
    version: int


class Rendered(NamedTuple):
    """A subject and a text ready to send, and the version they were made from."""

    subject: str
    text: str
    version: int


class Outdated(Exception):
    """Somebody saved another version since this one was read; nothing was written."""


class CannotResend(Exception):
    """The mail is not sent again; the French sentence says why."""


def words(kind: kinds.Kind, last: MailText | None = None) -> Words:
    """Return the words in force for a kind; `last` spares the query.

    A version saved before the kind changed its tags may not be right any more: the original then applies, so that
    no mail is lost.
    """
    last = last or MailText.objects.of(kind.slug).first()
    if last and not kind.problems(last.subject, last.text):
        return Words(last.subject, last.text, last.number)
    if last:
        logger.warning("The text %s of the mail %s has wrong tags; the original is used.", last.number, kind.slug)
    return Words(kind.default_subject, kind.default_text, 0)


def fill(chosen: Words, values: Mapping[str, str]) -> Rendered:
    """Put the values in the words; the subject holds on one line."""
    subject = texts.one_line(texts.fill(chosen.subject, values))
    return Rendered(subject, texts.fill(chosen.text, values), chosen.version)


def rendered(kind: str, values: Mapping[str, str]) -> Rendered:
    """Write a mail with the words in force, without sending it.

    Raises LookupError for an unknown kind, ValueError when the values are not those of its tags.
    """
    found = kinds.get(kind)
    if wrong := sorted(set(values) ^ set(found.tags)):
        raise ValueError(f"the values of the mail {kind!r} are not those of its tags: {wrong}")
    if wrong := sorted(name for name, value in values.items() if not isinstance(value, str)):
        raise ValueError(f"the values of the mail {kind!r} must be text: {wrong}")
    return fill(words(found), values)


@transaction.atomic(savepoint=False)
def notify(
    kind: str,
    *,
    to: Iterable[User | str],
    values: Mapping[str, str],
    about: models.Model | None = None,
    key: str | None = None,
    due_at: datetime | None = None,
) -> list[Mail]:
    """Write one mail for each person or address, once each, in the caller's transaction; the worker sends them.

    `key` makes the gesture idempotent for each address: the mail already written is returned. Raises LookupError for
    an unknown kind, ValueError for values that are not those of the tags or an address that is not one.
    """
    content = rendered(kind, values)
    now = timezone.now()
    mails = [
        Mail(
            kind=kind,
            text_version=content.version,
            address=address,
            recipient=person,
            subject=content.subject,
            text=content.text,
            about_kind=about._meta.label_lower if about else "",
            about_key=str(about.pk) if about else "",
            key=key,
            created_at=now,
        )
        for address, person in _addresses(kind, to).items()
    ]
    if key is None:
        Mail.objects.bulk_create(mails)
        kept = mails
    else:
        Mail.objects.bulk_create(mails, ignore_conflicts=True)
        found = {mail.address: mail for mail in Mail.objects.filter(key=key, address__in=[m.address for m in mails])}
        kept = [found[mail.address] for mail in mails]
    written = {mail.pk for mail in mails}
    fresh = [str(mail.pk) for mail in kept if mail.pk in written]
    outbox.post_all(SEND, {pk: {"mail": pk} for pk in fresh}, due_at=due_at)
    return kept


def deliver(pk: uuid.UUID | str, *, message_id: str) -> None:
    """Hand a mail to the mail server and note the hour; a mail already gone, or erased, stays as it is."""
    mail = Mail.objects.filter(pk=pk, sent_at=None).first()
    if mail is None:
        return
    payload = {"to": mail.address, "subject": mail.subject, "text": mail.text}
    post_office.write(payload, message_id=message_id).send()
    Mail.objects.filter(pk=pk, sent_at=None).update(sent_at=timezone.now())


@transaction.atomic
def resend(mail: Mail, *, by: User) -> Mail:
    """Send a mail again: one that failed is tried again, one that left is written a second time.

    Raises CannotResend for a mail that still waits, or an address that got its share for the hour.
    """
    # The first mail of the address is its lock: two resends at the same instant are counted one after the other.
    Mail.objects.select_for_update().to(mail.address).order_by("created_at", "pk").first()
    mail = Mail.objects.get(pk=mail.pk)
    last = mail.resends.order_by("-created_at", "pk").first() or mail
    if last.sent_at is None:
        message = Message.objects.filter(handler=SEND, key=str(last.pk)).first()
        if message is None:
            _post(last, None)
        elif message.state != State.FAILED or not outbox.retry(message):
            raise CannotResend("Ce courriel est déjà en attente d’envoi : il partira sans autre geste.")
        return last
    now = timezone.now()
    if Mail.objects.to(mail.address).resent().filter(created_at__gt=now - conf.RESENDS_WITHIN).count() >= conf.RESENDS:
        raise CannotResend(
            spaced(f"Cette adresse a déjà reçu {conf.RESENDS} renvois en une heure. Réessayez dans une heure.")
        )
    again = Mail.objects.create(
        kind=mail.kind,
        text_version=mail.text_version,
        address=mail.address,
        recipient_id=mail.recipient_id,
        subject=mail.subject,
        text=mail.text,
        about_kind=mail.about_kind,
        about_key=mail.about_key,
        created_at=now,
        resend_of=mail,
        resent_by=by,
    )
    _post(again, None)
    return again


def edit_text(kind: str, subject: str, text: str, *, by: User, reason: str = "", seen: int) -> MailText:
    """Add a version of the words of a kind; `seen` is the version its author had before their eyes.

    Raises LookupError for an unknown kind, ValidationError (by field) for words that are not right or that change
    nothing, Outdated when `seen` is not the last version any more.
    """
    found = kinds.get(kind)
    subject, text = texts.one_line(subject), texts.clean(text).strip()
    if faults := found.problems(subject, text):
        raise ValidationError({field: list(messages) for field, messages in faults.items()})
    last = MailText.objects.of(kind).first()
    if seen != (last.number if last else 0):
        raise Outdated
    if (subject, text) == ((last.subject, last.text) if last else (found.default_subject, found.default_text)):
        raise ValidationError("Ce texte est déjà celui qui s’applique : il n’y a rien à enregistrer.")
    version = MailText(
        kind=kind, number=seen + 1, subject=subject, text=text, reason=texts.one_line(reason), edited_by=by
    )
    try:
        with transaction.atomic():
            version.save(force_insert=True)
    except IntegrityError:
        if MailText.objects.filter(kind=kind, number=seen + 1).exists():
            raise Outdated from None
        raise
    return version


def restore_text(kind: str, *, by: User, seen: int) -> MailText:
    """Add a version that says what the original says; raises as `edit_text` does."""
    found = kinds.get(kind)
    return edit_text(kind, found.default_subject, found.default_text, by=by, reason=RESTORED, seen=seen)


def _post(mail: Mail, due_at: datetime | None) -> None:
    outbox.post(SEND, {"mail": str(mail.pk)}, key=str(mail.pk), due_at=due_at)


def _addresses(kind: str, to: Iterable[User | str]) -> dict[str, User | None]:
    """Return each address once, in lower case, with the person it belongs to where one was given."""
    found: dict[str, User | None] = {}
    for one in to:
        person = one if isinstance(one, User) else None
        address = (one.email if isinstance(one, User) else one).strip().lower()
        try:
            validate_email(address)
        except ValidationError:
            # Without the address: this message may reach a log.
            raise ValueError(f"an address of the mail {kind!r} is not valid") from None
        found[address] = found.get(address) or person
    return found
