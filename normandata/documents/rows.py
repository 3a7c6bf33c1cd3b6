"""A file in a list: its icon, its name, what is known of it, and its state in words."""

from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from normandata.regulation.formats import weight

from .models import Upload

TAGS = {
    Upload.State.CHECKING: ("progress", "clock", "Analyse antivirus"),
    Upload.State.CLEAN: ("done", "met", "Reçue"),
    Upload.State.UNSCANNED: ("todo", "alert", "Non analysée"),
    Upload.State.INFECTED: ("no", "unmet", "Refusée"),
    Upload.State.REFUSED: ("no", "unmet", "Refusée"),
    Upload.State.ERASED: ("plain", "na", "Éliminée"),
}
JUDGED = {"accepted": ("done", "met", "Acceptée"), "replace": ("todo", "pencil", "À remplacer")}
REASONS = {
    Upload.State.INFECTED: "L’antivirus y a trouvé un virus. Le fichier est effacé. Envoyez un autre fichier.",
    Upload.State.REFUSED: "L’antivirus n’a pas pu le lire. Le fichier est effacé. Envoyez-le en PDF.",
    Upload.State.ERASED: "La durée de conservation est passée. Le fichier est effacé.",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A row to draw with `components/file.html`.

    `preview` and `remove` are addresses, the latter answering a POST; `why` says what the file is for; `judged` is
    `accepted`, `replace` or nothing, and `reason` goes with it.
    """

    upload: Upload
    preview: str = ""
    remove: str = ""
    why: str = ""
    judged: str = ""
    reason: str = ""

    @property
    def tag(self) -> tuple[str, str, str]:
        """Its colour, icon and word: a judgment is only shown of a file that may be read."""
        if self.judged and self.upload.is_available:
            return JUDGED[self.judged]
        if self.upload.state == Upload.State.UNSCANNED and not self.upload.is_available:
            return TAGS[Upload.State.CHECKING]
        return TAGS[Upload.State(self.upload.state)]

    @property
    def address(self) -> str:
        return self.preview if self.upload.is_available else ""

    @property
    def weight(self) -> str:
        return weight(self.upload.size)

    @property
    def explanation(self) -> str:
        return self.reason or REASONS.get(Upload.State(self.upload.state), "")

    def render(self, csrf_token: str = "") -> SafeString:
        """Draw the row as an item of a list; the token is for its « Retirer » button."""
        return render_to_string("components/file.html", {"row": self, "csrf_token": csrf_token})
