"""The operator's page, for administrators: where any mail or document stands, and the gestures that help it leave."""

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from normandata.accounts.models import Role, User
from normandata.documents.services import MAKE
from normandata.notifications import services as notifications
from normandata.notifications.models import Mail
from normandata.notifications.services import CannotResend
from normandata.outbox import services as outbox
from normandata.outbox.models import Message

from . import operator

View = Callable[..., HttpResponse]


def administrators(view: View) -> View:
    """Let administrators of the whole portal in; for anybody else the page does not exist."""

    @wraps(view)
    @never_cache
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not (isinstance(request.user, User) and request.user.holds(Role.ADMINISTRATOR)):
            raise Http404
        return view(request, *args, **kwargs)

    return checked


@require_safe
@administrators
def page(request: HttpRequest) -> HttpResponse:
    """Show the search, what it found, what failed, and how the outbox is doing."""
    typed = request.GET.get("q", "").strip()[:100]
    context = {
        "typed": typed,
        "answer": operator.search(typed, me(request)) if typed else None,
        "failed": operator.failed(),
        "health": operator.health(),
        "most": operator.MOST_LINES,
        "most_failed": operator.MOST_FAILED,
    }
    return render(request, "portal/operator.html", context)


@require_POST
@administrators
def resend(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Send a mail again."""
    mail = get_object_or_404(Mail, pk=pk)
    try:
        notifications.resend(mail, by=me(request))
    except CannotResend as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"Le courriel repart vers {mail.address}.")
    return _back(request)


@require_POST
@administrators
def retry(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Put a message that the outbox gave up back with all its tries."""
    return _retried(request, get_object_or_404(Message, pk=pk))


@require_POST
@administrators
def retry_document(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Have a document made again when it could not be."""
    return _retried(request, get_object_or_404(Message, handler=MAKE, key=str(pk)))


def _retried(request: HttpRequest, message: Message) -> HttpResponse:
    if outbox.retry(message):
        messages.success(request, "C’est remis en attente, avec tous ses essais.")
    else:
        messages.error(request, "Cet envoi n’est plus en échec : il n’y a rien à relancer.")
    return _back(request)


def _back(request: HttpRequest) -> HttpResponse:
    typed = request.POST.get("q", "").strip()[:100]
    address = reverse("portal:operator")
    return HttpResponseRedirect(f"{address}?{urlencode({'q': typed})}" if typed else address)


def me(request: HttpRequest) -> User:
    """The person signed in; `administrators` has let nobody else in."""
    if not isinstance(request.user, User):
        raise Http404
    return request.user
