"""Plain text and CSV: no control characters, no markup, no formula that starts a program."""

import re
from pathlib import Path

from .refusal import refuse

STEP = 1 << 20
OVERLAP = 4096
# Besides tab, line feed, form feed and carriage return, no control character is written in a text.
CONTROL = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")
# What Windows-1252 leaves undefined: a Latin-1 text never holds it.
UNDEFINED = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
MARKUP = re.compile(rb"<(!doctype|html|script|svg|iframe|\?php)", re.IGNORECASE)
# `=cmd|' /C calc'!A0`: a spreadsheet would offer to start the program.
STARTS_A_PROGRAM = re.compile(rb"(^|[;,\t\"'\r\n])\s*[=+\-@][^;\r\n]{0,200}\|[^;\r\n]{0,200}!", re.MULTILINE)
SAVE = "Enregistrez-le en CSV ou en texte, encodage UTF-8, puis renvoyez-le."


def check(path: Path, name: str) -> None:
    """Read a text in UTF-8 or Latin-1 through; raises Refused."""
    is_utf8 = _is_utf8(path)
    with path.open("rb") as file:
        tail = b""
        while block := file.read(STEP):
            text = tail + block
            if CONTROL.search(text) or (not is_utf8 and UNDEFINED.search(text)):
                raise refuse(name, "n’est pas un texte simple", SAVE)
            if MARKUP.search(text):
                raise refuse(name, "contient du code de page web", "Envoyez plutôt le document en PDF.")
            if STARTS_A_PROGRAM.search(text):
                raise refuse(
                    name, "contient une formule qui lance un programme", "Retirez-la, puis renvoyez le fichier."
                )
            tail = text[-OVERLAP:]


def _is_utf8(path: Path) -> bool:
    try:
        with path.open(encoding="utf-8") as file:
            while file.read(STEP):
                pass
    except UnicodeDecodeError:
        return False
    return True
