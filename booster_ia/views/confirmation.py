"""The page that a partner opens from its mail: what it confirms, and its answer. Only a POST changes something."""

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from normandata.accounts import throttle
from normandata.accounts.adapter import client_address
from normandata.procedure.errors import NotDone

from ..partner_forms import DECLINE, AnswerForm
from ..partners import WITHDRAWN, Partner
from ..services import partners as services

View = Callable[..., HttpResponse]
MOST = 60
"""Pages of partners that one visitor's address may ask for in a minute."""


def throttled(view: View) -> View:
    """Refuse a visitor who tries too many links, whatever they are worth."""

    @wraps(view)
    def counted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if throttle.is_crowded(client_address(request), "booster_partner", most=MOST):
            return _page(request, "trop", status=429)
        return view(request, *args, **kwargs)

    return counted


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@throttled
def answer(request: HttpRequest, key: uuid.UUID, token: str) -> HttpResponse:
    """Show what a partner confirms, and take its answer."""
    try:
        partner = services.opened(key, token)
    except LookupError as error:
        raise Http404 from error
    except services.Expired as error:
        return _expired(request, error.partner)
    if closed := _closed(partner):
        return _page(request, closed, partner, status=410 if closed != "donnee" else 200)
    form = AnswerForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            _take(partner, form)
        except NotDone as error:
            return _page(request, "refusee", partner, problems=error.messages, status=409)
        return HttpResponseRedirect(request.path)
    return _page(request, "attendue", partner, form=form, status=422 if form.errors else 200)


@login_not_required
@never_cache
@require_POST
@throttled
def new_link(request: HttpRequest, key: uuid.UUID, token: str) -> HttpResponse:
    """Send a fresh link to the partner of one that is too old, at its own address and no other."""
    try:
        services.opened(key, token)
    except LookupError as error:
        raise Http404 from error
    except services.Expired as error:
        partner = error.partner
    else:
        return HttpResponseRedirect(reverse("booster_ia:partner", args=[key, token]))
    try:
        services.resend(partner, by=None)
    except NotDone as error:
        return _page(request, "refusee", partner, problems=error.messages, status=409)
    return _page(request, "renvoyee", partner)


def _take(partner: Partner, form: AnswerForm) -> None:
    name = form.cleaned_data["by_name"]
    if form.answer == DECLINE:
        services.decline(partner, by_name=name, reason=form.cleaned_data["reason"])
    else:
        services.confirm(partner, by_name=name)


def _closed(partner: Partner) -> str:
    """Tell why there is nothing to answer any more, or nothing."""
    if partner.state == WITHDRAWN:
        return "retiree"
    if not partner.is_awaited:
        return "donnee"
    return "" if partner.dossier.is_open else "close"


def _expired(request: HttpRequest, partner: Partner) -> HttpResponse:
    """Say that a link is too old, and offer another one; of one that is no partner, that it is none.

    What was answered is not for an old link: it may be in the mailbox of somebody whom the address named by mistake.
    """
    closed = _closed(partner)
    return _page(request, "expiree" if closed in ("", "donnee") else closed, partner, status=410)


def _page(
    request: HttpRequest, stage: str, partner: Partner | None = None, *, status: int = 200, **more: Any
) -> HttpResponse:
    project = services.title_of(partner.dossier) if partner else ""
    context = {"stage": stage, "partner": partner, "project": project, **more}
    return render(request, "booster_ia/partners/answer.html", context, status=status)
