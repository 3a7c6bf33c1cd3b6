"""Follow-up meetings: the organisers' pages, and the calendar file of those invited."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from normandata.dossiers.views.access import person
from normandata.ui import agenda

from .. import phases
from ..edition_forms import ReasonForm
from ..editions import Edition
from ..mentor_forms import MeetingForm
from ..mentoring import Meeting
from ..services import meetings as services
from .organise_access import attempt, done, organisers, posted, readers, seen, shown

MEETINGS = "datathon:meetings"


@readers
def listing(request: HttpRequest, edition: Edition) -> HttpResponse:
    """List the meetings of an edition, in the order of the calendar."""
    rows = edition.meetings.select_related("team")
    context = {"edition": edition, "meetings": rows, "is_over": edition.state in phases.OVER, "now": timezone.now()}
    return render(request, "datathon/organise/meetings.html", context)


@organisers
def new(request: HttpRequest, edition: Edition) -> HttpResponse:
    """Fix a meeting."""
    if edition.state in phases.OVER:
        raise Http404
    form = MeetingForm.new(edition, posted(request))
    if attempt(form, lambda: services.arrange(edition, **form.cleaned_data, by=person(request))):
        return done(request, "La réunion est fixée. Les personnes invitées sont prévenues.", MEETINGS, edition.slug)
    context = {"title": "Fixer une réunion de suivi", "button": "Fixer la réunion"}
    return shown(request, edition, form, context | {"back": reverse(MEETINGS, args=[edition.slug])})


@organisers
def edit(request: HttpRequest, edition: Edition, pk: int) -> HttpResponse:
    """Move a meeting, or write its notes."""
    meeting = get_object_or_404(edition.meetings.standing().select_related("team", "edition"), pk=pk)
    form = MeetingForm.of(meeting, posted(request))
    if attempt(form, lambda: services.change(meeting, **form.cleaned_data, by=person(request), seen=seen(request))):
        return done(request, "La réunion est enregistrée.", MEETINGS, edition.slug)
    context = {"title": "Modifier la réunion", "button": "Enregistrer", "back": reverse(MEETINGS, args=[edition.slug])}
    context["lead"] = "Les personnes invitées sont prévenues si l’objet, l’heure ou le lieu change."
    return shown(request, meeting, form, context, kept=lambda: MeetingForm.of(meeting))


@organisers
def cancel(request: HttpRequest, edition: Edition, pk: int) -> HttpResponse:
    """Cancel a meeting, with a reason."""
    meeting = get_object_or_404(edition.meetings.standing(), pk=pk)
    form = ReasonForm(posted(request))
    form.fields["reason"].help_text = "Versé au journal, et envoyé aux personnes invitées."
    if attempt(form, lambda: services.cancel(meeting, reason=form.cleaned_data["reason"], by=person(request))):
        return done(request, "La réunion est annulée. Les personnes invitées le savent.", MEETINGS, edition.slug)
    context = {"title": f"Annuler « {meeting.title} »", "button": "Annuler la réunion", "is_danger": True}
    return shown(request, edition, form, context | {"back": reverse(MEETINGS, args=[edition.slug])})


@require_safe
@never_cache
def calendar_file(request: HttpRequest, pk: int) -> HttpResponse:
    """Send the calendar file of a meeting to whoever is invited; a higher sequence number moves or removes it."""
    meeting = get_object_or_404(Meeting.objects.visible_to(person(request)).select_related("edition", "team"), pk=pk)
    is_cancelled = meeting.cancelled_at is not None
    entry = agenda.Entry(
        uid=f"reunion-{meeting.pk}@{urlsplit(settings.SITE_URL).hostname}",
        sequence=meeting.revision - 1,
        made_at=meeting.cancelled_at or meeting.starts_at,
        begins=meeting.starts_at,
        ends=meeting.ends_at,
        summary=f"{meeting.edition} : {meeting.title}",
        place=meeting.place,
        is_cancelled=is_cancelled,
    )
    return agenda.answer(agenda.calendar([entry], is_cancelled=is_cancelled), f"reunion-{meeting.pk}")
