"""Reminding the teams whose deliverables are wanting, some days before their limit: once for each team and limit."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from normandata.procedure import services as procedure
from normandata.procedure.models import Event

from .. import openings, receipts
from ..phases import CHALLENGE
from ..rules import REGLEMENT
from ..teams import Team
from ..windows import moment
from . import telling

REMIND = "remind_deliverables"


def lead(at: datetime) -> timedelta:
    """Return how long before a limit its reminder leaves."""
    return timedelta(days=int(REGLEMENT.on(timezone.localdate(at)).number("reminder_days")))


def remind_due(at: datetime) -> int:
    """Remind every team whose limit is near and that has something left to hand in; returns how many.

    The limit is the team's own where it was given more time: a later one has its own reminder.
    """
    rows = Team.objects.active().real().filter(edition__state=CHALLENGE).select_related("edition")
    return sum(_remind(team, at) for team in rows.order_by("pk") if _is_near(openings.due_at(team), at))


def _is_near(due: datetime | None, at: datetime) -> bool:
    return due is not None and due - lead(at) <= at < due


@transaction.atomic
def _remind(team: Team, at: datetime) -> bool:
    procedure.lock(team)
    due, found = openings.due_at(team), receipts.current(team)
    if due is None or not (team.is_active and _is_near(due, at) and receipts.missing(found)):
        return False
    if Event.objects.about(team).named(REMIND).filter(data__until=due.isoformat()).exists():
        return False
    procedure.record(team, REMIND, by=None, data={"until": due.isoformat()})
    said = {"equipe": team.name, "jusqu_a": moment(due), "manque": receipts.missing_sentence(found)}
    telling.tell("deliverables_due", telling.members(team), naming=None, **said)
    return True
