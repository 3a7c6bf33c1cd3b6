"""The room's settings and their defaults."""

from datetime import timedelta

RESENDS = 3
RESENDS_WITHIN = timedelta(hours=1)
"""How many mails may be sent again to one address, and in how long."""
VERSIONS_SHOWN = 20
