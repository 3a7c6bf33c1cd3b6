"""The thread of a dossier as agents read it: who wrote, what it answers, with which files."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Prefetch, QuerySet
from django.urls import reverse

from normandata.documents.rows import Row

from .models import Correction, Dossier, ThreadFile, ThreadMessage


@dataclass(frozen=True, slots=True)
class ShownMessage:
    """A message with its side, what it answers, and its files."""

    message: ThreadMessage
    who: str
    what: str
    files: list[tuple[ThreadFile, Row]]

    @property
    def is_ours(self) -> bool:
        return self.message.side != ThreadMessage.Side.APPLICANT

    @property
    def is_folded(self) -> bool:
        """The text of the portal's own mails opens on demand: their subject says enough."""
        return self.message.side == ThreadMessage.Side.PORTAL


def messages(dossier: Dossier) -> QuerySet[ThreadMessage]:
    """List the thread as agents read it, the newest first."""
    files = Prefetch("files", ThreadFile.objects.select_related("upload"))
    found = dossier.messages.select_related("author", "correction").prefetch_related(files)
    return found.order_by("-at", "-pk")


def shown_messages(dossier: Dossier, found: Iterable[ThreadMessage]) -> list[ShownMessage]:
    return [_message(dossier, one) for one in found]


def _message(dossier: Dossier, message: ThreadMessage) -> ShownMessage:
    side = ThreadMessage.Side(message.side).label
    who = f"{message.author}, {side[0].lower()}{side[1:]}" if message.author else side
    what = {
        ThreadMessage.Kind.MESSAGE: "",
        ThreadMessage.Kind.STATE: "courriel envoyé à la structure",
        ThreadMessage.Kind.REQUEST: "demande de pièces",
        ThreadMessage.Kind.ANSWER: "réponse à la demande",
    }[ThreadMessage.Kind(message.kind)]
    if message.correction and message.kind == ThreadMessage.Kind.REQUEST:
        what = f"{what} {Correction.State(message.correction.state).label.lower()}"
    files = [
        (one, Row(one.upload, preview=reverse("dossiers:message_file", args=[dossier.key, one.pk])))
        for one in message.files.all()
    ]
    return ShownMessage(message, who, what, files)
