"""The gestures of help: a team asks, a mentor takes, says it is done or gives it back; notes on a team.

The row of a request is locked by each gesture: of two mentors who take it at once, one is told that the other has it.
"""

from django.db import transaction
from django.utils import timezone

from normandata.accounts.models import User
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotDone, NotNow

from .. import mentor_mails, permissions
from ..mentoring import HelpRequest, Mentor, MentorNote
from ..teams import Team
from .teams import is_member

CANCELLED = "L’équipe a annulé cette demande."
SHUT = "La phase de l’édition ne permet pas de demander de l’aide."


def mentor_of(user: User, edition_id: int) -> Mentor | None:
    """Return the mentor that a person is in an edition, None for nobody or without the role any more."""
    found = Mentor.objects.active().select_related("edition").filter(edition=edition_id, person=user).first()
    return found if found and permissions.mentors(user, found.edition) else None


@transaction.atomic
def ask(team: Team, *, question: str, asked: Mentor | None = None, by: User) -> HelpRequest:
    """Ask for help, of one mentor of the edition or of all; they are told. Raises NotAllowed, NotNow, NotDone."""
    procedure.lock(team)
    if not is_member(team, by):
        raise NotAllowed(procedure.FORBIDDEN)
    if team.dissolved_at is not None or not team.edition.rights.ask_mentors:
        raise NotNow(SHUT)
    if not question.strip():
        raise NotDone("Écrivez la question de l’équipe.")
    if asked is not None and not Mentor.objects.active().filter(pk=asked.pk, edition=team.edition_id).exists():
        raise NotDone("Ce mentor n’aide plus cette édition : choisissez-en un autre, ou tous.")
    request = HelpRequest.objects.create(team=team, asked=asked, question=question.strip())
    procedure.record(team, "help_asked", by=by, data={"request": request.pk})
    mentor_mails.tell_asked(request)
    return request


@transaction.atomic
def cancel(request: HelpRequest, *, by: User) -> HelpRequest:
    """Cancel a request that is not done, by a member of the team; raises NotAllowed, NotNow."""
    held = _held(request)
    if not is_member(held.team, by):
        raise NotAllowed(procedure.FORBIDDEN)
    if held.done_at is not None or held.cancelled_at is not None:
        raise NotNow("Cette demande est déjà terminée.")
    held.cancelled_at = timezone.now()
    held.save(update_fields=["cancelled_at"])
    procedure.record(held.team, "help_cancelled", by=by, data={"request": held.pk})
    return held


@transaction.atomic
def take(request: HelpRequest, *, by: User) -> HelpRequest:
    """Take a request that waits; the team is told. Raises NotAllowed, NotNow naming whoever was quicker."""
    held = _held(request)
    mentor = mentor_of(by, held.team.edition_id)
    if mentor is None or (held.asked_id is not None and held.asked_id != mentor.pk):
        raise NotAllowed(procedure.FORBIDDEN)
    if held.cancelled_at is not None:
        raise NotNow(CANCELLED)
    if held.taken_by_id is not None:
        is_mine = held.taken_by_id == mentor.pk
        raise NotNow(
            "Vous avez déjà pris cette demande." if is_mine else f"{held.taken_by} vient de prendre cette demande."
        )
    held.taken_by, held.taken_at = mentor, timezone.now()
    held.save(update_fields=["taken_by", "taken_at"])
    procedure.record(held.team, "help_taken", by=by, data={"request": held.pk})
    mentor_mails.tell_taken(held)
    return held


@transaction.atomic
def finish(request: HelpRequest, *, by: User) -> HelpRequest:
    """Say that the help asked for was given, by whoever took it; raises NotAllowed, NotNow."""
    held = _taken_by(request, by)
    held.done_at = timezone.now()
    held.save(update_fields=["done_at"])
    procedure.record(held.team, "help_done", by=by, data={"request": held.pk})
    return held


@transaction.atomic
def give_back(request: HelpRequest, *, by: User) -> HelpRequest:
    """Give a request back, by whoever took it: it waits for any mentor. Raises NotAllowed, NotNow."""
    held = _taken_by(request, by)
    held.asked = held.taken_by = held.taken_at = None
    held.save(update_fields=["asked", "taken_by", "taken_at"])
    procedure.record(held.team, "help_given_back", by=by, data={"request": held.pk})
    return held


@transaction.atomic
def write_note(team: Team, *, text: str, is_shared: bool, by: User) -> MentorNote:
    """Write a note on a team, for mentors and organisers; the team reads and is told of a shared one.

    Raises NotAllowed, NotDone.
    """
    mentor = mentor_of(by, team.edition_id)
    if mentor is None:
        raise NotAllowed(procedure.FORBIDDEN)
    if not text.strip():
        raise NotDone("Écrivez la note.")
    note = MentorNote.objects.create(team=team, mentor=mentor, text=text.strip(), is_shared=is_shared)
    procedure.record(team, "note_written", by=by, data={"note": note.pk, "is_shared": is_shared})
    if is_shared:
        mentor_mails.tell_note(note)
    return note


def _held(request: HelpRequest) -> HelpRequest:
    # Not joined to whoever took it: PostgreSQL would read that table as it was before the wait for the lock.
    return HelpRequest.objects.select_for_update(of=("self",)).select_related("team__edition").get(pk=request.pk)


def _taken_by(request: HelpRequest, by: User) -> HelpRequest:
    held = _held(request)
    mentor = mentor_of(by, held.team.edition_id)
    if mentor is None:
        raise NotAllowed(procedure.FORBIDDEN)
    if held.cancelled_at is not None:
        raise NotNow(CANCELLED)
    if held.taken_by_id != mentor.pk or held.done_at is not None:
        raise NotNow("Cette demande n’est plus entre vos mains.")
    return held
