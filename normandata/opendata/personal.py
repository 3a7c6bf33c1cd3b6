"""What the `opendata` room holds of people."""

from collections.abc import Iterable
from functools import partial
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from normandata.accounts.models import User
from normandata.privacy import registry
from normandata.privacy.identity import Identity
from normandata.privacy.registry import Holding

from . import conf, publications, writing
from . import registry as sets
from .models import Publication

HOLDINGS = (
    Holding("opendata.Publication", "publication", words=["problem"], plain=["csv_sha256", "json_sha256"]),
    Holding("opendata.Refusal", "publication", words=["place", "reason", "row"]),
)


def hand_up() -> None:
    """Declare what this room holds, and how it lets go of it."""
    registry.declare(*HOLDINGS)
    registry.on_forget(forget)


def forget(person: User, identity: Identity) -> None:
    """Write anew, once nothing names the person, the published files where a title or a reason did.

    The night would do it: a file that was replaced is served for a while to whoever holds its address.
    """
    eyes = identity.from_afar()
    files = [path for path in conf.folder().rglob("*") if path.is_file()]
    named = [path for path in files if eyes.names_in(path.read_text(encoding="utf-8", errors="ignore"))]
    if named:
        transaction.on_commit(partial(_publish_anew, named), robust=True)


def _publish_anew(paths: Iterable[Path]) -> None:
    """Publish the sets of some files again, and erase those that nothing serves any more."""
    now, slugs = timezone.now(), {path.parent.name for path in paths}
    for one in sets.every():
        if one.slug in slugs:
            publications.publish_safely(one, now)
    served = {one.file(format) for one in Publication.objects.all() for format in writing.FORMATS}
    for path in paths:
        if path not in served:
            path.unlink(missing_ok=True)
