"""The gestures on the scoring of an edition: the order of presentations, opening, and a juror's own ballots.

The grid is made from the edition's criteria and frozen when scoring opens; blind to the end, organisers included.
"""

import random
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Max

from normandata.accounts.models import Role, User
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotDone, NotNow, ReasonMissing
from normandata.scoring.arithmetic import Method
from normandata.scoring.models import Grid, Panel, Sheet, Subject
from normandata.scoring.services import conflicts, grids, panels, sheets
from normandata.scoring.services.grids import Line
from normandata.scoring.services.sheets import Saved, Typed

from .. import openings, permissions, phases, windows
from ..editions import Edition
from ..juries import EXPERT, OFFICIALS, Juror
from ..rules import REGLEMENT
from ..teams import Extension, Team

SCHEME = permissions.SCHEME
EDITION, TEAM = Edition._meta.label_lower, Team._meta.label_lower
WORDS = ("Absent", "Faible", "Partiel", "Correct", "Solide", "Exemplaire")
"""The words of the marks, from 0 to the highest."""
ORDERED_IN = (phases.REGISTRATION, phases.CHALLENGE, phases.SCORING)
CHANGED = "L’ordre a changé depuis que vous avez ouvert la page : rechargez-la, puis recommencez."


# ----------------------------------------------------------------------------------------------------- order of passage
def teams_of(edition: Edition) -> list[Team]:
    """Return the teams of an edition, those that present first, in their order."""
    return list(Team.objects.active().real().filter(edition=edition).order_by("-presents", "order", "pk"))


def presenting(edition: Edition) -> list[Team]:
    """Return the teams that present, in their order."""
    return [one for one in teams_of(edition) if one.presents]


def order(edition: Edition, teams: Sequence[Team], *, by: User, revision: int | None = None, reason: str = "") -> None:
    """Say which teams present and in what order; the others do not present.

    Once scoring is open, taking a team away asks for a reason. Raises NotAllowed, NotNow, NotDone, ReasonMissing.
    """
    with transaction.atomic():
        _ordering(edition, by, revision)
        _write_order(edition, teams, by, reason)
        procedure.record(edition, "order_teams", by=by, reason=reason, data={"teams": [one.pk for one in teams]})


def draw(edition: Edition, *, by: User, revision: int | None = None) -> None:
    """Draw the order of presentations at random, once scoring is not open yet. Raises NotAllowed, NotNow, NotDone."""
    with transaction.atomic():
        _ordering(edition, by, revision)
        if edition.state == phases.SCORING:
            raise NotNow("La notation est ouverte : l’ordre se change à la main.")
        teams = presenting(edition)
        random.SystemRandom().shuffle(teams)
        _write_order(edition, teams, by, "")
        procedure.record(edition, "draw_order", by=by, data={"teams": [one.pk for one in teams]})


def _ordering(edition: Edition, by: User, revision: int | None) -> None:
    procedure.lock(edition)
    if not permissions.organises(by, edition):
        raise NotAllowed("Seuls les organisateurs de cette édition fixent l’ordre.")
    if edition.state not in ORDERED_IN:
        raise NotNow("L’ordre des présentations ne se change pas dans cette phase.")
    if revision is not None and revision != edition.revision:
        raise NotNow(CHANGED)


def _write_order(edition: Edition, teams: Sequence[Team], by: User, reason: str) -> None:
    every = {one.pk: one for one in teams_of(edition)}
    ranks = {one.pk: rank for rank, one in enumerate(teams, start=1)}
    if not ranks or ranks.keys() - every.keys():
        raise NotDone("Choisissez au moins une équipe de cette édition.")
    for one in every.values():
        one.presents, one.order = one.pk in ranks, ranks.get(one.pk, 0)
    Team.objects.bulk_update(every.values(), ["presents", "order"])
    edition.revision += 1
    edition.save(update_fields=["revision"])
    panel = panels.panel_about(edition)
    if panel is not None:
        _follow(panel, [every[pk] for pk in ranks], by, reason)


def _follow(panel: Panel, teams: Sequence[Team], by: User, reason: str) -> None:
    """Put before an open panel the teams that present, and no other."""
    keys = {str(one.pk) for one in teams}
    for gone in panel.subjects.judged().exclude(key__in=keys):
        if not reason.strip():
            raise ReasonMissing("Indiquez pourquoi une équipe ne présente plus : le motif est versé au journal.")
        panels.remove_subject(gone, by=by, reason=reason)
    panels.add_subjects(panel, teams, by=by)
    panels.order_subjects(panel, teams, by=by)


