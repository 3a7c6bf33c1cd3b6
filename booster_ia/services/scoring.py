"""The gestures on the scoring of a wave: seat people, put its dossiers before them, open, close, open again.

One panel for each wave. Its subjects are the dossiers of the wave under review, by date of completeness.
"""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import CharField, Count, Exists, OuterRef, Q
from django.db.models.functions import Cast
from django.utils import timezone

from normandata.accounts.models import Role, RoleAssignment, User
from normandata.dossiers.models import Dossier
from normandata.procedure.errors import NotDone, NotNow
from normandata.regulation.formats import plural, spaced
from normandata.scoring import kinds, permissions, reading, workflow
from normandata.scoring.errors import InConflict
from normandata.scoring.models import Conflict, Panel, Seat, Sheet, Subject
from normandata.scoring.services import conflicts, panels, sheets
from normandata.scoring.services.sheets import Saved, Typed
from normandata.scoring.workflow import CLOSED, SUBMITTED

from .. import grid_rows
from ..waves import Wave

SCHEME = "booster_ia"
ROLES = (Role.LEAD_AGENT, Role.AGENT)
"""Roles that may sit, the first held being that of the seat."""
KIND = Dossier._meta.label_lower
WAVE = Wave._meta.label_lower
JUDGED = "review"
OVER = ("withdrawn", "lapsed", "refused", "draft")
"""States in which a dossier has nothing to be judged for any more."""
NOBODY = "Choisissez au moins une personne : c’est elle qui note."
NOT_SUBMITTED = "Cette personne n’a pas de fiche remise sur ce dossier : il n’y a rien à rouvrir."
NO_DOSSIER = "Aucun dossier de cette vague n’est en instruction : il n’y a rien à noter."


# ------------------------------------------------------------------------------------------------------------- finding
def panel_of(wave: Wave) -> Panel | None:
    """Return the panel of a wave, once it was made."""
    return panels.panel_about(wave)


def wave_of(panel: Panel) -> Wave:
    """Return the wave of a panel."""
    found: Wave = Wave.objects.get(pk=panel.key)
    return found


def subject_of(dossier: Dossier, user: User) -> tuple[Subject, int, int] | None:
    """Return what a dossier is in the panel of its wave, and how many sheets this person submitted there, of how many.

    One query; None for a dossier that is not judged.
    """
    standing = Q(panel__subjects__removed_at=None)
    mine = standing & Q(panel__subjects__sheets__author=user, panel__subjects__sheets__state=SUBMITTED)
    found = (
        Subject.objects.judged()
        .about(dossier)
        .filter(panel__kind=WAVE, panel__scheme=SCHEME)
        .select_related("panel__grid")
        .annotate(
            done=Count("panel__subjects", filter=mine, distinct=True),
            count=Count("panel__subjects", filter=standing, distinct=True),
        )
        .order_by("-pk")
        .first()
    )
    return (found, vars(found)["done"], vars(found)["count"]) if found else None


def too_late(panel: Panel) -> str:
    """Say that sheets of a panel are not submitted any more, once its last day and the grace are past."""
    deadline = kinds.deadline_of(panel.kind, panel.key)
    return workflow.too_late(deadline) if deadline and deadline.is_over(timezone.now()) else ""


def conflicts_on(dossier: Dossier, user: User) -> list[Conflict]:
    """List the conflicts of interest declared on a dossier, to the scheme's lead agents who read it; one query."""
    return reading.conflicts_on(SCHEME, KIND, str(dossier.pk)) if may_open(user) else []


def scorers(seated: Collection[int] = ()) -> list[User]:
    """List the people who may sit: the scheme's agents and lead agents, and those who sit already."""
    held = RoleAssignment.objects.current().filter(role__in=ROLES, scheme__in=("", SCHEME)).values("user")
    people = User.objects.filter(Q(pk__in=held, is_active=True) | Q(pk__in=seated))
    return list(people.order_by("name", "email"))


