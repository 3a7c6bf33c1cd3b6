"""Figures and names of the room."""

from datetime import timedelta

INVITATION_LIFE = timedelta(days=7)
MAILS_PER_HOUR = 3
"""Mails an address gets in any hour from pages that ask for no password: reset, code, invitation, together."""
ALIVE_EVERY = timedelta(minutes=10)
"""How often a session in use is prolonged; it ends `SESSION_COOKIE_AGE` after the last time."""
RECENT = timedelta(minutes=5)
"""A password or a code typed since is not asked for again before a sensitive change."""
TOTP_PERIOD = 30
PEOPLE_A_PAGE = 50

# Schemes stand on a floor above and cannot be asked; a test compares these names with theirs.
SCHEMES = {
    "diagnostic": "Diagnostic data et IA",
    "booster_ia": "Booster IA",
    "datathon": "Datathon",
    "roadmap": "Feuille de route",
}
SCHEME_CHOICES = [("", "Tous les dispositifs"), *SCHEMES.items()]
