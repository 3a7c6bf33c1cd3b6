"""The gestures on a panel: make it, fill it, seat people, open, close, reopen, ask for another sheet."""

from collections.abc import Iterable
from datetime import datetime

from django.db import models, transaction
from django.db.models import F, Max
from django.utils import timezone

from normandata.accounts.models import Role, User
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotDone, NotNow, ReasonMissing
from normandata.procedure.models import kind_of

from .. import permissions
from ..models import Disclosure, Grid, Panel, Seat, Subject
from . import conflicts

MOST_EXTRA = 10
"""Sheets that can be asked for above those of the grid."""
HAS_READ = "Cette personne a lu les résultats de ce projet : demandez la fiche à une autre, qui ne les a pas lus."
NOT_YOURS = "Seuls les responsables de ce jury font ce geste."


def held(key: int) -> Panel:
    """Lock the row of a panel until the end of the transaction and read it; what changes its sheets begins here."""
    return Panel.objects.select_for_update(of=("self",)).select_related("grid").get(pk=key)


def lead(panel: Panel, by: User | None) -> None:
    """Raise NotAllowed for whoever does not lead this panel; nobody is the portal itself."""
    if by is not None and not permissions.may_lead(by, panel):
        raise NotAllowed(NOT_YOURS)


def why(reason: str) -> str:
    """Return a reason; raises ReasonMissing."""
    if not reason.strip():
        raise ReasonMissing("Indiquez le motif : il est versé au journal.")
    return reason.strip()


def create_panel(
    scheme: str,
    title: str,
    grid: Grid,
    *,
    by: User | None,
    about: models.Model | None = None,
    scope: str = "",
    is_blind_to_the_end: bool = False,
) -> Panel:
    """Make a panel that judges by a grid; `about` is what it belongs to: a wave, an edition.

    Raises NotAllowed, ValidationError (a panel is there already).
    """
    panel = Panel(scheme=scheme, scope=scope, title=title, grid=grid, is_blind_to_the_end=is_blind_to_the_end)
    if about is not None:
        panel.kind, panel.key = kind_of(about), str(about.pk)
    lead(panel, by)
    with transaction.atomic():
        panel.full_clean()
        panel.save()
        procedure.record(panel, "create_panel", by=by, data={"grid": str(grid)})
    return panel


def panel_about(thing: models.Model) -> Panel | None:
    """Return the panel that belongs to a thing."""
    return Panel.objects.select_related("grid").filter(kind=kind_of(thing), key=str(thing.pk)).first()


def add_subjects(panel: Panel, things: Iterable[models.Model], *, by: User | None) -> list[Subject]:
    """Put things before a panel that is not closed, in this order; those there stay, those taken away come back.

    Raises NotAllowed, NotNow.
    """
    with transaction.atomic():
        now = held(panel.pk)
        lead(now, by)
        if now.is_closed:
            raise NotNow(now.why_not_open)
        known = {(one.kind, one.key): one for one in now.subjects.all()}
        last = now.subjects.aggregate(last=Max("rank"))["last"] or 0
        wanted = list(dict.fromkeys((kind_of(thing), str(thing.pk)) for thing in things))
        new = [one for one in wanted if one not in known]
        Subject.objects.bulk_create(
            Subject(panel=now, kind=kind, key=key, rank=rank) for rank, (kind, key) in enumerate(new, start=last + 1)
        )
        back = [known[one].pk for one in wanted if one in known and known[one].removed_at is not None]
        Subject.objects.filter(pk__in=back).update(removed_at=None)
        if new or back:
            procedure.record(now, "add_subjects", by=by, data={"keys": [key for _, key in new], "back": back})
    added = {(one.kind, one.key): one for one in Subject.objects.filter(panel=panel)}
    return [added[one] for one in wanted]


def remove_subject(subject: Subject, *, by: User | None, reason: str) -> None:
    """Take a subject out of a panel: withdrawn, or put in another wave. Its sheets stay and rank nothing.

    Raises NotAllowed, ReasonMissing, NotNow, InConflict.
    """
    said = why(reason)
    with transaction.atomic():
        now = held(subject.panel_id)
        lead(now, by)
        conflicts.refuse(by, subject)
        if now.is_closed:
            raise NotNow(now.why_not_open)
        Subject.objects.filter(pk=subject.pk).update(removed_at=timezone.now())
        procedure.record(subject, "remove_subject", by=by, reason=said)
    subject.refresh_from_db()


