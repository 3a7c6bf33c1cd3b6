"""The Region's pages of the cœur expert: the list of requests, one of them, and each gesture on it."""

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from normandata.dossiers.views.access import person
from normandata.procedure.errors import NotDone
from normandata.ui.forms import Form

from .. import need_conduct
from .. import need_reading as reading
from ..models import Agreement, Expert, Need
from ..need_forms import HoldForm, OutcomeForm, ReasonForm, ScheduleForm, SolicitForm
from ..need_workflow import ENDED, TURNS
from ..services import needs
from .access import directory_reader
from .needs import told

PER_PAGE = 30
VIEWS = {"en-cours": "En cours", "closes": "Closes", "toutes": "Toutes"}
Done = Callable[[Any], object]


def followed(request: HttpRequest, key: uuid.UUID) -> Need:
    """Return a request that the Region follows, for one of its readers who is not its requester; raises Http404."""
    rows = Need.objects.for_region(directory_reader(request)).filter(key=key)
    found = rows.select_related("organisation", "asked_by", "handled_by", "wished").first()
    if found is None:
        raise Http404
    return found


@require_safe
@never_cache
def listed(request: HttpRequest) -> HttpResponse:
    """List the requests, those that wait for the Region first, the longest waits before the others."""
    found = Need.objects.for_region(directory_reader(request))
    chosen = {"voir": request.GET.get("voir", ""), "tour": request.GET.get("tour", "")}
    typed = " ".join(request.GET.get("q", "").replace("\x00", "").split())[:100]
    chosen["voir"] = chosen["voir"] if chosen["voir"] in VIEWS else "en-cours"
    if chosen["voir"] != "toutes":
        found = found.open() if chosen["voir"] == "en-cours" else found.filter(state__in=ENDED)
    if chosen["tour"] in TURNS:
        found = found.filter(turn=chosen["tour"])
    page = Paginator(found.matching(typed).awaited_first().with_people(), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": reading.rows(page, is_desk=True),
        "chosen": chosen,
        "typed": typed,
        "views": VIEWS.items(),
        "turns": TURNS.items(),
    }
    return render(request, "experts/needs/desk.html", context)


@require_safe
@never_cache
def need(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Show a request, its experts, its journal, and what may be done now."""
    found = followed(request, key)
    context = {
        "need": found,
        "address": need_conduct.address(found),
        "state": found.standing,
        "turn": TURNS[found.turn],
        "introductions": found.introductions.select_related("expert", "asked_by"),
        "acts": reading.acts(found),
        "can": reading.gestures(found, person(request)),
    }
    return render(request, "experts/needs/desk_need.html", context)


def acted(
    request: HttpRequest, found: Need, form: Form, gesture: Done, said: str, template: str, **more: str
) -> HttpResponse:
    """Do a gesture once its form is right; otherwise draw its page, with what was typed and why it was refused."""
    here = reverse("experts:desk_need", args=[found.key])
    if form.is_bound and form.is_valid():
        try:
            gesture(form)
        except NotDone as error:
            told(form, error)
        else:
            messages.success(request, said)
            return HttpResponseRedirect(here)
    context = {"need": found, "form": form, **more}
    return render(request, template, context, status=422 if form.is_bound else 200)


def doable(request: HttpRequest, key: uuid.UUID, *names: str) -> Need:
    """Return a request on which this agent may do one of the gestures now; raises Http404.

    What is sent after somebody else's gesture is still received: the refusal comes with what was typed.
    """
    found = followed(request, key)
    may = reading.entitled if request.method == "POST" else reading.gestures
    if not may(found, person(request)) & set(names):
        raise Http404
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def schedule(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Fix the first exchange, or put it off."""
    found = doable(request, key, "schedule")
    known = {"day": found.exchange_at, "place": found.exchange_place}
    form = ScheduleForm(request.POST if request.method == "POST" else None, initial=known)

    def gesture(form: ScheduleForm) -> None:
        needs.schedule(found, by=person(request), **form.cleaned_data)

    said = "Le premier échange est fixé. Le porteur du besoin en est averti."
    return acted(request, found, form, gesture, said, "experts/needs/schedule.html")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def hold(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Report the first exchange: technology, delays, costs, partnership."""
    found = doable(request, key, "hold")
    form = HoldForm(request.POST if request.method == "POST" else None)

    def gesture(form: HoldForm) -> None:
        needs.hold(found, held_on=form.cleaned_data["held_on"], found=form.found, by=person(request))

    said = "Le compte rendu est enregistré. Le porteur du besoin peut le lire."
    return acted(request, found, form, gesture, said, "experts/needs/hold.html")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def solicit(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Choose the experts who are asked; a word typed narrows those offered, and loses none of those ticked."""
    found = doable(request, key, "seek", "seek_more")
    is_sent = request.method == "POST" and "chercher" not in request.POST
    typed = " ".join(request.POST.get("q", "").replace("\x00", "").split())[:100]
    asked = found.introductions.exclude(state="dropped").values("expert")
    form = SolicitForm(
        request.POST if is_sent else None,
        initial={"experts": request.POST.getlist("experts"), "message": request.POST.get("message", "")},
        experts=Expert.objects.agreeing(Agreement.Kind.INTRODUCED).exclude(pk__in=asked),
        typed=typed,
        wished=None if request.method == "POST" else found.wished_id,
    )

    def gesture(form: SolicitForm) -> None:
        said = form.cleaned_data
        needs.solicit(found, list(said["experts"]), message=said["message"], by=person(request))

    done = "Les experts choisis sont sollicités."
    return acted(request, found, form, gesture, done, "experts/needs/solicit.html", typed=typed)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def release(request: HttpRequest, key: uuid.UUID, pk: int) -> HttpResponse:
    """Stop waiting for an expert."""
    found = doable(request, key, "conclude")
    offers = found.introductions if request.method == "POST" else found.introductions.pending()
    offer = offers.select_related("expert__user").filter(pk=pk).first()
    if offer is None:
        raise Http404
    form = ReasonForm(request.POST if request.method == "POST" else None, read_by="l’expert")

    def gesture(form: ReasonForm) -> None:
        needs.release(offer, reason=form.cleaned_data["reason"], by=person(request))

    return acted(request, found, form, gesture, "Cet expert n’est plus attendu.", "experts/needs/release.html")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def conclude(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Close a request with what followed."""
    found = doable(request, key, "conclude")
    form = OutcomeForm(request.POST if request.method == "POST" else None)

    def gesture(form: OutcomeForm) -> None:
        needs.conclude(found, by=person(request), **form.cleaned_data)

    said = "La demande est close. Le porteur du besoin et les experts en sont avertis."
    return acted(request, found, form, gesture, said, "experts/needs/conclude.html")
