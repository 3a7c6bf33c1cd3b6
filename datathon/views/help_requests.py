"""A team's page of help: what it asks of mentors, their notes, its meetings."""

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from normandata.dossiers.views.access import person
from normandata.procedure.errors import NotDone

from ..mentor_forms import AskForm
from ..mentoring import HelpRequest
from ..services import help_requests as services
from ..teams import Team
from .organise_access import attempt, done, posted, refused

PAGE = "datathon:help"


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a team its requests, its notes and its meetings; ask for help."""
    user = person(request)
    team = get_object_or_404(Team.objects.of(user).active().select_related("edition"), pk=pk)
    form = AskForm.of(team, posted(request))
    if attempt(form, lambda: services.ask(team, **form.cleaned_data, by=user)):
        return done(request, "Votre demande est envoyée aux mentors.", PAGE, team.pk)
    meetings = team.edition.meetings.standing().filter(Q(team=None) | Q(team=team), ends_at__gte=timezone.now())
    context = {
        "team": team,
        "form": form,
        "asks": team.edition.rights.ask_mentors,
        "requests": team.help_requests.select_related("taken_by__person", "asked__person"),
        "notes": team.mentor_notes.filter(is_shared=True).select_related("mentor__person"),
        "meetings": meetings,
        "mentors": team.edition.mentors.active().select_related("person").order_by("person__name", "pk"),
    }
    return render(request, "datathon/mentors/help.html", context, status=422 if form.errors else 200)


@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Cancel a request of one's team."""
    user = person(request)
    found = get_object_or_404(HelpRequest.objects.filter(team__in=Team.objects.of(user)).select_related("team"), pk=pk)
    try:
        services.cancel(found, by=user)
    except NotDone as error:
        return refused(request, error, PAGE, found.team_id)
    return done(request, "La demande est annulée.", PAGE, found.team_id)
