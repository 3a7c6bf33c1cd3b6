"""What time alone sets off: a late milestone alerts its pilot the next day, then 15 and 30 days after its date.

Each alert is keyed by milestone, date and rung: it leaves once, however often the hour is looked at, and a milestone
put off is alerted of its new date.
"""

import logging
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from normandata.accounts.models import Role, User
from normandata.dossiers.delays import PARIS
from normandata.notifications import services as notifications
from normandata.regulation.formats import day as written_day
from normandata.regulation.formats import plural

from . import rules
from .models import Action, Milestone
from .permissions import SCHEME

logger = logging.getLogger(__name__)


def alert_late(at: datetime) -> int:
    """Alert the pilots of late milestones; returns on how many it was done. One that fails stops no other."""
    today, done = at.astimezone(PARIS).date(), 0
    for one in Milestone.objects.late(today).select_related("action").order_by("due_on", "pk"):
        reached = rules.rung(one.due_on, today)
        if reached is None:
            continue
        try:
            with transaction.atomic():
                _alert(one, reached, late=(today - one.due_on).days)
        except Exception as error:  # whatever breaks one row, the others are done
            logger.exception("The alert of milestone %s failed (%s).", one.pk, type(error).__name__)
            continue
        done += 1
    return done


def pilots_of(action: Action) -> list[User]:
    """List who pilots this very action; where nobody does, those who pilot all of them."""
    held = Q(role_assignments__role=Role.ACTION_PILOT, role_assignments__ended_at=None)
    held &= Q(role_assignments__scheme__in=("", SCHEME))
    people = User.objects.filter(is_active=True).order_by("pk").distinct()
    own = people.filter(held & Q(role_assignments__scope=action.slug))
    return list(own) or list(people.filter(held & Q(role_assignments__scope="")))


def _alert(one: Milestone, reached: int, *, late: int) -> None:
    action = one.action
    values = {
        "action": action.title,
        "jalon": one.title,
        "echeance": written_day(one.due_on),
        "retard": plural(late, "jour"),
        "adresse": f"{settings.SITE_URL}{reverse('roadmap:pilot', args=[action.slug])}",
    }
    key = f"milestone:{one.pk}:late:{one.due_on}:{reached}"
    notifications.notify("roadmap.milestone_late", to=pilots_of(action), values=values, about=action, key=key)
