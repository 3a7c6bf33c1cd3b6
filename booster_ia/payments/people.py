"""Whom payments are told to, beside the structure and its agents."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Q
from django.urls import reverse

from normandata.accounts.models import Role, User
from normandata.dossiers.models import Dossier

from . import permissions

if TYPE_CHECKING:
    from .requests import PaymentRequest


def officers(dossier: Dossier) -> list[User]:
    """List the payments officers of the scheme to whom nothing closes the dossier."""
    held = Q(role_assignments__role=Role.PAYMENTS_OFFICER, role_assignments__ended_at=None)
    mine = Q(role_assignments__scheme__in=("", permissions.SCHEME))
    found = User.objects.filter(held & mine, is_active=True).distinct().order_by("pk")
    return [one for one in found if permissions.is_officer(one, dossier)]


def address(request: "PaymentRequest") -> str:
    """Return the address of a request for a payments officer."""
    return f"{settings.SITE_URL}{reverse('booster_ia:payment', args=[request.pk])}"
