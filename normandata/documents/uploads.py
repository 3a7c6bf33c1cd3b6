"""Receiving a file, having it scanned, letting go of it, and sweeping what nobody owns."""

import errno
import hashlib
import logging
import os
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.files.base import File
from django.db import transaction
from django.utils import timezone

from normandata.accounts.models import User
from normandata.outbox import services as outbox
from normandata.outbox.models import Message

from . import antivirus, conf, drafts, isolation, names, storage
from .checks.formats import FORMATS, Found
from .checks.refusal import REDO, Refused, refuse
from .limits import Limits
from .models import Upload, kept_under

logger = logging.getLogger(__name__)
SCAN = "documents.scan"
ERASED_NAME = "Fichier éliminé"
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO, errno.EMFILE, errno.ENFILE})
_settled: list[Callable[[Upload], None]] = []


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file: kept as `upload`, or refused, which `message` says."""

    name: str
    upload: Upload | None = None
    message: str = ""


def receive(file: File, *, by: User, limits: Limits, keep: Callable[[Upload], object] | None = None) -> Upload:  # type: ignore[type-arg]
    """Check a file and keep it; raises Refused, and then nothing of it stays on the disk nor in the database.

    `keep` attaches the upload to its owner in the same transaction.
    """
    name, limits = names.shown(file.name or ""), limits.within(conf.most_bytes())
    if file.size > limits.most_bytes:
        raise Refused(limits.too_heavy(name, file.size))
    if isinstance(file, drafts.Draft) and file.lacks_room:
        raise _no_room(name)
    try:
        draft, sha256 = _drafted(file)
    except OSError as error:
        raise _no_room(name, error) from error
    try:
        found = _inspected(draft, name, limits)
        return _publish(draft, Upload(name=names.published(name, found.format), sha256=sha256), found, by, keep)
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        raise _no_room(name, error) from error
    finally:
        draft.unlink(missing_ok=True)


def receive_all(
    files: Iterable[File],  # type: ignore[type-arg]
    *,
    by: User,
    limits: Limits,
    keep: Callable[[Upload], object] | None = None,
    already: int = 0,
) -> list[Outcome]:
    """Receive several files, each for itself; `already` counts those the owner has. One outcome a file, in order."""
    outcomes: list[Outcome] = []
    for file in files:
        name = names.shown(file.name or "")
        room = limits.most_files - already - sum(outcome.upload is not None for outcome in outcomes)
        try:
            if room <= 0:
                raise too_many(name, limits)
            upload = receive(file, by=by, limits=limits, keep=keep)
            outcomes.append(Outcome(name=upload.name, upload=upload))
        except Refused as refusal:
            outcomes.append(Outcome(name=name, message=refusal.message))
        finally:
            file.close()
    return outcomes


def too_many(name: str, limits: Limits) -> Refused:
    """Build the refusal of a file beyond the number accepted; the owner's `keep` raises it too, under its own lock."""
    gesture = "Retirez-en un avant d’en ajouter."
    return refuse(name, f"dépasse le nombre de fichiers acceptés, {limits.most_files} au plus", gesture)


def forget(upload: Upload) -> None:
    """Erase an upload: its row now, its file and drawn pages once that is committed."""
    pk, stored = upload.pk, upload.file.name
    with transaction.atomic():
        upload.delete()
        transaction.on_commit(lambda: storage.erase(pk, stored), robust=True)
    upload.pk = pk


def empty(upload: Upload) -> None:
    """Erase the file of an upload whose row others point at, within the caller's transaction."""
    pk, stored = upload.pk, upload.file.name
    upload.name, upload.file, upload.state = ERASED_NAME, "", Upload.State.ERASED
    with transaction.atomic():
        upload.save()
        transaction.on_commit(lambda: storage.erase(pk, stored), robust=True)


def forget_ownerless(at: datetime) -> int:
    """Erase what nobody joined to anything within a day, by a message never sent for instance; returns how many."""
    old = Upload.objects.filter(uploaded_at__lt=at - conf.kept_ownerless())
    forgotten = 0
    for pk in list(old.ownerless().values_list("pk", flat=True)):
        with transaction.atomic():
            locked = Upload.objects.select_for_update().filter(pk=pk).first()
            # Asked once it is held: a row that points at it may have been written meanwhile.
            if locked is not None and Upload.objects.ownerless().filter(pk=pk).exists():
                forget(locked)
                forgotten += 1
    return forgotten


def on_settled(function: Callable[[Upload], None]) -> Callable[[Upload], None]:
    """Have a function called, in the transaction that writes it, when the antivirus has said its word."""
    _settled.append(function)
    return function


