"""The programming of a wave: what the ranking and the envelope allow, its scenarios side by side, what waits."""

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from normandata.dossiers.services import bulk
from normandata.dossiers.views.access import person
from normandata.procedure.errors import NotDone
from normandata.scoring import permissions
from normandata.scoring.models import Panel

from .. import programming as reading
from ..awards import Proposal
from ..programme import differences, drawn
from ..scenarios import Scenario
from ..services import programming as services
from ..services import scoring
from ..waves import Wave
from .scoring import home, panel_here, shut

View = Callable[..., HttpResponse]
NOT_CLOSED = "La programmation s’ouvre quand la notation est close : d’ici là, seul l’avancement est visible."
NONE_TICKED = "Cochez au moins une proposition."


def opened(*, to_write: bool = False) -> Callable[[View], View]:
    """Give a view the wave and the closed panel of its address, for whoever reads their ranking, or may write too.

    For others the page does not exist; while the panel is open, those who will read it are told when.
    """

    def opened_by(view: View) -> View:
        @wraps(view)
        @never_cache
        def found(request: HttpRequest, pk: int, **more: Any) -> HttpResponse:
            wave, panel = panel_here(request, pk)
            user = person(request)
            if not panel.is_closed and (permissions.may_lead(user, panel) or scoring.is_seated(panel, user)):
                return shut(request, [NOT_CLOSED], back=home(panel), title="La programmation n’est pas ouverte")
            if not (services.may_program if to_write else services.may_read)(user, panel):
                raise Http404
            return view(request, wave, panel, **more)

        return found

    return opened_by


@require_safe
@opened()
def programming(request: HttpRequest, wave: Wave, panel: Panel) -> HttpResponse:
    """Show what is proposed by default, the scenarios, and how many proposals wait for a second person."""
    user = person(request)
    dossiers, money = reading.scored(panel, user), reading.money_of(wave)
    waits = reading.waiting_for(dossiers, user)
    context = {
        "wave": wave,
        "dossiers": dossiers,
        "money": money,
        "programme": drawn(dossiers.candidates, dossiers.foreseen(money.available), money.available),
        "scenarios": reading.scenarios_of(wave, dossiers),
        "waits": len(waits),
        "mine": sum(one.is_mine for one in waits),
        "may_write": services.may_program(user, panel),
        "key": uuid.uuid4(),
    }
    return render(request, "booster_ia/programming/programming.html", context)


@require_safe
@opened()
def compare(request: HttpRequest, wave: Wave, panel: Panel) -> HttpResponse:
    """Show two scenarios side by side: their totals, and the dossiers that they do not treat alike."""
    dossiers, money = reading.scored(panel, person(request)), reading.money_of(wave)
    every = list(wave.scenarios.all())
    asked = [next((one for one in every if str(one.pk) == request.GET.get(side)), None) for side in ("a", "b")]
    sides = [(one, reading.programme_of(one, dossiers, money.available)) for one in asked if one is not None]
    context: dict[str, Any] = {"wave": wave, "every": every, "asked": asked, "dossiers": dossiers, "money": money}
    if len(sides) == len(asked):
        context |= {"sides": sides, "differences": differences(sides[0][1], sides[1][1])}
    return render(request, "booster_ia/programming/compare.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@opened(to_write=True)
def waiting(request: HttpRequest, wave: Wave, panel: Panel) -> HttpResponse:
    """Show the proposals that wait for a second person, and validate those that are ticked."""
    dossiers = reading.scored(panel, person(request))
    problem, status, key = "", 200, str(uuid.uuid4())
    if request.method == "POST":
        key = request.POST.get("jeton", "")
        try:
            return redirect("dossiers:bulk_job", _validated(request, wave, panel, dossiers, key).key)
        except bulk.KeyTaken as error:
            problem, status, key = " ".join(error.messages), 409, str(uuid.uuid4())
        except NotDone as error:
            problem, status = " ".join(error.messages), 422
    rows = reading.waiting_for(dossiers, person(request))
    context = {
        "wave": wave,
        "dossiers": dossiers,
        "money": reading.money_of(wave),
        "rows": rows,
        "others": [one for one in rows if not one.is_mine],
        "total": sum(one.choice.asked for one in rows if not one.is_mine),
        "problem": problem,
        "key": key,
    }
    return render(request, "booster_ia/programming/proposals.html", context, status=status)


def _validated(request: HttpRequest, wave: Wave, panel: Panel, dossiers: reading.Scored, key: str) -> Any:
    """Post the validation of the ticked proposals, of dossiers that this person reads; raises NotDone, Http404."""
    ticked = [int(one) for one in request.POST.getlist("choix")[: bulk.MOST] if one.isdecimal() and len(one) < 10]
    theirs = [one.pk for one in dossiers.candidates]
    read = dict(Proposal.objects.filter(pk__in=ticked, dossier__in=theirs).values_list("dossier", "pk"))
    if not read:
        raise NotDone(NONE_TICKED)
    return services.validate(wave, panel, read, key=token(key), by=person(request))


def token(written: str) -> uuid.UUID:
    """Read the key of a page; raises Http404 for what no page of ours wrote."""
    try:
        return uuid.UUID(written)
    except ValueError as error:
        raise Http404 from error


def scenario_here(wave: Wave, pk: int) -> Scenario:
    """Return a scenario of a wave; raises Http404."""
    found = Scenario.objects.filter(wave=wave, pk=pk).select_related("wave", "by").first()
    if found is None:
        raise Http404
    return found
