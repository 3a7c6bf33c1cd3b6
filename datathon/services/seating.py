"""Sitting down and standing up: the seats of a team, chosen under the lock of its row and held by the database.

Whoever locks both a team and a registration locks the team first.
"""

import secrets
import uuid
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from normandata.accounts.models import User
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotDone, NotNow
from normandata.regulation.formats import spaced

from .. import openings
from ..editions import Edition
from ..phases import OVER
from ..registrations import Registration
from ..teams import MOST_MEMBERS, Seat, Team
from . import telling

FULL = "L’équipe est complète depuis un instant : ses cinq places sont prises. Cherchez-en une autre."
GONE = "Cette équipe n’existe plus : elle vient d’être dissoute."
SEATED = "Vous êtes déjà dans une équipe de cette édition. Quittez-la d’abord."
SEATED_OTHER = "Cette personne vient d’entrer dans une autre équipe."
NO_SUCCESSOR = "Vous êtes le référent de cette équipe : désignez qui le devient avant de partir."
OTHER_SUCCESSOR = "La personne désignée n’est plus dans l’équipe : choisissez-en une autre."
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Neither I nor O, neither 0 nor 1: a code is read aloud."""


def draw_code() -> str:
    """Draw the code by which one joins a team: forty bits, told apart by ear."""
    return "".join(secrets.choice(LETTERS) for _ in range(8))


def check_open(edition: Edition, at: datetime | None) -> None:
    """Raise NotNow, with why and since when, unless teams may still change."""
    window = openings.changes(edition, at)
    if not window.is_open:
        raise NotNow(window.sentence)


def check_not_over(edition: Edition) -> None:
    """Raise NotNow for an edition where nothing changes any more."""
    if edition.state in OVER:
        raise NotNow("Cette édition est terminée.")


def check_takes_part(registration: Registration) -> None:
    """Raise NotNow unless somebody takes part: a minor joins nothing before a parent has agreed."""
    if registration.takes_part:
        return
    if registration.state == "awaiting":
        raise NotNow("L’accord d’un parent est attendu : aucune équipe ne peut être rejointe d’ici là.")
    raise NotNow("Cette inscription n’est plus active.")


def sit(team: Team, registration: Registration, *, by: User, is_self: bool = True) -> Seat:
    """Give the first free seat of a team that the caller's transaction holds; the registration is locked here.

    Raises NotNow: the team is full or gone, the person sits elsewhere or takes no part any more.
    """
    procedure.lock(registration)
    check_takes_part(registration)
    if not team.is_active:
        raise NotNow(GONE)
    taken = seats_taken(team)
    free = next((number for number in range(1, MOST_MEMBERS + 1) if number not in taken), None)
    if free is None:
        raise NotNow(spaced(FULL))
    try:
        with transaction.atomic():
            seat = Seat.objects.create(edition_id=team.edition_id, team=team, registration=registration, number=free)
    except IntegrityError as error:
        if Seat.objects.filter(registration=registration).exists():
            raise NotNow(SEATED if is_self else SEATED_OTHER) from error
        raise NotNow(spaced(FULL)) from error
    registration.join_requests.filter(answered_at=None).update(answered_at=timezone.now(), is_accepted=False)
    if registration.wants_team:
        Registration.objects.filter(pk=registration.pk).update(wants_team=False)
    procedure.record(team, "join", by=by, data={"seat": free, "registration": registration.pk})
    others = [one for one in telling.members(team) if one.pk != registration.pk]
    said = {"equipe": team.name, "participant": telling.name_of(registration)}
    telling.tell("member_joined", others, naming=registration, **said)
    return seat


def seats_taken(team: Team) -> set[int]:
    return set(team.seats.values_list("number", flat=True))


def vacate(team: Team, seat: Seat, *, by: User, name: str, successor: uuid.UUID | None = None) -> None:
    """Take a seat away from a team that the caller holds: a referent has a successor, the last one ends the team.

    Raises NotDone without a successor, or for one who is not there any more.
    """
    others = {one.pk: one for one in team.seats.exclude(pk=seat.pk).select_related("registration__person")}
    data = {"seat": seat.number, "registration": seat.registration_id}
    if not others:
        procedure.record(team, name, by=by, data=data)
        procedure.fire_held(team, "end_team", by=None)
        seat.delete()
        close_requests(team)
        return
    if team.referent_id == seat.pk:
        if successor is None:
            raise NotDone(spaced(NO_SUCCESSOR))
        if successor not in others:
            raise NotDone(OTHER_SUCCESSOR)
        give_role(team, others[successor], by=by)
    seat.delete()
    procedure.record(team, name, by=by, data=data)
    gone = Registration.objects.select_related("person").get(pk=seat.registration_id)
    said = {"equipe": team.name, "participant": telling.name_of(gone)}
    telling.tell("member_left", telling.members(team), naming=gone, **said)


def give_role(team: Team, seat: Seat, *, by: User) -> None:
    """Make a member of a team that the caller holds its referent."""
    team.referent = seat
    team.save(update_fields=["referent"])
    procedure.record(team, "hand_over", by=by, data={"seat": seat.number, "registration": seat.registration_id})
    said = {"equipe": team.name, "referent": telling.name_of(seat.registration)}
    telling.tell("referent_changed", telling.members(team), naming=seat.registration, **said)


def close_requests(team: Team) -> None:
    """Close what a team was asked and asked, without an answer."""
    team.requests.filter(answered_at=None).update(answered_at=timezone.now(), is_accepted=False)
