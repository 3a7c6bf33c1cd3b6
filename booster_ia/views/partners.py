"""« Renvoyer »: the link sent to a partner again, by the organisation that carries the project or by an agent."""

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST

from normandata.dossiers import presentation
from normandata.dossiers.models import Dossier
from normandata.dossiers.views.access import own, person
from normandata.dossiers.views.desk_access import done, instructors, refused
from normandata.procedure.errors import NotAllowed, NotDone

from ..partners import Partner
from ..services import partners as services

SENT = "Le courriel est renvoyé à {}."


@require_POST
def resend(request: HttpRequest, key: uuid.UUID, pk: int) -> HttpResponse:
    """Send a partner its link again, from the organisation's space."""
    partner = _of(own(request, key), pk)
    back = reverse("dossiers:dossier", args=[key]) + "#partenaires"
    try:
        services.resend(partner, by=person(request))
    except NotAllowed as error:
        raise Http404 from error
    except NotDone as error:
        return presentation.refused(request, error, back)
    return presentation.done(request, SENT.format(partner.name), back)


@require_POST
@instructors
def desk_resend(request: HttpRequest, dossier: Dossier, pk: int) -> HttpResponse:
    """Send a partner its link again, from the agents' page."""
    partner = _of(dossier, pk)
    try:
        services.resend(partner, by=person(request))
    except NotDone as error:
        return refused(request, dossier, error)
    return done(request, dossier, SENT.format(partner.name), anchor="partenaires")


def _of(dossier: Dossier, pk: int) -> Partner:
    """Return a partner of a Booster's dossier; raises Http404."""
    return get_object_or_404(Partner, pk=pk, dossier=dossier)
