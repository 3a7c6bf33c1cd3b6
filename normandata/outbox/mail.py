"""Mails leave through the outbox: a row written with the fact that caused it, one Message-ID however often tried."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage

from normandata.outbox import services
from normandata.outbox.models import Message
from normandata.outbox.registry import handler

SEND = "outbox.mail"
SEND_SECRET = "outbox.secret_mail"  # noqa: S105 – the name of a handler


def send(
    to: str,
    subject: str,
    text: str,
    *,
    key: str | None = None,
    is_secret: bool = False,
    reply_to: str = "",
    due_at: datetime | None = None,
) -> Message:
    """Write a plain mail to one address; the worker sends it.

    A secret mail (a code, a link that opens an account) leaves no text behind once it is sent.
    """
    payload = {"to": to, "subject": " ".join(subject.split()), "text": text, "reply_to": reply_to}
    return services.post(SEND_SECRET if is_secret else SEND, payload, key=key, due_at=due_at)


@handler(SEND)
def deliver(message: Message) -> None:
    """Send the mail of a message."""
    write(message.payload, message_id=message.message_id).send()


@handler(SEND_SECRET, is_secret=True)
def deliver_secret(message: Message) -> None:
    """Send the mail of a message, whose row then forgets it."""
    write(message.payload, message_id=message.message_id).send()


def write(payload: Mapping[str, Any], *, message_id: str) -> EmailMessage:
    """Build the mail: text only, marked automatic so that no absence notice answers it."""
    return EmailMessage(
        subject=payload["subject"],
        body=payload["text"],
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[payload["to"]],
        reply_to=[payload["reply_to"]] if payload.get("reply_to") else None,
        headers={"Message-ID": message_id, "Auto-Submitted": "auto-generated"},
    )
