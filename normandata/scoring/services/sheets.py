"""The gestures of a scorer on a sheet, and the one of moderation, which never changes a mark."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from normandata.accounts.models import User
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotNow

from .. import filling, kinds, permissions, ties
from ..arithmetic import BadMark, read_mark
from ..errors import InConflict, MarkRefused, Stale
from ..models import Criterion, Disclosure, Mark, Panel, Seat, Sheet, Subject
from ..workflow import ABSTAINED, DRAFT, SPOILED, SUBMITTED
from . import conflicts
from .conflicts import CLOSED_TO_YOU
from .panels import held

LONGEST = 5000
"""Characters of a justification, or of the comment."""
TOO_LONG = f"Ce texte est trop long : {LONGEST} caractères au plus."
NOT_SEATED = "Vous ne siégez pas dans ce jury."
CHANGED = "Cette fiche a changé dans un autre onglet ou sur un autre appareil : rechargez la page avant de continuer."
NOT_DRAFT = "Cette fiche n’est plus en cours : rechargez la page."


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed for a criterion; None leaves what is there, an empty text erases it."""

    value: str | None = None
    justification: str | None = None


@dataclass(frozen=True, slots=True)
class Saved:
    """A sheet as it stands after a save, and what could not be kept: French sentences by criterion."""

    sheet: Sheet
    errors: Mapping[str, str] = field(default_factory=dict)


def of(subject: Subject, person: User) -> Sheet | None:
    """Return the sheet of a person on a subject: a handle for the gestures, of which nothing is shown."""
    return Sheet.objects.select_related("subject__panel").filter(subject=subject, author=person).first()


def start(subject: Subject, *, by: User, at: datetime | None = None) -> Sheet:
    """Give a person the sheet of a subject: begun now, or the one begun before.

    Raises NotAllowed (no seat), NotNow (panel not open, subject taken away, results read), InConflict; a tie that the
    portal finds is written as a conflict, which stays.
    """
    with transaction.atomic():
        panel = held(subject.panel_id)
        _may_judge(by, panel, Subject.objects.get(pk=subject.pk))
        tie = ties.reason(by, subject)
        if not tie:
            sheet, is_new = Sheet.objects.get_or_create(
                subject=subject, author=by, defaults={"started_at": at or timezone.now()}
            )
            if is_new:
                procedure.record(sheet, "start_sheet", by=by)
            return sheet
        conflicts.found(by, subject, reason=tie, at=at)
    raise InConflict(tie)


def save(
    sheet: Sheet,
    typed: Mapping[str, Typed],
    *,
    by: User,
    revision: int,
    comment: str | None = None,
    at: datetime | None = None,
) -> Saved:
    """Keep what was typed, criterion by criterion; what cannot be kept is said and does not stop the rest.

    `revision` is that of the page. Raises NotAllowed, NotNow, InConflict, Stale, LookupError (no such criterion).
    """
    with transaction.atomic():
        now = _held_draft(sheet, by, revision)
        lines = {line.slug: line for line in now.subject.panel.grid.lines}
        if unknown := typed.keys() - lines.keys():
            raise LookupError(f"the grid has no criterion {', '.join(sorted(unknown))}")
        rows, errors = _rows(now, lines, typed)
        if rows:
            Mark.objects.bulk_create(
                rows,
                update_conflicts=True,
                unique_fields=["sheet", "criterion"],
                update_fields=["value", "justification", "maximum"],
            )
        if comment is not None and len(comment) > LONGEST:
            errors["comment"] = TOO_LONG
        elif comment is not None:
            now.comment = _clean(comment)
        now.revision, now.saved_at = now.revision + 1, at or timezone.now()
        now.save(update_fields=["comment", "revision", "saved_at"])
    return Saved(now, errors)


