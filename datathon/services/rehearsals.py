"""What a trial leaves: registrations, teams, seats, deliverables marked `rehearsal`, erased when it ends."""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from normandata.procedure import services as procedure

from ..deliverables import Deliverable
from ..editions import Edition
from ..mentoring import HelpRequest
from ..registrations import Registration
from ..teams import JoinRequest, Seat, Team
from ..workflow import ACTIVE


@transaction.atomic
def erase(edition: Edition) -> dict[str, int]:
    """Erase all that the trial of an edition produced, in the caller's transaction; returns how many rows by kind.

    Its files are then nobody's: the periodic work of `documents` takes them away.
    """
    teams = Team.objects.filter(edition=edition, rehearsal=True)
    for team in teams.filter(state=ACTIVE):
        procedure.fire(team, "end_team", by=None)
    counts = {
        "join_requests": _gone(JoinRequest.objects.filter(team__in=teams)),
        "help_requests": _gone(HelpRequest.objects.filter(team__in=teams)),
        "deliverables": _gone(Deliverable.objects.filter(team__in=teams)),
        "seats": _gone(Seat.objects.filter(team__in=teams)),
        "teams": _gone(teams),
        "registrations": _gone(Registration.objects.filter(edition=edition, rehearsal=True)),
    }
    procedure.record(edition, "erase_rehearsal", by=None, data=counts)
    return counts


def _gone(rows: QuerySet[Any]) -> int:
    """Delete rows and count those of their own kind."""
    return rows.delete()[1].get(rows.model._meta.label, 0)
