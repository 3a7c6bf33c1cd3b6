"""The gestures between a participant and a team: ask to come in, invite, accept, decline, take back."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from normandata.accounts.models import User
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotNow
from normandata.regulation.formats import spaced

from .. import workflow
from ..registrations import Registration
from ..teams import MOST_MEMBERS, JoinRequest, Seat, Team
from . import registrations, seating, teams, telling

WAITING = "Cette demande attend déjà une réponse."
ANSWERED = "Une réponse a déjà été donnée à cette demande, ou elle n’a plus d’objet."
NOT_ON_BOARD = "Cette équipe ne cherche plus personne."
NOT_LOOKING = "Cette personne ne cherche plus d’équipe."


@transaction.atomic
def ask(registration: Registration, team: Team, *, message: str = "", by: User, at: datetime | None = None) -> None:
    """Ask a team to come in; its referent answers. Raises NotAllowed, NotNow."""
    procedure.lock(team)
    registrations.hold(registration, by)
    if team.edition_id != registration.edition_id:
        raise NotAllowed(procedure.FORBIDDEN)
    seating.check_open(team.edition, at)
    seating.check_takes_part(registration)
    if not team.is_active:
        raise NotNow(seating.GONE)
    if Seat.objects.filter(registration=registration).exists():
        raise NotNow(seating.SEATED)
    _check_room(team)
    _write(team, registration, message, is_invitation=False)
    procedure.record(team, "ask_to_join", by=by, data={"registration": registration.pk})
    referent = _referent(team)
    said = {"equipe": team.name, "participant": telling.name_of(registration), "message": message.strip() or "–"}
    telling.tell("join_requested", referent, naming=registration, **said)


@transaction.atomic
def invite(team: Team, registration: Registration, *, message: str = "", by: User, at: datetime | None = None) -> None:
    """Invite somebody who looks for a team; any member may. Raises NotAllowed, NotNow."""
    procedure.lock(team)
    if not teams.is_member(team, by) or team.edition_id != registration.edition_id:
        raise NotAllowed(procedure.FORBIDDEN)
    procedure.lock(registration)
    seating.check_open(team.edition, at)
    if not (registration.takes_part and registration.wants_team):
        raise NotNow(NOT_LOOKING)
    if Seat.objects.filter(registration=registration).exists():
        raise NotNow(seating.SEATED_OTHER)
    _check_room(team)
    _write(team, registration, message, is_invitation=True)
    procedure.record(team, "invite", by=by, data={"registration": registration.pk})
    author = Registration.objects.of(by).filter(edition=team.edition_id).first()
    said = {"equipe": team.name, "message": message.strip() or "–"}
    telling.tell("invited", [registration], naming=author, **said)


def _check_room(team: Team) -> None:
    if len(seating.seats_taken(team)) >= MOST_MEMBERS:
        raise NotNow(spaced(seating.FULL))


def _write(team: Team, registration: Registration, message: str, *, is_invitation: bool) -> None:
    try:
        with transaction.atomic():
            JoinRequest.objects.create(
                team=team, registration=registration, is_invitation=is_invitation, message=message.strip()
            )
    except IntegrityError as error:
        raise NotNow(WAITING) from error


def _referent(team: Team) -> list[Registration]:
    return [one for one in telling.members(team) if team.referent and one.pk == team.referent.registration_id]


def may_answer(user: User, request: JoinRequest) -> bool:
    """The referent answers a request; whom a team invites answers the invitation."""
    if request.is_invitation:
        return workflow.is_own(user, request.registration)
    referent = request.team.referent
    return user.is_active and referent is not None and referent.registration.person_id == user.pk


def may_take_back(user: User, request: JoinRequest) -> bool:
    """Whoever asked takes it back: the person, or any member of the team that invited."""
    if request.is_invitation:
        return teams.is_member(request.team, user)
    return workflow.is_own(user, request.registration)


@transaction.atomic
def accept(request: JoinRequest, *, by: User, at: datetime | None = None) -> None:
    """Let somebody in, or come in; raises NotAllowed, NotNow for the loser of a race."""
    team = request.team
    procedure.lock(team)
    held = _hold(request)
    if not may_answer(by, held):
        raise NotAllowed(procedure.FORBIDDEN)
    seating.check_open(team.edition, at)
    registration = held.registration
    _close(held, is_accepted=True)
    seating.sit(team, registration, by=by, is_self=held.is_invitation)
    if not held.is_invitation:
        telling.tell("join_accepted", [registration], equipe=team.name)


@transaction.atomic
def decline(request: JoinRequest, *, by: User) -> None:
    """Say no; raises NotAllowed, NotNow."""
    procedure.lock(request.team)
    held = _hold(request)
    if not may_answer(by, held):
        raise NotAllowed(procedure.FORBIDDEN)
    _close(held, is_accepted=False)
    name = "decline_invitation" if held.is_invitation else "decline_request"
    procedure.record(held.team, name, by=by, data={"registration": held.registration_id})
    if held.is_invitation:
        said = {"equipe": held.team.name, "participant": telling.name_of(held.registration)}
        telling.tell("invitation_declined", _referent(held.team), naming=held.registration, **said)
    else:
        telling.tell("join_declined", [held.registration], equipe=held.team.name)


@transaction.atomic
def take_back(request: JoinRequest, *, by: User) -> None:
    """Take a request or an invitation back; raises NotAllowed, NotNow."""
    procedure.lock(request.team)
    held = _hold(request)
    if not may_take_back(by, held):
        raise NotAllowed(procedure.FORBIDDEN)
    _close(held, is_accepted=False)
    procedure.record(held.team, "take_back", by=by, data={"registration": held.registration_id})


def _hold(request: JoinRequest) -> JoinRequest:
    """Lock a request that waits for an answer, after its team and its person; raises NotNow."""
    procedure.lock(request.registration)
    rows = JoinRequest.objects.select_for_update(of=("self",)).filter(pk=request.pk)
    held = rows.select_related("team__edition", "registration__person", "registration__edition").first()
    if held is None or held.answered_at is not None:
        raise NotNow(ANSWERED)
    return held


def _close(request: JoinRequest, *, is_accepted: bool) -> None:
    request.answered_at, request.is_accepted = timezone.now(), is_accepted
    request.save(update_fields=["answered_at", "is_accepted"])
