"""The scenarios of a wave: written, copied, deleted, proposed; they change no dossier before they are proposed."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from normandata.dossiers.services import bulk
from normandata.dossiers.views.access import person
from normandata.procedure.errors import NotAllowed, NotDone
from normandata.regulation.formats import spaced
from normandata.scoring.models import Panel

from .. import programming as reading
from ..programme import NO_CREDIT, Choice, Programme, drawn
from ..programming import Money, Scored
from ..proposal_forms import ScenarioForm
from ..scenarios import Scenario
from ..services import programming as services
from ..waves import Wave
from .programming import opened, scenario_here, token

PAGE = require_http_methods(["GET", "HEAD", "POST"])


@require_POST
@opened(to_write=True)
def new(request: HttpRequest, wave: Wave, panel: Panel) -> HttpResponse:
    """Write a scenario as the ranking and the envelope have it, and open it."""
    dossiers, money = reading.scored(panel, person(request)), reading.money_of(wave)
    key = token(request.POST.get("jeton", ""))
    choices = dossiers.foreseen(money.available)
    made = services.open_scenario(wave, panel, choices, key=key, by=person(request))
    return redirect("booster_ia:scenario", wave.pk, made.pk)


@require_POST
@opened(to_write=True)
def copy(request: HttpRequest, wave: Wave, panel: Panel, scenario: int) -> HttpResponse:
    """Copy a scenario and open the copy."""
    found = scenario_here(wave, scenario)
    key = token(request.POST.get("jeton", ""))
    made = services.copy_scenario(found, panel, key=key, by=person(request))
    return redirect("booster_ia:scenario", wave.pk, made.pk)


@PAGE
@opened(to_write=True)
def delete(request: HttpRequest, wave: Wave, panel: Panel, scenario: int) -> HttpResponse:
    """Ask, then delete a scenario."""
    found = scenario_here(wave, scenario)
    if request.method != "POST":
        return render(request, "booster_ia/programming/delete.html", {"wave": wave, "scenario": found})
    services.delete_scenario(found, panel, by=person(request))
    messages.success(request, spaced(f"Le scénario « {found.name} » est supprimé."))
    return redirect("booster_ia:programming", wave.pk)


@dataclass
class Attempt:
    """What a page of a scenario is drawn again with, when what it sent was not kept."""

    form: ScenarioForm
    key: str
    status: int = 200
    clashes: Mapping[int, str] = field(default_factory=dict)


@PAGE
@opened(to_write=True)
def scenario(request: HttpRequest, wave: Wave, panel: Panel, scenario: int) -> HttpResponse:
    """Show a scenario to change; keep it, or propose it once kept."""
    found = scenario_here(wave, scenario)
    dossiers, money = reading.scored(panel, person(request)), reading.money_of(wave)
    choices = dossiers.foreseen(money.available) | reading.chosen_in(found)
    form = _form(request.POST if request.method == "POST" else None, found, dossiers, choices)
    attempt = Attempt(form, str(uuid.uuid4()))
    if form.is_bound:
        attempt = Attempt(form, request.POST.get("jeton", ""), 422)
        if form.is_valid():
            try:
                return _made(request, found, panel, dossiers, money, form)
            except NotDone as error:
                attempt = _refused(request, found, dossiers, choices, form, error)
    programme = drawn(dossiers.candidates, choices, money.available)
    return _draw(request, found, dossiers, money, programme, attempt)


def _refused(
    request: HttpRequest,
    scenario: Scenario,
    dossiers: Scored,
    choices: Mapping[int, Choice],
    form: ScenarioForm,
    error: NotDone,
) -> Attempt:
    """Say why what was typed was not kept or proposed, over what was typed; raises Http404."""
    key = request.POST.get("jeton", "")
    if isinstance(error, NotAllowed):
        raise Http404 from error
    if isinstance(error, services.Overtaken):
        kept = scenario_here(scenario.wave, scenario.pk)
        again = _form(_renewed(request, kept), kept, dossiers, choices)
        again.add_error(None, list(error.messages))
        return Attempt(again, key, 409, _clashes(form, reading.chosen_in(kept)))
    form.add_error("name" if isinstance(error, services.NameTaken) else None, list(error.messages))
    is_taken = isinstance(error, bulk.KeyTaken)
    return Attempt(form, str(uuid.uuid4()) if is_taken else key, 409 if is_taken else 422)


def _form(data: Any, scenario: Scenario, dossiers: Scored, choices: Mapping[int, Choice]) -> ScenarioForm:
    initial = {"name": scenario.name, "note": scenario.note, "revision": scenario.revision}
    candidates = [one for one in dossiers.candidates if one.is_open]
    return ScenarioForm(data, candidates=candidates, choices=choices, default_reason=NO_CREDIT, initial=initial)


def _made(
    request: HttpRequest, scenario: Scenario, panel: Panel, dossiers: Scored, money: Money, form: ScenarioForm
) -> HttpResponse:
    """Keep what was typed, then propose it where that was asked; raises NotDone."""
    by = person(request)
    kept = services.save_scenario(scenario, panel, form.typed, by=by)
    if request.POST.get("geste") != "proposer":
        messages.success(request, "Le scénario est enregistré. Aucun dossier n’a changé.")
        return redirect("booster_ia:scenario", scenario.wave_id, scenario.pk)
    programme = reading.programme_of(kept, dossiers, money.available)
    key = token(request.POST.get("jeton", ""))
    return redirect("dossiers:bulk_job", services.propose(kept, panel, programme, key=key, by=by).key)


def _renewed(request: HttpRequest, kept: Scenario) -> Any:
    """Return what was typed over what another page kept: sent again, it is kept knowingly."""
    data = request.POST.copy()
    data["revision"] = str(kept.revision)
    return data


def _clashes(form: ScenarioForm, kept: Mapping[int, Choice]) -> dict[int, str]:
    """Write what another page kept of the dossiers where it is not what was typed."""
    return {pk: kept[pk].written for pk, choice in form.choices.items() if pk in kept and kept[pk] != choice}


def _draw(
    request: HttpRequest, scenario: Scenario, dossiers: Scored, money: Money, programme: Programme, attempt: Attempt
) -> HttpResponse:
    form, clashes = attempt.form, attempt.clashes
    rows = [
        (row, form.controls(row.candidate) if row.candidate.is_open else None, clashes.get(row.candidate.pk, ""))
        for row in programme.rows
    ]
    context = {
        "wave": scenario.wave,
        "scenario": scenario,
        "dossiers": dossiers,
        "money": money,
        "form": form,
        "programme": programme,
        "rows": rows,
        "key": attempt.key,
        "copy_key": uuid.uuid4(),
    }
    return render(request, "booster_ia/programming/scenario.html", context, status=attempt.status)
