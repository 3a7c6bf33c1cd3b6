"""A small client of clamd: sends a file by INSTREAM and reads the verdict."""

import re
import socket
import struct
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from . import conf

CHUNK = 128 * 1024
LONGEST_ANSWER = 4096


class Unreachable(Exception):
    """The antivirus does not answer, or not as agreed: nothing is known of the file."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the antivirus says: `signature` names what it found; `is_refused` when it would not read the file."""

    signature: str = ""
    is_refused: bool = False


def scan(path: Path) -> Verdict:
    """Have a file read by the antivirus that is set; raises Unreachable, and OSError when the file cannot be read."""
    with path.open("rb") as file:
        try:
            with _connected(conf.antivirus()) as link:
                link.sendall(b"zINSTREAM\0")
                try:
                    while block := file.read(CHUNK):
                        link.sendall(struct.pack("!L", len(block)) + block)
                    link.sendall(struct.pack("!L", 0))
                except (BrokenPipeError, ConnectionResetError):
                    pass  # clamd stops listening to what is beyond its limits, and says so
                answer = _answer(link)
        except OSError as error:
            raise Unreachable(type(error).__name__) from error
    return _verdict(answer)


def _connected(address: str) -> socket.socket:
    patience = conf.antivirus_patience()
    if address.startswith("unix:"):
        link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        link.settimeout(patience)
        try:
            link.connect(address.removeprefix("unix:"))
        except OSError:
            link.close()
            raise
        return link
    place = urlsplit(address)
    if not place.hostname or not place.port:
        raise Unreachable("no antivirus is set")
    return socket.create_connection((place.hostname, place.port), timeout=patience)


def _answer(link: socket.socket) -> str:
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < LONGEST_ANSWER:
        block = link.recv(LONGEST_ANSWER)
        if not block:
            break
        answer += block
    return answer.rstrip(b"\0\n").decode("utf-8", "replace")


def _verdict(answer: str) -> Verdict:
    if answer == "stream: OK":
        return Verdict()
    if found := re.fullmatch(r"stream: (.+) FOUND", answer):
        return Verdict(signature=found[1])
    if "size limit exceeded" in answer:
        return Verdict(is_refused=True)
    raise Unreachable(answer or "no answer")
