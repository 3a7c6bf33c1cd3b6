"""Finding what somebody may open; what one may not see does not exist."""

import uuid
from datetime import datetime

from django.http import Http404, HttpRequest
from django.utils import timezone

from normandata.accounts.models import User

from .. import permissions
from ..exchange import CorrectionItem
from ..models import Attachment, Dossier, DossierQuerySet


def person(request: HttpRequest) -> User:
    """Return who is signed in; raises Http404 for nobody."""
    if not isinstance(request.user, User):
        raise Http404
    return request.user


def arrival(request: HttpRequest) -> datetime:
    """Return the instant when the request arrived, before its body was read."""
    found = getattr(request, "arrived_at", None)
    return found if isinstance(found, datetime) else timezone.now()


def own(request: HttpRequest, key: uuid.UUID) -> Dossier:
    """Return a dossier of the person's organisations; raises Http404."""
    return _find(Dossier.objects.applied_by(person(request)), key)


def readable(request: HttpRequest, key: uuid.UUID) -> Dossier:
    """Return a dossier that the person may read, from either side; raises Http404."""
    return _find(Dossier.objects.visible_to(person(request)), key)


def attachment(request: HttpRequest, key: uuid.UUID, pk: int) -> Attachment:
    """Return a file of a dossier that the person may read; raises Http404.

    The Region reads what a deposit named, taken away since or not, and what came since a request asked for it.
    """
    dossier = readable(request, key)
    found = Attachment.objects.filter(dossier=dossier, pk=pk).select_related("upload").first()
    if found is None or not (permissions.is_applicant(person(request), dossier) or _was_sent(found)):
        raise Http404
    return found


def _was_sent(found: Attachment) -> bool:
    named = (piece["attachment"] for sent in found.dossier.deposits.all() for piece in sent.pieces)
    asked = CorrectionItem.objects.filter(
        correction__dossier=found.dossier_id,
        correction__asked_at__lt=found.added_at,
        target=f"piece:{found.piece}",
    )
    return found.pk in named or asked.exists()


def _find(dossiers: DossierQuerySet, key: uuid.UUID) -> Dossier:
    found = dossiers.filter(key=key).select_related("organisation", "owner", "created_by").first()
    if found is None:
        raise Http404
    return found
