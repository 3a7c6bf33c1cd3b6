"""The directory of experts: who may be asked, what they agreed to, and what proves it."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from normandata.procedure.errors import NotAllowed, NotDone
from normandata.procedure.models import Event
from normandata.ui.forms import Form

from .. import permissions
from ..forms import AgreementForm, ExpertForm
from ..listing_forms import ListingForm
from ..models import Agreement, Expert, Listing
from ..services import directory
from .access import directory_keeper, directory_reader, entry

PER_PAGE = 30
MOST_ACTS = 30
ACTS = {
    "expert_added": "Ajouté à l’annuaire",
    "expert_changed": "Fiche modifiée",
    "agreement_recorded": "Accord enregistré",
    "agreement_withdrawn": "Accord retiré",
    "expert_joined": "Espace ouvert par l’expert",
    "listing_chosen": "Fiche de l’annuaire public choisie",
}


@require_safe
@never_cache
def experts(request: HttpRequest) -> HttpResponse:
    """List the experts; the words typed are looked for in their name, structure and skills."""
    user = directory_reader(request)
    typed = " ".join(request.GET.get("q", "").replace("\x00", "").split())[:100]
    found = Expert.objects.matching(typed).with_agreements().order_by("name", "pk")
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "typed": typed, "can_keep": permissions.keeps_directory(user)}
    return render(request, "experts/directory/experts.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def add(request: HttpRequest) -> HttpResponse:
    """Write an expert in the directory."""
    user = directory_keeper(request)
    form = ExpertForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            expert = directory.add(**form.cleaned_data, by=user)
        except NotDone as error:
            told(form, error, "email")
        else:
            messages.success(request, "L’expert est dans l’annuaire. Enregistrez maintenant ce qu’il a accepté.")
            return HttpResponseRedirect(reverse("experts:expert", args=[expert.pk]))
    return render(request, "experts/directory/add.html", {"form": form}, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def expert(request: HttpRequest, pk: int) -> HttpResponse:
    """Show an expert and what was agreed to; put the entry right."""
    user = directory_keeper(request)
    found = entry(pk)
    if request.method != "POST":
        return shown(request, found)
    form = ExpertForm.of(found, request.POST)
    if form.is_valid():
        try:
            directory.change(found, **form.cleaned_data, by=user)
        except NotDone as error:
            told(form, error, "organisation" if "structure seule" in str(error) else "email")
        else:
            return done(request, found, "La fiche est enregistrée.")
    return shown(request, found, status=422, form=form)


@require_POST
def agree(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """Record an agreement, with its day and its proof."""
    user = directory_keeper(request)
    found, form = entry(pk), AgreementForm(request.POST, auto_id=f"{kind}_%s")
    if kind not in Agreement.Kind.values:
        raise Http404
    if form.is_valid():
        try:
            directory.record_agreement(found, Agreement.Kind(kind), by=user, **form.cleaned_data)
        except NotDone as error:
            told(form, error, "given_on")
        else:
            return done(request, found, "L’accord est enregistré.")
    return shown(request, found, status=422, kind=kind, agreement=form)


@require_POST
def withdraw(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """End an agreement."""
    user = directory_keeper(request)
    found = entry(pk)
    if kind not in Agreement.Kind.values:
        raise Http404
    try:
        directory.withdraw_agreement(found, Agreement.Kind(kind), by=user)
    except NotDone as error:
        for sentence in error.messages:
            messages.error(request, sentence)
        return HttpResponseRedirect(reverse("experts:expert", args=[found.pk]))
    return done(request, found, "L’accord est retiré à compter d’aujourd’hui.")


@require_POST
def show_publicly(request: HttpRequest, pk: int) -> HttpResponse:
    """Write what an expert chose to show in the public directory, once their agreement is recorded."""
    user = directory_keeper(request)
    found, form = entry(pk), ListingForm(request.POST)
    if form.is_valid():
        try:
            directory.list_publicly(found, by=user, **form.chosen)
        except NotDone as error:
            told(form, error, "shown")
        else:
            return done(request, found, "La fiche est dans l’annuaire public.")
    return shown(request, found, status=422, listing=form)


def shown(
    request: HttpRequest,
    found: Expert,
    *,
    status: int = 200,
    form: ExpertForm | None = None,
    kind: str = "",
    agreement: AgreementForm | None = None,
    listing: ListingForm | None = None,
) -> HttpResponse:
    """Draw the page of an expert; a form that was refused takes the place of the empty one."""
    standing = {one.kind: one for one in found.agreements.standing().select_related("recorded_by")}
    rows = [
        (one, standing.get(one.value), agreement if one == kind and agreement else AgreementForm(auto_id=f"{one}_%s"))
        for one in Agreement.Kind
    ]
    current = Listing.objects.public().filter(agreement__expert=found).first()
    events = Event.objects.about(found).select_related("by")[:MOST_ACTS]
    context: dict[str, Any] = {
        "expert": found,
        "entry": form or ExpertForm.of(found),
        "form": next((one for one in (form, agreement, listing) if one is not None), None),
        "listing": current,
        "listing_form": listing or ListingForm.of(current),
        "rows": rows,
        "acts": [(_title(event), event) for event in events],
    }
    return render(request, "experts/directory/expert.html", context, status=status)


def _title(event: Event) -> str:
    """Name an act of the directory, with the agreement it is about."""
    kind = event.data.get("kind", "")
    label = f" : {Agreement.Kind(kind).label.lower()}" if kind in Agreement.Kind.values else ""
    return ACTS.get(event.name, event.name) + label


def done(request: HttpRequest, found: Expert, sentence: str) -> HttpResponse:
    messages.success(request, sentence)
    return HttpResponseRedirect(reverse("experts:expert", args=[found.pk]))


def told(form: Form, error: NotDone, field: str) -> None:
    """Write a refusal beside the field it speaks of; what a person may not do does not exist."""
    if isinstance(error, NotAllowed):
        raise Http404
    form.add_error(field, list(error.messages))