def scan(pk: uuid.UUID | str, attempt: int = 1) -> None:
    """Have an upload scanned and write the verdict; an antivirus that does not answer is asked again later."""
    upload = Upload.objects.checking().filter(pk=pk).first()
    if upload is None:
        return
    try:
        verdict = antivirus.scan(Path(upload.file.path))
    except antivirus.Unreachable as error:
        logger.warning("The antivirus does not answer (%s); %s waits.", error, upload.pk)
        _ask(upload, attempt + 1, timezone.now() + conf.scan_again_after(attempt))
        return
    with transaction.atomic():
        locked = Upload.objects.select_for_update().checking().filter(pk=pk).first()
        if locked is not None:
            _settle(locked, verdict)


def catch_up() -> int:
    """Ask for the scans that nobody asked for: received without antivirus, or whose message was lost."""
    if not conf.antivirus():
        return 0
    Upload.objects.unscanned().update(state=Upload.State.CHECKING)
    asked = 0
    for upload in Upload.objects.checking().iterator(chunk_size=200):
        waiting = Message.objects.unfinished().filter(handler=SCAN, payload__upload=str(upload.pk))
        if not waiting.exists():
            _ask(upload, 1, None, key=f"{upload.pk}:{timezone.now():%Y%m%d%H}")
            asked += 1
    return asked


def _drafted(file: File) -> tuple[Path, str]:  # type: ignore[type-arg]
    """Return where the bytes are, beside the files kept, and their hash."""
    digest = hashlib.sha256()
    if isinstance(file, drafts.Draft) and file.path is not None:
        for block in file.chunks():
            digest.update(block)
        return file.path, digest.hexdigest()
    draft = drafts.path()
    try:
        with drafts.opened(draft) as copy:
            for block in file.chunks():
                digest.update(block)
                copy.write(block)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    return draft, digest.hexdigest()


def _inspected(draft: Path, name: str, limits: Limits) -> Found:
    request = {"work": "inspect", "path": str(draft), "name": name, "formats": sorted(limits.formats)}
    try:
        answer = isolation.run(request)
    except isolation.Failed as error:
        logger.warning("A file could not be checked (%s).", error)
        raise refuse(name, "n’a pas pu être vérifié", REDO) from error
    if "refused" in answer:
        raise Refused(answer["refused"])
    return Found(**answer["found"])


def _publish(draft: Path, upload: Upload, found: Found, by: User, keep: Callable[[Upload], object] | None) -> Upload:
    """Write the row and rename the draft, or neither."""
    upload.format, upload.media_type = found.format, FORMATS[found.format].media_type
    upload.pages, upload.width, upload.height = found.pages, found.width, found.height
    upload.size, upload.uploaded_by, upload.uploaded_at = draft.stat().st_size, by, timezone.now()
    upload.state = Upload.State.CHECKING if conf.antivirus() else Upload.State.UNSCANNED
    upload.file.name = kept_under(upload, "")
    target = Path(upload.file.path)
    try:
        with transaction.atomic():
            upload.save(force_insert=True)
            if keep is not None:
                keep(upload)
            if upload.state == Upload.State.CHECKING:
                _ask(upload, 1)
            storage.publish(draft, target)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return upload


def _ask(upload: Upload, attempt: int, due_at: Any = None, *, key: str = "") -> None:
    """Ask for a scan; the same attempt asked twice is one message."""
    payload = {"upload": str(upload.pk), "attempt": attempt}
    outbox.post(SCAN, payload, key=key or f"{upload.pk}:{attempt}", due_at=due_at)


def _settle(upload: Upload, verdict: antivirus.Verdict) -> None:
    upload.checked_at = timezone.now()
    upload.state = Upload.State.CLEAN
    if verdict.signature or verdict.is_refused:
        logger.error("The antivirus refused the upload %s (%s).", upload.pk, verdict.signature or "too large")
        pk, stored = upload.pk, upload.file.name
        upload.state = Upload.State.INFECTED if verdict.signature else Upload.State.REFUSED
        upload.file.name = ""
        transaction.on_commit(lambda: storage.erase(pk, stored), robust=True)
    upload.save(update_fields=["state", "file", "checked_at"])
    for function in _settled:
        function(upload)


def _no_room(name: str, error: OSError | None = None) -> Refused:
    logger.error("No file can be received: %s.", error and os.strerror(error.errno or 0))
    cause = "n’a pas été gardé : le portail manque de place pour le moment"
    return refuse(
        name, cause.replace(" :", "\u00a0:"), "La panne vient de nous et elle est signalée. Réessayez plus tard."
    )
