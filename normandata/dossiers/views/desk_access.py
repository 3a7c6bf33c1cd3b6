"""Finding the dossiers that the Region's people may open; what is not theirs does not exist."""

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from normandata.accounts.models import User
from normandata.procedure.errors import NotAllowed, NotDone

from .. import closures, examination, permissions
from ..models import READERS, Dossier
from .access import person

View = Callable[..., HttpResponse]


def readable_by_region(request: HttpRequest, key: uuid.UUID) -> Dossier:
    """Return a deposited dossier of a scheme that this person works on or audits; raises Http404."""
    user = person(request)
    mine = Dossier.objects.for_region(user).filter(key=key)
    found = mine.select_related("organisation", "owner", "backup").first()
    if found is None:
        raise Http404
    closures.pass_through(user, found.pk)
    return found


def readers(view: View) -> View:
    """Give a view the dossier of its address, for whoever reads it on the Region's side."""

    @wraps(view)
    @never_cache
    def found(request: HttpRequest, key: uuid.UUID, *args: Any, **kwargs: Any) -> HttpResponse:
        return view(request, readable_by_region(request, key), *args, **kwargs)

    return found


def instructors(view: View) -> View:
    """Give a view the dossier of its address, for whoever instructs it; for other readers the page does not exist."""

    @wraps(view)
    @never_cache
    def found(request: HttpRequest, key: uuid.UUID, *args: Any, **kwargs: Any) -> HttpResponse:
        dossier = readable_by_region(request, key)
        if not permissions.can_examine(person(request), dossier):
            raise Http404
        return view(request, dossier, *args, **kwargs)

    return found


def scheme_readers(scheme: str) -> Callable[[View], View]:
    """Open pages to whoever reads a scheme on the Region's side; for others they do not exist."""

    def decorate(view: View) -> View:
        @wraps(view)
        def found(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not person(request).holds(*READERS, scheme=scheme):
                raise Http404
            return view(request, *args, **kwargs)

        guarded: View = require_safe(never_cache(found))
        return guarded

    return decorate


def keepers(may_keep: Callable[[User], bool]) -> Callable[[View], View]:
    """Open forms to whoever `may_keep` lets in, lead agents and administrators; for others they do not exist."""

    def decorate(view: View) -> View:
        @wraps(view)
        def found(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not may_keep(person(request)):
                raise Http404
            return view(request, *args, **kwargs)

        guarded: View = require_http_methods(["GET", "HEAD", "POST"])(never_cache(found))
        return guarded

    return decorate


def done(
    request: HttpRequest, dossier: Dossier, sentence: str, *, name: str = "dossiers:examine", anchor: str = ""
) -> HttpResponse:
    """Lead back to a page of the dossier with a word that it is done; the queue it was opened from is kept."""
    messages.success(request, sentence)
    address = reverse(name, args=[dossier.key]) + examination.suffix(request)
    return HttpResponseRedirect(f"{address}#{anchor}" if anchor else address)


def refused(request: HttpRequest, dossier: Dossier, error: NotDone) -> HttpResponse:
    """Say why a gesture was not done, and how to go on; what a person may not do does not exist."""
    if isinstance(error, NotAllowed):
        raise Http404
    context = {"dossier": dossier, "problems": error.messages, "kept": examination.suffix(request)}
    return render(request, "dossiers/examine/refused.html", context, status=409)
