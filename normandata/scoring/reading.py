"""The only way out to sheets, means, ranks, spreads and their journal: blind until one's own sheet is submitted.

While a panel is open, a person with a seat reads a subject's sheets once that person's own sheet on it is submitted;
whoever leads without a sheet reads progress only, and so does everybody where the panel is blind to the end. Once it is
closed, those who sit, lead or audit read everything. A conflict of interest closes its subject to the person at all
times, own sheet included (rules 3 and 5).
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.db.models import Exists, OuterRef, Q, QuerySet

from normandata.accounts.models import User
from normandata.procedure.errors import NotAllowed
from normandata.procedure.models import Event

from . import filling, kinds, permissions, results, ties
from . import ranking as ranks
from .errors import Blind, InConflict
from .filling import Filled
from .models import Conflict, Disclosure, Panel, Seat, Sheet, Subject
from .papers import Line, Paper, Progress, Read, ReadLine, Result, Row, Scorer
from .ranking import Ranking, Tie
from .services.conflicts import CLOSED_TO_YOU
from .ties import Spot
from .workflow import ABSTAINED, DRAFT, SUBMITTED

NOT_YET = "Remettez d’abord votre fiche : les autres fiches, la moyenne et le rang s’ouvrent ensuite."
AT_CLOSING = "Les fiches s’ouvrent à la clôture de la notation : d’ici là, seul l’avancement est visible."
NOT_HERE = "Vous ne siégez pas dans ce jury."


# ----------------------------------------------------------------------------------------------------- what may be read
@dataclass(frozen=True, slots=True)
class Sight:
    """What one person may read of one panel; `mine` is the state of own sheets, by subject.

    `spoiled` are the subjects whose results were read, and on which no sheet of this person was given back: a panel
    that reopens takes none there.
    """

    spots: Sequence[Spot]
    seated: bool
    leads: bool
    closed: frozenset[int]
    mine: dict[int, str]
    open: frozenset[int]
    spoiled: frozenset[int]

    @property
    def reads_all(self) -> bool:
        """Whether nothing that is judged is blind, conflicts apart: a rank says something of every subject."""
        left = {spot.pk for spot in self.spots} - self.closed
        return bool(left) and left <= self.open


def sight(panel: Panel, user: User) -> Sight:
    """Gather what a person may read, in a number of queries that that of subjects does not change."""
    role = Seat.objects.active().filter(panel=panel, person=user).values_list("role", flat=True).first()
    seated, leads = permissions.keeps_role(user, role, panel), permissions.may_lead(user, panel)
    read = Exists(Disclosure.objects.filter(subject=OuterRef("pk"), person=user))
    rows = list(panel.subjects.judged().order_by("rank", "pk").values_list("pk", "kind", "key", read))
    spots = [Spot(*row) for *row, _ in rows]
    closed = ties.closed(user, panel, spots)
    own = Sheet.objects.filter(subject__panel=panel, author=user).values_list("subject", "state", "reopened_at")
    mine, given_back = {}, set()
    for pk, state, reopened_at in own:
        mine[pk] = state
        if reopened_at or state == SUBMITTED:
            given_back.add(pk)
    spoiled = frozenset(pk for pk, *_, has_read in rows if has_read and pk not in given_back)
    if panel.is_closed:
        may = seated or leads or permissions.may_audit(user, panel)
        opened = {spot.pk for spot in spots} if may else set()
    else:
        reads = seated and panel.is_open and not panel.is_blind_to_the_end
        opened = {pk for pk, state in mine.items() if state == SUBMITTED} if reads else set()
    return Sight(spots, seated, leads, closed, mine, frozenset(opened - closed), spoiled)


def _remember(user: User, panel: Panel, subjects: Collection[int]) -> None:
    """Keep that a person read the results of subjects of a closed panel: should it reopen, that person is not blind."""
    if not panel.is_closed:
        return
    known = set(Disclosure.objects.filter(person=user, subject__panel=panel).values_list("subject", flat=True))
    if new := sorted(set(subjects) - known):
        rows = [Disclosure(subject_id=pk, person=user) for pk in new]
        Disclosure.objects.bulk_create(rows, ignore_conflicts=True)


def may_read(subject: Subject, user: User) -> bool:
    """Tell whether this person may read others' sheets on a subject, their mean, their spread, their journal."""
    try:
        require(subject, user)
    except NotAllowed:
        return False
    return True


