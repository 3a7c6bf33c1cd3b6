"""LibreOffice documents (ISO 26300): no macro, no script, nothing loaded from elsewhere."""

import re
import zipfile

from . import archives, markup
from .refusal import broken, refuse

AS_PDF = "Enregistrez-le en PDF, puis envoyez ce PDF."
PARTS = (
    (re.compile(r"^/(Basic|Scripts)/", re.I), "contient des macros"),
    (re.compile(r"\.(exe|dll|js|vbs|bat|cmd|ps1|hta|lnk|scr|swf|jar|py|bsh|html?)$", re.I), "contient un programme"),
)
XLINK = "{http://www.w3.org/1999/xlink}href"
# A person chooses to follow these; the program follows the others by itself.
FOLLOWED_BY_A_PERSON = ("}a", "}bookmark", "}template", "}anchor")
LOADS = ("}plugin", "}applet", "}floating-frame", "}dde-source", "}dde-connection-decl", "}object-ole", "}auto-reload")
SCRIPTS = ("}event-listener", "}script-data")
OUTSIDE = re.compile(r"^\s*([a-z][a-z0-9+.-]*:|/|\\|\.\./)", re.I)
READ = re.compile(r"(^|/)(content|styles|meta|settings)\.xml$")


def check(archive: zipfile.ZipFile, name: str) -> None:
    """Check a document's parts, scripts and links; raises Refused."""
    for entry in archive.infolist():
        for pattern, cause in PARTS:
            if pattern.search(f"/{entry.filename}"):
                raise refuse(name, cause, AS_PDF)
        with archive.open(entry) as file:
            if file.read(8) == archives.LEGACY:
                raise refuse(name, "contient un objet incorporé", AS_PDF)
    names = set(archive.namelist())
    first = min(archive.infolist(), key=lambda entry: entry.header_offset)
    if first.filename != "mimetype" or not {"content.xml", "META-INF/manifest.xml"} <= names:
        raise broken(name)
    markup.check_declarations(archive, name)
    for element in markup.elements(archive, "META-INF/manifest.xml", name):
        if element.tag.endswith("}encryption-data"):
            raise refuse(name, "est protégé par un mot de passe", "Retirez le mot de passe, puis renvoyez-le.")
    for part in sorted(names):
        if READ.search(part):
            _check_part(archive, part, name)


def _check_part(archive: zipfile.ZipFile, part: str, name: str) -> None:
    for element in markup.elements(archive, part, name):
        if element.tag.endswith(SCRIPTS):
            raise refuse(name, "contient des macros", AS_PDF)
        if element.tag.endswith(LOADS):
            raise refuse(name, "charge un contenu extérieur", AS_PDF)
        target = element.get(XLINK, "")
        if element.tag.endswith(FOLLOWED_BY_A_PERSON):
            if markup.is_dangerous(target) or target.lower().startswith(("vnd.sun.star.", "macro:", "service:")):
                raise refuse(name, "contient un lien dangereux", AS_PDF)
        elif OUTSIDE.search(target):
            raise refuse(name, "charge un contenu extérieur", AS_PDF)