def is_seated(panel: Panel, user: User) -> bool:
    """Tell whether a person scores here: a seat, and the role that it asks for."""
    role = panel.seats.active().filter(person=user).values_list("role", flat=True).first()
    return permissions.keeps_role(user, role, panel)


def may_open(user: User) -> bool:
    """Tell whether somebody opens the scoring of waves: lead agents, who answer for its conduct."""
    return user.holds(Role.LEAD_AGENT, scheme=SCHEME)


def is_shown(panel: Panel | None, user: User) -> bool:
    """Tell whether the scoring of a wave has a page for this reader: until it opens, then for who sits or leads."""
    return panel is None or permissions.may_lead(user, panel) or is_seated(panel, user)


def seated(user: User, wave: str, dossier: str = "application") -> Exists:
    """Describe, in a query where these name the keys of a wave and of a dossier, the rows that this person scores.

    The wave's panel has a seat for the person, and the dossier is judged there.
    """
    about = Seat.objects.active().filter(person=user, panel__kind=WAVE, panel__key=Cast(OuterRef(wave), CharField()))
    judged = {"kind": KIND, "key": Cast(OuterRef(dossier), CharField()), "removed_at": None}
    return Exists(about.filter(**{f"panel__subjects__{name}": value for name, value in judged.items()}))


def closed(wave: str, dossier: str = "application") -> Exists:
    """Describe, in a query where these name the keys of a wave and of a dossier, the rows whose scoring is closed."""
    about = Subject.objects.filter(panel__kind=WAVE, panel__key=Cast(OuterRef(wave), CharField()), panel__state=CLOSED)
    return Exists(about.filter(kind=KIND, key=Cast(OuterRef(dossier), CharField()), removed_at=None))


# ----------------------------------------------------------------------------------------------------------- the panel
@transaction.atomic
def open_scoring(wave: Wave, people: Collection[User], *, by: User, at: datetime | None = None) -> Panel:
    """Open the scoring of a wave to people, on its dossiers under review.

    Raises NotAllowed, NotNow, NotDone (nobody, no dossier), Unmet.
    """
    panel = panel_of(wave)
    if panel is None:
        grid = grid_rows.publish(wave.closing_on)
        panel = panels.create_panel(SCHEME, f"Notation de la {wave.label}", grid, by=by, about=wave)
    if not people:
        raise NotDone(spaced(NOBODY))
    for person in people:
        _seat(panel, person, by)
    known = set(panel.subjects.judged().values_list("key", flat=True))
    if new := _waiting(wave, known):
        panels.add_subjects(panel, new, by=by)
    if not panel.subjects.judged().exists():
        raise NotDone(spaced(NO_DOSSIER))
    panels.open_panel(panel, by=by, at=at)
    return panel


@transaction.atomic
def change_people(panel: Panel, people: Collection[User], *, by: User, reason: str = "") -> None:
    """Seat those who do not sit yet; unseat those left out, with a reason. Raises NotAllowed, NotNow, ReasonMissing."""
    if not people:
        raise NotDone(spaced(NOBODY))
    kept = {person.pk for person in people}
    for place in panel.seats.active().select_related("person").order_by("pk"):
        if place.person_id not in kept:
            panels.unseat(place, by=by, reason=reason)
    for person in people:
        _seat(panel, person, by)


def pending(panel: Panel) -> tuple[list[Dossier], list[Subject]]:
    """Return the dossiers that came into the wave since, and the subjects that left it: three queries and the wave."""
    wave = wave_of(panel)
    here = list(panel.subjects.judged().order_by("rank"))
    known = {one.key for one in here}
    stay = Dossier.objects.filter(pk__in=known, booster__wave=wave).exclude(state__in=OVER)
    kept = {str(pk) for pk in stay.values_list("pk", flat=True)}
    return _waiting(wave, known), [one for one in here if one.key not in kept]


