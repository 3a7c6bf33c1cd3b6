from collections.abc import Iterator
from pathlib import Path

import pytest
from kombu import Connection
from kombu.transport.virtual import Channel

from normandata.celery import folder_options


@pytest.fixture
def channel(tmp_path: Path) -> Iterator[Channel]:
    with Connection("filesystem://", transport_options=folder_options(tmp_path)) as connection:
        yield connection.default_channel


def test_messages_come_out_in_order_once(channel: Channel, tmp_path: Path) -> None:
    for number in range(3):
        channel._put("outbox", {"body": number})
    channel._put("sweep", {"body": "other"})
    assert [channel._get("outbox")["body"] for _ in range(3)] == [0, 1, 2]
    assert channel._size("outbox") == 0
    assert channel._size("sweep") == 1
    assert list((tmp_path / "taken").iterdir()) == []


def test_an_unreadable_file_is_dropped_and_the_next_one_read(channel: Channel, tmp_path: Path) -> None:
    (tmp_path / "queue/00000000000000000000_half.outbox.msg").write_text("")
    (tmp_path / "queue/00000000000000000001_half.outbox.msg").write_text('{"body": ')
    channel._put("outbox", {"body": "whole"})
    assert channel._get("outbox") == {"body": "whole"}
    assert list((tmp_path / "queue").iterdir()) == []


def test_the_folders_belong_to_their_owner_only(channel: Channel, tmp_path: Path) -> None:
    modes = {folder.name: oct(folder.stat().st_mode & 0o777) for folder in tmp_path.iterdir()}
    assert modes == {"queue": "0o700", "taken": "0o700", "control": "0o700"}
