"""Finding an action: everybody reads it, its pilot alone opens its forms; for others these do not exist."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_http_methods

from normandata.dossiers.views.access import person

from .. import permissions
from ..models import Action

View = Callable[..., HttpResponse]
MOST_DIGITS = 9
public = cache_control(public=True, max_age=300)


def action_of(slug: str) -> Action:
    """Return an action with its chantier, its milestones and its schemes; raises Http404."""
    found = Action.objects.whole().filter(slug=slug).first()
    if found is None:
        raise Http404
    return found


def pilots(view: View) -> View:
    """Open a page of an action to its pilot; for others it does not exist."""

    @wraps(view)
    @require_http_methods(["GET", "HEAD", "POST"])
    @never_cache
    def found(request: HttpRequest, slug: str, **kwargs: Any) -> HttpResponse:
        user, action = person(request), action_of(slug)
        if not permissions.pilots(user, action):
            raise Http404
        return view(request, action, **kwargs)

    return found


def seen(request: HttpRequest) -> int:
    """Return the revision that the page showed; without a readable one, none that ever was."""
    typed = request.POST.get("revision", "")
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) <= MOST_DIGITS else 0


def posted(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def home(action: Action) -> str:
    """Return the address of the pilot's page of an action."""
    return reverse("roadmap:pilot", args=[action.slug])


def done(request: HttpRequest, action: Action, said: str) -> HttpResponse:
    """Lead back to the pilot's page and say what was done."""
    messages.success(request, said)
    return HttpResponseRedirect(home(action))
