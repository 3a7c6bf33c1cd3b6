"""Whom the room writes to: those who answer for the scheme, when an agenda is settled and when results wait."""

from collections.abc import Sequence

from django.conf import settings
from django.db.models import Q
from django.urls import reverse

from normandata.accounts.models import Role, User
from normandata.dossiers import schemes
from normandata.notifications import services as notifications
from normandata.regulation.formats import euros, plural

from . import checks
from .models import Item, Session


def people(session: Session, *roles: Role) -> list[User]:
    """List who holds one of the roles for the scheme of a session."""
    held = Q(role_assignments__role__in=roles, role_assignments__ended_at=None)
    scoped = Q(role_assignments__scheme__in=("", session.scheme))
    return list(User.objects.filter(held & scoped, is_active=True).distinct().order_by("pk"))


def tell_tabled(session: Session, items: Sequence[Item]) -> None:
    """Tell lead agents that the agenda is settled."""
    leads = people(session, Role.LEAD_AGENT)
    _write("committee.tabled", session, items, leads, "committee:session", montant=euros(checks.proposed(items)))


def tell_recorded(session: Session, items: Sequence[Item]) -> None:
    """Tell whoever may validate, the author of the results excepted, that they wait for a second person."""
    others = [one for one in people(session, Role.LEAD_AGENT, Role.COMMITTEE_CLERK) if one.pk != session.recorded_by_id]
    _write("committee.recorded", session, items, others, "committee:validation", auteur=str(session.recorded_by))


def _write(kind: str, session: Session, items: Sequence[Item], to: Sequence[User], page: str, **more: str) -> None:
    values = {
        "seance": str(session),
        "dispositif": schemes.by_slug()[session.scheme].sheet.short_title,
        "dossiers": plural(len(items), "dossier"),
        "montant": euros(checks.total(items)),
        "adresse": f"{settings.SITE_URL}{reverse(page, args=[session.pk])}",
        **more,
    }
    notifications.notify(kind, to=to, values=values, about=session)
