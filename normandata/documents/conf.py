"""The room's settings and their defaults. Sizes are bytes, durations seconds."""

from datetime import timedelta
from pathlib import Path

from django.conf import settings


def antivirus() -> str:
    """Address of clamd (`unix:/path` or `tcp://host:port`), or nothing."""
    return getattr(settings, "CLAMD_SOCKET", "")


def antivirus_patience() -> float:
    """How long clamd may stay silent."""
    return getattr(settings, "CLAMD_TIMEOUT", 30)


def most_bytes() -> int:
    """The heaviest file that is written to disk; a page may accept less, never more."""
    return getattr(settings, "UPLOAD_MOST_BYTES", 20 * 1024 * 1024)


def heaviest_request() -> int:
    """The heaviest request that is read at all: a form with its files."""
    return getattr(settings, "UPLOAD_HEAVIEST_REQUEST", 110 * 1024 * 1024)


def patience() -> float:
    """How long a check or a drawing may take."""
    return getattr(settings, "UPLOAD_PATIENCE", 25)


def scan_again_after(attempt: int) -> timedelta:
    """How long to wait for an antivirus that does not answer, after attempt number `attempt` (from 1)."""
    return timedelta(seconds=min(30 * 2 ** min(attempt - 1, 5), 900))


def kept_draft() -> timedelta:
    """How long a file without its row is left alone: longer than any request or transaction."""
    return timedelta(hours=getattr(settings, "UPLOAD_KEEP_DRAFT_HOURS", 6))


def kept_ownerless() -> timedelta:
    """How long a file received and joined to nothing is kept: its author may still send the message it came with."""
    return timedelta(hours=getattr(settings, "UPLOAD_KEEP_OWNERLESS_HOURS", 24))


def drafts() -> Path:
    """Where files are written before they are checked: beside the files kept, so that a rename publishes them."""
    return Path(settings.MEDIA_ROOT) / "drafts"


def previews() -> Path:
    """Where drawn pages are kept."""
    return Path(settings.MEDIA_ROOT) / "previews"
