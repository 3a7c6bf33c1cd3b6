"""The gestures on the jury of an edition: propose somebody, invite, accept or decline, take off, chair, presence.

Elected officials or their representatives, and experts, proposed by the DAN (annexe 5, T-17).
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from normandata.accounts import services as accounts
from normandata.accounts.models import Role, RoleAssignment, StaffInvitation, User
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotDone, NotNow, ReasonMissing
from normandata.scoring.services import panels

from .. import permissions, phases
from ..editions import Edition
from ..juries import Juror
from ..registrations import Registration

SCHEME = permissions.SCHEME
OPEN = frozenset(phases.STATES) - phases.OVER - {phases.DELIBERATION, phases.DECIDED}
"""Phases in which the jury may still change."""
SITTING = (phases.SCORING, phases.DELIBERATION)
NOT_YOURS = "Seuls les organisateurs de cette édition composent le jury."
NOT_NOW = "La délibération est ouverte : le jury ne change plus."
NOT_FOR_YOU = "Cette invitation n’est pas pour vous, ou elle a déjà sa réponse."
TAKES_PART = "Vous êtes inscrit à cette édition : on ne juge pas l’édition à laquelle on participe."
OTHER_FIRST = "Le jury a déjà un président : désignez-le d’abord autrement."


def add(
    edition: Edition, *, name: str, email: str, quality: str, by: User, title: str = "", is_chair: bool = False
) -> Juror:
    """Propose somebody for the jury and send the invitation. Raises NotAllowed, NotNow, NotDone, ValidationError."""
    with transaction.atomic():
        now = _held(edition, by)
        juror = Juror(edition=now, name=name.strip(), email=email.strip().lower(), quality=quality, title=title.strip())
        juror.is_chair = is_chair
        juror.full_clean()
        juror.save()
        procedure.record(now, "add_juror", by=by, data=_named(juror))
        _invite(juror, by)
    return juror


def change(juror: Juror, *, by: User, **fields: Any) -> Juror:
    """Correct the name, the quality or the title of a juror. Raises NotAllowed, NotNow, ValidationError."""
    if unknown := fields.keys() - {"name", "quality", "title", "is_chair"}:
        raise ValueError(f"these are not changed here: {sorted(unknown)}")
    with transaction.atomic():
        _held(juror.edition, by)
        now = Juror.objects.active().select_for_update().get(pk=juror.pk)
        before = {name: getattr(now, name) for name in fields}
        for name, value in fields.items():
            setattr(now, name, value)
        now.full_clean()
        now.save()
        changed = {name: [str(before[name]), str(value)] for name, value in fields.items() if before[name] != value}
        procedure.record(now.edition, "change_juror", by=by, data={**_named(now), "changed": changed})
    return now


def invite_again(juror: Juror, *, by: User) -> None:
    """Send the invitation of somebody who did not answer once more. Raises NotAllowed, NotNow, NotDone."""
    with transaction.atomic():
        _held(juror.edition, by)
        now = Juror.objects.active().select_for_update().get(pk=juror.pk)
        if now.accepted_at is not None:
            raise NotNow("Cette personne a déjà accepté.")
        _invite(now, by)
        procedure.record(now.edition, "invite_juror", by=by, data=_named(now))


def choose_chair(juror: Juror, *, by: User) -> None:
    """Say who presides over the jury: one at a time. Raises NotAllowed, NotNow."""
    with transaction.atomic():
        edition = _held(juror.edition, by)
        Juror.objects.filter(edition=edition, is_chair=True).exclude(pk=juror.pk).update(is_chair=False)
        if not Juror.objects.active().filter(pk=juror.pk).update(is_chair=True):
            raise NotNow("Cette personne n’est plus dans le jury.")
        procedure.record(edition, "choose_chair", by=by, data=_named(juror))


def accept(juror: Juror, *, by: User, at: datetime | None = None) -> Juror:
    """Accept to sit, by the person invited, who holds the role; a scoring that is open gives a seat.

    Raises NotAllowed, NotNow, NotDone (takes part in this edition).
    """
    with transaction.atomic():
        now = _answering(juror, by)
        if not permissions.judges(by, now.edition):
            raise NotAllowed("Ouvrez d’abord le lien de l’invitation que vous avez reçue par courriel.")
        if now.edition.state not in OPEN:
            raise NotNow(NOT_NOW)
        if Registration.objects.active().filter(edition=now.edition, person=by).exists():
            raise NotDone(TAKES_PART)
        now.person, now.accepted_at = by, at or timezone.now()
        now.save(update_fields=["person", "accepted_at"])
        panel = panels.panel_about(now.edition)
        if panel is not None:
            panels.seat(panel, by, by=None, role=Role.JUROR, quality=now.get_quality_display())
        procedure.record(now.edition, "accept_jury", by=by, data=_named(now))
    return now


def decline(juror: Juror, *, by: User, at: datetime | None = None) -> Juror:
    """Decline to sit, before accepting: the access ends. Raises NotAllowed."""
    with transaction.atomic():
        now = _answering(juror, by)
        now.declined_at, now.is_chair = at or timezone.now(), False
        now.save(update_fields=["declined_at", "is_chair"])
        _end_access(now, by, "A décliné l’invitation au jury.")
        procedure.record(now.edition, "decline_jury", by=by, data=_named(now))
    return now


def remove(juror: Juror, *, by: User, reason: str, at: datetime | None = None) -> None:
    """Take somebody off the jury: the access ends at once; ballots that were validated go on counting.

    Raises NotAllowed, NotNow, ReasonMissing.
    """
    if not reason.strip():
        raise ReasonMissing("Indiquez pourquoi cette personne quitte le jury : le motif est versé au journal.")
    with transaction.atomic():
        edition = _held(juror.edition, by)
        now = Juror.objects.filter(ended_at=None).select_for_update(of=("self",)).get(pk=juror.pk)
        panel = panels.panel_about(edition)
        place = panel.seats.active().filter(person=now.person).first() if panel and now.person_id else None
        if place is not None:
            panels.unseat(place, by=by, reason=reason)
        now.ended_at, now.is_chair = at or timezone.now(), False
        now.save(update_fields=["ended_at", "is_chair"])
        _end_access(now, by, reason)
        procedure.record(edition, "remove_juror", by=by, reason=reason, data=_named(now))


def tick_presence(edition: Edition, present: Collection[int], *, by: User, at: datetime | None = None) -> None:
    """Note who among the sitting jurors is there, by key; by an organiser or the chair. Raises NotAllowed, NotNow."""
    moment = at or timezone.now()
    with transaction.atomic():
        procedure.lock(edition)
        if not permissions.presides(by, edition):
            raise NotAllowed(NOT_YOURS)
        if edition.state not in SITTING:
            raise NotNow("La présence se note pendant la notation et la délibération.")
        sitting = edition.jurors.sitting()
        sitting.filter(pk__in=present, present_at=None).update(present_at=moment)
        sitting.exclude(pk__in=present).update(present_at=None)
        there = sorted(sitting.filter(present_at__isnull=False).values_list("pk", flat=True))
        procedure.record(edition, "tick_presence", by=by, data={"jurors": there})


# ------------------------------------------------------------------------------------------------------------- holding
def _held(edition: Edition, by: User) -> Edition:
    """Lock an edition for an organiser, while its jury may change."""
    now = Edition.objects.select_for_update().get(pk=edition.pk)
    if not permissions.organises(by, now):
        raise NotAllowed(NOT_YOURS)
    if now.state not in OPEN:
        raise NotNow(NOT_NOW)
    return now


def _answering(juror: Juror, by: User) -> Juror:
    """Lock the invitation that a person answers: to one's own address, and answered by nobody yet."""
    waiting = Juror.objects.active().filter(pk=juror.pk, email=by.email, accepted_at=None)
    now = waiting.select_related("edition").select_for_update(of=("self",)).first()
    if now is None:
        raise NotAllowed(NOT_FOR_YOU)
    return now


def _invite(juror: Juror, by: User) -> None:
    try:
        accounts.invite(juror.email, Role.JUROR, SCHEME, juror.edition.slug, by=by)
    except PermissionDenied as error:
        raise NotAllowed(NOT_YOURS) from error
    except ValidationError as error:
        raise NotDone(*error.messages) from error
    juror.invited_at = timezone.now()
    juror.save(update_fields=["invited_at"])


def _end_access(juror: Juror, by: User, reason: str) -> None:
    """End the role and cancel what was sent, whoever holds the address."""
    same = {"role": Role.JUROR, "scheme": SCHEME, "scope": juror.edition.slug}
    for held in RoleAssignment.objects.current().filter(user__email=juror.email, **same):
        accounts.end_role(held, reason, by=None)
        if held.user_id == by.pk:
            by.__dict__.pop("assignments", None)
    for sent in StaffInvitation.objects.filter(email=juror.email, accepted_at=None, cancelled_at=None, **same):
        StaffInvitation.objects.filter(pk=sent.pk).update(cancelled_at=timezone.now())


def _named(juror: Juror) -> dict[str, Any]:
    return {"juror": juror.pk, "name": juror.name, "quality": juror.quality}
