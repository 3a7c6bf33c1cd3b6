"""Finding the session that somebody may open; what one may not see does not exist."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from normandata.dossiers.views.access import person

from .. import permissions
from ..models import Session

View = Callable[..., HttpResponse]
MOST_DIGITS = 9


def session_of(request: HttpRequest, pk: int) -> Session:
    """Return a session that the person may read; raises Http404."""
    people = ("created_by", "settled_by", "recorded_by", "validated_by")
    found = Session.objects.visible_to(person(request)).select_related(*people).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def readers(view: View) -> View:
    """Open a page of a session to whoever reads it; for others it does not exist."""

    @wraps(view)
    @require_safe
    @never_cache
    def found(request: HttpRequest, pk: int, **kwargs: Any) -> HttpResponse:
        return view(request, session_of(request, pk), **kwargs)

    return found


def keepers(view: View) -> View:
    """Open a form of a session to the committee's clerks; for others it does not exist."""

    @wraps(view)
    @require_http_methods(["GET", "HEAD", "POST"])
    @never_cache
    def found(request: HttpRequest, pk: int, **kwargs: Any) -> HttpResponse:
        session = session_of(request, pk)
        if not permissions.keeps(person(request), session):
            raise Http404
        return view(request, session, **kwargs)

    return found


def gestures(view: View) -> View:
    """Take a gesture of the committee's clerks, which has no page of its own."""

    @wraps(view)
    @require_POST
    def found(request: HttpRequest, pk: int, **kwargs: Any) -> HttpResponse:
        session = session_of(request, pk)
        if not permissions.keeps(person(request), session):
            raise Http404
        return view(request, session, **kwargs)

    return found


def seen(request: HttpRequest) -> int | None:
    """Return the revision that the page showed; one that cannot be read is none that ever was."""
    typed = request.POST.get("revision")
    if typed is None:
        return None
    return int(typed) if typed.isdecimal() and len(typed) <= MOST_DIGITS else 0


def posted(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def home(session: Session) -> str:
    """Return the address of the page of a session."""
    return reverse("committee:session", args=[session.pk])


def done(request: HttpRequest, session: Session, said: str) -> HttpResponse:
    """Lead back to the session and say what was done."""
    messages.success(request, said)
    return HttpResponseRedirect(home(session))
