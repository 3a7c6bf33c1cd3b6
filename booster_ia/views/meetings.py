"""The agents' pages of a meeting with the carrier, and its calendar file."""

import uuid
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from normandata.dossiers import examination
from normandata.dossiers.models import Dossier
from normandata.dossiers.views.access import person, readable
from normandata.dossiers.views.desk_access import done, instructors, refused
from normandata.procedure.errors import NotAllowed, NotDone
from normandata.scoring.posted import whole
from normandata.ui import agenda
from normandata.ui.forms import RowForm

from ..desk_forms import CancelForm, MeetingForm
from ..meetings import Meeting
from ..services import meetings as services

FORM = require_http_methods(["GET", "HEAD", "POST"])


@FORM
@instructors
def new(request: HttpRequest, dossier: Dossier) -> HttpResponse:
    """Fix a meeting."""
    _check(dossier)
    form = MeetingForm.new(_posted(request), who=str(person(request)))
    if form.is_bound and form.is_valid():
        try:
            services.arrange(dossier, by=person(request), **form.cleaned_data)
        except (NotDone, ValidationError) as error:
            _refuse(form, error)
        else:
            return done(request, dossier, "La rencontre est fixée. La structure en est prévenue.", anchor="rencontres")
    return _show(request, dossier, form, "booster_ia/desk/meeting.html")


@FORM
@instructors
def edit(request: HttpRequest, dossier: Dossier, pk: int) -> HttpResponse:
    """Move a meeting, or write its notes; what another page saved meanwhile is never overwritten in silence."""
    meeting = _of(dossier, pk)
    form = MeetingForm.of(meeting, _posted(request))
    if form.is_bound and form.is_valid():
        try:
            services.change(meeting, by=person(request), revision=whole(request.POST, "version"), **form.cleaned_data)
        except services.Stale as error:
            return _conflict(request, dossier, form, error.kept)
        except (NotDone, ValidationError) as error:
            _refuse(form, error)
        else:
            return done(request, dossier, "La rencontre est enregistrée.", anchor="rencontres")
    return _show(request, dossier, form, "booster_ia/desk/meeting.html", meeting)


@FORM
@instructors
def cancel(request: HttpRequest, dossier: Dossier, pk: int) -> HttpResponse:
    """Cancel a meeting, with a reason that the organisation reads."""
    meeting = _of(dossier, pk)
    form = CancelForm(_posted(request))
    if form.is_bound and form.is_valid():
        try:
            services.cancel(meeting, by=person(request), reason=form.cleaned_data["reason"])
        except NotDone as error:
            return refused(request, dossier, error)
        return done(request, dossier, "La rencontre est annulée. La structure en est prévenue.", anchor="rencontres")
    return _show(request, dossier, form, "booster_ia/desk/meeting_cancel.html", meeting)


@require_safe
@never_cache
def calendar_file(request: HttpRequest, key: uuid.UUID, pk: int) -> HttpResponse:
    """Send the calendar file of a meeting to either side; one that was cancelled takes it out of the calendar."""
    dossier = readable(request, key)
    meeting = get_object_or_404(Meeting, pk=pk, dossier=dossier)
    text = agenda.event(
        uid=f"rencontre-{meeting.pk}@{urlsplit(settings.SITE_URL).hostname}",
        sequence=meeting.changes,
        made_at=meeting.at,
        begins_at=meeting.begins_at,
        ends_at=meeting.ends_at,
        summary=f"Booster IA, {dossier.number} : rencontre avec la Région Normandie",
        place=meeting.place,
        link=meeting.link,
        is_cancelled=meeting.cancelled_at is not None,
    )
    return agenda.answer(text, f"rencontre-{dossier.number}")


def _check(dossier: Dossier) -> None:
    if dossier.scheme != "booster_ia":
        raise Http404


def _of(dossier: Dossier, pk: int) -> Meeting:
    return get_object_or_404(Meeting.objects.standing(), pk=pk, dossier=dossier)


def _posted(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _refuse(form: RowForm, error: NotDone | ValidationError) -> None:
    """Say a refusal beside what was typed; what a person may not do does not exist."""
    if isinstance(error, NotAllowed):
        raise Http404 from error
    if isinstance(error, ValidationError):
        form.refuse(error)
    else:
        form.add_error(None, list(error.messages))


def _conflict(request: HttpRequest, dossier: Dossier, form: MeetingForm, kept: Meeting) -> HttpResponse:
    """Show what was typed beside what another page saved, for a choice."""
    context = examination.head(request, dossier, person(request), "") | {
        "meeting": kept,
        "differences": form.differences(kept),
        "typed": [(name, request.POST.get(name, "")) for name in form.fields],
    }
    return render(request, "booster_ia/desk/meeting_conflict.html", context, status=409)


def _show(
    request: HttpRequest, dossier: Dossier, form: RowForm, template: str, meeting: Meeting | None = None
) -> HttpResponse:
    context = examination.head(request, dossier, person(request), "") | {"form": form, "meeting": meeting}
    if meeting is not None:
        context["version"] = whole(request.POST, "version") or meeting.revision
    return render(request, template, context, status=422 if form.errors else 200)
