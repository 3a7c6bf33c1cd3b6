"""The gestures on an opinion: ask, put off, cancel; declare, write, give, decline."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from normandata.accounts import throttle
from normandata.accounts.models import User
from normandata.dossiers import delays
from normandata.dossiers.delays import PARIS
from normandata.dossiers.models import Deposit, Dossier
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotDone, NotNow
from normandata.procedure.models import Event
from normandata.regulation.formats import day as written_day
from normandata.regulation.formats import spaced

from .. import conduct, permissions
from ..models import Agreement, Expert, Opinion

LONGEST_QUESTION = 5_000
LONGEST_ANSWER = 30_000
NOT_AGREED = "Cet expert n’a pas donné son accord pour être sollicité, ou l’a retiré."
TWICE = "Une question attend déjà la réponse de cet expert sur ce dossier."
NOT_DEPOSITED = "La structure a déposé une nouvelle version pendant que cette page était ouverte : relisez-la."
TOO_MANY = "Trois courriels sont déjà partis vers cette adresse depuis une heure. Réessayez plus tard."
NOT_WRITABLE = "Cette demande d’avis n’attend plus de réponse. Copiez votre texte si besoin."
NO_PIECE = "Cette pièce n’est pas dans la version déposée."


class Conflict(Exception):
    """The draft was saved elsewhere meanwhile; `kept` holds what was saved."""

    def __init__(self, kept: Opinion) -> None:
        super().__init__()
        self.kept = kept


@transaction.atomic
def ask(
    dossier: Dossier,
    *,
    expert: Expert,
    question: str,
    version: int,
    pieces: Sequence[int],
    due_on: date,
    is_confidential: bool,
    by: User,
) -> Opinion:
    """Ask an expert for an opinion on the last deposit; the expert is written to, invited where there is no account.

    Raises NotAllowed, NotNow for a dossier that is no longer examined, NotDone for what is wrong in the question.
    """
    procedure.lock(dossier)
    if not permissions.can_ask(by, dossier):
        raise NotAllowed(procedure.FORBIDDEN)
    if not dossier.is_open:
        raise NotNow("Ce dossier n’est plus examiné : aucun avis ne peut être demandé.")
    deposit = dossier.deposits.get(version=dossier.version)
    expert = Expert.objects.select_for_update(of=("self",)).select_related("user").get(pk=expert.pk)
    opinion = Opinion(
        dossier=dossier,
        deposit=deposit,
        expert=expert,
        question=question.strip(),
        pieces=sorted(set(pieces)),
        is_confidential=is_confidential,
        due_on=due_on,
        asked_by=by,
    )
    if problems := _problems(opinion, deposit, version):
        raise NotDone(*problems)
    is_unknown = expert.user is None
    if is_unknown and not throttle.take_slot(expert.email):
        raise NotDone(TOO_MANY)
    opinion.save()
    conduct.note(opinion, "opinion_asked", by=by, why=f"Réponse attendue le {written_day(due_on)}. {opinion.question}")
    kind = "experts.invited" if is_unknown else "experts.asked"
    conduct.write(opinion, kind, date_limite=written_day(due_on))
    return opinion


def _problems(opinion: Opinion, deposit: Deposit, version: int) -> list[str]:
    """Say what is wrong in a question before it leaves."""
    found = [] if opinion.question else ["Écrivez la question que vous posez."]
    if len(opinion.question) > LONGEST_QUESTION:
        found.append(f"La question dépasse {LONGEST_QUESTION} signes.")
    found += conduct.last_day_problems(opinion.due_on, timezone.localdate())
    if version != deposit.version:
        found.append(NOT_DEPOSITED)
    if set(opinion.pieces) - {piece["attachment"] for piece in deposit.pieces}:
        found.append(NO_PIECE)
    if not opinion.expert.agreements.standing().filter(kind=Agreement.Kind.ASKED).exists():
        found.append(NOT_AGREED)
    same_address = opinion.expert.user or User.objects.filter(email=opinion.expert.email).first()
    if conduct.is_member(same_address, opinion):
        found.append(conduct.OF_THE_HOUSE)
    if Opinion.objects.open().filter(dossier=opinion.dossier, expert=opinion.expert).exists():
        found.append(TWICE)
    return [spaced(sentence) for sentence in found]


def cancel(opinion: Opinion, *, by: User, reason: str) -> Event:
    """Give a question up, with the reason that the expert reads; raises what `fire` raises."""
    return procedure.fire(opinion, "cancel", by=by, reason=reason)


def extend(opinion: Opinion, *, due_on: date, by: User, reason: str = "") -> Event:
    """Put the last day off; a late question is asked again. Raises what `fire` raises."""
    return procedure.fire(opinion, "extend", by=by, reason=reason, journal={"due_on": str(due_on)}, due_on=due_on)


def declare_no_conflict(opinion: Opinion, *, by: User) -> Event:
    """Declare that one has no conflict of interest: the version and the pieces open. Raises what `fire` raises."""
    return procedure.fire(opinion, "declare_no_conflict", by=by)


def declare_conflict(opinion: Opinion, *, by: User, reason: str = "") -> Event:
    """Declare a conflict of interest: the question closes. Raises what `fire` raises."""
    return procedure.fire(opinion, "declare_conflict", by=by, reason=reason)


def decline(opinion: Opinion, *, by: User, reason: str = "") -> Event:
    """Decline to answer; raises what `fire` raises."""
    return procedure.fire(opinion, "decline", by=by, reason=reason)


def give(opinion: Opinion, *, version: int, by: User) -> Event:
    """Give the opinion as its draft stands, which `version` names; it does not change any more. Raises as `fire`."""
    return procedure.fire(opinion, "give", by=by, version=version)


@transaction.atomic
def save_draft(opinion: Opinion, text: str, *, version: int, by: User) -> Opinion:
    """Keep what is typed; raises Conflict when another tab saved meanwhile, NotAllowed, NotNow, NotDone if too long."""
    procedure.lock(opinion)
    if not permissions.is_expert(by, opinion):
        raise NotAllowed(procedure.FORBIDDEN)
    if not opinion.is_readable:
        raise NotNow(NOT_WRITABLE)
    text = text.replace("\x00", "")
    if len(text) > LONGEST_ANSWER:
        raise NotDone(spaced(f"Votre avis compte {len(text)} signes, la limite est de {LONGEST_ANSWER}."))
    if text == opinion.draft and opinion.draft_saved_at is not None:
        return opinion
    if version != opinion.draft_version:
        raise Conflict(opinion)
    opinion.draft, opinion.draft_version, opinion.draft_saved_at = text, version + 1, timezone.now()
    opinion.save(update_fields=["draft", "draft_version", "draft_saved_at"])
    return opinion


# ------------------------------------------------------------------------------------------------------ time's alone
@transaction.atomic
def remind(opinion: Opinion, at: datetime) -> None:
    """Remind the expert, once for each last day, a few days before; not when it would follow the question at once.

    Raises NotNow when nothing is awaited any more, or not for that day.
    """
    seen = opinion.due_on
    procedure.lock(opinion)
    today = at.astimezone(PARIS).date()
    if opinion.state != "asked" or opinion.due_on != seen:
        raise NotNow(procedure.TOO_LATE)
    first = delays.reminder_day(opinion.due_on)
    if first <= opinion.asked_at.astimezone(PARIS).date() or today < first:
        return
    key = f"opinion:{opinion.pk}:{opinion.due_on}:before"
    conduct.write(opinion, "experts.reminder", key=key, date_limite=written_day(opinion.due_on))


def expire(opinion: Opinion, at: datetime) -> Event:
    """Note that the last day is over; raises what `fire` raises."""
    return procedure.fire(opinion, "expire", by=None, at=at)


def drop(opinion: Opinion, at: datetime) -> Event:
    """Close a question whose dossier is no longer examined; raises what `fire` raises."""
    return procedure.fire(opinion, "drop", by=None, at=at, reason="Le dossier n’est plus examiné.")
