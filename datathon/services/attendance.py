"""The gestures of the closing event: who is there, who received the lot of participants (annexe 5, T-27)."""

from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone

from normandata.accounts.models import User
from normandata.procedure import services as procedure

from .. import phases
from ..editions import Edition
from ..registrations import Registration
from .holding import hold

HELD_IN = (phases.CHALLENGE, phases.SCORING, phases.DELIBERATION, phases.DECIDED, phases.PUBLISHED)
"""Phases from which the closing event may be held."""
PRESENT, LOT = "present_at", "lot_given_at"


@transaction.atomic
def tick(edition: Edition, column: str, ticks: Mapping[int, bool], *, by: User) -> int:
    """Write who is present, or who received the lot: by key of registration, the boxes that their author changed.

    Boxes that nobody touched are not given, so that two people at the door never undo each other. Returns how many
    changed. Raises what `hold` raises, ValueError for another column.
    """
    if column not in (PRESENT, LOT):
        raise ValueError(f"{column} is not ticked")
    hold(edition, *HELD_IN, by=by)
    rows = Registration.objects.taking_part().filter(edition=edition, rehearsal=False, pk__in=list(ticks))
    now, changed = timezone.now(), []
    for row in rows.select_for_update():
        if (getattr(row, column) is not None) != ticks[row.pk]:
            setattr(row, column, now if ticks[row.pk] else None)
            changed.append(row)
    if changed:
        Registration.objects.bulk_update(changed, [column])
        said = {str(row.pk): ticks[row.pk] for row in changed}
        procedure.record(edition, "tick", by=by, data={"column": column, "registrations": said})
    return len(changed)
