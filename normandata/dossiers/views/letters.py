"""The letters of a dossier: read by both sides, dated by the organisation's first reading or by the post."""

import uuid

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from normandata.documents import services as documents
from normandata.procedure.errors import NotAllowed, NotDone

from .. import examination, permissions, presentation
from ..letter_forms import PostalForm
from ..letters import Letter
from ..models import Dossier
from ..services import letters as gestures
from .access import person, readable
from .desk_access import done, instructors, readers
from .waiting import awaited


@require_safe
@never_cache
def letter(request: HttpRequest, key: uuid.UUID, pk: int) -> HttpResponse | FileResponse:
    """Send a letter; the organisation's first opening of it starts the appeal period."""
    found = readable(request, key)
    sent = _find(found, pk)
    is_region = permissions.can_read_as_region(person(request), found)
    if sent.is_internal and not is_region:
        raise Http404
    back = reverse("dossiers:letters" if is_region else "dossiers:dossier", args=[key]), "Revenir au dossier"
    trail = [] if is_region else presentation.trail(found, sent.title)
    if page := awaited(request, sent.document, sent.title, back=back, trail=trail):
        return page
    if request.method == "GET":
        gestures.opened(sent, by=person(request))
    return documents.download(sent.document)


@require_safe
@readers
def letters(request: HttpRequest, dossier: Dossier) -> HttpResponse:
    """List the letters of a dossier: when each left, was read, and until when it may be contested."""
    listed = dossier.letters.select_related("document", "read_by")
    context = examination.head(request, dossier, person(request), "dossiers:letters") | {"letters": listed}
    return render(request, "dossiers/letters/letters.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@instructors
def posted(request: HttpRequest, dossier: Dossier, pk: int) -> HttpResponse:
    """Type the day a letter was delivered by post."""
    sent = _find(dossier, pk)
    if sent.is_internal:
        raise Http404
    form = PostalForm(request.POST if request.method == "POST" else None, initial=_known(sent))
    if form.is_bound and form.is_valid():
        try:
            gestures.type_postal_day(sent, form.cleaned_data["day"], by=person(request))
        except NotAllowed as error:
            raise Http404 from error
        except NotDone as error:
            form.add_error("day", list(error.messages))
        else:
            return done(request, dossier, "La date de réception est enregistrée.", name="dossiers:letters")
    context = examination.head(request, dossier, person(request), "") | {"form": form, "letter": sent}
    return render(request, "dossiers/letters/posted.html", context, status=422 if form.is_bound else 200)


def _known(sent: Letter) -> dict[str, str]:
    return {"day": f"{sent.posted_on:%d/%m/%Y}"} if sent.posted_on else {}


def _find(dossier: Dossier, pk: int) -> Letter:
    found = dossier.letters.filter(pk=pk).select_related("document", "dossier__organisation").first()
    if found is None:
        raise Http404
    return found