def mark(
    sheet: Sheet,
    criterion: str,
    value: str | None = None,
    *,
    by: User,
    revision: int,
    justification: str | None = None,
) -> Sheet:
    """Keep one mark, its justification or both, as `save` does; raises MarkRefused besides, then nothing is kept."""
    with transaction.atomic():
        saved = save(sheet, {criterion: Typed(value, justification)}, by=by, revision=revision)
        for slug, message in saved.errors.items():
            raise MarkRefused(slug, message)
    return saved.sheet


def submit(sheet: Sheet, *, by: User, revision: int, judged: str = "", at: datetime | None = None) -> Sheet:
    """Submit a complete sheet: from now on it counts, and its author reads the others on this subject.

    `judged` is the version of the subject that the page showed; the one that stands is kept with the grid. The same
    page sent twice is one submission. Raises NotAllowed, NotNow, Stale, InConflict (also found at this moment), Unmet,
    which names what is missing, or says that it is too late or that the author has read the results.
    """
    with transaction.atomic():
        now, data = _held(sheet, by)
        if _is_done(now, SUBMITTED, by, revision):
            return now
        _require_revision(now, revision)
        tie = ties.reason(by, now.subject)
        if not tie:
            subject = now.subject
            version = kinds.version_of(subject.kind, subject.key)
            filled = filling.filled(data["panel"].grid, now)
            journal = {"version": version, "grid": str(data["panel"].grid)}
            procedure.fire_held(
                now,
                "submit_sheet",
                by=by,
                at=at,
                journal=journal,
                **data,
                filled=filled,
                judged=judged,
                version=version,
                deadline=kinds.deadline_of(data["panel"].kind, data["panel"].key),
            )
            return now
        conflicts.found(by, now.subject, reason=tie, at=at)
    raise InConflict(tie)


def confirm(sheet: Sheet, *, by: User, judged: str, at: datetime | None = None) -> Sheet:
    """Say that a submitted sheet stays as it is on the version that came since, of which `judged` is what was read.

    No mark changes. Raises NotAllowed, NotNow, InConflict, Unmet (another version came, or this one is judged already).
    """
    with transaction.atomic():
        now, data = _held(sheet, by)
        version = kinds.version_of(now.subject.kind, now.subject.key)
        journal = {"version": version, "before": now.subject_version}
        procedure.fire_held(now, "confirm_sheet", by=by, at=at, journal=journal, **data, judged=judged, version=version)
    return now


def abstain(sheet: Sheet, *, by: User, revision: int, reason: str = "", at: datetime | None = None) -> Sheet:
    """Give up judging a subject: nothing counts, and the others' sheets stay closed until the panel closes.

    It is not skipping, which writes nothing. Raises NotAllowed, NotNow, Stale, InConflict.
    """
    with transaction.atomic():
        now, data = _held(sheet, by)
        if _is_done(now, ABSTAINED, by, revision):
            return now
        _require_revision(now, revision)
        procedure.fire_held(now, "abstain", by=by, reason=reason, at=at, **data)
    return now


def resume(sheet: Sheet, *, by: User, at: datetime | None = None) -> Sheet:
    """Go back on an abstention: the sheet is a draft again. Raises NotAllowed, NotNow, InConflict, Unmet."""
    with transaction.atomic():
        now, data = _held(sheet, by)
        procedure.fire_held(now, "resume", by=by, at=at, **data)
    return now


def reopen(sheet: Sheet, *, by: User, reason: str, at: datetime | None = None) -> Sheet:
    """Moderate: give a submitted sheet back to its author, and to nobody else; no mark changes.

    It counts no more until submitted again. Raises NotAllowed, NotNow, ReasonMissing, Unmet, InConflict.
    """
    with transaction.atomic():
        panel = held(sheet.subject.panel_id)
        now = _locked(sheet)
        conflicts.refuse(by, now.subject)
        procedure.fire_held(now, "reopen_sheet", by=by, reason=reason, at=at, panel=panel)
    return now


