"""What several tests of accounts do: read mails, compare pages, go through sign-in."""

import re
from typing import Any

from django.http import HttpResponse
from django.test import Client

from normandata.outbox.mail import SEND_SECRET
from normandata.outbox.models import Message
from tests.factories.accounts import PASSWORD

CODE = re.compile(r"^ {4}([A-Z0-9]{6})$", re.MULTILINE)
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="[^"]+"')


def mails(to: str) -> list[str]:
    """Return the texts posted to an address, the oldest first, each with its subject first."""
    rows = Message.objects.filter(handler=SEND_SECRET, payload__to=to).order_by("created_at")
    return [f"{row.payload['subject']}\n{row.payload['text']}" for row in rows]


def last_code(to: str) -> str:
    """Return the last code sent to an address."""
    found = CODE.search(mails(to)[-1])
    assert found, mails(to)
    return found[1]


def body(response: Any) -> str:
    """Return a page without what differs at each request, and without the address that was typed."""
    return TOKEN.sub("", response.content.decode())


def sign_up(client: Client, email: str, *, next: str = "", password: str = PASSWORD) -> Any:
    data = {"name": "Camille Martin", "email": email, "password1": password}
    return client.post("/inscription/" + (f"?next={next}" if next else ""), data)


def sign_in_by_form(client: Client, email: str, password: str = PASSWORD, **extra: Any) -> Any:
    return client.post("/connexion/", {"login": email, "password": password}, **extra)


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def location(response: HttpResponse) -> str:
    return str(response.headers.get("Location", ""))
