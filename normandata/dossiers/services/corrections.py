"""Requests for corrections: asked piece by piece with a last day, answered, cancelled, expired, recalled."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from normandata.accounts.models import User
from normandata.notifications import services as notifications
from normandata.notifications.services import Rendered
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotDone, NotNow, ReasonMissing, Unmet
from normandata.procedure.models import Event
from normandata.procedure.services import Firing
from normandata.regulation.formats import day as written_day
from normandata.regulation.formats import spaced

from .. import delays, drafts, periods, permissions, schemes, states
from ..delays import PARIS
from ..exchange import Correction, CorrectionItem, ThreadMessage
from ..models import Attachment, Deposit, Dossier
from . import deposits, thread
from .desk import DECIDED

LONGEST = timedelta(days=180)
"""The furthest last day of a request: the Region's own delay does not run until then."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing asked for: `piece:slug` or `section:slug`, and what is expected, in words."""

    target: str
    reason: str


def ask(dossier: Dossier, items: Sequence[Asked], *, due_on: date, text: str = "", by: User) -> Correction:
    """Ask the applicant for pieces or for sections to take up again; the delay of the answer stops running.

    Raises NotDone when nothing is asked, a target does not exist or the last day is over, and what `fire` raises.
    """
    known = targets(dossier)
    if not items:
        raise NotDone("Choisissez au moins une pièce ou une section à demander.")
    if unknown := [item.target for item in items if item.target not in known]:
        raise NotDone(f"Cette pièce n’existe pas dans le formulaire : {', '.join(unknown)}.")
    if len({item.target for item in items}) < len(items):
        raise NotDone("La même pièce est demandée deux fois.")
    today = timezone.localdate()
    if due_on <= today:
        raise NotDone("La date limite doit être à venir.")
    if due_on > today + LONGEST:
        raise NotDone(
            f"La date limite est au plus à {LONGEST.days} jours : le délai de réponse est suspendu jusque-là."
        )
    asked: list[Correction] = []
    with transaction.atomic():
        procedure.fire(
            dossier,
            "ask_correction",
            by=by,
            reason=text,
            journal={"items": [{"label": known[item.target], "reason": item.reason} for item in items]},
            items=items,
            labels=known,
            due_on=due_on,
            done=asked,
        )
    return asked[0]


def preview(dossier: Dossier, items: Sequence[Asked], *, due_on: date, text: str = "") -> Rendered:
    """Write the mail of a request as it would be sent, without sending it."""
    known = targets(dossier)
    asked = [CorrectionItem(target=item.target, label=known[item.target], reason=item.reason) for item in items]
    return notifications.rendered("dossiers.correction_asked", thread.values(dossier) | _words(asked, due_on, text))


@transaction.atomic
def cancel(correction: Correction, *, by: User, reason: str) -> Event:
    """Give up a request; raises NotNow when it is not awaited any more, and what `fire` raises."""
    _hold(correction)
    return procedure.fire(correction.dossier, "cancel_correction", by=by, reason=reason)


@transaction.atomic
def expire(correction: Correction) -> None:
    """Close a request whose last day and grace are over; the dossier comes back to the agent.

    What is wholly there is sent by the portal itself: whoever joined everything in time forgot a click, no more.
    Raises NotNow when it is not awaited any more.
    """
    _hold(correction)
    try:
        deposits.conclude(correction.dossier)
    except Unmet:
        procedure.fire(correction.dossier, "expire_correction", by=None)


@transaction.atomic
def remind(correction: Correction) -> None:
    """Remind the organisation, once, of what is awaited; not when the reminder would follow the request at once.

    Raises NotNow when it is not awaited any more.
    """
    _hold(correction)
    asked_on = correction.asked_at.astimezone(PARIS).date()
    if delays.reminder_day(correction.due_on) <= asked_on:
        return
    items = list(correction.items.all())
    there = arrivals(correction.dossier)
    wanting = [item for item in items if item.target not in there]
    # When every file is there, what is awaited is the sending itself: the whole request is recalled.
    filled = thread.values(correction.dossier) | _tags(correction, wanting or items)
    notifications.notify(
        "dossiers.correction_reminder",
        to=thread.applicants(correction.dossier),
        values=filled,
        about=correction.dossier,
        key=f"reminder:{correction.pk}",
    )


