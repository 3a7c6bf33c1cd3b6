"""The room's mails: one text file each, whose first line is the subject."""

from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from normandata.outbox import mail
from normandata.outbox.models import Message


def send(name: str, to: str, context: dict[str, Any]) -> Message:
    """Post `email/accounts/<name>.txt` through the outbox, which forgets its text once it is sent."""
    text = render_to_string(f"email/accounts/{name}.txt", {"site_url": settings.SITE_URL, **context})
    subject, _, body = text.strip().partition("\n")
    return mail.send(to, subject, body.strip() + "\n", is_secret=True)
