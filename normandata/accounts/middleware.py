"""What stands between a signed-in session and private pages. Public pages never read the session here."""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse

from normandata.accounts import conf

Answer = Callable[[HttpRequest], HttpResponse]
REACHABLE = frozenset({"account_logout", "account_reauthenticate", "accounts:token"})
ENROLMENT = REACHABLE | {"mfa_activate_totp"}
PROOF = REACHABLE | {"mfa_reauthenticate"}
PROLONGED = "prolonged_at"


def expired_session(get_response: Answer) -> Answer:
    """Answer 401 to a script whose session is over, with the address to sign in at, instead of a redirect."""

    def process_view(request: HttpRequest, view: Callable[..., Any], *args: Any) -> HttpResponse | None:
        if not is_private(view) or not is_script(request) or request.user.is_authenticated:
            return None
        return sign_in_again(reverse("account_login"))

    return with_view(get_response, process_view)


def second_factor(get_response: Answer) -> Answer:
    """Keep people of the Region off private pages until their session was opened with a second factor."""

    def process_view(request: HttpRequest, view: Callable[..., Any], *args: Any) -> HttpResponse | None:
        user = request.user if is_private(view) else None
        if user is None or not user.is_authenticated or not user.is_region:
            return None
        if any(record["method"] == "mfa" for record in get_authentication_records(request, user)):
            return None
        is_enrolled = is_mfa_enabled(user, [Authenticator.Type.TOTP])
        name = request.resolver_match.view_name if request.resolver_match else ""
        if name in (PROOF if is_enrolled else ENROLMENT):
            return None
        page = reverse("mfa_reauthenticate" if is_enrolled else "mfa_activate_totp")
        if is_script(request):
            return sign_in_again(page)
        back = request.get_full_path() if request.method in ("GET", "HEAD") else reverse("accounts:account")
        return HttpResponseRedirect(f"{page}?{urlencode({'next': back})}")

    return with_view(get_response, process_view)


def alive(get_response: Answer) -> Answer:
    """Prolong a session in use, on private pages and now and then: it ends after eight hours without any."""

    def process_view(request: HttpRequest, view: Callable[..., Any], *args: Any) -> None:
        if is_private(view) and request.user.is_authenticated:
            now = time.time()
            if now - request.session.get(PROLONGED, 0) > conf.ALIVE_EVERY.total_seconds():
                request.session[PROLONGED] = now

    return with_view(get_response, process_view)


def throttled(get_response: Answer) -> Answer:
    """Give the status 429 to a page that tells of too many tries."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if getattr(request, "is_throttled", False) and response.status_code == 200:
            response.status_code = 429
        return response

    return middleware


def is_private(view: Callable[..., Any]) -> bool:
    """Tell whether a view asks for an account, as LoginRequiredMiddleware does."""
    return bool(getattr(view, "login_required", True))


def is_script(request: HttpRequest) -> bool:
    """Tell whether a script of ours asks, which cannot show a page: autosave or HTMX."""
    return request.headers.get("X-Requested-With") == "autosave" or "HX-Request" in request.headers


def sign_in_again(page: str) -> HttpResponse:
    """Build the answer a script turns into a link to a new tab."""
    answer = {"sign_in": f"{page}?{urlencode({'next': reverse('accounts:here')}, safe='/')}"}
    return JsonResponse(answer, status=401, headers={"Cache-Control": "no-store"})


def with_view(get_response: Answer, process_view: Callable[..., Any]) -> Answer:
    """Make a middleware of a `process_view`."""

    def middleware(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    middleware.process_view = process_view  # type: ignore[attr-defined]
    return middleware
