"""What the Datathon sends and makes: its mails with their tags, its papers."""

from . import edition_kinds  # noqa: F401  declared by its import
