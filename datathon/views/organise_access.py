"""Finding the edition that somebody organises or follows; what one may not see does not exist."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from normandata.dossiers.views.access import person
from normandata.procedure.errors import NotAllowed, NotDone
from normandata.ui.forms import RowForm

from .. import permissions
from ..edition_forms import KeptForm
from ..editions import Edition
from ..services.holding import Stale

View = Callable[..., HttpResponseBase]
MOST_DIGITS = 9
COMPARE = (
    "Rien n’est enregistré. Comparez avec ce qui est enregistré, puis enregistrez de nouveau pour garder votre version."
)


def edition_of(request: HttpRequest, slug: str) -> Edition:
    """Return an edition whose organisers' pages the person reads; raises Http404."""
    found = Edition.objects.followed_by(person(request)).select_related("cloned_from").filter(slug=slug).first()
    if found is None:
        raise Http404
    return found


def organised(request: HttpRequest, slug: str) -> Edition:
    """Return an edition that the person organises; raises Http404."""
    found = edition_of(request, slug)
    if not permissions.organises(person(request), found):
        raise Http404
    return found


def followers(view: View) -> View:
    """Open a page of an edition to whoever follows it."""

    @wraps(view)
    @require_safe
    @never_cache
    def found(request: HttpRequest, slug: str, **kwargs: Any) -> HttpResponseBase:
        return view(request, edition_of(request, slug), **kwargs)

    return found


def organisers(view: View) -> View:
    """Open a form of an edition to its organisers."""

    @wraps(view)
    @require_http_methods(["GET", "HEAD", "POST"])
    @never_cache
    def found(request: HttpRequest, slug: str, **kwargs: Any) -> HttpResponseBase:
        return view(request, organised(request, slug), **kwargs)

    return found


def readers(view: View) -> View:
    """Open to its organisers a page that only shows."""

    @wraps(view)
    @require_safe
    @never_cache
    def found(request: HttpRequest, slug: str, **kwargs: Any) -> HttpResponseBase:
        return view(request, organised(request, slug), **kwargs)

    return found


def gestures(view: View) -> View:
    """Take a gesture of the organisers, which has no page of its own."""

    @wraps(view)
    @require_POST
    def found(request: HttpRequest, slug: str, **kwargs: Any) -> HttpResponseBase:
        return view(request, organised(request, slug), **kwargs)

    return found


def posted(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def seen(request: HttpRequest) -> int:
    """Return the revision that the page showed; one that cannot be read is none that ever was."""
    text = request.POST.get("revision", "")
    return int(text) if text.isdecimal() and len(text) <= MOST_DIGITS else 0


def attempt(form: RowForm, act: Callable[[], object]) -> bool:
    """Make a gesture once the form is right; tell whether it was done, and write in the form why not.

    What is not allowed does not exist.
    """
    if not (form.is_bound and form.is_valid()):
        return False
    try:
        act()
    except NotAllowed as error:
        raise Http404 from error
    except ValidationError as error:
        form.refuse(error)
    except Stale as error:
        form.add_error(None, [f"{error.messages[0]} {COMPARE}"])
        form.is_stale = True  # type: ignore[attr-defined]
    except NotDone as error:
        form.add_error(next(iter(form.fields)) if len(form.fields) == 1 else None, list(error.messages))
    else:
        return True
    return False


def shown(
    request: HttpRequest,
    thing: Any,
    form: RowForm,
    context: dict[str, Any],
    *,
    kept: Callable[[], KeptForm] | None = None,
) -> HttpResponse:
    """Draw a form with the revision that it will be compared to; a stale one shows both versions."""
    context = dict(context)
    is_stale = getattr(form, "is_stale", False)
    if is_stale:
        thing.refresh_from_db()
        context["differences"] = form.differences(kept()) if kept and isinstance(form, KeptForm) else []
    context["revision"] = seen(request) if form.is_bound and not is_stale else getattr(thing, "revision", 0)
    context |= {"form": form, "edition": thing if isinstance(thing, Edition) else getattr(thing, "edition", None)}
    return render(request, "datathon/organise/form.html", context, status=422 if form.errors else 200)


def done(request: HttpRequest, said: str, name: str, *args: Any) -> HttpResponse:
    """Say what was done and lead to a page."""
    messages.success(request, said)
    return HttpResponseRedirect(reverse(name, args=args))


def refused(request: HttpRequest, error: NotDone, name: str, *args: Any) -> HttpResponse:
    """Say why a gesture without a page was refused, and lead back."""
    if isinstance(error, NotAllowed):
        raise Http404 from error
    for sentence in error.messages:
        messages.error(request, sentence)
    return HttpResponseRedirect(reverse(name, args=args))
