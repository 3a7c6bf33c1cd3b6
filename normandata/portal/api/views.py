"""The HTTP of the API: how often one may ask, what is read, how an answer is kept, and how a problem is told.

No view here reads a cookie, a session or an account, and none writes: a request that another site makes in somebody's
browser is theirs to make. That is why POST asks for no CSRF token, and why every site may read the answers.
"""

import hashlib
import json
import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import SuspiciousOperation
from django.core.signals import got_request_exception
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.http.response import HttpResponseBase
from django.urls import resolve, reverse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import quote_etag
from django.views.decorators.csrf import csrf_exempt

from normandata.accounts import throttle
from normandata.accounts.adapter import client_address
from normandata.opendata import conf
from normandata.regulation.formats import spaced
from normandata.regulation.reading import Malformed

from .. import simulation
from . import document, parameters
from .definitions import Call, Operation
from .problems import (
    BODY,
    CROWDED,
    FAILURE,
    HEAVY,
    MEDIA,
    MEDIA_TYPE,
    METHOD,
    NOT_FOUND,
    PARAMETER,
    Problem,
)

logger = logging.getLogger(__name__)
MAX_AGE = 300
"""Seconds that an answer may be kept by a cache."""
DAY = 86_400
MOST_BYTES = 256 * 1024
"""The heaviest body that is read."""
Answer = Callable[..., HttpResponseBase]


def open_to_all(view: Answer) -> Answer:
    """Make a view of the API: no account, no cookie, any site; whatever goes wrong is told as a problem."""

    @login_not_required
    @csrf_exempt
    def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            _count(request)
            response = view(request, *args, **kwargs)
        except Problem as problem:
            response = _told(request, problem)
        except Exception:
            logger.exception("The API failed on %s.", request.path)
            got_request_exception.send(sender=open_to_all, request=request)
            response = _told(request, Problem(FAILURE, FAILURE.advice))
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Expose-Headers"] = "ETag, Retry-After"
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return response

    return opened


@open_to_all
def operation(request: HttpRequest, operation: Operation, **path: str) -> HttpResponseBase:
    """Answer an operation."""
    if request.method == "OPTIONS" and operation.body is not None:
        return _preflight()
    _admit(request, operation.method)
    query = parameters.read(operation.query, _query(request))
    body = _body(request) if operation.body is not None else None
    return _answered(request, operation.answer(Call(path, query, body)))


@open_to_all
def openapi(request: HttpRequest) -> HttpResponseBase:
    """Send the OpenAPI document."""
    _admit(request, "GET")
    server = conf.site() + reverse("api:page").rstrip("/")
    return _answered(request, document.build(server))


@open_to_all
def nowhere(request: HttpRequest, rest: str) -> HttpResponseBase:
    """Say that an address is none of the API's; one that has a slash too many leads to the right one."""
    _admit(request, "GET")
    bare = request.path.rstrip("/")
    if rest.strip("/") in ("", "v1"):
        return HttpResponsePermanentRedirect(reverse("api:page"))
    if bare != request.path and resolve(bare).view_name != "api:nowhere":
        query = request.META.get("QUERY_STRING", "")
        return HttpResponsePermanentRedirect(f"{bare}?{query}" if query else bare)
    raise Problem(NOT_FOUND, f"Cette adresse n’est pas de l’API ; elles sont toutes sur {reverse('api:page')}.")


def _count(request: HttpRequest) -> None:
    """Count a request of a visitor's address; raises Problem beyond what one minute admits."""
    most = settings.API_PER_MINUTE
    wait = throttle.wait(client_address(request), "api", most=most)
    if wait:
        detail = f"Vous avez fait plus de {most} demandes en une minute. Attendez {wait} s, puis reprenez."
        raise Problem(CROWDED, detail, headers={"Retry-After": str(wait)})


def _admit(request: HttpRequest, method: str) -> None:
    admitted = ["GET", "HEAD"] if method == "GET" else ["POST", "OPTIONS"]
    if request.method not in admitted:
        detail = f"{request.method} n’est pas admis ici : {' ou '.join(admitted)}."
        raise Problem(METHOD, detail, headers={"Allow": ", ".join(admitted)})


def _query(request: HttpRequest) -> dict[str, list[str]]:
    try:
        return {name: request.GET.getlist(name) for name in request.GET}
    except SuspiciousOperation:
        raise Problem(PARAMETER, "L’adresse porte trop de paramètres.") from None


def _body(request: HttpRequest) -> Any:
    """Read what is posted; raises Problem."""
    if request.content_type != "application/json":
        raise Problem(MEDIA, f"« {(request.content_type or 'aucun format')[:60]} » n’est pas admis : application/json.")
    announced = request.META.get("CONTENT_LENGTH") or "0"
    if not announced.isdecimal() or int(announced) > MOST_BYTES:
        raise Problem(HEAVY, f"L’envoi pèse plus de {MOST_BYTES // 1024} Kio.")
    try:
        return simulation.decoded(request.body)
    except Malformed as error:
        raise Problem(BODY, spaced(f"{error}.")) from None


def _preflight() -> HttpResponse:
    """Answer a browser that asks whether a script of another site may post."""
    allowed = {
        "Access-Control-Allow-Methods": "POST",
        "Access-Control-Allow-Headers": "Content-Type",
        "Access-Control-Max-Age": str(DAY),
        "Allow": "POST, OPTIONS",
        "Cache-Control": "no-store",
    }
    response = HttpResponse(status=204, headers=allowed)
    del response.headers["Content-Type"]
    return response


def _answered(request: HttpRequest, said: Any) -> HttpResponseBase:
    content = json.dumps(said, ensure_ascii=False).encode(errors="replace")
    if request.method == "POST":
        return HttpResponse(content, content_type="application/json", headers={"Cache-Control": "no-store"})
    etag = quote_etag(hashlib.sha256(content).hexdigest())
    fresh = get_conditional_response(request, etag=etag)
    response: HttpResponseBase = fresh or HttpResponse(content, content_type="application/json")
    response.headers["ETag"] = etag
    patch_cache_control(response, public=True, max_age=MAX_AGE)
    return response


def _told(request: HttpRequest, problem: Problem) -> HttpResponse:
    page = conf.site() + reverse("api:page")
    said = problem.as_record(page, request.path)
    said = {name: spaced(value) if name in ("title", "detail") else value for name, value in said.items()}
    content = json.dumps(said, ensure_ascii=False).encode(errors="replace")
    headers = {"Cache-Control": "no-store", **problem.headers}
    return HttpResponse(content, status=problem.kind.status, content_type=MEDIA_TYPE, headers=headers)


def answering(one: Operation) -> Answer:
    """Return the view of an operation."""
    view = partial(operation, operation=one)
    view.login_required = False  # type: ignore[attr-defined]
    view.csrf_exempt = True  # type: ignore[attr-defined]
    return view
