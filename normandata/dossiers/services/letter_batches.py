"""Letters sent by a batch: read, then posted together, each in a transaction of its own with its outcome.

The batch is a `BulkJob`, spread over the workers by chunks. Whatever stops one, each letter leaves once.
"""

import tempfile
import uuid
import zipfile
from collections.abc import Mapping, Sequence
from typing import IO

from django.core import signing
from django.db import transaction

from normandata.accounts.models import User
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotNow

from ..bulk import BulkJob, BulkOutcome
from ..letters import Letter
from ..models import Dossier
from . import bulk

MOST = 1000
"""Letters of one batch."""
CHUNK = 25
"""Letters that one worker takes at a time."""
SALT = "dossiers.letter_batch"


def begin(marks: Mapping[str, str], dossiers: Sequence[Dossier], *, key: uuid.UUID, by: User) -> BulkJob:
    """Post a batch of the letters that were read: `marks` are theirs, by number of dossier.

    The same key again is the same batch. Raises NotAllowed, NotDone, bulk.KeyTaken.
    """
    seen = {one.pk: marks[one.number or ""] for one in dossiers}
    return bulk.begin(BulkJob.Action.SEND_LETTERS, dossiers, {}, key=key, by=by, seen=seen, chunk=CHUNK, most=MOST)


def sealed(marks: Mapping[str, str]) -> str:
    """Write what was read in one field of the page, signed: number of the dossier, mark of its letter."""
    return signing.dumps(dict(marks), salt=SALT, compress=True)


def unsealed(value: str) -> dict[str, str]:
    """Read that field again; raises BadSignature for another text than ours."""
    found: dict[str, str] = signing.loads(value, salt=SALT)
    return found


@transaction.atomic
def retry(outcome: BulkOutcome, *, by: User) -> None:
    """Try a letter that could not leave again, alone; a second click changes nothing.

    Raises NotAllowed for somebody else's batch, NotNow for a letter that changed since it was read.
    """
    held = BulkOutcome.objects.select_for_update(of=("self",)).select_related("job").get(pk=outcome.pk)
    if held.job.by_id != by.pk or held.job.action != BulkJob.Action.SEND_LETTERS:
        raise NotAllowed(procedure.FORBIDDEN)
    if held.state != BulkOutcome.State.REFUSED:
        return
    if held.cause == bulk.CHANGED:
        raise NotNow(bulk.CHANGED)
    bulk.reopen(held)


def letters_of(job: BulkJob) -> list[Letter]:
    """List the letters that a batch sent, in its order."""
    sent = job.outcomes.filter(letter__isnull=False).select_related("letter__document")
    return [one.letter for one in sent if one.letter is not None]


def archive(job: BulkJob) -> tuple[IO[bytes], int]:
    """Return the PDFs of a batch that are ready in one ZIP, and how many are still being made.

    They are written to a file without a name: a thousand letters do not fit in memory.
    """
    letters = letters_of(job)
    ready = [one for one in letters if one.document.is_ready]
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as kept:
        for one in ready:
            with one.document.file.open("rb") as content:
                kept.writestr(one.document.filename, content.read())
    file.seek(0)
    return file, len(letters) - len(ready)
