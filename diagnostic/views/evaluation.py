"""The questionnaire and the follow-up at six months, as the structure fills them and as the Region reads them."""

import uuid
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from normandata.dossiers import examination, presentation, questionnaires
from normandata.dossiers.forms import as_data, as_typed
from normandata.dossiers.models import Dossier
from normandata.dossiers.questionnaires import Conflict
from normandata.dossiers.views.access import own, person
from normandata.dossiers.views.desk_access import readers
from normandata.procedure.errors import NotAllowed, NotDone

from .. import space
from ..evaluation import CONSENT, Evaluation, EvaluationForm, FollowUp, FollowUpForm, recap
from ..orders import Order
from ..services import evaluation as gestures
from ..services.evaluation import delivered_order


def _delivered(request: HttpRequest, key: uuid.UUID) -> Order:
    """Return the delivered order of a dossier of this person's organisations; raises Http404."""
    order = delivered_order(own(request, key))
    if order is None:
        raise Http404
    return order


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def evaluation(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Show the questionnaire, or keep what was typed; « Envoyer » checks it, then freezes it."""
    order = _delivered(request, key)
    if request.method != "POST":
        kept = Evaluation.objects.filter(order=order).first()
        return _page(request, order, kept, EvaluationForm(initial=kept.answers if kept else None))
    typed = as_typed(request.POST, EvaluationForm(request.POST))
    try:
        kept = gestures.save(order, typed, version=questionnaires.version_of(request), by=person(request))
        if "suite" in request.POST and EvaluationForm(as_data(typed)).is_valid():
            named = request.POST.get("accord") == "oui"
            gestures.send(order, may_be_named=named, by=person(request))
            back = reverse("dossiers:dossier", args=[key])
            return presentation.done(request, "Votre questionnaire est envoyé à la Région. Merci.", back)
    except Conflict as conflict:
        return _conflict(request, order, conflict.kept)
    except NotDone as refusal:
        return _refused(request, order, refusal)
    return _saved(request, order, kept)


def _saved(request: HttpRequest, order: Order, kept: Evaluation) -> HttpResponse:
    if questionnaires.is_autosave(request):
        return questionnaires.saved(kept)
    if "suite" not in request.POST:
        return HttpResponseRedirect(reverse("diagnostic:evaluation", args=[order.dossier.key]))
    return _page(request, order, kept, EvaluationForm(as_data(kept.answers)), status=422)


def _conflict(request: HttpRequest, order: Order, kept: Evaluation) -> HttpResponse:
    """Show both: what was just typed stays in the form, what was saved meanwhile is beside it."""
    if questionnaires.is_autosave(request):
        return questionnaires.conflicting(kept)
    typed = as_typed(request.POST, EvaluationForm(request.POST))
    more = {"other": kept, "other_lines": recap(kept.answers)}
    return _page(request, order, kept, EvaluationForm(initial=typed), status=409, **more)


def _refused(request: HttpRequest, order: Order, refusal: NotDone) -> HttpResponse:
    if isinstance(refusal, NotAllowed):
        raise Http404 from refusal
    if questionnaires.is_autosave(request):
        return questionnaires.gone(refusal)
    return presentation.refused(request, refusal, reverse("diagnostic:evaluation", args=[order.dossier.key]))


def _page(
    request: HttpRequest, order: Order, kept: Evaluation | None, form: EvaluationForm, *, status: int = 200, **more: Any
) -> HttpResponse:
    context = {
        "dossier": order.dossier,
        "order": order,
        "kept": kept,
        "form": form,
        "lines": recap(kept.answers) if kept and kept.is_sent else [],
        "consent": CONSENT,
        "is_agreed": request.POST.get("accord") == "oui",
        "trail": presentation.trail(order.dossier, "Questionnaire d’évaluation"),
    }
    template = "diagnostic/space/sent.html" if kept and kept.is_sent else "diagnostic/space/evaluation.html"
    return render(request, template, context | more, status=status)


@require_POST
def naming(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Give or take back the agreement to be named in feedback."""
    order = _delivered(request, key)
    agreed = request.POST.get("accord") == "oui"
    back = reverse("diagnostic:evaluation", args=[key])
    try:
        gestures.decide_naming(order, agreed, by=person(request))
    except NotDone as refusal:
        return presentation.refused(request, refusal, back)
    said = "Votre accord est enregistré." if agreed else "Votre structure ne sera pas nommée."
    return presentation.done(request, said, back)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def follow_up(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Ask what was done six months after the report; a later answer takes the place of the former."""
    order = _delivered(request, key)
    shown = space.after(order)
    form = FollowUpForm(request.POST if request.method == "POST" else None, initial=_said(shown["follow_up"]))
    back = reverse("dossiers:dossier", args=[key])
    if form.is_bound and form.is_valid():
        said = form.cleaned_data | {"has_acted": form.cleaned_data["has_acted"] == "oui"}
        try:
            gestures.answer_follow_up(order, by=person(request), **said)
        except NotDone as refusal:
            return presentation.refused(request, refusal, back)
        return presentation.done(request, "Votre réponse est envoyée à la Région. Merci.", back)
    trail = presentation.trail(order.dossier, "Six mois après")
    context = {"dossier": order.dossier, "order": order, "form": form, "trail": trail} | shown
    return render(request, "diagnostic/space/follow_up.html", context, status=422 if form.is_bound else 200)


def _said(last: FollowUp | None) -> dict[str, Any] | None:
    """Show the last answer as it was given."""
    if last is None:
        return None
    return {"has_acted": "oui" if last.has_acted else "non", "actions": last.actions, "what": last.what}


@require_safe
@readers
def feedback(request: HttpRequest, dossier: Dossier) -> HttpResponse:
    """Show the Region what the structure answered, for the monitoring and the feedback that annexe 3 foresees."""
    order = delivered_order(dossier)
    if order is None:
        raise Http404
    context = examination.head(request, dossier, person(request), "") | space.after(order) | {"order": order}
    kept = context["evaluation"]
    context["lines"] = recap(kept.answers) if kept and kept.is_sent else []
    return render(request, "diagnostic/space/feedback.html", context)