def require(subject: Subject, user: User) -> None:
    """Raise Blind, InConflict or NotAllowed, each saying why this subject's sheets are not open to this person."""
    panel = subject.panel
    role = Seat.objects.active().filter(panel=panel, person=user).values_list("role", flat=True).first()
    seated, leads = permissions.keeps_role(user, role, panel), permissions.may_lead(user, panel)
    if not (seated or leads or (panel.is_closed and permissions.may_audit(user, panel))):
        raise NotAllowed(NOT_HERE)
    _refuse_conflict(subject, user)
    if panel.is_closed:
        return
    if not seated or panel.is_blind_to_the_end:
        raise Blind(AT_CLOSING)
    if not (panel.is_open and Sheet.objects.counted().filter(subject=subject, author=user).exists()):
        raise Blind(NOT_YET)


def _refuse_conflict(subject: Subject, user: User) -> None:
    if ties.declared(user, subject):
        raise InConflict(CLOSED_TO_YOU)
    _refuse_tie(subject, user)


def _refuse_tie(subject: Subject, user: User, known: str | None = None) -> None:
    if tie := ties.reason(user, subject) if known is None else known:
        raise InConflict(tie)


# ------------------------------------------------------------------------------------------------------------ one's own
def paper(subject: Subject, user: User, *, tie: str | None = None) -> Paper:
    """Return one's own sheet on a subject, or the empty one to begin with: marks, live total, what is missing.

    `tie` is what ties the person to the subject, where the caller has read it; an empty string is nothing. Raises
    NotAllowed (no seat, and no sheet either), InConflict.
    """
    sheet = Sheet.objects.with_standing().filter(subject=subject, author=user).first()
    return _blank(subject, user, tie) if sheet is None else _begun(sheet, user, tie)


def paper_among(subjects: QuerySet[Subject], user: User, *, tie: str | None = None) -> tuple[Subject, Paper] | None:
    """Return the subject that these are, with one's own sheet on it, found together once it is begun; None for none.

    Raises as `paper`.
    """
    sheet = Sheet.objects.with_standing().filter(subject__in=subjects, author=user).first()
    if sheet is not None:
        return sheet.subject, _begun(sheet, user, tie)
    subject = subjects.select_related("panel__grid").first()
    return None if subject is None else (subject, _blank(subject, user, tie))


def _begun(sheet: Sheet, user: User, tie: str | None) -> Paper:
    """Return a sheet that was read with its standing; raises as `paper` does."""
    standing, panel = vars(sheet), sheet.subject.panel
    if standing["in_conflict"]:
        raise InConflict(CLOSED_TO_YOU)
    _refuse_tie(sheet.subject, user, tie)
    if not permissions.keeps_role(user, standing["seat_role"], panel):
        raise NotAllowed(NOT_HERE)
    return Paper(sheet, filling.read(panel.grid, sheet), is_spoiled=standing["is_spoiled"])


def _blank(subject: Subject, user: User, tie: str | None) -> Paper:
    """Return the sheet that is not begun; raises as `paper` does."""
    if ties.declared(user, subject):
        raise InConflict(CLOSED_TO_YOU)
    _refuse_tie(subject, user, tie)
    read = Exists(Disclosure.objects.filter(subject=subject, person=user))
    seat = Seat.objects.active().filter(panel=subject.panel_id, person=user)
    role, has_read = seat.values_list("role", read).first() or (None, False)
    if not permissions.keeps_role(user, role, subject.panel):
        raise NotAllowed(NOT_HERE)
    return Paper(None, filling.blank(subject.panel.grid), is_spoiled=has_read)


def next_subject(panel: Panel, user: User, after: Subject | None = None) -> Subject | None:
    """Return what this person judges next, after a subject in the order of the panel, then from its beginning.

    Submitted, abstained and closed ones are passed over, and those whose results were read; a skipped one comes back at
    its turn. None when all is done.
    """
    seen = sight(panel, user)
    if not (seen.seated and panel.is_open):
        return None
    shut = seen.closed | seen.spoiled
    left = [spot.pk for spot in seen.spots if seen.mine.get(spot.pk, DRAFT) == DRAFT and spot.pk not in shut]
    if after is not None:
        order = [spot.pk for spot in seen.spots]
        place = order.index(after.pk) if after.pk in order else -1
        rest = [pk for pk in order[place + 1 :] + order[: place + 1] if pk in set(left)]
        left = [pk for pk in rest if pk != after.pk]
    return Subject.objects.select_related("panel__grid").get(pk=left[0]) if left else None


