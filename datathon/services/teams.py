"""The gestures on a team: create, change, join by code, leave, hand over, remove, dissolve."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from normandata.accounts.models import User
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotDone, NotNow, ReasonMissing

from .. import permissions, workflow
from ..registrations import Registration, Remark
from ..teams import Seat, Team
from . import registrations, seating, telling

NAMED = "Une équipe de cette édition porte déjà ce nom : choisissez-en un autre."
NO_SUCH_CODE = "Aucune équipe de cette édition n’a ce code. Vérifiez-le avec la personne qui vous l’a donné."
STALE = "L’équipe a changé depuis que vous avez ouvert cette page. Relisez ce qui est gardé, puis recommencez."
FIELDS = ("name", "theme", "project", "summary", "territory", "looks_for")


class NameTaken(NotDone):
    """Another team of the edition has this name."""

    def __init__(self) -> None:
        super().__init__(NAMED)


class Stale(NotNow):
    """Somebody else changed the team since the page was drawn."""

    def __init__(self) -> None:
        super().__init__(STALE)


def create(registration: Registration, values: Mapping[str, Any], *, by: User, at: datetime | None = None) -> Team:
    """Create a team whose creator is referent, on seat 1: both are written together, for each names the other.

    `values` are those of FIELDS. Raises NotAllowed, NotNow (window, no part, a team already), NameTaken, and
    ValidationError for what the model refuses.
    """
    try:
        with transaction.atomic():
            registrations.hold(registration, by)
            seating.check_open(registration.edition, at)
            seating.check_takes_part(registration)
            if Seat.objects.filter(registration=registration).exists():
                raise NotNow(seating.SEATED)
            return _write(registration, values, by)
    except IntegrityError as error:
        raise (NotNow(seating.SEATED) if _sits(registration) else NameTaken()) from error


def _write(registration: Registration, values: Mapping[str, Any], by: User) -> Team:
    key, edition = uuid.uuid4(), registration.edition
    team = Team(edition=edition, code=seating.draw_code(), referent_id=key, rehearsal=registration.rehearsal)
    for name in FIELDS:
        setattr(team, name, values.get(name, getattr(team, name)))
    _validate(team)
    team.save(force_insert=True)
    seat = Seat(pk=key, edition=edition, team=team, registration=registration, number=1)
    seat.save(force_insert=True)
    registrations.close_requests(registration)
    Registration.objects.filter(pk=registration.pk).update(wants_team=False)
    procedure.record(team, "create_team", by=by, data={"registration": registration.pk})
    return team


def _validate(team: Team) -> None:
    """Raise NameTaken, or ValidationError by field."""
    try:
        team.full_clean(exclude=["referent", "code"], validate_constraints=False)
    except ValidationError as error:
        raise error
    same = Team.objects.active().filter(edition=team.edition_id, name__iexact=team.name).exclude(pk=team.pk)
    if same.exists():
        raise NameTaken


def _sits(registration: Registration) -> bool:
    return Seat.objects.filter(registration=registration).exists()


def change(team: Team, values: Mapping[str, Any], *, revision: int, by: User) -> Team:
    """Change what a team says of itself: any member may, until it is over. Raises NotAllowed, Stale, NameTaken."""
    try:
        with transaction.atomic():
            procedure.lock(team)
            if not is_member(team, by):
                raise NotAllowed(procedure.FORBIDDEN)
            _check_active(team)
            seating.check_not_over(team.edition)
            if team.revision != revision:
                raise Stale
            for name in FIELDS:
                setattr(team, name, values.get(name, getattr(team, name)))
            _validate(team)
            team.revision += 1
            team.save(update_fields=[*FIELDS, "revision"])
            procedure.record(team, "change_team", by=by)
    except IntegrityError as error:
        raise NameTaken from error
    return team


@transaction.atomic
def join_by_code(registration: Registration, code: str, *, by: User, at: datetime | None = None) -> Team:
    """Join the team of a code; raises NotAllowed, NotDone for an unknown code, NotNow for the loser of a race."""
    if not workflow.is_own(by, registration):
        raise NotAllowed(procedure.FORBIDDEN)
    typed = "".join(code.upper().split()).replace("-", "")
    team = Team.objects.active().filter(edition=registration.edition_id, code=typed).first()
    if team is None:
        raise NotDone(NO_SUCH_CODE)
    procedure.lock(team)
    if team.code != typed:
        raise NotDone(NO_SUCH_CODE)
    seating.check_open(team.edition, at)
    seating.sit(team, registration, by=by)
    return team


@transaction.atomic
def leave(team: Team, *, by: User, successor: uuid.UUID | None = None, at: datetime | None = None) -> None:
    """Leave one's team: a referent names a successor, the last member ends the team.

    Raises NotAllowed, NotNow (locked), NotDone without a successor.
    """
    procedure.lock(team)
    seat = seat_of(team, by)
    if seat is None:
        raise NotAllowed(procedure.FORBIDDEN)
    seating.check_open(team.edition, at)
    seating.vacate(team, seat, successor=successor, by=by, name="leave")


@transaction.atomic
def hand_over(team: Team, successor: uuid.UUID, *, by: User) -> None:
    """Make another member the referent; raises NotAllowed, NotNow, NotDone for one who is not there any more."""
    procedure.lock(team)
    if not workflow.leads_or_moderates(by, team):
        raise NotAllowed(procedure.FORBIDDEN)
    _check_active(team)
    seating.check_not_over(team.edition)
    seat = team.seats.filter(pk=successor).select_related("registration__person").first()
    if seat is None:
        raise NotDone(seating.OTHER_SUCCESSOR)
    if seat.pk != team.referent_id:
        seating.give_role(team, seat, by=by)


@transaction.atomic
def remove(
    team: Team,
    key: uuid.UUID,
    *,
    reason: str,
    by: User,
    successor: uuid.UUID | None = None,
    at: datetime | None = None,
) -> None:
    """Remove a member, with a reason that the person reads; the code to join changes, for that person knows it.

    The referent may until teams are locked, an organiser until the edition is over. Raises NotAllowed, NotNow,
    ReasonMissing, NotDone.
    """
    procedure.lock(team)
    if not workflow.leads_or_moderates(by, team):
        raise NotAllowed(procedure.FORBIDDEN)
    if not reason.strip():
        raise ReasonMissing("Indiquez le motif : la personne le lit.")
    seat = team.seats.filter(pk=key).select_related("registration__person", "registration__edition").first()
    if seat is None:
        raise NotNow("Cette personne n’est déjà plus dans l’équipe.")
    if seat.registration.person_id == by.pk:
        raise NotDone("Pour partir vous-même, utilisez « Quitter l’équipe ».")
    if permissions.organises(by, team.edition):
        seating.check_not_over(team.edition)
    else:
        seating.check_open(team.edition, at)
    gone = seat.registration
    seating.vacate(team, seat, successor=successor, by=by, name="remove_member")
    if team.is_active:
        Team.objects.filter(pk=team.pk).update(code=seating.draw_code())
    gone.remarks.create(act=Remark.REMOVED, text=reason.strip(), by=by)
    telling.tell("removed", [gone], equipe=team.name, motif=reason.strip())


@transaction.atomic
def dissolve(team: Team, *, by: User, reason: str = "", at: datetime | None = None) -> None:
    """Dissolve a team: its seats are freed, what it handed in stays. Raises what `fire` raises."""
    procedure.lock(team)
    if not workflow.leads_or_moderates(by, team):
        raise NotAllowed(procedure.FORBIDDEN)
    if permissions.organises(by, team.edition):
        seating.check_not_over(team.edition)
    else:
        seating.check_open(team.edition, at)
    people = telling.members(team)
    procedure.fire_held(team, "dissolve", by=by, reason=reason)
    team.seats.all().delete()
    seating.close_requests(team)
    telling.tell("team_dissolved", people, equipe=team.name)


def seat_of(team: Team, user: User) -> Seat | None:
    """Return the seat of a person in a team, if any; one query."""
    return team.seats.filter(registration__person=user).select_related("registration").first()


def is_member(team: Team, user: User) -> bool:
    return user.is_active and seat_of(team, user) is not None


def _check_active(team: Team) -> None:
    if not team.is_active:
        raise NotNow(seating.GONE)
