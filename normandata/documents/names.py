"""The name a file is shown and downloaded under: what the person gave, less whatever could mislead."""

import re
import unicodedata

from .checks.formats import EXTENSIONS, FORMATS

LONGEST = 150
# Reserved by file systems, or read by a shell.
RESERVED = re.compile(r'[<>:"|?*%]')
KNOWN_ENDING = re.compile(r"\.[A-Za-z0-9]{1,5}$")


def shown(name: str) -> str:
    """Return a name without path, control, direction or reserved characters; never empty, 150 characters at most."""
    last = re.split(r"[/\\]", name)[-1]
    # Categories C*: controls, directions, unassigned, surrogates.
    kept = "".join(
        " " if char.isspace() else char for char in last if char.isspace() or unicodedata.category(char)[0] != "C"
    )
    plain = " ".join(RESERVED.sub("-", unicodedata.normalize("NFC", kept)).split()).strip(". ")
    return _cut(plain or "Document")


def published(name: str, slug: str) -> str:
    """Return the shown name, ending as the format found does: `photo.png` that is a JPEG becomes `photo.jpg`."""
    plain = shown(name)
    ending = KNOWN_ENDING.search(plain)
    if ending and EXTENSIONS.get(ending[0].lower()) == slug:
        return plain
    stem = (plain[: ending.start()] if ending else plain).rstrip(". ") or "Document"
    extension = FORMATS[slug].extension
    return stem[: LONGEST - len(extension)] + extension


def _cut(name: str) -> str:
    if len(name) <= LONGEST:
        return name
    ending = KNOWN_ENDING.search(name)
    kept = ending[0] if ending else ""
    return name[: LONGEST - len(kept)] + kept
