"""Files on the disk: published whole, erased with what was drawn from them, swept when no row owns them."""

import contextlib
import os
import shutil
import uuid
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from django.conf import settings

from . import conf
from .models import Upload


def publish(draft: Path, target: Path) -> None:
    """Give a draft its place, once its bytes are on the disk; raises OSError."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with draft.open("rb") as file:
        os.fsync(file.fileno())
    draft.replace(target)


def erase(pk: uuid.UUID, stored: str | None) -> None:
    """Erase the file of an upload and the pages drawn from it."""
    if stored:
        (Path(settings.MEDIA_ROOT) / stored).unlink(missing_ok=True)
    shutil.rmtree(conf.previews() / str(pk), ignore_errors=True)


def sweep(now: datetime) -> int:
    """Erase drafts left by a process that died, files and drawn pages without a row; returns how many."""
    before = (now - conf.kept_draft()).timestamp()
    swept = 0
    for path in [*_old(conf.drafts(), "*", before), *_old(Path(settings.MEDIA_ROOT) / "uploads", "*/*", before)]:
        if path.parent == conf.drafts() or not Upload.objects.filter(pk=path.name).exclude(file="").exists():
            path.unlink(missing_ok=True)
            swept += 1
    for folder in _old(conf.previews(), "*", before):
        if not Upload.objects.available().filter(pk=folder.name).exists():
            shutil.rmtree(folder, ignore_errors=True)
            swept += 1
    return swept


def _old(folder: Path, pattern: str, before: float) -> Iterator[Path]:
    for path in folder.glob(pattern):
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_mtime < before:
                yield path