@transaction.atomic
def refresh(panel: Panel, *, by: User) -> str:
    """Put the dossiers that came into the wave before the panel, take away those that left; say how many in French.

    The portal takes away: it is a fact of the dossier, and a conflict of interest with it does not stop whoever leads.
    Raises NotAllowed, NotNow.
    """
    panels.lead(panels.held(panel.pk), by)
    new, gone = pending(panel)
    if new:
        panels.add_subjects(panel, new, by=by)
    for one in gone:
        panels.remove_subject(one, by=None, reason="Le dossier n’est plus à noter dans cette vague.")
    come, left = plural(len(new), "dossier ajouté", "dossiers ajoutés"), plural(len(gone), "retiré", "retirés")
    return f"{come}, {left}."


@transaction.atomic
def close_scoring(panel: Panel, *, by: User, at: datetime | None = None) -> None:
    """Close the scoring of a wave on its dossiers as they stand: none forgotten, none ranked that left.

    Raises NotAllowed, NotNow.
    """
    refresh(panel, by=by)
    panels.close_panel(panel, by=by, at=at)


def ask_sheet(subject: Subject, *, by: User, reason: str, person: User | None = None) -> None:
    """Ask for one sheet more on a dossier. Raises NotAllowed, ReasonMissing, NotNow, InConflict."""
    role = _role(person) if person else ""
    try:
        panels.ask_sheet(subject, by=by, reason=reason, person=person, role=role)
    except InConflict as error:
        conflicts.refuse(by, subject)
        said = f"Un conflit d’intérêts ferme ce dossier à {person} : demandez la fiche à une autre personne."
        raise InConflict(spaced(said)) from error


def _seat(panel: Panel, person: User, by: User) -> Seat:
    return panels.seat(panel, person, by=by, role=_role(person))


def _role(person: User) -> str:
    return next((str(role) for role in ROLES if person.holds(role, scheme=SCHEME)), str(Role.AGENT))


def _waiting(wave: Wave, known: Collection[str]) -> list[Dossier]:
    """List the dossiers of a wave under review that are not before its panel, by date of completeness."""
    found = Dossier.objects.filter(scheme=SCHEME, state=JUDGED, booster__wave=wave)
    return [one for one in found.order_by("complete_on", "number") if str(one.pk) not in known]


# ------------------------------------------------------------------------------------------------------------- a sheet
@transaction.atomic
def save_sheet(sheet: int, typed: dict[str, Typed], *, by: User, revision: int, comment: str | None = None) -> Saved:
    """Keep what a person typed on its own sheet, of which `revision` is that of the page.

    Raises LookupError (no such sheet), and as `normandata.scoring.services.sheets.save`.
    """
    try:
        return sheets.save(Sheet(pk=sheet), typed, by=by, revision=revision, comment=comment)
    except Sheet.DoesNotExist as error:
        raise LookupError("no such sheet") from error


def own_sheet(pk: int, user: User) -> Sheet | None:
    """Return a sheet to its author, and to nobody else."""
    found = Sheet.objects.filter(pk=pk, author=user, subject__panel__kind=WAVE)
    return found.select_related("subject__panel__grid").first()


def submitted_by(subject: Subject, people: Iterable[int]) -> set[int]:
    """Tell who among people has submitted a sheet on a subject: progress, without any mark."""
    found = Sheet.objects.counted().filter(subject=subject, author__in=list(people))
    return set(found.values_list("author", flat=True))


def reopen_sheet(subject: Subject, author: User, *, by: User, reason: str) -> None:
    """Give a submitted sheet back to its author. Raises NotAllowed, NotNow, ReasonMissing, Unmet, InConflict."""
    sheet = Sheet.objects.counted().filter(subject=subject, author=author).select_related("subject__panel").first()
    if sheet is None:
        raise NotNow(spaced(NOT_SUBMITTED))
    sheets.reopen(sheet, by=by, reason=reason)
