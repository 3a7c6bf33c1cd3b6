"""Headers that no setting of Django covers."""

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_vary_headers, set_response_etag
from django.utils.http import parse_http_date_safe

SHIELD = {
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Permitted-Cross-Domain-Policies": "none",
}


def arrival(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Note when a request arrived, before its body is read: what counts against a closing hour."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.arrived_at = timezone.now()  # type: ignore[attr-defined]
        return get_response(request)

    return middleware


def _fresh(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Mark a page that anybody's cache may keep, and answer 304 to whoever has it already.

    Such a page is the same for everybody, signed in or not: it does not vary with the cookies that were sent.
    """
    if request.method not in ("GET", "HEAD") or response.status_code != HTTPStatus.OK:
        return response
    if "public" not in response.headers.get("Cache-Control", ""):
        return response
    _forget_cookies(response)
    if response.streaming or not response.content:
        return response
    if "ETag" not in response.headers:
        set_response_etag(response)
    modified = response.headers.get("Last-Modified")
    at = parse_http_date_safe(modified) if modified else None
    found = get_conditional_response(request, etag=response.headers["ETag"], last_modified=at, response=response)
    return found if isinstance(found, HttpResponse) else response


def _forget_cookies(response: HttpResponse) -> None:
    """Leave the cookies out of what an answer says that it varies with."""
    named = [
        one.strip() for one in response.headers.get("Vary", "").split(",") if one.strip().lower() not in ("", "cookie")
    ]
    if named:
        response.headers["Vary"] = ", ".join(named)
    elif "Vary" in response.headers:
        del response.headers["Vary"]


def headers(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Add the shield to every answer, and keep whatever depends on a cookie out of shared caches."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        for name, value in SHIELD.items():
            response.headers.setdefault(name, value)
        if response.cookies:
            response.headers["Cache-Control"] = "private, no-store"
            patch_vary_headers(response, ["Cookie"])
        return _fresh(request, response)

    return middleware