# ------------------------------------------------------------------------------------------------------------- checking
def _may_judge(by: User, panel: Panel, subject: Subject) -> None:
    role = Seat.objects.active().filter(panel=panel, person=by).values_list("role", flat=True).first()
    if not permissions.keeps_role(by, role, panel):
        raise NotAllowed(NOT_SEATED)
    if not panel.is_open:
        raise NotNow(panel.why_not_open)
    if subject.removed_at is not None:
        raise NotNow("Ce projet n’est plus à noter.")
    if ties.declared(by, subject):
        raise InConflict(CLOSED_TO_YOU)
    mine = Sheet.objects.filter(subject=subject, author=by)
    if Disclosure.objects.filter(subject=subject, person=by).exists() and not mine.exists():
        raise NotNow(SPOILED)


def _locked(sheet: Sheet) -> Sheet:
    return Sheet.objects.select_for_update(of=("self",)).with_standing().get(pk=sheet.pk)


def _held(sheet: Sheet, by: User) -> tuple[Sheet, dict[str, Any]]:
    """Lock the panel, then the sheet; return it as it stands with what the conditions read. Raises InConflict."""
    panel = held(sheet.subject.panel_id)
    now = _locked(sheet)
    if by.pk == now.author_id and _in_conflict(now):
        raise InConflict(CLOSED_TO_YOU)
    seated = permissions.keeps_role(by, _seat_role(now), panel)
    return now, {"panel": panel, "seated": seated, "conflict": _in_conflict(now), "spoiled": _is_spoiled(now)}


def _held_draft(sheet: Sheet, by: User, revision: int) -> Sheet:
    """Lock the sheet alone: a draft counts for nothing, so that its saves wait for nobody else's."""
    now = _locked(sheet)
    panel = now.subject.panel
    if not permissions.is_author(by, now):
        raise NotAllowed("Une fiche n’est écrite que par son auteur.")
    if not permissions.keeps_role(by, _seat_role(now), panel):
        raise NotAllowed(NOT_SEATED)
    if _in_conflict(now):
        raise InConflict(CLOSED_TO_YOU)
    if not panel.is_open:
        raise NotNow(panel.why_not_open)
    if now.state != DRAFT:
        raise NotNow(NOT_DRAFT)
    if _is_spoiled(now):
        raise NotNow(SPOILED)
    _require_revision(now, revision)
    return now


def _require_revision(sheet: Sheet, revision: int) -> None:
    if sheet.revision != revision:
        raise Stale(CHANGED)


def _is_done(sheet: Sheet, state: str, by: User, revision: int) -> bool:
    """Tell whether this page, sent twice, made this gesture already."""
    return sheet.state == state and sheet.revision == revision + 1 and permissions.is_author(by, sheet)


def _seat_role(sheet: Sheet) -> str | None:
    role: str | None = vars(sheet)["seat_role"]
    return role


def _in_conflict(sheet: Sheet) -> bool:
    return bool(vars(sheet)["in_conflict"])


def _is_spoiled(sheet: Sheet) -> bool:
    return bool(vars(sheet)["is_spoiled"])


# -------------------------------------------------------------------------------------------------------------- reading
def _rows(
    sheet: Sheet, lines: Mapping[str, Criterion], typed: Mapping[str, Typed]
) -> tuple[list[Mark], dict[str, str]]:
    """Read what was typed into rows, whole; what cannot be read leaves what is there."""
    known = {one.criterion_id: one for one in sheet.marks.all()}
    rows, errors = [], {}
    for slug, said in typed.items():
        line = lines[slug]
        row = known.get(line.pk) or Mark(sheet=sheet, criterion=line, maximum=line.maximum)
        if said.value is not None:
            try:
                row.value = read_mark(said.value, line.scale)
            except BadMark as error:
                errors[slug] = str(error)
        if said.justification is not None and len(said.justification) > LONGEST:
            errors.setdefault(slug, TOO_LONG)
        elif said.justification is not None:
            row.justification = _clean(said.justification)
        rows.append(Mark(**{name: getattr(row, name) for name in MARK_FIELDS}))
    return rows, errors


MARK_FIELDS = ("sheet", "criterion_id", "value", "maximum", "justification")


def _clean(text: str) -> str:
    return text.replace("\x00", "").strip()
