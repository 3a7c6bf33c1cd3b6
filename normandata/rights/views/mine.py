"""One's own data: what is held and why, a copy of it, requests, and the erasure of everything."""

import uuid
from typing import Any

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.forms import Form
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from normandata.accounts.models import User
from normandata.privacy import registry
from normandata.procedure.errors import NotDone, NotNow

from ..forms import AskForm, EraseForm
from ..models import Export, Request
from ..services import erasure as erasing
from ..services import exports
from ..services import requests as asking

form_page = require_http_methods(["GET", "HEAD", "POST"])
COPY_ASKED = "La copie se prépare. Elle paraît ici dès qu’elle est prête, et s’y télécharge sept jours."
TRAIL = [("Mon compte", "/compte/")]
MINE = ("Mes données", "/compte/donnees/")


def _sent(request: HttpRequest) -> QueryDict | None:
    """Return what was posted, be it nothing; None on a mere visit."""
    return request.POST if request.method == "POST" else None


def _me(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise Http404
    return request.user


@require_safe
@never_cache
def page(request: HttpRequest) -> HttpResponse:
    """Say what is held, by treatment, the copies that may be fetched, the requests and their terms."""
    me, now = _me(request), timezone.now()
    context = {
        "held": exports.held(me),
        "copies": Export.objects.visible_to(me).filter(expires_at__gt=now).order_by("-asked_at"),
        "requests": Request.objects.filter(person=me).select_related("answered_by").order_by("-asked_at"),
        "trail": [*TRAIL, (MINE[0], "")],
    }
    return render(request, "rights/mine.html", context)


@require_POST
@never_cache
@reauthentication_required  # type: ignore[untyped-decorator]
def copy(request: HttpRequest) -> HttpResponse:
    """Ask for a copy of one's data."""
    exports.ask(_me(request))
    messages.success(request, COPY_ASKED)
    return redirect("rights:mine")


@require_safe
@never_cache
@reauthentication_required  # type: ignore[untyped-decorator]
def download(request: HttpRequest, pk: uuid.UUID) -> HttpResponseBase:
    """Send a copy to the person it is about, until its link ends."""
    found = Export.objects.visible_to(_me(request)).filter(expires_at__gt=timezone.now(), ready_at__isnull=False)
    export = get_object_or_404(found, pk=pk)
    name = f"normandata-mes-donnees-{timezone.localdate(export.asked_at):%Y-%m-%d}.zip"
    response = FileResponse(export.file.open("rb"), as_attachment=True, filename=name, content_type="application/zip")
    response.headers["Cache-Control"] = "private, no-store"
    return response


@form_page
@never_cache
def ask(request: HttpRequest) -> HttpResponse:
    """Claim a right over one's data."""
    form = AskForm(_sent(request), initial={"kind": request.GET.get("droit", "")})
    if request.method == "POST" and form.is_valid():
        try:
            asking.file(_me(request), form.cleaned_data["kind"], form.cleaned_data["text"])
        except NotNow as error:
            form.add_error("kind", str(error))
        else:
            messages.success(request, "Votre demande est reçue. Nous y répondons dans le mois.")
            return redirect("rights:mine")
    context = {"form": form, "trail": [*TRAIL, MINE, ("Faire une demande", "")]}
    return render(request, "rights/ask.html", context, status=_status(form))


@require_safe
@never_cache
def erasure_page(request: HttpRequest) -> HttpResponse:
    """Say what an erasure does, what stays and why, and what prevents it."""
    return render(request, "rights/erasure.html", _explained(request))


@form_page
@never_cache
@reauthentication_required  # type: ignore[untyped-decorator]
def erase(request: HttpRequest) -> HttpResponse:
    """Erase oneself, after a second confirmation by somebody who has just proved who they are."""
    form = EraseForm(_sent(request))
    context = _explained(request)
    if context["obstacles"]:
        return render(request, "rights/erasure.html", context, status=_status(form))
    if request.method == "POST" and form.is_valid():
        me = _me(request)
        try:
            erasing.erase(me, by=me)
        except NotDone as error:
            messages.error(request, str(error))
            return redirect("rights:erasure")
        logout(request)
        return redirect("rights:erased")
    return render(request, "rights/erase.html", context | {"form": form}, status=_status(form))


@require_safe
@login_not_required
def erased(request: HttpRequest) -> HttpResponse:
    """Say that it is done, to somebody whom nothing here knows any more."""
    return render(request, "rights/erased.html", {"trail": [("Données effacées", "")]})


def _status(form: Form) -> int:
    """Tell a browser whether what it sent was taken."""
    return 422 if form.is_bound else 200


def _explained(request: HttpRequest) -> dict[str, Any]:
    me = _me(request)
    return {
        "obstacles": registry.obstacles(me),
        "stays": erasing.what_stays(),
        "files": list(erasing.kept_files(me).values_list("name", flat=True)),
        "is_asked": Request.objects.waiting().filter(person=me, kind="erasure").exists(),
        "trail": [*TRAIL, MINE, ("Effacer mes données", "")],
    }
