"""The expert's side of the cœur expert: an introduction offered, accepted or declined; agreements; the public entry."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from normandata.accounts.models import Role
from normandata.dossiers.views.access import person
from normandata.procedure.errors import NotDone

from .. import need_conduct
from ..listing_forms import ListingForm
from ..models import Agreement, Expert, Introduction, Listing
from ..need_forms import ReasonForm
from ..services import directory, needs
from .answer import refused
from .directory import told


def offered(request: HttpRequest, key: uuid.UUID) -> Introduction:
    """Return an introduction offered to this person; raises Http404."""
    rows = Introduction.objects.asked_of(person(request)).filter(key=key)
    found = rows.select_related("need__organisation", "need__asked_by", "expert__user").first()
    if found is None:
        raise Http404
    return found


def myself(request: HttpRequest) -> Expert:
    """Return the expert who is there; raises Http404."""
    found = Expert.objects.filter(user=person(request)).first()
    if found is None or not person(request).holds(Role.EXPERT):
        raise Http404
    return found


@require_safe
@never_cache
def introduction(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Show the need to the expert who is asked; contacts are given once they accept, while the request is open."""
    user = person(request)
    if not user.holds(Role.EXPERT) and directory.expecting(user):
        return HttpResponseRedirect(reverse("experts:welcome"))
    found = offered(request, key)
    context = {
        "introduction": found,
        "need": found.need,
        "address": need_conduct.address(found.need),
        "state": found.standing,
        "is_readable": found.is_pending or found.is_accepted,
        "has_contact": found.is_accepted and found.need.is_open,
    }
    return render(request, "experts/space/introduction.html", context)


@require_POST
def accept(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Accept to meet the requester."""
    found, here = offered(request, key), reverse("experts:introduction", args=[key])
    try:
        needs.accept(found, by=person(request))
    except NotDone as error:
        return refused(request, error, here)
    messages.success(request, "Merci. Voici qui joindre ; vos coordonnées viennent de lui être données.")
    return HttpResponseRedirect(here)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def decline(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Decline a meeting, after a confirmation."""
    found, here = offered(request, key), reverse("experts:introduction", args=[key])
    form = ReasonForm(request.POST if request.method == "POST" else None, read_by="les agents seulement")
    if form.is_bound and form.is_valid():
        try:
            needs.decline(found, by=person(request), reason=form.cleaned_data["reason"])
        except NotDone as error:
            return refused(request, error, here)
        messages.success(request, "Vous avez décliné. La Région en est avertie.")
        return HttpResponseRedirect(here)
    if not found.is_pending:
        return HttpResponseRedirect(here)
    context = {"introduction": found, "need": found.need, "form": form}
    return render(request, "experts/space/decline_introduction.html", context, status=422 if form.is_bound else 200)


@require_POST
def agree(request: HttpRequest, kind: str) -> HttpResponse:
    """Give an agreement from one's own space; to be listed is given with what is shown."""
    expert = myself(request)
    if kind not in (Agreement.Kind.ASKED, Agreement.Kind.INTRODUCED):
        raise Http404
    try:
        directory.agree_oneself(expert, Agreement.Kind(kind), by=person(request))
    except NotDone as error:
        return refused(request, error, reverse("experts:questions"))
    messages.success(request, "Votre accord est enregistré. Vous pouvez le retirer à tout moment.")
    return HttpResponseRedirect(reverse("experts:questions"))


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def listing(request: HttpRequest) -> HttpResponse:
    """Choose what the public directory shows of oneself: that is to agree to be listed."""
    expert = myself(request)
    current = Listing.objects.public().with_domains().filter(agreement__expert=expert).first()
    form = ListingForm.of(current, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            directory.list_publicly(expert, by=person(request), **form.chosen)
        except NotDone as error:
            told(form, error, "shown")
        else:
            messages.success(request, "Votre fiche est dans l’annuaire public. Vous pouvez l’en retirer à tout moment.")
            return HttpResponseRedirect(reverse("experts:questions"))
    context = {"expert": expert, "form": form, "listing": current}
    return render(request, "experts/space/listing.html", context, status=422 if form.is_bound else 200)
