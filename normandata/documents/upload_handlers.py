"""How files of a request reach the disk: streamed, bounded, and gone when the request goes wrong."""

import logging
from pathlib import Path
from typing import IO, Any

from django.core.files.uploadhandler import FileUploadHandler

from . import conf, drafts

logger = logging.getLogger(__name__)


class DraftHandler(FileUploadHandler):
    """Writes each file to a draft; one that is too heavy, or finds no room, is counted and not kept.

    The others of the same request are kept: one failure costs one file.
    """

    chunk_size = 256 * 1024

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.stream: IO[bytes] | None = None
        self.path: Path | None = None
        self.written = 0
        self.lacks_room = False
        try:
            self.path = drafts.path()
            self.stream = drafts.opened(self.path)
        except OSError as error:
            self._give_up(error)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self.stream is None:
            return
        self.written += len(raw_data)
        try:
            if self.written > conf.most_bytes():
                self._drop()
            else:
                self.stream.write(raw_data)
        except OSError as error:
            self._give_up(error)

    def file_complete(self, file_size: int) -> drafts.Draft:
        try:
            if self.stream is not None:
                self.stream.flush()
                self.stream.seek(0)
        except OSError as error:
            self._give_up(error)
        stream, path, self.stream, self.path = self.stream, self.path, None, None
        return drafts.Draft(
            self.file_name or "",
            self.content_type or "",
            file_size,
            file=stream,
            path=path,
            lacks_room=self.lacks_room,
        )

    def upload_interrupted(self) -> None:
        """Leave nothing of a file whose sender went away."""
        self._drop()

    def _give_up(self, error: OSError) -> None:
        logger.error("A file could not be received: %s.", error.strerror)
        self.lacks_room = True
        self._drop()

    def _drop(self) -> None:
        stream, path = getattr(self, "stream", None), getattr(self, "path", None)
        self.stream = self.path = None
        try:
            if stream is not None:
                stream.close()  # writes what is still buffered
        except OSError as error:
            logger.error("A draft could not be closed: %s.", error.strerror)
        if path is not None:
            path.unlink(missing_ok=True)