def review_attachment(attachment: Attachment, status: Attachment.Status, *, reason: str = "", by: User) -> Attachment:
    """Accept a file, or say why it must be replaced; raises NotAllowed, NotNow once it is decided, ReasonMissing."""
    with transaction.atomic():
        dossier = attachment.dossier
        procedure.lock(dossier)
        if not permissions.can_examine(by, dossier):
            raise NotAllowed(procedure.FORBIDDEN)
        if dossier.state not in states.UNDECIDED:
            raise NotNow(DECIDED)
        if status == Attachment.Status.TO_REPLACE and not reason.strip():
            raise ReasonMissing("Dites pourquoi la pièce est à remplacer.")
        attachment.status, attachment.reason = status, reason.strip()
        attachment.decided_by, attachment.decided_at = by, timezone.now()
        attachment.save(update_fields=["status", "reason", "decided_by", "decided_at"])
        procedure.record(
            dossier,
            "piece_read",
            by=by,
            reason=reason,
            data={"piece": attachment.piece, "name": attachment.upload.name, "status": str(status)},
        )
    return attachment


def targets(dossier: Dossier) -> dict[str, str]:
    """Return what may be asked for in this dossier's form: target → label."""
    form = drafts.read(dossier)
    pieces = {f"piece:{one.slug}": one.label for one in form.application.pieces}
    return pieces | {f"section:{one.section.slug}": spaced(f"Section « {one.section.title} »") for one in form.sections}


def arrivals(
    dossier: Dossier, *, sent: Deposit | None = None, made: Iterable[Correction] | None = None
) -> dict[str, datetime]:
    """Return when each thing asked for since the last deposit arrived, by target; five queries, whatever is asked.

    A section arrives once it is filled. What came at an earlier request, closed before it was sent, is there already:
    nothing is typed or joined twice. `sent` is the last deposit and `made` the requests not answered since, with their
    items, where they were read already: two queries are left.
    """
    sent = sent or _last(dossier)
    since = _asked_since(dossier, sent, made)
    form = drafts.read(dossier)
    unfilled = drafts.unfilled(form)
    when = {
        f"section:{slug}": row.saved_at
        for slug, row in form.rows.items()
        if slug not in unfilled and row.saved_at > since.get(f"section:{slug}", row.saved_at)
    }
    files = [file for file in _came(form.files, sent, since) if file.status != Attachment.Status.TO_REPLACE]
    return when | {f"piece:{file.piece}": file.added_at for file in reversed(files)}


def unsent(dossier: Dossier) -> list[Attachment]:
    """List the files that came at a request and that no deposit names yet, the oldest first; three queries."""
    sent = _last(dossier)
    files = dossier.attachments.current().select_related("upload")
    return _came(files, sent, _asked_since(dossier, sent, None))


def _last(dossier: Dossier) -> Deposit | None:
    return dossier.deposits.order_by("-version").first()


def _asked_since(dossier: Dossier, sent: Deposit | None, made: Iterable[Correction] | None) -> dict[str, datetime]:
    """Return what was asked for since the last deposit, and when it was first."""
    if sent is None:
        return {}
    if made is None:
        unanswered = dossier.corrections.exclude(state=Correction.State.ANSWERED).filter(asked_at__gte=sent.at)
        items = CorrectionItem.objects.filter(correction__in=unanswered)
        return dict(items.order_by("-correction__asked_at").values_list("target", "correction__asked_at"))
    latest_first = sorted((one for one in made if one.asked_at >= sent.at), key=lambda one: one.asked_at, reverse=True)
    return {item.target: one.asked_at for one in latest_first for item in one.items.all()}


def _came(files: Iterable[Attachment], sent: Deposit | None, since: Mapping[str, datetime]) -> list[Attachment]:
    named = {piece["attachment"] for piece in sent.pieces} if sent else set()
    return [
        file
        for file in sorted(files, key=lambda file: (file.added_at, file.pk))
        if file.pk not in named and file.added_at > since.get(f"piece:{file.piece}", file.added_at)
    ]


# ------------------------------------------------------------------------------------------- conditions and effects
def asked_pieces_arrived(firing: Firing) -> list[str]:
    """Everything asked for is there, and arrived in time."""
    dossier: Dossier = firing.thing
    correction = dossier.corrections.open().first()
    if correction is None:
        return ["Aucune demande n’est en attente sur ce dossier."]
    grace = periods.grace_minutes(dossier.scheme, correction.due_on)
    if not delays.is_in_time(correction.due_on, firing.at, grace):
        return [
            f"La date limite était le {written_day(correction.due_on)} à 23 h 59. Vos fichiers sont gardés : écrivez à "
            "l’agent par le fil d’échanges, il peut rouvrir la demande."
        ]
    return all_arrived(firing)


def all_arrived(firing: Firing) -> list[str]:
    """Everything that the open request asks for is there, and came by its last day, grace included."""
    dossier: Dossier = firing.thing
    correction = dossier.corrections.open().prefetch_related("items").get()
    grace = periods.grace_minutes(dossier.scheme, correction.due_on)
    there = {target for target, at in arrivals(dossier).items() if delays.is_in_time(correction.due_on, at, grace)}
    return [f"Il manque encore : {item.label}." for item in correction.items.all() if item.target not in there]


