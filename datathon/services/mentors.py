"""The gestures on mentors: offer help, accept or decline an offer, take up an invitation, stop (annexe 5, T-04)."""

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from normandata.accounts import services as accounts
from normandata.accounts.models import Role, RoleAssignment, User
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotDone, NotNow

from .. import mentor_mails, permissions, phases
from ..editions import Edition
from ..mentoring import Mentor
from ..registrations import Registration

ANSWERED = "Cette proposition a déjà reçu une réponse."
TAKES_PART = "Vous participez à cette édition : un participant n’en est pas mentor."


@transaction.atomic
def offer(edition: Edition, *, skills: Sequence[str], about: str, availability: str, by: User) -> Mentor:
    """Offer one's help to an edition that is public and not over; its organisers are told.

    Whoever was declined, or stopped, may offer again. Raises NotAllowed, NotNow, NotDone, ValidationError.
    """
    if not by.is_active:
        raise NotAllowed(procedure.FORBIDDEN)
    procedure.lock(edition)
    if not edition.is_public or edition.state in phases.OVER:
        raise NotNow("Cette édition ne cherche pas de mentor en ce moment.")
    mentor = _row(edition, by)
    if mentor.pk and mentor.ended_at is None:
        raise NotDone("Vous êtes déjà mentor de cette édition, ou votre proposition attend une réponse.")
    mentor.since, mentor.ended_at, mentor.accepted_at = timezone.now(), None, None
    _describe(mentor, skills, about, availability)
    procedure.record(edition, "mentor_offered", by=by, data={"mentor": mentor.pk})
    mentor_mails.tell_offered(mentor)
    return mentor


@transaction.atomic
def accept(mentor: Mentor, *, by: User) -> Mentor:
    """Accept an offer: the person takes the role in the edition's scope. Raises NotAllowed, NotNow, NotDone."""
    held = _waiting(mentor, by)
    _check_apart(held.edition, held.person)
    held.accepted_at = timezone.now()
    held.save(update_fields=["accepted_at"])
    accounts.grant_role(held.person, Role.MENTOR, permissions.SCHEME, held.edition.slug, by=by)
    procedure.record(held.edition, "mentor_accepted", by=by, data={"mentor": held.pk})
    mentor_mails.tell_accepted(held)
    return held


@transaction.atomic
def decline(mentor: Mentor, *, message: str, by: User) -> Mentor:
    """Decline an offer, with a word that the volunteer reads; raises NotAllowed, NotNow."""
    held = _waiting(mentor, by)
    held.ended_at = timezone.now()
    held.save(update_fields=["ended_at"])
    procedure.record(held.edition, "mentor_declined", by=by, reason=message, data={"mentor": held.pk})
    mentor_mails.tell_declined(held, message)
    return held


@transaction.atomic
def describe(edition: Edition, *, skills: Sequence[str], about: str, availability: str, by: User) -> Mentor:
    """Say what one can help with, for whoever holds the role in this scope; an invited person joins by it.

    Raises NotAllowed, NotDone for a participant, ValidationError.
    """
    if not permissions.mentors(by, edition):
        raise NotAllowed(procedure.FORBIDDEN)
    procedure.lock(edition)
    mentor = _row(edition, by)
    is_new = mentor.pk is None or mentor.accepted_at is None or mentor.ended_at is not None
    if is_new:
        mentor.accepted_at, mentor.ended_at = timezone.now(), None
    _describe(mentor, skills, about, availability)
    procedure.record(edition, "mentor_joined" if is_new else "mentor_described", by=by, data={"mentor": mentor.pk})
    return mentor


@transaction.atomic
def end(mentor: Mentor, *, reason: str, by: User) -> None:
    """End somebody's mentoring, by themselves or by an organiser: the role goes with it. Raises NotAllowed, NotNow.

    What they took and did not finish waits again for any mentor.
    """
    held = _held(mentor)
    if held.person_id != by.pk and not permissions.organises(by, held.edition):
        raise NotAllowed(procedure.FORBIDDEN)
    if held.ended_at is not None or held.accepted_at is None:
        raise NotNow("Cette personne n’est plus mentor de cette édition.")
    held.ended_at = timezone.now()
    held.save(update_fields=["ended_at"])
    held.help_requests.filter(done_at=None, cancelled_at=None).update(taken_by=None, taken_at=None, asked=None)
    roles = RoleAssignment.objects.current().filter(role=Role.MENTOR, scheme=permissions.SCHEME)
    for role in roles.filter(user=held.person, scope=held.edition.slug):
        accounts.end_role(role, reason, by=None if held.person_id == by.pk else by)
    procedure.record(held.edition, "mentor_ended", by=by, reason=reason, data={"mentor": held.pk})


def _row(edition: Edition, person: User) -> Mentor:
    _check_apart(edition, person)
    found = Mentor.objects.select_for_update().filter(edition=edition, person=person).first()
    return found or Mentor(edition=edition, person=person)


def _check_apart(edition: Edition, person: User) -> None:
    if Registration.objects.active().of(person).filter(edition=edition, rehearsal=False).exists():
        raise NotDone(TAKES_PART)


def _describe(mentor: Mentor, skills: Sequence[str], about: str, availability: str) -> None:
    mentor.skills, mentor.about, mentor.availability = list(skills), about.strip(), availability.strip()
    try:
        mentor.full_clean(exclude=["edition", "person"])
    except ValidationError as error:
        raise NotDone(*error.messages) from None
    mentor.save()


def _held(mentor: Mentor) -> Mentor:
    rows = Mentor.objects.select_for_update(of=("self",)).select_related("edition", "person")
    return rows.get(pk=mentor.pk)


def _waiting(mentor: Mentor, by: User) -> Mentor:
    held = _held(mentor)
    if not permissions.organises(by, held.edition):
        raise NotAllowed(procedure.FORBIDDEN)
    if held.accepted_at is not None or held.ended_at is not None:
        raise NotNow(ANSWERED)
    return held
