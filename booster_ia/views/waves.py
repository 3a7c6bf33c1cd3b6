"""« Vagues »: the waves of the Booster IA, their days, their dossiers, what changed and why."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from normandata.dossiers import examination
from normandata.dossiers.models import INSTRUCTORS, Dossier
from normandata.dossiers.views.access import person
from normandata.dossiers.views.desk_access import keepers, scheme_readers
from normandata.procedure.errors import NotAllowed, NotDone
from normandata.procedure.models import Event

from ..desk_forms import WaveForm
from ..models import BoosterApplication
from ..services import scoring
from ..services import waves as services
from ..waves import Wave

MOST_EVENTS = 20
readers, managers = scheme_readers(services.SCHEME), keepers(services.may_manage)


@readers
def listing(request: HttpRequest) -> HttpResponse:
    """List the waves, the last to close first, with the number of their dossiers."""
    context = {
        "waves": Wave.objects.annotate(count=Count("applications")).order_by("-closing_on"),
        "may_manage": services.may_manage(person(request)),
        "may_send": person(request).holds(*INSTRUCTORS, scheme=services.SCHEME),
    }
    return render(request, "booster_ia/waves/waves.html", context)


@readers
def wave(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a wave: its days, the dossiers in it that this person may open, its changes."""
    found = get_object_or_404(Wave, pk=pk)
    mine = Dossier.objects.for_region(person(request)).filter(booster__wave=found)
    rows = mine.select_related("organisation", "booster").order_by("complete_on", "number")
    context = {
        "wave": found,
        "page": examination.paged(rows, request),
        "events": [(services.said(one), one) for one in Event.objects.about(found).select_related("by")[:MOST_EVENTS]],
        "may_manage": services.may_manage(person(request)),
        "may_send": person(request).holds(*INSTRUCTORS, scheme=services.SCHEME),
        "has_scoring": scoring.is_shown(scoring.panel_of(found), person(request)),
    }
    return render(request, "booster_ia/waves/wave.html", context)


@managers
def new(request: HttpRequest) -> HttpResponse:
    """Write a new wave."""
    form = WaveForm(_posted(request))
    page = {"title": "Nouvelle vague", "button": "Enregistrer la vague"}

    def gesture() -> None:
        services.open_wave(by=person(request), **form.values)

    return _answer(request, form, gesture, "La vague est enregistrée.", back=reverse("booster_ia:waves"), page=page)


@managers
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change the days of a wave."""
    found = get_object_or_404(Wave, pk=pk)
    inside = BoosterApplication.objects.filter(wave=found).count()
    form = WaveForm.of(found, _posted(request), has_dossiers=bool(inside))
    page = {"title": f"Modifier la {found.label}", "button": "Enregistrer", "count": inside}

    def gesture() -> None:
        services.change_wave(found, by=person(request), **form.values)

    return _answer(
        request, form, gesture, "La vague est modifiée.", back=reverse("booster_ia:wave", args=[pk]), page=page
    )


def _posted(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _answer(
    request: HttpRequest, form: WaveForm, gesture: Callable[[], Any], said: str, *, back: str, page: dict[str, Any]
) -> HttpResponse:
    """Make the gesture of a form and lead back; a refusal is shown beside what was typed."""
    if form.is_bound and form.is_valid():
        try:
            gesture()
        except NotAllowed as error:
            raise Http404 from error
        except NotDone as error:
            form.add_error("reason" if "reason" in form.fields else None, list(error.messages))
        except ValidationError as error:
            form.refuse(error)
        else:
            messages.success(request, said)
            return HttpResponseRedirect(back)
    context = {"form": form, "back": back, **page}
    return render(request, "booster_ia/waves/form.html", context, status=422 if form.errors else 200)