# ------------------------------------------------------------------------------------------------------------- opening
def open_scoring(edition: Edition, *, by: User, revision: int | None = None, at: datetime | None = None) -> Panel:
    """Open the scoring: the grid is frozen, the teams that present are before the jurors who sit.

    Raises NotAllowed, NotNow, Unmet (jury not mixed, no chair, no team, deliverables still open).
    """
    with transaction.atomic():
        procedure.lock(edition)
        teams, jurors = presenting(edition), seated(edition)
        procedure.fire_held(
            edition,
            "open_scoring",
            by=by,
            at=at,
            revision=revision,
            journal={"teams": len(teams), "jurors": [one.pk for one in jurors]},
            teams=len(teams),
            delivery_ends_at=delivery_ends_at(edition, teams),
            officials=[one for one in jurors if one.quality in OFFICIALS],
            experts=[one for one in jurors if one.quality == EXPERT],
            chair=any(one.is_chair for one in jurors),
        )
        panel = _panel(edition, by)
        panels.add_subjects(panel, teams, by=by)
        panels.order_subjects(panel, teams, by=by)
        for juror in jurors:
            if juror.person is not None:
                panels.seat(panel, juror.person, by=by, role=Role.JUROR, quality=juror.get_quality_display())
        panels.open_panel(panel, by=by, at=at)
    return panel


def seated(edition: Edition) -> list[Juror]:
    """Return the jurors who accepted and still hold the role, the chair first."""
    sitting = edition.jurors.sitting().select_related("person").order_by("-is_chair", "pk")
    return [one for one in sitting if one.person is not None and permissions.judges(one.person, edition)]


def delivery_ends_at(edition: Edition, teams: Sequence[Team]) -> datetime | None:
    """Return when the last team may hand in, extensions and grace included; None without a deadline."""
    last = Extension.objects.filter(team__in=teams).aggregate(last=Max("until"))["last"]
    due = max((one for one in (edition.deliverables_due_at, last) if one is not None), default=None)
    return None if due is None else windows.after(due, openings.grace(due))


def _panel(edition: Edition, by: User) -> Panel:
    grid = _publish(edition, by)
    panel = panels.panel_about(edition)
    if panel is None:
        return panels.create_panel(
            SCHEME, f"Jury, {edition.title}", grid, by=by, about=edition, scope=edition.slug, is_blind_to_the_end=True
        )
    if panel.grid_id != grid.pk:
        panel.grid = grid
        panel.save(update_fields=["grid"])
    return panel


def _publish(edition: Edition, by: User) -> Grid:
    """Make the grid of an edition: marks from 0 to the highest, one by one, each with its word."""
    most = REGLEMENT.on(edition.starts_on or date(edition.year, 12, 31)).number("mark_max")
    levels = tuple((most * place / (len(WORDS) - 1), word) for place, word in enumerate(WORDS))
    lines = [
        Line(one.slug, one.label, most, Decimal(1), weight=one.weight, levels=levels, hint=one.hint)
        for one in edition.criteria.order_by("rank", "pk")
    ]
    return grids.publish(
        f"datathon-{edition.pk}",
        f"Grille du jury, {edition.title}",
        lines,
        method=Method.MEAN,
        by=by,
        spread_alert=edition.spread_alert,
        least_sheets=edition.quorum,
        needs_justification=False,
    )


# ------------------------------------------------------------------------------------------------------------- ballots
def subject_of(panel: Panel, team: Team) -> Subject | None:
    """Return what a team is before the jury, while it presents."""
    return Subject.objects.judged().about(team).filter(panel=panel).select_related("panel__grid").first()


def recuse(edition: Edition, team: Team, *, by: User, reason: str) -> None:
    """Declare one's conflict of interest: with this team, or with the whole jury where the edition says so.

    Raises NotAllowed, ReasonMissing, NotNow.
    """
    panel = panels.panel_about(edition)
    subject = subject_of(panel, team) if panel else None
    if panel is None or subject is None or not panel.seats.active().filter(person=by).exists():
        raise NotAllowed("Vous ne siégez pas dans ce jury.")
    if edition.recusal_is_whole:
        conflicts.declare_with_panel(by, panel, by=by, reason=reason)
    else:
        conflicts.declare(by, subject, by=by, reason=reason)


def own_ballot(pk: int, user: User) -> Sheet | None:
    """Return a ballot to its author, and to nobody else."""
    found = Sheet.objects.filter(pk=pk, author=user, subject__panel__kind=EDITION)
    return found.select_related("subject__panel__grid").first()


def save_ballot(pk: int, typed: dict[str, Typed], *, by: User, revision: int, comment: str | None = None) -> Saved:
    """Keep what a juror typed on the own ballot; `revision` is that of the page.

    Raises LookupError (no such ballot), and as `normandata.scoring.services.sheets.save`.
    """
    try:
        return sheets.save(Sheet(pk=pk), typed, by=by, revision=revision, comment=comment)
    except Sheet.DoesNotExist as error:
        raise LookupError("no such ballot") from error


def give_back(subject: Subject, author: User, *, by: User, reason: str) -> None:
    """Give a validated ballot back to its author, and to nobody else. Raises NotAllowed, NotNow, ReasonMissing."""
    sheet = Sheet.objects.counted().filter(subject=subject, author=author).select_related("subject__panel").first()
    if sheet is None:
        raise NotNow("Cette personne n’a pas de bulletin validé sur ce projet : il n’y a rien à rouvrir.")
    sheets.reopen(sheet, by=by, reason=reason)


def validated_by(subject: Subject) -> dict[int, User]:
    """Return who has a validated ballot on a project, by key: progress, without any mark."""
    people = User.objects.filter(pk__in=Sheet.objects.counted().filter(subject=subject).values("author"))
    return {one.pk: one for one in people}
