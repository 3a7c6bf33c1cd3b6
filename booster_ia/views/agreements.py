"""The convention: signed on screen by the structure, on paper through an agent, then by the Region."""

import uuid
from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from normandata.dossiers import examination, presentation
from normandata.dossiers.models import Dossier
from normandata.dossiers.views.access import own, person
from normandata.dossiers.views.desk_access import done, instructors
from normandata.procedure.errors import NotAllowed, NotDone
from normandata.ui.forms import Form

from ..agreement_forms import CountersignatureForm, PaperForm, SignatureForm
from ..agreements import Agreement
from ..services import notification

FORM = require_http_methods(["GET", "HEAD", "POST"])


@FORM
@never_cache
def agreement(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Show the convention to its structure: what it says, who signed; the form of the signature while it waits."""
    dossier = own(request, key)
    found = _of(dossier)
    if found.is_signed and request.method == "POST":
        return presentation.refused(
            request, NotDone("La convention est déjà signée."), reverse("dossiers:dossier", args=[key])
        )
    form = None if found.is_signed else SignatureForm(_posted(request), initial={"name": person(request).name})
    if form is not None and form.is_bound and form.is_valid():
        given = form.cleaned_data
        if _made(
            form,
            lambda: notification.sign(dossier, name=given["name"], function=given["function"], by=person(request)),
        ):
            back = reverse("dossiers:dossier", args=[key])
            return presentation.done(request, "Vous avez signé la convention. La Région la signe à son tour.", back)
    context = {
        "dossier": dossier,
        "agreement": found,
        "form": form,
        "trail": presentation.trail(dossier, "Convention"),
    }
    return render(request, "booster_ia/agreements/agreement.html", context, status=_status(form))


@FORM
@instructors
def desk(request: HttpRequest, dossier: Dossier) -> HttpResponse:
    """Show the convention to an agent, with the one signature that may be written down now."""
    found = _of(dossier)
    form, act = _pending(request, dossier, found)
    if form is not None and form.is_bound and form.is_valid() and _made(form, act):
        said = "La signature de la Région est notée." if found.is_signed else "La signature sur papier est notée."
        return done(request, dossier, said)
    context = examination.head(request, dossier, person(request), "") | {"agreement": found, "form": form}
    return render(request, "booster_ia/agreements/desk.html", context, status=_status(form))


def _pending(request: HttpRequest, dossier: Dossier, found: Agreement) -> tuple[Form | None, Callable[[], Any]]:
    """Return the form of the signature that is awaited, if any, and its gesture."""
    by = person(request)
    if not found.is_signed:
        paper = PaperForm(_posted(request))
        return paper, lambda: notification.sign_on_paper(dossier, by=by, **paper.cleaned_data)
    if not found.is_in_force:
        day = CountersignatureForm(_posted(request))
        return day, lambda: notification.countersign(dossier, by=by, **day.cleaned_data)
    return None, lambda: None


def _made(form: Form, act: Callable[[], Any]) -> bool:
    """Make a gesture; a refusal is left in the form."""
    try:
        act()
    except NotAllowed as error:
        raise Http404 from error
    except NotDone as error:
        form.add_error("on" if "on" in form.fields else None, list(error.messages))
        return False
    return True


def _of(dossier: Dossier) -> Agreement:
    found = notification.agreement_of(dossier)
    if found is None:
        raise Http404
    return found


def _posted(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _status(form: Form | None) -> int:
    return 422 if form is not None and form.is_bound and form.errors else 200
