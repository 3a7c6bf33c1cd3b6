"""The requester's pages of the cœur expert: their requests, a need told, its progress, its outcome, its withdrawal."""

import uuid

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from normandata.dossiers.views.access import person
from normandata.procedure.errors import NotAllowed, NotDone
from normandata.ui.forms import Form

from .. import need_reading as reading
from ..models import Listing, Need
from ..need_forms import NeedForm, OutcomeForm, ReasonForm
from ..services import needs

PER_PAGE = 30
FIELDS = (("date de la suite", "outcome_on"), ("date du premier", "held_on"), ("date à venir", "day"))
"""Which field a refusal speaks of, by its words."""


def own(request: HttpRequest, key: uuid.UUID) -> Need:
    """Return a request of this person or of their organisations; raises Http404."""
    mine = Need.objects.requested_by(person(request)).filter(key=key)
    found = mine.select_related("organisation", "asked_by", "handled_by", "wished").first()
    if found is None:
        raise Http404
    return found


def told(form: Form, error: NotDone) -> None:
    """Write each refusal beside the field it speaks of; what a person may not do does not exist."""
    if isinstance(error, NotAllowed):
        raise Http404
    for sentence in error.messages:
        field = next((name for words, name in FIELDS if words in sentence and name in form.fields), None)
        form.add_error(field, sentence)


def listing_of(typed: str) -> Listing | None:
    """Return the public entry that an address names, None when it is not public any more."""
    try:
        return Listing.objects.public().select_related("agreement__expert").filter(key=typed).first()
    except ValidationError:
        return None


@require_safe
@never_cache
def needs_of(request: HttpRequest) -> HttpResponse:
    """List one's requests to the cœur expert, the newest first."""
    found = Need.objects.requested_by(person(request)).with_people().order_by("-asked_at", "-pk")
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "experts/needs/mine.html", {"page": page, "rows": reading.rows(page, is_desk=False)})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def ask(request: HttpRequest) -> HttpResponse:
    """Tell a need; the expert wished for, if any, is in the address."""
    user, typed = person(request), request.GET.get("expert", "")
    wished = listing_of(typed) if typed else None
    form = NeedForm(request.POST if request.method == "POST" else None, user=user)
    if form.is_bound and form.is_valid():
        key, said, house = form.cleaned_data["key"], form.said, form.organisation_chosen
        try:
            need = needs.ask(key, said, organisation=house, wished=wished, by=user)
        except NotDone as error:
            told(form, error)
        else:
            messages.success(request, f"Votre demande {need.reference} est partie. La Région vous écrit bientôt.")
            return HttpResponseRedirect(reverse("experts:need", args=[need.key]))
    context = {"form": form, "wished": wished, "has_left": bool(typed) and wished is None}
    return render(request, "experts/needs/ask.html", context, status=422 if form.is_bound else 200)


@require_safe
@never_cache
def need(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Show one's request: its steps, what was said, who accepted, what comes next."""
    found = own(request, key)
    introductions = found.introductions.select_related("expert__user")
    context = {
        "need": found,
        "state": found.standing,
        "sentence": reading.sentence(found),
        "steps": reading.steps(found),
        "met": [one for one in introductions if one.is_accepted],
        "awaited": sum(one.is_pending for one in introductions),
        "can": reading.gestures(found, person(request)),
    }
    return render(request, "experts/needs/need.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def tell_outcome(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Say what followed: the request is then closed."""
    found = own(request, key)
    here = reverse("experts:need", args=[key])
    if not _may(request, found, "tell_outcome"):
        return HttpResponseRedirect(here)
    form = OutcomeForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            needs.tell_outcome(found, by=person(request), **form.cleaned_data)
        except NotDone as error:
            told(form, error)
        else:
            messages.success(request, "Merci. La demande est close ; la Région et les experts en sont avertis.")
            return HttpResponseRedirect(here)
    return render(request, "experts/needs/outcome.html", {"need": found, "form": form}, status=_status(form))


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def withdraw(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Withdraw one's request, after a confirmation."""
    found = own(request, key)
    here = reverse("experts:need", args=[key])
    if not _may(request, found, "withdraw"):
        return HttpResponseRedirect(here)
    form = ReasonForm(request.POST if request.method == "POST" else None, read_by="la Région")
    if form.is_bound and form.is_valid():
        try:
            needs.withdraw(found, by=person(request), reason=form.cleaned_data["reason"])
        except NotDone as error:
            told(form, error)
        else:
            messages.success(request, "Votre demande est retirée. La Région en est avertie.")
            return HttpResponseRedirect(here)
    return render(request, "experts/needs/withdraw.html", {"need": found, "form": form}, status=_status(form))


def _may(request: HttpRequest, need: Need, name: str) -> bool:
    """Tell whether the page of a gesture opens; what is sent too late is received, and refused with what was typed."""
    may = reading.entitled if request.method == "POST" else reading.gestures
    return name in may(need, person(request))


def _status(form: Form) -> int:
    return 422 if form.is_bound else 200
