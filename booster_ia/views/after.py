"""The account of a project, as its organisation fills it, then reads it."""

import uuid
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from normandata.dossiers import presentation, questionnaires
from normandata.dossiers.forms import as_data, as_typed
from normandata.dossiers.questionnaires import Conflict
from normandata.dossiers.views.access import own, person
from normandata.procedure.errors import NotAllowed, NotDone

from ..after import Outcome
from ..after_forms import OutcomeForm
from ..awards import Award
from ..services import after as gestures


def _followed(request: HttpRequest, key: uuid.UUID) -> Award:
    """Return the notified grant of a dossier of this person's organisations; raises Http404."""
    award = gestures.followed(own(request, key))
    if award is None:
        raise Http404
    return award


def _form(award: Award, *args: Any, **kwargs: Any) -> OutcomeForm:
    return OutcomeForm(*args, declared=gestures.declared(award), starts_on=award.starts_on, **kwargs)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def outcome(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Show the account, or keep what was typed; « Envoyer » checks it, then freezes it."""
    award = _followed(request, key)
    if request.method != "POST":
        kept = gestures.outcome_of(award)
        return _page(request, award, kept, _form(award, initial=kept.answers if kept else None))
    typed = as_typed(request.POST, _form(award, request.POST))
    try:
        kept = gestures.save(award, typed, version=questionnaires.version_of(request), by=person(request))
        if "suite" in request.POST and _form(award, as_data(typed)).is_valid():
            gestures.send(award, by=person(request))
            said = "Votre bilan est envoyé à la Région. Merci."
            return presentation.done(request, said, reverse("dossiers:dossier", args=[key]))
    except Conflict as conflict:
        return _conflict(request, award, conflict.kept, typed)
    except NotDone as refusal:
        return _refused(request, award, refusal)
    return _saved(request, award, kept)


def _saved(request: HttpRequest, award: Award, kept: Outcome) -> HttpResponse:
    if questionnaires.is_autosave(request):
        return questionnaires.saved(kept)
    if "suite" not in request.POST:
        return HttpResponseRedirect(_address(award))
    return _page(request, award, kept, _form(award, as_data(kept.answers)), status=422)


def _conflict(request: HttpRequest, award: Award, kept: Outcome, typed: dict[str, Any]) -> HttpResponse:
    """Show both: what was just typed stays in the form, what was saved meanwhile is beside it."""
    if questionnaires.is_autosave(request):
        return questionnaires.conflicting(kept)
    more = {"other": kept, "other_lines": _form(award, as_data(kept.answers)).recap()}
    return _page(request, award, kept, _form(award, initial=typed), status=409, **more)


def _refused(request: HttpRequest, award: Award, refusal: NotDone) -> HttpResponse:
    if isinstance(refusal, NotAllowed):
        raise Http404 from refusal
    if questionnaires.is_autosave(request):
        return questionnaires.gone(refusal)
    return presentation.refused(request, refusal, _address(award))


def _address(award: Award) -> str:
    return reverse("booster_ia:outcome", args=[award.dossier.key])


def _page(
    request: HttpRequest, award: Award, kept: Outcome | None, form: OutcomeForm, *, status: int = 200, **more: Any
) -> HttpResponse:
    context = {
        "dossier": award.dossier,
        "award": award,
        "kept": kept,
        "form": form,
        "is_open": gestures.is_open(award),
        "trail": presentation.trail(award.dossier, "Bilan du projet"),
    }
    if kept is None or not kept.is_sent:
        return render(request, "booster_ia/after/outcome.html", context | more, status=status)
    context |= told(award, kept)
    return render(request, "booster_ia/after/sent.html", context, status=status)


def told(award: Award, kept: Outcome) -> dict[str, Any]:
    """Return what both sides read of an account that was sent: its indicators, and the rest in clear."""
    form = _form(award, as_data(kept.answers))
    skipped = {one.label for name, one in form.fields.items() if name.startswith(("valeur", "mot"))}
    return {
        "indicators": gestures.told(award),
        "lines": [(label, value) for label, value in form.recap() if label not in skipped],
    }
