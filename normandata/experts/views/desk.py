"""The agents' pages: a dossier's opinions, a question asked, put off, given up; what the organisation reads."""

import uuid

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from normandata.dossiers import delays, examination
from normandata.dossiers.models import Dossier
from normandata.dossiers.views.access import own, person
from normandata.dossiers.views.desk_access import done, instructors, readers, refused
from normandata.procedure.errors import NotAllowed, NotDone, NotNow

from .. import permissions
from ..forms import AskForm, CancelForm, ExtendForm
from ..models import Opinion
from ..reading import opinions_of
from ..services import opinions

FIELDS = (("date limite", "due_on"), ("expert", "expert"), ("question", "question"), ("pièce", "pieces"))
"""Which field a refusal speaks of, by its words."""
PAGE = "experts:opinions"


@require_safe
@readers
def listed(request: HttpRequest, dossier: Dossier) -> HttpResponse:
    """List the opinions asked on a dossier, for the Region's readers."""
    context = examination.head(request, dossier, person(request), PAGE)
    context["opinions"] = opinions_of(dossier, person(request))
    return render(request, "experts/desk/opinions.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@instructors
def ask(request: HttpRequest, dossier: Dossier) -> HttpResponse:
    """Choose an expert, write the question, open pieces, say who will read the answer."""
    if not permissions.can_ask(person(request), dossier):
        raise Http404
    data = request.POST if request.method == "POST" else None
    deposit = dossier.deposits.get(version=dossier.version)
    form = AskForm(data, deposit=deposit, due_on=delays.correction_deadline(timezone.localdate()))
    if data is not None and form.is_valid():
        try:
            asked(request, dossier, form)
        except NotAllowed as error:
            raise Http404 from error
        except NotNow as error:
            return refused(request, dossier, error)
        except NotDone as error:
            tell(form, error)
        else:
            return done(request, dossier, "La question est envoyée à l’expert.", name=PAGE)
    context = examination.head(request, dossier, person(request), "") | {"form": form, "deposit": deposit}
    return render(request, "experts/desk/ask.html", context, status=200 if data is None else 422)


def asked(request: HttpRequest, dossier: Dossier, form: AskForm) -> Opinion:
    """Ask the question that a form holds."""
    said = form.cleaned_data
    return opinions.ask(
        dossier,
        expert=said["expert"],
        question=said["question"],
        version=said["version"],
        pieces=said.get("pieces", []),
        due_on=said["due_on"],
        is_confidential=said["sharing"] == "agents",
        by=person(request),
    )


def tell(form: AskForm, error: NotDone) -> None:
    """Write each refusal beside the field it speaks of."""
    for sentence in error.messages:
        field = next((name for words, name in FIELDS if words in sentence.lower() and name in form.fields), None)
        form.add_error(field, sentence)


@require_http_methods(["GET", "HEAD", "POST"])
@instructors
def cancel(request: HttpRequest, dossier: Dossier, pk: int) -> HttpResponse:
    """Give a question up, with a reason that the expert reads."""
    opinion = manageable(request, dossier, pk)
    form = CancelForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            opinions.cancel(opinion, by=person(request), reason=form.cleaned_data["reason"])
        except NotDone as error:
            return refused(request, dossier, error)
        return done(request, dossier, "La demande d’avis est annulée. L’expert en est averti.", name=PAGE)
    return gesture(request, dossier, opinion, form, "experts/desk/cancel.html")


@require_http_methods(["GET", "HEAD", "POST"])
@instructors
def extend(request: HttpRequest, dossier: Dossier, pk: int) -> HttpResponse:
    """Put the last day off."""
    opinion = manageable(request, dossier, pk)
    form = ExtendForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            opinions.extend(opinion, due_on=form.cleaned_data["due_on"], by=person(request))
        except (NotAllowed, NotNow) as error:
            return refused(request, dossier, error)
        except NotDone as error:
            form.add_error("due_on", list(error.messages))
        else:
            return done(request, dossier, "L’expert a plus de temps. Il en est averti.", name=PAGE)
    return gesture(request, dossier, opinion, form, "experts/desk/extend.html")


def manageable(request: HttpRequest, dossier: Dossier, pk: int) -> Opinion:
    """Return a question of a dossier for an agent who may act on it; raises Http404."""
    rows = Opinion.objects.filter(dossier=dossier, pk=pk).visible_to(person(request))
    found = rows.select_related("expert__user", "dossier__organisation").first()
    if found is None or not permissions.can_manage(person(request), found):
        raise Http404
    return found


def gesture(request: HttpRequest, dossier: Dossier, opinion: Opinion, form: forms.Form, template: str) -> HttpResponse:
    """Draw the page of a gesture; on a question that is closed, say so."""
    if not opinion.is_open:
        return refused(request, dossier, NotNow("Cette demande d’avis n’attend plus de réponse."))
    context = examination.head(request, dossier, person(request), "") | {"form": form, "opinion": opinion}
    return render(request, template, context, status=422 if form.is_bound else 200)


@require_safe
@never_cache
def shared(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Show an organisation the opinions shared with it; without any, there is no such page."""
    dossier = own(request, key)
    found = opinions_of(dossier, person(request))
    if not found.shown:
        raise Http404
    trail = [(dossier.number, reverse("dossiers:dossier", args=[dossier.key])), ("Avis d’expert", "")]
    context = {"dossier": dossier, "opinions": found, "trail": trail}
    return render(request, "experts/space/shared.html", context)
