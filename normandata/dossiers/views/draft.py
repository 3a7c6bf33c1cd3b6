"""Filling the form: one section a page, saved as it is typed."""

import contextlib
import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from normandata.procedure.errors import NotDone
from normandata.regulation.formats import spaced
from normandata.ui.templatetags.nd import hour

from .. import drafts, presentation
from ..drafts import FormState, SectionState
from ..forms import Typed, as_data, as_typed
from ..models import Dossier
from ..services import drafts as gestures
from ..services.drafts import Conflict
from .access import own, person

AUTOSAVE = "autosave"
ELSEWHERE = "Cette section ne concerne plus votre demande : le type de structure a changé. Vos réponses y sont gardées."


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def section(request: HttpRequest, key: uuid.UUID, slug: str) -> HttpResponse:
    """Show a section, or save it; valid or not, what was typed is kept."""
    dossier = own(request, key)
    form = drafts.read(dossier)
    state = form.section(slug)
    if state is None:
        return _not_concerned(request, form, slug)
    if request.method != "POST":
        return _live(request, state) or _page(request, form, state)
    typed = _typed(request, state)
    try:
        gestures.save_section(dossier, slug, typed, version=_version(request), by=person(request))
    except Conflict as conflict:
        return _conflict(request, form, state, typed, conflict)
    except NotDone as refusal:
        return _refused(request, form, state, refusal)
    return _saved(request, dossier, slug)


def _not_concerned(request: HttpRequest, form: FormState, slug: str) -> HttpResponse:
    """Keep what was typed in a page left open while another one took its section out of the request."""
    dossier, section = form.dossier, form.application.section(slug)
    if section is None:
        raise Http404
    if request.method == "POST":
        typed = as_typed(request.POST, section.form_class(request.POST, context=form.context))
        with contextlib.suppress(Conflict, NotDone):
            gestures.save_section(dossier, slug, typed, version=_version(request), by=person(request))
    if request.headers.get("X-Requested-With") == AUTOSAVE:
        return JsonResponse({"message": spaced(ELSEWHERE)}, status=410)
    messages.warning(request, f"« {section.title} » : {ELSEWHERE[0].lower()}{ELSEWHERE[1:]}")
    return HttpResponseRedirect(reverse("dossiers:dossier", args=[dossier.key]))


def _live(request: HttpRequest, state: SectionState) -> HttpResponse | None:
    """Draw again what a section computes from its answers, when its page asks for that alone."""
    if not (state.form.live_template and request.headers.get("HX-Request")):
        return None
    return render(request, state.form.live_template, {"state": state, "is_live": True})


def _typed(request: HttpRequest, state: SectionState) -> Typed:
    """Return what is to be kept: what was sent, what is aside, and what the portal finds out of it by itself."""
    sent = as_typed(request.POST, _typed_form(state, request))
    return state.aside | dict(state.section.form_class.completed(sent, state.answers))


def _typed_form(state: SectionState, request: HttpRequest) -> Any:
    """Build the form from what was sent, so that rows added to a table are among its fields."""
    return state.section.form_class(request.POST, context=state.form.context)


def _version(request: HttpRequest) -> int:
    version = request.POST.get("version", "0")
    return int(version) if version.isdecimal() and len(version) < 9 else 0


def _saved(request: HttpRequest, dossier: Dossier, slug: str) -> HttpResponse:
    form = drafts.read(Dossier.objects.select_related("organisation").get(pk=dossier.pk))
    state = form.section(slug)
    if state is None or state.row is None:
        raise Http404
    if request.headers.get("X-Requested-With") == AUTOSAVE:
        task = presentation.task(form, state)
        return JsonResponse(
            {
                "version": state.version,
                "saved": f"Enregistré à {hour(state.row.saved_at)}",
                "fill": str(state.fill),
                "tag": task.label,
                "left": form.left,
            }
        )
    if "suite" in request.POST and state.fill is drafts.Fill.FILLED:
        return HttpResponseRedirect(presentation.after(form, slug))
    if "suite" not in request.POST:
        kept = request.POST.get("garder", "")
        place = f"#{kept}" if kept in state.form.anchors else ""
        return HttpResponseRedirect(f"{reverse('dossiers:section', args=[dossier.key, slug])}{place}")
    return _page(request, form, state, is_checked=True)


def _conflict(
    request: HttpRequest, form: FormState, state: SectionState, typed: Typed, conflict: Conflict
) -> HttpResponse:
    kept = conflict.kept
    if request.headers.get("X-Requested-With") == AUTOSAVE:
        return JsonResponse(
            {"conflict": f"Cette section a été modifiée ailleurs à {hour(kept.saved_at)}.", "version": kept.version},
            status=409,
        )
    context = presentation.frame(form, state) | {
        "kept": kept,
        "differences": presentation.differences(state, typed, kept.answers),
        "typed": [(name, value) for name, values in as_data(typed).lists() for value in values],
    }
    return render(request, "dossiers/applicant/conflict.html", context, status=409)


def _refused(request: HttpRequest, form: FormState, state: SectionState, refusal: NotDone) -> HttpResponse:
    if request.headers.get("X-Requested-With") == AUTOSAVE:
        return JsonResponse({"message": " ".join(refusal.messages)}, status=410)
    typed = _typed_form(state, request)
    context = presentation.frame(form, state) | {"form": typed, "refusals": refusal.messages, "is_locked": True}
    return render(request, "dossiers/applicant/section.html", context, status=409)


def _page(request: HttpRequest, form: FormState, state: SectionState, *, is_checked: bool = False) -> HttpResponse:
    """Draw a section: errors are shown of what was sent to be checked, not of what is still being filled."""
    slug = state.section.slug
    shown = state.form if is_checked else presentation.unchecked(state)
    context = presentation.frame(form, state) | {
        "form": shown,
        "is_locked": not gestures.may_change(form.dossier, f"section:{slug}"),
        "now": timezone.now(),
    }
    template = [f"{form.dossier.scheme}/sections/{slug}.html", "dossiers/applicant/section.html"]
    return render(request, template, context)