def order_subjects(panel: Panel, things: Iterable[models.Model], *, by: User | None) -> None:
    """Put the subjects of a panel that is not closed in the order of their things. Raises NotAllowed, NotNow."""
    with transaction.atomic():
        now = held(panel.pk)
        lead(now, by)
        if now.is_closed:
            raise NotNow(now.why_not_open)
        ranks = {(kind_of(thing), str(thing.pk)): rank for rank, thing in enumerate(things, start=1)}
        rows = list(now.subjects.all())
        for one in rows:
            one.rank = ranks.get((one.kind, one.key), len(ranks) + one.rank)
        Subject.objects.bulk_update(rows, ["rank"])
        procedure.record(now, "order_subjects", by=by, data={"keys": [key for _, key in ranks]})


def seat(panel: Panel, person: User, *, by: User | None, role: str = "", quality: str = "") -> Seat:
    """Give a person a place in a panel; the place that is held is given back. Raises NotAllowed, NotNow."""
    with transaction.atomic():
        now = held(panel.pk)
        lead(now, by)
        if now.is_closed:
            raise NotNow(now.why_not_open)
        found = now.seats.active().filter(person=person).first()
        if found is not None:
            return found
        if role and not person.holds(Role(role), scheme=now.scheme, scope=now.scope):
            raise NotDone("Cette personne n’a pas le rôle qu’il faut pour siéger ici.")
        made = Seat.objects.create(panel=now, person=person, role=role, quality=quality)
        procedure.record(now, "seat", by=by, data={"person": person.pk, "name": str(person), "quality": quality})
    return made


def unseat(place: Seat, *, by: User | None, reason: str) -> None:
    """End a person's place; submitted sheets go on counting. Raises NotAllowed, ReasonMissing, NotNow."""
    said = why(reason)
    with transaction.atomic():
        now = held(place.panel_id)
        lead(now, by)
        if now.is_closed:
            raise NotNow(now.why_not_open)
        Seat.objects.active().filter(pk=place.pk).update(ended_at=timezone.now())
        procedure.record(now, "unseat", by=by, reason=said, data={"person": place.person_id, "name": str(place.person)})
    place.refresh_from_db()


def open_panel(panel: Panel, *, by: User, at: datetime | None = None) -> None:
    """Open the scoring; its grid is frozen. Raises NotAllowed, NotNow, Unmet (no criterion, subject or person)."""
    with transaction.atomic():
        procedure.lock(panel)
        procedure.fire_held(
            panel,
            "open_panel",
            by=by,
            at=at,
            journal={"grid": str(panel.grid)},
            criteria=panel.grid.criteria.exists(),
            subjects=panel.subjects.judged().exists(),
            seats=panel.seats.active().exists(),
        )


def close_panel(panel: Panel, *, by: User, at: datetime | None = None) -> None:
    """Close the scoring: no sheet moves any more, a draft never counts. Raises NotAllowed, NotNow."""
    procedure.fire(panel, "close_panel", by=by, at=at)


def reopen_panel(panel: Panel, *, by: User, reason: str, at: datetime | None = None) -> None:
    """Open a closed scoring again, by another person than who closed it, with a reason.

    Raises NotAllowed, NotNow, ReasonMissing, Unmet.
    """
    procedure.fire(panel, "reopen_panel", by=by, reason=reason, at=at)


def ask_sheet(subject: Subject, *, by: User, reason: str, person: User | None = None, role: str = "") -> Subject:
    """Ask for one sheet more on a subject, and seat the person who is to write it, where one is named.

    Raises NotAllowed, ReasonMissing, NotNow, NotDone (the person asked has read the results), InConflict (of the one
    who asks, or of the person asked).
    """
    said = why(reason)
    with transaction.atomic():
        now = held(subject.panel_id)
        lead(now, by)
        conflicts.refuse(by, subject)
        if not now.is_open:
            raise NotNow(now.why_not_open)
        if person is not None:
            conflicts.refuse(person, subject)
            if Disclosure.objects.filter(subject=subject, person=person).exists():
                raise NotDone(HAS_READ)
            seat(now, person, by=by, role=role)
        if not Subject.objects.filter(pk=subject.pk, extra__lt=MOST_EXTRA).update(extra=F("extra") + 1):
            raise NotDone(f"On ne demande pas plus de {MOST_EXTRA} fiches de plus sur un projet.")
        data = {"person": person.pk, "name": str(person)} if person else {}
        procedure.record(subject, "ask_sheet", by=by, reason=said, data=data)
    subject.refresh_from_db()
    return subject
