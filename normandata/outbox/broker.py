"""Kombu's filesystem transport, made safe for several processes and for kill -9.

Kombu writes a message in place, so a reader may take a file that is still empty, and a writer that dies leaves half
a message; either one is a ValueError that stops the reading worker. Here a file appears complete or not at all, and
an unreadable one is dropped: the outbox row is the truth and is offered again.
"""

import json
import logging
import os
import time
import uuid
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.exceptions import ChannelError
from kombu.transport import filesystem
from kombu.utils.json import dumps, loads

logger = logging.getLogger(__name__)
BUSY_PAUSE = 0.01  # seconds


class Channel(filesystem.Channel):
    def _put(self, queue: str, payload: dict[str, Any], **kwargs: Any) -> None:  # type: ignore[override]
        name = f"{time.time_ns():020d}_{uuid.uuid4()}.{queue}.msg"
        draft = Path(self.processed_folder, name)
        try:
            draft.write_text(dumps(payload), encoding="utf-8")  # type: ignore[no-untyped-call]
            draft.rename(Path(self.data_folder_out, name))
        except OSError as error:
            raise ChannelError(f"Cannot add the file {name!r} to the broker's folder.") from error

    def _get(self, queue: str, timeout: float | None = None) -> dict[str, Any]:
        for name in sorted(os.listdir(self.data_folder_in)):
            if name.partition(".")[2] != f"{queue}.msg":
                continue
            taken = Path(self.processed_folder, name)
            try:
                # The rename decides which of two readers has the message.
                Path(self.data_folder_in, name).rename(taken)
            except FileNotFoundError:
                continue
            try:
                message: dict[str, Any] = loads(taken.read_text(encoding="utf-8"))  # type: ignore[no-untyped-call]
            except (json.JSONDecodeError, UnicodeDecodeError):
                logger.warning("The broker file %s is unreadable; dropped.", name)
                continue
            finally:
                taken.unlink()
            return message
        raise Empty


class Transport(filesystem.Transport):
    Channel = Channel

    def drain_events(self, connection: Any, timeout: float | None = None) -> None:  # type: ignore[override]
        """Wait for one message, for at most `timeout` seconds.

        Celery acknowledges between two calls only: with prefetch 1, a worker whose processes are all busy would sleep
        the whole timeout (2 s) after each round. It is sent back at once to acknowledge.
        """
        if any(channel._consumers and not channel.qos.can_consume() for channel in self.channels):
            time.sleep(BUSY_PAUSE)
            raise TimeoutError
        super().drain_events(connection, timeout=timeout)  # type: ignore[no-untyped-call]
