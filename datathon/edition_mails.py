"""Whom an edition writes to: its participants, its mentors, its organisers; one row of the outbox for each mail."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db.models import Q
from django.urls import reverse

from normandata.accounts.models import Role, User
from normandata.notifications import services as notifications

from . import permissions, workflow
from .editions import Edition, RulesText
from .teams import Team
from .windows import moment

PLACE_TO_COME = "communiqué pendant le challenge"


def participants(edition: Edition) -> list[User]:
    """List who takes part, the trial's participants apart."""
    rows = Q(registrations__edition=edition, registrations__state=workflow.REGISTERED, registrations__rehearsal=False)
    return list(User.objects.filter(rows, is_active=True).order_by("pk"))


def members(team: Team) -> list[User]:
    """List the members of a team."""
    return list(User.objects.filter(registrations__seats__team=team, is_active=True).order_by("pk"))


def mentors(edition: Edition) -> list[User]:
    """List the mentors who help an edition."""
    rows = Q(mentorships__edition=edition, mentorships__ended_at=None, mentorships__accepted_at__isnull=False)
    return list(User.objects.filter(rows, is_active=True).order_by("pk"))


def organisers(edition: Edition) -> list[User]:
    """List who organises an edition."""
    held = Q(role_assignments__role__in=(Role.ORGANISER, Role.LEAD_AGENT), role_assignments__ended_at=None)
    scoped = Q(role_assignments__scheme=permissions.SCHEME, role_assignments__scope__in=("", edition.slug))
    return list(User.objects.filter(held & scoped, is_active=True).distinct().order_by("pk"))


def tell_started(edition: Edition) -> None:
    """Tell participants and mentors that the challenge begins."""
    to = [*participants(edition), *mentors(edition)]
    write("challenge_started", edition, to, livrables=instant(edition.deliverables_due_at), **closing(edition))


def tell_reopened(edition: Edition, reason: str) -> None:
    """Tell participants that registrations open again, and why."""
    write("registration_reopened", edition, participants(edition), motif=reason)


def tell_cancelled(edition: Edition, reason: str) -> None:
    """Tell participants and mentors that the edition does not take place, and why."""
    write("edition_cancelled", edition, [*participants(edition), *mentors(edition)], motif=reason)


def tell_dates(edition: Edition) -> None:
    """Tell participants and mentors the dates and the place as they now are."""
    to = [*participants(edition), *mentors(edition)]
    write("dates_changed", edition, to, livrables=instant(edition.deliverables_due_at), **closing(edition))


def tell_rules(edition: Edition, rules: RulesText) -> None:
    """Tell participants what a new version of the rules changes."""
    address = absolute(reverse("datathon:rules_version", args=[edition.slug, rules.version]))
    write("rules_changed", edition, participants(edition), address=address, changement=rules.change)


def write(
    kind: str, edition: Edition, to: Iterable[User], *, address: str = "", key: str | None = None, **more: str
) -> None:
    """Write a mail about an edition, once to each person."""
    page = address or absolute(reverse("datathon:edition", args=[edition.slug]))
    values = {"edition": edition.title, "adresse": page, **more}
    notifications.notify(f"datathon.{kind}", to=to, values=values, about=edition, key=key)


def closing(edition: Edition) -> dict[str, str]:
    return {"cloture": instant(edition.closing_at), "lieu": edition.closing_place or PLACE_TO_COME}


def instant(at: datetime | None) -> str:
    """Write an instant in Paris, or that it is to come."""
    return "à préciser" if at is None else moment(at)


def absolute(path: str) -> str:
    return f"{settings.SITE_URL}{path}"
