"""What time alone sets off: a late milestone alerts its pilot the next day, then 15 and 30 days after its date.

Where nobody pilots the action, the administrators are told, who name a pilot. Each alert is keyed by milestone, date
and rung: it leaves once, however often the hour is looked at, and a milestone put off is alerted of its new date.
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
    """Alert the pilots of late milestones; returns of how many somebody was told. One that fails stops no other."""
    today, done = at.astimezone(PARIS).date(), 0
    for one in Milestone.objects.late(today).select_related("action").order_by("due_on", "pk"):
        reached = rules.rung(one.due_on, today)
        if reached is None:
            continue
        try:
            with transaction.atomic():
                told = _alert(one, reached, late=(today - one.due_on).days)
        except Exception as error:  # whatever breaks one row, the others are done
            logger.exception("The alert of milestone %s failed (%s).", one.pk, type(error).__name__)
            continue
        if not told:
            logger.error("Nobody can be told that milestone %s is late.", one.pk)
        done += told
    return done


def pilots_of(action: Action) -> list[User]:
    """List who pilots this very action; where nobody does, those who pilot all of them."""
    return _holding(Role.ACTION_PILOT, action.slug) or _holding(Role.ACTION_PILOT)


def _holding(role: Role, scope: str = "") -> list[User]:
    held = Q(role_assignments__role=role, role_assignments__ended_at=None, role_assignments__scope=scope)
    held &= Q(role_assignments__scheme__in=("", SCHEME))
    return list(User.objects.filter(held, is_active=True).order_by("pk").distinct())


def _alert(one: Milestone, reached: int, *, late: int) -> bool:
    """Tell the pilots, or the administrators where there is none; False when nobody could be told."""
    action, pilots = one.action, pilots_of(one.action)
    people = pilots or _holding(Role.ADMINISTRATOR)
    path = reverse("roadmap:pilot", args=[action.slug]) if pilots else reverse("accounts:people")
    values = {
        "action": action.title,
        "jalon": one.title,
        "echeance": written_day(one.due_on),
        "retard": plural(late, "jour"),
        "adresse": f"{settings.SITE_URL}{path}",
    }
    key = f"milestone:{one.pk}:late:{one.due_on}:{reached}"
    kind = "roadmap.milestone_late" if pilots else "roadmap.milestone_unpiloted"
    return bool(notifications.notify(kind, to=people, values=values, about=action, key=key))
