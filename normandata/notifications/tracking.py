"""Where each mail and each document of a thing stands, for the operator: a row joined with its outbox message."""

import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from django.db import models
from django.utils import timezone

from normandata.documents.models import Document
from normandata.documents.services import MAKE
from normandata.outbox.models import Message, State
from normandata.regulation.formats import NBSP, day, plural

from . import kinds
from .models import Mail
from .services import SEND


class Stage(Enum):
    """Where a mail or a document stands: tone of the tag, its icon, and the words for a mail and for a document."""

    DONE = ("done", "met", "Parti", "Prêt")
    WAITING = ("progress", "hourglass", "En attente", "En attente")
    RUNNING = ("progress", "hourglass", "En cours d’envoi", "En préparation")
    RETRYING = ("todo", "review", "Nouvel essai prévu", "Nouvel essai prévu")
    FAILED = ("no", "unmet", "En échec", "En échec")
    LOST = ("no", "alert", "Sans suite", "Sans suite")

    @property
    def tone(self) -> str:
        return self.value[0]

    @property
    def icon(self) -> str:
        return self.value[1]


@dataclass(frozen=True, slots=True)
class Line:
    """One mail or one document. `cause` says in plain words why it has not gone, `code` names the error."""

    pk: uuid.UUID
    is_mail: bool
    label: str
    title: str
    address: str
    created_at: datetime
    stage: Stage
    sentence: str
    cause: str = ""
    code: str = ""
    is_resend: bool = False

    @property
    def stage_label(self) -> str:
        return str(self.stage.value[2 if self.is_mail else 3])

    @property
    def address_parts(self) -> list[str]:
        """The address in pieces, between which a narrow column may go to the next line without cutting a word."""
        return re.findall(r"[^@._+-]*[@._+-]+|[^@._+-]+", self.address)

    @property
    def can_resend(self) -> bool:
        return self.is_mail and self.stage in (Stage.DONE, Stage.FAILED, Stage.LOST)


def tracked(
    about: models.Model | None = None, *, mails: Iterable[Mail] = (), documents: Iterable[uuid.UUID] = ()
) -> list[Line]:
    """List the mails about a thing, those given and the documents of these identifiers, the newest first.

    Three queries at most, and the one that `mails` may be.
    """
    mails = [*(Mail.objects.about(about) if about is not None else ()), *mails]
    wanted = set(documents)
    made = list(Document.objects.filter(pk__in=wanted).defer("record")) if wanted else []
    keys = [str(row.pk) for row in (*mails, *made)]
    messages = (
        {
            (message.handler, message.key): message
            for message in Message.objects.filter(handler__in=(SEND, MAKE), key__in=keys)
        }
        if keys
        else {}
    )
    lines = [_mail(mail, messages.get((SEND, str(mail.pk)))) for mail in mails]
    lines += [_document(document, messages.get((MAKE, str(document.pk)))) for document in made]
    return sorted(lines, key=lambda line: line.created_at, reverse=True)


def _mail(mail: Mail, message: Message | None) -> Line:
    stage = Stage.DONE if mail.sent_at else _stage(message)
    return Line(
        mail.pk,
        True,
        _label(mail.kind),
        mail.subject,
        mail.address,
        mail.created_at,
        stage,
        f"Remis au serveur de courriel le {moment(mail.sent_at)}." if mail.sent_at else _sentence(stage, message),
        *_cause(stage, message, MAIL_CAUSES, "L’envoi s’est arrêté sur une erreur inattendue."),
        is_resend=mail.resend_of_id is not None,
    )


def _document(document: Document, message: Message | None) -> Line:
    stage = Stage.DONE if document.ready_at else _stage(message)
    return Line(
        document.pk,
        False,
        "Document",
        document.title,
        "",
        document.requested_at,
        stage,
        f"Prêt depuis le {moment(document.ready_at)}." if document.ready_at else _sentence(stage, message),
        *_cause(stage, message, (), "La fabrication du document s’est arrêtée sur une erreur inattendue."),
    )


def _label(slug: str) -> str:
    """Name a kind of mail; one that no room sends any more keeps its slug."""
    try:
        return kinds.get(slug).label
    except LookupError:
        return slug


def _stage(message: Message | None) -> Stage:
    if message is None or message.state == State.DONE:
        return Stage.LOST
    if message.state == State.FAILED:
        return Stage.FAILED
    if message.state == State.CLAIMED:
        return Stage.RUNNING
    return Stage.RETRYING if message.attempts else Stage.WAITING


def _sentence(stage: Stage, message: Message | None) -> str:
    if message is None or stage is Stage.LOST:
        return "La boîte d’envoi ne l’a plus : il faut le demander de nouveau."
    tries = plural(message.attempts, "essai")
    if stage is Stage.FAILED:
        return f"Abandonné après {tries}."
    if stage is Stage.RUNNING:
        return f"Essai numéro {message.attempts} en cours."
    if stage is Stage.RETRYING:
        return f"{tries} sans succès ; le prochain le {moment(message.due_at)}."
    if message.due_at > timezone.now():
        return f"Prévu le {moment(message.due_at)}."
    return f"Dans la boîte d’envoi depuis le {moment(message.created_at)}."


MAIL_CAUSES = (
    (("SMTPRecipientsRefused",), "Le serveur de courriel refuse cette adresse. Vérifiez-la avec le destinataire."),
    (("SMTPSenderRefused",), "Le serveur de courriel refuse l’adresse d’envoi du portail."),
    (("SMTPAuthenticationError",), "Le serveur de courriel refuse le mot de passe du portail."),
    (("SMTPDataError",), "Le serveur de courriel refuse le contenu de ce message."),
    (
        ("SMTPConnectError", "SMTPServerDisconnected", "ConnectionRefusedError", "ConnectionResetError"),
        "Le serveur de courriel ne répond pas ou coupe la liaison.",
    ),
    (("TimeoutError", "gaierror", "OSError"), "Le serveur de courriel est injoignable."),
    (("SSLError", "SSLCertVerificationError"), "La liaison chiffrée avec le serveur de courriel est refusée."),
)
_ERROR = re.compile(r"(?:[\w]+\.)*(\w+)(?::|$)")


def _cause(
    stage: Stage, message: Message | None, causes: tuple[tuple[tuple[str, ...], str], ...], otherwise: str
) -> tuple[str, str]:
    """Say in plain words why the last try failed, and the name of the error."""
    if message is None or not message.error or stage is Stage.DONE:
        return "", ""
    last = next((line for line in reversed(message.error.splitlines()) if line and not line[0].isspace()), "")
    match = _ERROR.match(last)
    if match is None:  # a sentence that the outbox wrote itself
        return last, ""
    found = next((sentence for names, sentence in causes if match[1] in names), otherwise)
    return found, match[1]


def moment(at: datetime) -> str:
    """Write a day and an hour in Paris: `22 novembre 2026 à 14 h 32`."""
    local = timezone.localtime(at)
    return f"{day(local.date())} à {local:%-H}{NBSP}h{NBSP}{local:%M}"
