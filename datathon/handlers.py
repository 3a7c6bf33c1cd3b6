"""What the Datathon sends and makes: its mails with their tags, its letters and receipts, declared by their import."""

from . import mails_people, receipts, refusal_letter  # noqa: F401
