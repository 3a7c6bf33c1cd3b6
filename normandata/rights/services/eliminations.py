"""What is kept too long: proposed in lots, seen by the Archives, eliminated. Never in silence.

The night only proposes. A dossier that is open, unpaid, within the time to appeal, of the accounts or of the de minimis
aids is never put in a lot, and is looked at again, under its lock, when the lot is executed.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from normandata.accounts.models import User
from normandata.dossiers.models import Dossier
from normandata.dossiers.personal import is_over
from normandata.dossiers.services import drafts
from normandata.notifications import services as notifications
from normandata.organisations.models import Membership
from normandata.privacy import due, registry
from normandata.privacy.due import Due
from normandata.privacy.retention import retention
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotDone, NotNow
from normandata.regulation.formats import day as written_day

from .. import emptying, ledger
from ..models import Lot, LotRow, Warned, handles
from . import erasure

logger = logging.getLogger(__name__)
FAILED = "L’élimination a échoué et a été annulée : prévenez l’administrateur du portail."
STILL_NAMED = "Ce compte est encore nommé quelque part après l’effacement, qui a été annulé : prévenez l’exploitation."
DISCARDED = "Le brouillon a déjà été effacé."
ENDED = "Ce lot est terminé."
NO_VISA = "Notez d’abord le visa des Archives\u00a0: sans lui, rien n’est éliminé."
BY_ANOTHER = "Vous avez noté le visa\u00a0: une autre personne exécute le lot."


@dataclass(frozen=True, slots=True)
class Line:
    """Something whose time is over, and what keeps it all the same."""

    due: Due
    kept: list[str]

    @property
    def outcome(self) -> str:
        """Say in a word what a run would do of it."""
        if self.kept:
            return "gardé"
        if self.due.by_itself:
            return "effacé la nuit"
        return "à proposer, avec visa" if self.due.rule.visa else "à proposer"


def look(day: date) -> list[Line]:
    """List what is due on a day and what would become of it; writes nothing."""
    return [Line(one, _kept(one, day)) for one in due.every(day)]


def _kept(one: Due, day: date) -> list[str]:
    if one.dossier is not None:
        return registry.guarded(one.dossier, day)
    return [found.what for found in registry.obstacles(one.person)] if one.person is not None else []


def propose(at: datetime) -> list[Lot]:
    """Put in a lot, one for each rule, what nothing keeps and no lot under way holds; eliminates nothing.

    Of two proposals at once, the second finds everything proposed and makes nothing: the database takes each dossier,
    and each account, in one lot under way.
    """
    try:
        with transaction.atomic():
            return _propose(at)
    except IntegrityError:
        return []


def _propose(at: datetime) -> list[Lot]:
    day = timezone.localdate(at)
    waiting = LotRow.objects.filter(is_waiting=True)
    dossiers = set(waiting.values_list("dossier", flat=True))
    people = set(waiting.values_list("person", flat=True))
    fresh: dict[str, list[Due]] = {}
    for line in look(day):
        found = line.due
        is_new = found.dossier.pk not in dossiers if found.dossier else found.person and found.person.pk not in people
        if is_new and not line.kept and not found.by_itself and _is_warned(found, day):
            fresh.setdefault(found.rule.slug, []).append(found)
    return [_lot(slug, found, at) for slug, found in fresh.items()]


def _lot(slug: str, found: Iterable[Due], at: datetime) -> Lot:
    rule = retention().rule(slug)
    year = timezone.localdate(at).year
    rank = Lot.objects.filter(number__startswith=f"ELI-{year}-").count() + 1
    lot = Lot.objects.create(number=f"ELI-{year}-{rank:04d}", rule=slug, needs_visa=rule.visa, proposed_at=at)
    LotRow.objects.bulk_create(
        LotRow(
            lot=lot, dossier=one.dossier, person=one.person, label=one.label[:300], since=one.since, due_on=one.due_on
        )
        for one in found
    )
    procedure.record(lot, "propose_lot", by=None)
    return lot


# ------------------------------------------------------------------------------------------------------------ warnings
def warn(at: datetime) -> int:
    """Tell, so many days before, whoever may still keep a draft or an account; once for each day due."""
    day, told = timezone.localdate(at), 0
    for days in sorted({rule.warn_days for rule in retention().rules if rule.warn_days}):
        for one in due.every(day + timedelta(days=days)):
            if one.rule.warn_days == days and not one.by_itself:
                told += _warn(one, day)
    return told


@transaction.atomic
def _warn(one: Due, day: date) -> bool:
    due_on = max(one.due_on, day + timedelta(days=one.rule.warn_days))
    known = Warned.objects.filter(rule=one.rule.slug, key=_key(one), at__date__gte=one.since)
    if known.exists():
        return False
    Warned.objects.create(rule=one.rule.slug, key=_key(one), due_on=due_on)
    values = {"objet": one.label if one.dossier else "votre compte", "date": written_day(due_on)}
    values["adresse"] = settings.SITE_URL + reverse("dossiers:home")
    to = [one.person] if one.person else _members(one.dossier)
    notifications.notify("rights.warned", to=to, values=values)
    return True


def _members(dossier: Dossier) -> list[User]:
    """List who may still go on with a draft."""
    mine = Membership.objects.active().filter(organisation=dossier.organisation_id).values("user")
    return list(User.objects.filter(pk__in=mine, is_active=True).order_by("pk"))


def _is_warned(one: Due, day: date) -> bool:
    """Tell whether the time said in the warning has passed, where the rule wants one."""
    if not one.rule.warn_days:
        return True
    return Warned.objects.filter(rule=one.rule.slug, key=_key(one), at__date__gte=one.since, due_on__lte=day).exists()


def _key(one: Due) -> str:
    return str(one.dossier.pk if one.dossier else one.person.pk if one.person else "")


# ------------------------------------------------------------------------------------------------------------ gestures
@transaction.atomic
def note_visa(lot: Lot, *, reference: str, name: str, on: date, by: User) -> Lot:
    """Note the visa that the Archives gave: its reference, who signed it, when. Raises NotAllowed, NotNow."""
    locked = _held(lot, by)
    if not locked.needs_visa:
        raise NotNow("Ce lot ne demande pas de visa.")
    if on > timezone.localdate() or on < timezone.localdate(locked.proposed_at):
        raise NotDone("La date du visa est entre la proposition du lot et aujourd’hui.")
    locked.visa_reference, locked.visa_name, locked.visa_on = reference.strip(), name.strip(), on
    locked.visa_noted_by = by
    locked.save()
    procedure.record(locked, "note_visa", by=by, data={"reference": locked.visa_reference, "on": on.isoformat()})
    return locked


@transaction.atomic
def drop(lot: Lot, reason: str, *, by: User) -> Lot:
    """Give a lot up, saying why: what it held may be proposed again. Raises NotAllowed, NotNow, NotDone."""
    locked = _held(lot, by)
    if not reason.strip():
        raise NotDone("Dites pourquoi le lot est abandonné.")
    locked.dropped_at, locked.dropped_by, locked.dropped_reason = timezone.now(), by, reason.strip()[:300]
    locked.save()
    locked.rows.update(is_waiting=False)
    procedure.record(locked, "drop_lot", by=by, reason=reason)
    return locked


@transaction.atomic
def execute(lot: Lot, *, by: User) -> Lot:
    """Eliminate what a lot holds and nothing keeps any more. Raises NotAllowed, NotNow."""
    locked = _held(lot, by)
    if locked.needs_visa and locked.visa_on is None:
        raise NotNow(NO_VISA)
    if locked.visa_noted_by_id == by.pk:
        raise NotAllowed(BY_ANOTHER)
    now = timezone.now()
    gone: list[UUID] = []
    for row in locked.rows.select_related("dossier", "person"):
        key = row.dossier.key if row.dossier else None
        kept = _tried(row, by, timezone.localdate(now))
        gone += [key] if key and not kept else []
        row.done_at, row.kept = (None, " ".join(kept)[:500]) if kept else (now, "")
        row.is_waiting = False
        row.save()
    locked.executed_at, locked.executed_by = now, by
    locked.save()
    done = locked.rows.exclude(done_at=None).count()
    procedure.record(locked, "execute_lot", by=by, data={"done": done, "kept": locked.rows.count() - done})
    erasure.publish_again()
    ledger.write_eliminations(gone, locked.number, now)  # last: a lot that is undone leaves no line
    return locked


def _tried(row: LotRow, by: User, day: date) -> list[str]:
    """Eliminate one line, or leave it whole and say why: what goes wrong with it stops no other."""
    try:
        with transaction.atomic():
            return _eliminate(row, by, day)
    except erasure.StillNamed:
        logger.exception("An account of lot %s is still named after its erasure, which was undone.", row.lot)
        return [STILL_NAMED]
    except Exception:  # whatever breaks one line, the others are done, and the lot says so
        logger.exception("A line of lot %s failed and was undone.", row.lot)
        row.refresh_from_db()
        return [FAILED]


def _eliminate(row: LotRow, by: User, day: date) -> list[str]:
    """Eliminate one line, or say what keeps it; what changed since it was proposed is looked at again."""
    if row.person is not None:
        return _close_account(row, row.person, by, day)
    if row.dossier is None:
        return [DISCARDED]
    dossier = Dossier.objects.select_for_update().filter(pk=row.dossier.pk).first()
    if dossier is None:  # discarded since the lines were read
        row.dossier = None
        return [DISCARDED]
    if dossier.eliminated_at:
        return ["Ce dossier est déjà éliminé."]
    if kept := registry.guarded(dossier, day):
        return kept
    if not is_over(dossier, retention().rule(row.lot.rule), day):
        return ["La durée a recommencé depuis la proposition."]
    if dossier.is_draft:
        row.dossier = None
        row.save()
        emptying.empty_around(dossier)
        drafts.expire(dossier, by=by)
    else:
        emptying.empty(dossier, by=by)
    return []


def _close_account(row: LotRow, person: User, by: User, day: date) -> list[str]:
    seen = timezone.localdate(person.last_login or person.date_joined)
    if seen > row.since:
        return ["La personne s’est connectée depuis."]
    try:
        erasure.erase(person, by=by)
    except erasure.Prevented as error:
        return [one.what for one in error.obstacles]
    return []


def _held(lot: Lot, by: User) -> Lot:
    if not handles(by):
        raise NotAllowed(procedure.FORBIDDEN)
    locked = Lot.objects.select_for_update().get(pk=lot.pk)
    if locked.executed_at or locked.dropped_at:
        raise NotNow(ENDED)
    return locked
