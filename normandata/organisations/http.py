"""The request of a signed-in person, as the views of this room receive it."""

from django.http import HttpRequest

from normandata.accounts.models import User


class SignedRequest(HttpRequest):
    """A request that the login middleware let through."""

    user: User
