"""Publishing what the jury decided: an embargo, then mails to participants, once for each publication."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from normandata.accounts.models import User
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotNow

from .. import jury_mails, phases
from ..editions import Edition
from ..juries import Deliberation, Outcome
from ..teams import Team
from . import gallery
from .deliberations import NOT_OPEN


def publish(
    edition: Edition,
    *,
    by: User,
    embargo_until: datetime | None = None,
    revision: int | None = None,
    at: datetime | None = None,
) -> None:
    """Publish the results, which anybody reads from the end of the embargo; participants are told then, once.

    Raises NotAllowed, NotNow, Unmet (minutes in the making).
    """
    moment = at or timezone.now()
    with transaction.atomic():
        procedure.lock(edition)
        found = (
            Deliberation.objects.select_for_update(of=("self",))
            .select_related("record")
            .filter(edition=edition)
            .first()
        )
        if found is None:
            raise NotNow(NOT_OPEN)
        has_record = found.record is not None and found.record.is_ready
        edition.embargo_until = embargo_until
        until = embargo_until.isoformat() if embargo_until else ""
        procedure.fire_held(
            edition, "publish", by=by, at=moment, revision=revision, journal={"until": until}, has_record=has_record
        )
        gallery.fill(edition)
        if edition.shows_results(moment):
            _announce(found, edition, moment)


def announce_due(at: datetime) -> int:
    """Tell participants of the editions whose embargo has ended since; returns how many editions. Once each."""
    due = Deliberation.objects.filter(edition__state=phases.PUBLISHED, announced_at=None)
    count = 0
    for key in due.values_list("pk", flat=True):
        with transaction.atomic():
            edition = Edition.objects.select_for_update().get(pk=key)
            found = Deliberation.objects.select_for_update().filter(pk=key, announced_at=None).first()
            if found is not None and edition.shows_results(at):
                _announce(found, edition, at)
                count += 1
    return count


def _announce(found: Deliberation, edition: Edition, at: datetime) -> None:
    found.announced_at = at
    found.save(update_fields=["announced_at"])
    jury_mails.tell_results(edition, key=f"datathon.results:{edition.pk}:{found.closings}")


def places(edition: Edition) -> list[tuple[int | None, Team, Decimal | None]]:
    """Return the presented teams of an edition whose results may be read: laureates by rank, then others by name."""
    rows = Outcome.objects.filter(deliberation=edition.pk, team__presents=True).select_related("team__theme")
    prizes = dict(enumerate(edition.prizes, start=1))
    known = [(one.decided_rank if _is_known(one, edition) else None, one.team) for one in rows]
    ordered = sorted(known, key=lambda one: (one[0] is None, one[0] or 0, one[1].name.casefold()))
    return [(rank, team, prizes.get(rank or 0)) for rank, team in ordered]


def _is_known(one: Outcome, edition: Edition) -> bool:
    """Tell whether the public knows a rank: that of a laureate."""
    return one.decided_rank is not None and one.decided_rank <= edition.laureates
