"""Absences of agents: who is away, who answers meanwhile."""

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from normandata.accounts.models import Role, User

from .. import colleagues
from ..desk import Absence
from ..desk_forms import AbsenceForm
from ..filters import Desk
from ..services import desk
from .queue import instructor, reader


def _known(user: User) -> QuerySet[Absence]:
    today = timezone.localdate()
    still = Q(until=None) | Q(until__gte=today)
    mine = Q(agent__in=colleagues.of(user).order_by().values("pk")) | Q(agent=user)
    return Absence.objects.filter(still, mine).select_related("agent", "backup").order_by("since", "pk")


def _may_end(user: User, absence: Absence) -> bool:
    return absence.agent_id == user.pk or user.schemes_as(Role.LEAD_AGENT) != frozenset()


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def absences(request: HttpRequest) -> HttpResponse:
    """List who is or will be away, and declare an absence."""
    user = reader(request)
    is_agent = Desk.of(user).is_agent
    if request.method == "POST" and not is_agent:
        raise Http404
    form = AbsenceForm(request.POST or None, by=user) if is_agent else None
    if form is not None and request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        desk.declare_absence(said["agent"], said["since"], said["until"], said["backup"], by=user)
        messages.success(request, "L’absence est enregistrée.")
        return redirect("dossiers:absences")
    today = timezone.localdate()
    known = [(one, one.since <= today, _may_end(user, one)) for one in _known(user)]
    return render(request, "dossiers/queue/absences.html", {"form": form, "known": known})


@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """Come back, or call an absence off."""
    user = instructor(request)
    absence = _known(user).filter(pk=pk).first()
    if absence is None or not _may_end(user, absence):
        raise Http404
    desk.end_absence(absence, by=user)
    messages.success(request, "L’absence est terminée.")
    return redirect("dossiers:absences")
