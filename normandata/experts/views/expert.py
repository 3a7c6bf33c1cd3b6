"""The expert's space: the questions asked, the declaration that comes first, the opinion written and given."""

import uuid

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from normandata.accounts.models import Role
from normandata.dossiers.views.access import person
from normandata.procedure.errors import NotDone

from .. import reading
from ..forms import ConflictForm
from ..models import Agreement, Expert, Introduction, Listing, Opinion
from ..need_forms import ReasonForm
from ..services import directory, opinions
from .access import question as asked
from .answer import refused, shown

PER_PAGE = 30
MOST_MEETINGS = 50
"""Introductions shown at once, those that wait first."""


@require_safe
@never_cache
def questions(request: HttpRequest) -> HttpResponse:
    """List the questions asked of this person, those that wait first."""
    user = person(request)
    if not user.holds(Role.EXPERT):
        if directory.expecting(user):
            return HttpResponseRedirect(reverse("experts:welcome"))
        raise Http404
    rows = Opinion.objects.asked_of(user).select_related("dossier__organisation", "expert")
    page = Paginator(rows.order_by("closed_at", "due_on", "pk"), PER_PAGE).get_page(request.GET.get("page"))
    expert = Expert.objects.with_agreements().filter(user=user).first()
    meetings = Introduction.objects.asked_of(user).select_related("need__organisation").order_by("answered_at", "pk")
    given = {one.kind for one in expert.given} if expert else set()  # type: ignore[attr-defined]
    context = {
        "page": page,
        "cards": reading.cards(page),
        "expert": expert,
        "meetings": meetings[:MOST_MEETINGS],
        "listing": Listing.objects.public().with_domains().filter(agreement__expert__user=user).first(),
        "refused": [kind for kind in Agreement.Kind if kind not in given],
    }
    return render(request, "experts/space/questions.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def welcome(request: HttpRequest) -> HttpResponse:
    """Open the space of an expert whom the directory knows by the address of this account."""
    user = person(request)
    expert = directory.expecting(user)
    if request.method == "POST":
        try:
            directory.join(user)
        except NotDone as error:
            raise Http404 from error
        return HttpResponseRedirect(reverse("experts:questions"))
    if expert is None:
        raise Http404
    return render(request, "experts/space/welcome.html", {"expert": expert})


@require_POST
def withdraw(request: HttpRequest, kind: str) -> HttpResponse:
    """Take one's agreement back."""
    expert = Expert.objects.filter(user=person(request)).first()
    if expert is None or not person(request).holds(Role.EXPERT) or kind not in Agreement.Kind.values:
        raise Http404
    try:
        directory.withdraw_agreement(expert, Agreement.Kind(kind), by=person(request))
    except NotDone as error:
        return refused(request, error, reverse("experts:questions"))
    messages.success(request, "Votre accord est retiré à compter d’aujourd’hui.")
    return HttpResponseRedirect(reverse("experts:questions"))


@require_safe
@never_cache
def question(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Show a question: the declaration first, then the version, the pieces and the opinion, at the end the answer."""
    user = person(request)
    if not user.holds(Role.EXPERT) and directory.expecting(user):
        return HttpResponseRedirect(reverse("experts:welcome"))
    return shown(request, asked(request, key))


@require_POST
def declare(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Keep the declaration: no conflict opens the request, a conflict closes the question."""
    opinion, form = asked(request, key), ConflictForm(request.POST)
    here = reverse("experts:question", args=[key])
    if not form.is_valid():
        return shown(request, opinion, status=422, conflict=form)
    try:
        if form.cleaned_data["conflict"] == "non":
            opinions.declare_no_conflict(opinion, by=person(request))
        else:
            opinions.declare_conflict(opinion, by=person(request), reason=form.cleaned_data["reason"])
            messages.success(request, "Merci de l’avoir dit. La question est close, la Région en est avertie.")
    except NotDone as error:
        return refused(request, error, here)
    return HttpResponseRedirect(here)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def decline(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Decline to answer, after a confirmation."""
    opinion = asked(request, key)
    here = reverse("experts:question", args=[key])
    form = ReasonForm(request.POST if request.method == "POST" else None, read_by="les agents seulement")
    if form.is_bound and form.is_valid():
        try:
            opinions.decline(opinion, by=person(request), reason=form.cleaned_data["reason"])
        except NotDone as error:
            return refused(request, error, here)
        messages.success(request, "Vous avez décliné. La Région en est avertie.")
        return HttpResponseRedirect(here)
    if not opinion.is_open:
        return HttpResponseRedirect(here)
    context = {"opinion": opinion, "dossier": opinion.dossier, "form": form}
    return render(request, "experts/space/decline.html", context, status=422 if form.is_bound else 200)
