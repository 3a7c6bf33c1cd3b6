"""The thread of a dossier: messages of both sides, and the text of each mail about its state."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from normandata.accounts.models import Role, User
from normandata.documents.models import Upload
from normandata.notifications import services as notifications
from normandata.organisations.models import Membership
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotDone, NotNow

from .. import closures, permissions, schemes
from ..desk import Absence
from ..exchange import Correction, ThreadFile, ThreadMessage
from ..models import INSTRUCTORS, Dossier

LONGEST = 10_000
"""Characters of a message."""
TWICE = timedelta(seconds=30)
"""Within which the same text by the same person is the same message."""


def applicants(dossier: Dossier) -> list[User]:
    """List whom the organisation's mails go to: its active members, and who began the dossier."""
    mine = Q(memberships__organisation=dossier.organisation_id)
    active = mine & Q(memberships__state=Membership.State.ACTIVE)
    author = mine & Q(memberships__state=Membership.State.REQUESTED, pk=dossier.created_by_id)
    return list(User.objects.filter(active | author, is_active=True).distinct().order_by("pk"))


def agents(dossier: Dossier) -> list[User]:
    """List who answers for a dossier on the Region's side today: its owner, or whoever stands in.

    Where there is nobody, its lead agents, who give it to somebody; where there is none, all its agents. Somebody whose
    role ended, whose account is closed or to whom the dossier is (a conflict of interest) is passed over, like somebody
    away.
    """
    away = {one.agent_id: one.backup for one in Absence.objects.on(timezone.localdate()).select_related("backup")}
    owner = dossier.owner
    stand_ins = [dossier.backup, away.get(owner.pk)] if owner is not None and owner.pk in away else [dossier.backup]
    for one in (owner, *stand_ins):
        if one is not None and one.pk not in away and permissions.is_agent(one, dossier):
            return [one]
    leads = [one for one in _holding(dossier, Role.LEAD_AGENT) if one.pk not in away]
    return leads or _holding(dossier, *INSTRUCTORS)


def owner_is_here(dossier: Dossier) -> Q:
    """Describe a dossier whose owner instructs it and is not away today, for a query on this one."""
    owner = dossier.owner
    if owner is None:
        return Q(pk__in=())
    away = Absence.objects.on(timezone.localdate()).filter(agent=owner)
    works = _instructing(dossier.scheme, *INSTRUCTORS).filter(pk=owner.pk)
    return Q(Exists(works)) & ~Q(Exists(away)) & closures.left_open(owner)


def _holding(dossier: Dossier, *roles: Role) -> list[User]:
    """List who holds a role for the dossier and to whom nothing closes it."""
    people = _instructing(dossier.scheme, *roles).distinct().order_by("pk")
    return [one for one in people if permissions.is_agent(one, dossier)]


def _instructing(scheme: str, *roles: Role) -> QuerySet[User]:
    held = Q(role_assignments__role__in=roles, role_assignments__ended_at=None)
    return User.objects.filter(held & Q(role_assignments__scheme__in=("", scheme)), is_active=True)


def address(dossier: Dossier, *, for_region: bool = False) -> str:
    """Return the absolute address of a dossier, for a mail."""
    name = "dossiers:examine" if for_region else "dossiers:dossier"
    return f"{settings.SITE_URL}{reverse(name, args=[dossier.key])}"


def values(dossier: Dossier, *, for_region: bool = False, **more: str) -> dict[str, str]:
    """Return the tags that every mail about a dossier knows."""
    return {
        "numero": dossier.number or "sans numéro",
        "structure": dossier.organisation.label,
        "dispositif": schemes.by_slug()[dossier.scheme].sheet.short_title,
        "adresse": address(dossier, for_region=for_region),
        **more,
    }


def tell(
    dossier: Dossier,
    kind: str,
    *,
    also: Mapping[str, str] | None = None,
    thread: ThreadMessage.Kind = ThreadMessage.Kind.STATE,
    correction: Correction | None = None,
) -> ThreadMessage:
    """Send the applicants a mail and write the same text in the thread, in the transaction of the fact it tells."""
    filled = values(dossier) | dict(also or {})
    mails = notifications.notify(kind, to=applicants(dossier), values=filled, about=dossier)
    rendered = mails[0] if mails else notifications.rendered(kind, filled)
    return ThreadMessage.objects.create(
        dossier=dossier,
        side=ThreadMessage.Side.PORTAL,
        kind=thread,
        subject=rendered.subject[:200],
        text=rendered.text,
        correction=correction,
    )


def alert(dossier: Dossier, kind: str, *, key: str | None = None, **also: str) -> None:
    """Send a mail to whoever answers for the dossier on the Region's side, once for a key where one is given."""
    filled = values(dossier, for_region=True, **also)
    notifications.notify(kind, to=agents(dossier), values=filled, about=dossier, key=key)


@transaction.atomic
def write(
    dossier: Dossier, text: str, *, by: User, uploads: Sequence[Upload] = (), is_internal: bool = False
) -> ThreadMessage:
    """Add a message, signed; the other side is told by mail. An internal note stays among agents.

    The same text sent twice at once, by a double click, is one message. Raises NotAllowed, NotNow before the deposit,
    NotDone when there is nothing to send.
    """
    procedure.lock(dossier)
    text = text.strip()
    if not text:
        raise NotDone("Écrivez votre message avant de l’envoyer.")
    if len(text) > LONGEST:
        raise NotDone(f"Le message compte {len(text)} signes ; la limite est de {LONGEST}.")
    from_region = permissions.can_examine(by, dossier)
    if not from_region and (is_internal or not permissions.is_applicant(by, dossier)):
        raise NotAllowed(procedure.FORBIDDEN)
    if dossier.is_draft:
        raise NotNow(
            "Ce dossier n’est pas encore déposé : la Région ne le voit pas. Écrivez-lui depuis la page Contact."
        )
    if sent := _sent_just_now(dossier, text, by, uploads, is_internal=is_internal):
        return sent
    side = ThreadMessage.Side.REGION if from_region else ThreadMessage.Side.APPLICANT
    message = ThreadMessage.objects.create(dossier=dossier, side=side, author=by, text=text, is_internal=is_internal)
    _join(message, uploads)
    procedure.record(dossier, "note" if is_internal else "message", by=by, data={"message": message.pk})
    key = f"message:{message.pk}"
    if is_internal:
        return message
    if from_region:
        extract = values(dossier, auteur=str(by), message=text)
        notifications.notify("dossiers.message", to=applicants(dossier), values=extract, about=dossier, key=key)
    else:
        alert(dossier, "dossiers.message_to_agent", key=key, auteur=str(by), message=text)
    return message


def _sent_just_now(
    dossier: Dossier, text: str, by: User, uploads: Sequence[Upload], *, is_internal: bool
) -> ThreadMessage | None:
    last = dossier.messages.filter(author=by, at__gt=timezone.now() - TWICE).order_by("-at", "-pk").first()
    if last is None or (last.text, last.is_internal) != (text, is_internal):
        return None
    joined = set(last.files.values_list("upload__sha256", flat=True))
    return last if joined == {upload.sha256 for upload in uploads} else None


def _join(message: ThreadMessage, uploads: Iterable[Upload]) -> None:
    ThreadFile.objects.bulk_create(ThreadFile(message=message, upload=upload) for upload in uploads)