# ------------------------------------------------------------------------------------------------------------- progress
def progress(panel: Panel, user: User) -> Progress:
    """Say how far a panel is, in flat queries and without any score; raises NotAllowed."""
    seen = sight(panel, user)
    if not (seen.seated or seen.leads or seen.open):
        raise NotAllowed(NOT_HERE)
    shown = [spot for spot in seen.spots if spot.pk not in seen.closed]
    states: dict[int, dict[int, str]] = {}
    judged: dict[int, dict[int, str]] = {}
    sheets = Sheet.objects.filter(subject__panel=panel, subject__removed_at=None).order_by("pk")
    for subject, author, state, version in sheets.values_list("subject", "author", "state", "subject_version"):
        if subject not in seen.closed:
            states.setdefault(subject, {})[author] = state
            judged.setdefault(subject, {})[author] = version
    extra = dict(panel.subjects.values_list("pk", "extra"))
    now = results.versions_now(shown)
    lines = []
    for spot in shown:
        said = states.get(spot.pk, {})
        count, needed = list(said.values()).count(SUBMITTED), panel.grid.least_sheets + extra[spot.pk]
        old = {by: version for by, version in judged.get(spot.pk, {}).items() if version not in ("", now[spot.pk])}
        mine = old.get(user.pk, "")
        reads = seen.leads or spot.pk in seen.open
        lines.append(
            Line(
                spot, count, needed, seen.mine.get(spot.pk, ""), said if seen.leads else {},
                tuple(sorted(old.values())) if reads else (mine,) if mine else (), mine, spot.pk in seen.spoiled,
            )
        )  # fmt: skip
    scorers = _scorers(panel, states.values()) if seen.leads else ()
    return Progress(tuple(lines), tuple(scorers), len(seen.spots) - len(shown))


def _scorers(panel: Panel, states: Iterable[Mapping[int, str]]) -> list[Scorer]:
    counts: dict[int, Counter[str]] = {}
    for by_person in states:
        for person, state in by_person.items():
            counts.setdefault(person, Counter())[state] += 1
    found = []
    for place in panel.seats.active().select_related("person").order_by("pk"):
        said = counts.get(place.person_id, Counter())
        found.append(
            Scorer(place.person_id, str(place.person), place.quality, said[SUBMITTED], said[DRAFT], said[ABSTAINED])
        )
    return found


# -------------------------------------------------------------------------------------------------------------- results
def result(subject: Subject, user: User) -> Result:
    """Return the submitted sheets on a subject, their exact mean and their spread; raises as `require`."""
    require(subject, user)
    grid = subject.panel.grid
    standing = results.standing_of(subject)
    sheets = Sheet.objects.counted().filter(subject=subject).select_related("author").prefetch_related("marks")
    _remember(user, subject.panel, [subject.pk])
    return Result(
        grid,
        standing,
        kinds.version_of(subject.kind, subject.key),
        tuple(_read(filling.filled(grid, one), one, user) for one in sheets.order_by("submitted_at", "pk")),
    )


def _read(filled: Filled, sheet: Sheet, user: User) -> Read:
    lines = [
        ReadLine(line.slug, line.label, line.maximum, mark.value, mark.justification)
        for line, mark in filled.lines
        if mark is not None
    ]
    return Read(
        str(sheet.author), sheet.author_id == user.pk, filled.total, tuple(lines), sheet.comment, sheet.submitted_at,
        sheet.subject_version, sheet.pk,
    )  # fmt: skip


def ranking(panel: Panel, user: User, *, ties: Sequence[str] = (), then: Sequence[Tie] = ()) -> Ranking:
    """Rank a panel for a person; what a conflict closes to the person is left out, and places counted without it.

    Raises Blind as long as one subject is blind, since a rank tells of the others; NotAllowed, LookupError.
    """
    seen = _whole(panel, user)
    _remember(user, panel, seen.open)
    return ranks.rank(panel, ties=ties, then=then, without=seen.closed)


def scores(panel: Panel, user: User, *, named: bool) -> list[Row]:
    """Return a panel's sheets as rows to export: one by subject and sheet, all criteria side by side.

    Anonymous, sheets are numbered by subject from the highest, which follows nobody from one subject to the next, and
    neither words nor hours are given. Raises as `ranking`.
    """
    seen = _whole(panel, user)
    _remember(user, panel, seen.open)
    labels = {spot.pk: spot for spot in seen.spots if spot.pk not in seen.closed}
    sheets = Sheet.objects.counted().filter(subject__in=list(labels)).order_by("subject__rank", "subject", "-points")
    marks, now = _marks(panel), results.versions_now(labels.values())
    rows: list[Row] = []
    before, number = 0, 0
    for pk, subject, author, email, points, version in sheets.values_list(
        "pk", "subject", "author__name", "author__email", "points", "subject_version"
    ):
        number = number + 1 if subject == before else 1
        before = subject
        who = (author or email) if named else f"Fiche {number}"
        score, outdated = Fraction(points or 0) / panel.grid.denominator, version if version != now[subject] else ""
        rows.append(Row(labels[subject], who, score, marks.get(pk, {}), named, outdated))
    return rows


