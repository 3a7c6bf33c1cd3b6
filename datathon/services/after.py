"""What organisers note after an edition: what became of each solution, and the audience (T-20, T-29, T-30)."""

from datetime import date

from django.db import transaction
from django.utils import timezone

from normandata.accounts.models import User
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotDone, NotNow, ReasonMissing

from .. import permissions, phases
from ..models import Audience, Edition, FollowUp, Team

NOT_YOURS = "Seuls les organisateurs de cette édition font ce geste."
TO_COME = "Cette date est à venir."
ALREADY = "Ce relevé existe déjà pour ce réseau, cette mesure et ce jour : retirez-le d’abord s’il est faux."


def note_follow_up(
    team: Team, *, by: User, kind: str, actor: str, on: date, text: str, is_regional: bool = True, url: str = ""
) -> FollowUp:
    """Note what became of a solution that the jury saw.

    Raises NotAllowed, NotNow (results not published, a team that did not present), NotDone (a day to come),
    ValidationError.
    """
    edition = Edition.objects.get(pk=team.edition_id)
    _may(by, edition)
    if edition.state != phases.PUBLISHED:
        raise NotNow("Les suites se notent une fois les résultats publiés.")
    if team.rehearsal or not team.presents or team.dissolved_at is not None:
        raise NotNow("Cette équipe n’a pas présenté de projet.")
    _is_past(on)
    said = {
        "kind": kind,
        "actor": actor.strip(),
        "on": on,
        "text": text.strip(),
        "is_regional": is_regional,
        "url": url,
    }
    row = FollowUp(team=team, noted_by=by, **said)
    row.full_clean(exclude=["team", "noted_by"])
    with transaction.atomic():
        row.save()
        data = {"kind": kind, "actor": row.actor, "on": on.isoformat()}
        procedure.record(team, "note_follow_up", by=by, data=data)
    return row


def remove_follow_up(row: FollowUp, *, by: User, reason: str) -> None:
    """Take off what was noted by mistake; the journal keeps what it said. Raises NotAllowed, ReasonMissing."""
    _may(by, row.team.edition)
    said = _why(reason)
    with transaction.atomic():
        data = {"kind": row.kind, "actor": row.actor, "on": row.on.isoformat(), "text": row.text}
        procedure.record(row.team, "remove_follow_up", by=by, reason=said, data=data)
        row.delete()


def read_audience(edition: Edition, *, by: User, source: str, measure: str, count: int, measured_on: date) -> Audience:
    """Keep a figure of audience, dated and signed.

    Raises NotAllowed, NotNow (nothing was public yet), NotDone (a day to come, a figure that is there),
    ValidationError.
    """
    _may(by, edition)
    if not edition.is_public:
        raise NotNow("L’édition n’est pas encore publique : elle n’a pas d’audience.")
    _is_past(measured_on)
    said = {"source": source.strip(), "measure": measure.strip(), "count": count, "measured_on": measured_on}
    row = Audience(edition=edition, typed_by=by, **said)
    row.full_clean(exclude=["edition", "typed_by"], validate_constraints=False)
    with transaction.atomic():
        Edition.objects.select_for_update().get(pk=edition.pk)
        known = edition.audiences.filter(source__iexact=row.source, measure__iexact=row.measure)
        if known.filter(measured_on=measured_on).exists():
            raise NotDone(ALREADY)
        row.save()
        procedure.record(edition, "read_audience", by=by, data=_told(row))
    return row


def remove_audience(row: Audience, *, by: User, reason: str) -> None:
    """Take off a figure typed by mistake; the journal keeps it. Raises NotAllowed, ReasonMissing."""
    _may(by, row.edition)
    said = _why(reason)
    with transaction.atomic():
        procedure.record(row.edition, "remove_audience", by=by, reason=said, data=_told(row))
        row.delete()


def _told(row: Audience) -> dict[str, object]:
    return {"source": row.source, "measure": row.measure, "count": row.count, "on": row.measured_on.isoformat()}


def _may(by: User, edition: Edition) -> None:
    if not permissions.organises(by, edition):
        raise NotAllowed(NOT_YOURS)


def _is_past(day: date) -> None:
    if day > timezone.localdate():
        raise NotDone(TO_COME)


def _why(reason: str) -> str:
    if not reason.strip():
        raise ReasonMissing("Indiquez le motif : il est versé au journal.")
    return reason.strip()
