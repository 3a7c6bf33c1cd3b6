"""Figures of the organisations room that no règlement fixes."""

from datetime import timedelta

from django.conf import settings

CONNECT_SECONDS = 2.0
"""How long the directory may take to accept a call or to say its next word."""
TOTAL_SECONDS = 4.0
"""How long a whole look-up may take, retries included: a page never waits longer."""
TRIES = 3
LARGEST_ANSWER = 1_000_000
"""Bytes read of an answer; what is larger is not read."""
KEEP_FOUND = 24 * 3600
KEEP_NOT_LISTED = 3600
KEEP_DOWN = 15
"""Seconds during which an outage is remembered, so that it does not hold every process of the site in turn."""

FETCH_AGAIN = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720, 1440))
"""When a directory that was down is asked again; the last delay repeats."""
NOT_LISTED_TRIES = 30
"""How often an unlisted number is asked again, once a day: a new company takes some days to appear."""

INVITATION_LASTS = timedelta(days=7)
MAILS_AN_HOUR = 3


def directory_url() -> str:
    """Return the address of the public directory; empty means offline, with the fictitious register."""
    return str(settings.DIRECTORY_URL).rstrip("/")