def _marks(panel: Panel) -> dict[int, dict[str, tuple[Fraction, str]]]:
    found: dict[int, dict[str, tuple[Fraction, str]]] = {}
    counted = Sheet.objects.counted().filter(subject__panel=panel)
    rows = counted.order_by().values_list("pk", "marks__criterion__slug", "marks__value", "marks__justification")
    for pk, slug, value, justification in rows:
        found.setdefault(pk, {})[slug] = (Fraction(value or 0), justification)
    return found


def _whole(panel: Panel, user: User) -> Sight:
    seen = sight(panel, user)
    if seen.reads_all:
        return seen
    if not (seen.seated or seen.leads):
        raise NotAllowed(NOT_HERE)
    waits = seen.seated and panel.is_open and not panel.is_blind_to_the_end
    raise Blind(NOT_YET if waits else AT_CLOSING)


# -------------------------------------------------------------------------------------------------------------- journal
def journal(subject: Subject, user: User) -> list[Event]:
    """List what happened to the sheets of a subject and to itself, the newest first.

    Blind, a person reads the lines of the own sheet only. Raises NotAllowed, InConflict.
    """
    _refuse_conflict(subject, user)
    own = Sheet.objects.filter(subject=subject, author=user).values_list("pk", flat=True)
    wanted = _events(Sheet, own)
    if may_read(subject, user):
        wanted = _events(Sheet, Sheet.objects.filter(subject=subject).values_list("pk", flat=True))
        wanted |= _events(Subject, [subject.pk])
    elif not own:
        raise Blind(NOT_YET)
    return list(Event.objects.filter(wanted).select_related("by").order_by("-at", "-pk"))


def panel_journal(panel: Panel, user: User) -> list[Event]:
    """List what happened to the panel itself and the conflicts declared in it, the newest first; for who leads it.

    Subjects closed to the reader are left out, and so is all that tells of a sheet. Raises NotAllowed.
    """
    seen = sight(panel, user)
    if not seen.leads:
        raise NotAllowed(NOT_HERE)
    left = [spot.pk for spot in seen.spots if spot.pk not in seen.closed]
    conflicts = _events(Subject, left) & Q(name__in=("declare_conflict", "lift_conflict", "remove_subject"))
    return list(
        Event.objects.filter(_events(Panel, [panel.pk]) | conflicts).select_related("by").order_by("-at", "-pk")
    )


def conflicts(panel: Panel, user: User) -> list[Conflict]:
    """List the conflicts that close something in a panel, for who leads it; others' on what is closed to the reader
    are left out.

    Raises NotAllowed.
    """
    seen = sight(panel, user)
    if not seen.leads:
        raise NotAllowed(NOT_HERE)
    here = panel.subjects.filter(kind=OuterRef("kind"), key=OuterRef("key"))
    readable = Exists(here.exclude(pk__in=seen.closed)) | (Q(person=user) & Exists(here))
    found = Conflict.objects.active().filter(Q(panel=panel) | readable).select_related("person", "panel", "declared_by")
    return list(found.order_by("declared_at", "pk"))


def conflict(pk: int, user: User) -> Conflict:
    """Return a conflict that stands, to who leads and to whom what it is about is not closed, unless it is one's own.

    Raises LookupError.
    """
    found = Conflict.objects.active().select_related("person", "panel").filter(pk=pk).first()
    if found is None or not permissions.may_lead(user, found):
        raise LookupError("no such conflict")
    if found.key and found.person_id != user.pk:
        is_closed = Conflict.objects.closing(user, found.kind, found.key).exists()
        if is_closed or kinds.concerned(user, found.kind, [found.key]):
            raise LookupError("what it is about is closed to this person")
    return found


def conflicts_on(scheme: str, kind: str, key: str) -> list[Conflict]:
    """List the conflicts that stand on one thing of a scheme, for a page that only who leads it reads; one query."""
    found = Conflict.objects.active().filter(scheme=scheme, kind=kind, key=key)
    return list(found.select_related("person", "declared_by").order_by("declared_at", "pk"))


def _events(model: type[Panel] | type[Subject] | type[Sheet], keys: Iterable[int]) -> Q:
    return Q(thing_kind=model._meta.label_lower, thing_key__in=[str(key) for key in keys])