def open_correction(firing: Firing) -> None:
    """Write the request, stop the delay, and tell the organisation."""
    dossier: Dossier = firing.thing
    correction = Correction.objects.create(
        dossier=dossier, asked_by=firing.author, asked_at=firing.at, due_on=firing.data["due_on"], text=firing.reason
    )
    labels = firing.data["labels"]
    items = [
        CorrectionItem(correction=correction, target=item.target, label=labels[item.target], reason=item.reason)
        for item in firing.data["items"]
    ]
    CorrectionItem.objects.bulk_create(items)
    deposits.refresh_delays(dossier)
    thread.tell(
        dossier,
        "dossiers.correction_asked",
        also=_tags(correction, items),
        thread=ThreadMessage.Kind.REQUEST,
        correction=correction,
    )
    firing.data["done"].append(correction)


def close_as_answered(firing: Firing) -> None:
    """Date each arrival, freeze the new version, start the delay again, and tell both sides."""
    dossier: Dossier = firing.thing
    correction = dossier.corrections.open().prefetch_related("items").get()
    _close(correction, Correction.State.ANSWERED, firing.at)
    deposits.refresh_delays(dossier)  # before the receipt, which prints these days
    deposits.keep(firing)
    schemes.application_of(dossier.scheme).review(dossier, firing.by)
    pieces = _tags(correction, list(correction.items.all()))["pieces"]
    thread.tell(
        dossier,
        "dossiers.correction_received",
        also={"pieces": pieces},
        thread=ThreadMessage.Kind.ANSWER,
        correction=correction,
    )
    thread.alert(dossier, "dossiers.correction_answered", pieces=pieces)


def close_as_cancelled(firing: Firing) -> None:
    """Close the request as it stands and tell the organisation; what came meanwhile stays dated and readable."""
    dossier: Dossier = firing.thing
    correction = dossier.corrections.open().prefetch_related("items").get()
    _close(correction, Correction.State.CANCELLED, firing.at)
    deposits.refresh_delays(dossier)
    schemes.application_of(dossier.scheme).review(dossier, firing.by)
    thread.tell(
        dossier,
        "dossiers.correction_cancelled",
        also={"motif": firing.reason},
        correction=correction,
    )


def close_as_expired(firing: Firing) -> None:
    """Close the request at its last day, start the delay again, and tell both sides."""
    dossier: Dossier = firing.thing
    correction = dossier.corrections.open().prefetch_related("items").get()
    _close(correction, Correction.State.EXPIRED, firing.at)
    deposits.refresh_delays(dossier)
    schemes.application_of(dossier.scheme).review(dossier, firing.by)
    also = _tags(correction, list(correction.items.all()))
    thread.tell(dossier, "dossiers.correction_expired", also=also, correction=correction)
    thread.alert(dossier, "dossiers.correction_overdue", pieces=also["pieces"])


def close_at_withdrawal(correction: Correction, at: datetime) -> None:
    """Close a request whose dossier is withdrawn."""
    _close(correction, Correction.State.CANCELLED, at)


def _close(correction: Correction, state: Correction.State, at: datetime) -> None:
    """Close a request, each thing dated by its arrival, sent or not."""
    there = arrivals(correction.dossier)
    items = list(correction.items.all())
    for item in items:
        item.satisfied_at = there.get(item.target)
    CorrectionItem.objects.bulk_update(items, ["satisfied_at"])
    correction.state, correction.closed_at = state, at
    correction.save(update_fields=["state", "closed_at"])


def _hold(correction: Correction) -> None:
    """Lock the dossier of a request and check that it is this request that is awaited; raises NotNow."""
    procedure.lock(correction.dossier)
    if not Correction.objects.open().filter(pk=correction.pk).exists():
        raise NotNow("Cette demande n’est plus en attente : rechargez la page pour voir où en sont les choses.")


def _tags(correction: Correction, items: Sequence[CorrectionItem]) -> dict[str, str]:
    return _words(items, correction.due_on, correction.text)


def _words(items: Sequence[CorrectionItem], due_on: date, said: str) -> dict[str, str]:
    listed = "\n".join(
        spaced(f"- {item.label} : {item.reason}") if item.reason else f"- {item.label}" for item in items
    )
    text = f"\n{said}\n" if said else ""
    return {"pieces": listed, "date_limite": written_day(due_on), "message": text}


def overdue(at: datetime) -> list[Correction]:
    """List the open requests whose last day is over, grace included."""
    waiting = Correction.objects.open().filter(due_on__lt=at.astimezone(PARIS).date()).select_related("dossier")
    return [
        one
        for one in waiting
        if not delays.is_in_time(one.due_on, at, periods.grace_minutes(one.dossier.scheme, one.due_on))
    ]
