"""Files being received: written beside the files kept, published by one rename, or gone."""

import os
import uuid
from pathlib import Path
from typing import IO, Any

from django.core.files.uploadedfile import UploadedFile

from . import conf


def path() -> Path:
    """Return the path of a new draft; its folder exists, readable by its owner only."""
    folder = conf.drafts()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / f"{uuid.uuid4()}.part"


def opened(target: Path) -> IO[bytes]:
    """Create a draft that only its owner reads; raises OSError when it exists or there is no room."""
    return os.fdopen(os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b")


class Draft(UploadedFile):  # type: ignore[type-arg]
    """A file of a request, on the disk. `path` is None when it was not kept: too heavy, or no room for it."""

    def __init__(
        self,
        name: str,
        content_type: str,
        size: int,
        *,
        file: Any = None,
        path: Path | None = None,
        lacks_room: bool = False,
    ) -> None:
        super().__init__(file, name, content_type, size)
        self.path, self.lacks_room = path, lacks_room

    def close(self) -> None:
        """Let go of the file; one that was not published leaves nothing."""
        if self.file is not None:
            self.file.close()
        if self.path is not None:
            self.path.unlink(missing_ok=True)
