"""Finding the edition, the registration and the team of whoever is there; what one may not see does not exist."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from normandata.dossiers.views.access import person
from normandata.procedure.errors import NotAllowed, NotDone

from ..editions import Edition
from ..registrations import Registration
from ..teams import Seat, Team

View = Callable[..., HttpResponse | FileResponse]
FORM = require_http_methods(["GET", "HEAD", "POST"])


def edition_of(request: HttpRequest, slug: str) -> Edition:
    """Return an edition that the person may read; raises Http404."""
    found = Edition.objects.visible_to(person(request)).filter(slug=slug).first()
    if found is None:
        raise Http404
    return found


def registration_of(request: HttpRequest, slug: str) -> Registration:
    """Return the person's own registration to an edition; raises Http404."""
    rows = Registration.objects.of(person(request)).filter(edition__slug=slug)
    found = rows.select_related("edition", "person", "rules").first()
    if found is None:
        raise Http404
    return found


def seat_of(registration: Registration) -> Seat | None:
    """Return the person's seat in the edition, if any, with its team."""
    rows = Seat.objects.filter(registration=registration)
    return rows.select_related("team__edition", "team__theme", "team__referent__registration").first()


def own_team(request: HttpRequest, slug: str) -> Team:
    """Return the person's team in an edition; raises Http404."""
    seat = seat_of(registration_of(request, slug))
    if seat is None:
        raise Http404
    return seat.team


def _shown(method: Callable[[View], View]) -> Callable[[View], View]:
    """Open a page to whoever has a registration to the edition; for others it does not exist."""

    def decorate(view: View) -> View:
        @wraps(view)
        @method
        @never_cache
        def found(request: HttpRequest, slug: str, **kwargs: Any) -> HttpResponse | FileResponse:
            return view(request, registration_of(request, slug), **kwargs)

        return found

    return decorate


participants = _shown(require_safe)
participants_form = _shown(FORM)
participants_gesture = _shown(require_POST)


def members(method: Callable[[View], View]) -> Callable[[View], View]:
    """Open a page to the members of a team; for others it does not exist."""

    def decorate(view: View) -> View:
        @wraps(view)
        @method
        @never_cache
        def found(request: HttpRequest, slug: str, **kwargs: Any) -> HttpResponse | FileResponse:
            return view(request, own_team(request, slug), **kwargs)

        return found

    return decorate


def posted(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def address(name: str, edition: Edition, *args: Any) -> str:
    return reverse(f"datathon:{name}", args=[edition.slug, *args])


def done(request: HttpRequest, said: str, where: str) -> HttpResponse:
    """Lead on and say what was done."""
    messages.success(request, said)
    return HttpResponseRedirect(where)


def refused(request: HttpRequest, error: NotDone, where: str) -> HttpResponse:
    """Lead back and say why it was not done; what is not allowed does not exist."""
    if isinstance(error, NotAllowed):
        raise Http404
    for sentence in error.messages:
        messages.error(request, sentence)
    return HttpResponseRedirect(where)


def page(request: HttpRequest, template: str, context: dict[str, Any], form: Any = None) -> HttpResponse:
    """Draw a page with its form; a form that was refused answers 422."""
    status = 422 if form is not None and form.errors else 200
    return render(request, template, context | ({"form": form} if form is not None else {}), status=status)


def trail(edition: Edition, *steps: tuple[str, str]) -> list[tuple[str, str]]:
    """Return the breadcrumb below « Mes éditions »."""
    return [(edition.title, address("participation", edition) if steps else ""), *steps]
