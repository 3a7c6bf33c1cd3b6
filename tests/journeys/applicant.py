"""An applicant's window: a session opened beside the sign-in page."""

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from normandata.accounts.models import User
from tests.factories.accounts import BACKEND

from .browser import Window
from .conftest import Visit


def signed_in(visit: Visit, member: User, path: str, **options: object) -> Window:
    """Open a page in a window where somebody is signed in."""
    session = SessionStore()
    session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(member.pk), BACKEND
    session[HASH_SESSION_KEY] = member.get_session_auth_hash()
    session.save()
    window = visit("/contact/", **options)
    give(window, session.session_key or "")
    window.go(path)
    return window


def give(window: Window, session: str) -> None:
    """Put a session into a window, and into the one where axe looks at pages that have no script."""
    cookie = {"name": "sessionid", "value": session, "url": window.address}
    window.context.add_cookies([cookie])  # type: ignore[list-item]
    if not window.javascript:
        window.twin = window.twin or window._twin()
        window.twin.context.add_cookies([cookie])  # type: ignore[list-item]
