"""The public page of the open data, their files and their catalogue, and the page of refused rows for operators."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import http_date, quote_etag
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_safe

from normandata.accounts.models import Role, User

from . import catalogue, conf, presentation, publications, registry, writing
from .catalogue import MEDIA, Place
from .models import Publication

MAX_AGE = 300
View = Callable[..., HttpResponseBase]


def open_to_all(view: View) -> View:
    """Let any site read a file: it is public, and no cookie goes with it."""

    @wraps(view)
    def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Expose-Headers"] = "ETag, Last-Modified, Content-Length"
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        patch_cache_control(response, public=True, max_age=MAX_AGE)
        return response

    return opened


def _place() -> Place:
    authority = conf.authority()
    return Place(
        page=conf.site() + reverse("opendata:index"),
        contact=conf.site() + reverse("portal:contact"),
        publisher=authority.name,
        siren=authority.siret[:9],
    )


@login_not_required
@require_safe
@cache_control(public=True, max_age=MAX_AGE)
def index(request: HttpRequest) -> HttpResponse:
    """List the sets: what they hold, under which licence, in which formats, when they last changed."""
    context = {
        "sets": [presentation.shown(one, found) for one, found in publications.current()],
        "duty": presentation.duty(),
        "trail": [("Données ouvertes", "")],
    }
    return render(request, "opendata/index.html", context)


@login_not_required
@require_safe
@open_to_all
def file(request: HttpRequest, slug: str, format: str) -> HttpResponseBase:
    """Send a file as it was last published."""
    data_set = registry.find(slug)
    found = publications.current_of(data_set) if data_set and format in writing.FORMATS else None
    if found is None:
        raise Http404
    etag, changed = quote_etag(found.sha256(format)), int(found.changed.timestamp())
    fresh = get_conditional_response(request, etag=etag, last_modified=changed)
    response: HttpResponseBase = fresh or _sent(found, slug, format)
    response.headers["ETag"] = etag
    response.headers["Last-Modified"] = http_date(changed)
    return response


def _sent(found: Publication, slug: str, format: str) -> HttpResponseBase:
    kind = f"{MEDIA[format]}; charset=utf-8" if format == "csv" else MEDIA[format]
    opened = found.file(format).open("rb")
    return FileResponse(opened, as_attachment=True, filename=f"{slug}.{format}", content_type=kind)


@login_not_required
@require_safe
@open_to_all
def datapackage(request: HttpRequest) -> HttpResponseBase:
    """Send the catalogue as a Data Package."""
    return _described(request, catalogue.datapackage(publications.current(), _place()), "application/json")


@login_not_required
@require_safe
@open_to_all
def dcat(request: HttpRequest) -> HttpResponseBase:
    """Send the catalogue in DCAT-AP."""
    return _described(request, catalogue.dcat(publications.current(), _place()), "application/ld+json")


def _described(request: HttpRequest, said: dict[str, Any], kind: str) -> HttpResponseBase:
    content = json.dumps(said, ensure_ascii=False, indent=1).encode()
    etag = presentation.etag(content)
    fresh = get_conditional_response(request, etag=etag)
    response: HttpResponseBase = fresh or HttpResponse(content, content_type=kind)
    response.headers["ETag"] = etag
    return response


@require_safe
@never_cache
def refusals(request: HttpRequest) -> HttpResponse:
    """Show administrators the rows that were refused, each with its reasons."""
    if not (isinstance(request.user, User) and request.user.holds(Role.ADMINISTRATOR)):
        raise Http404
    return render(request, "opendata/refusals.html", {"sets": presentation.refused()})
