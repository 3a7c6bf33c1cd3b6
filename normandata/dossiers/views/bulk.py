"""Gestures on the ticked dossiers: confirmation, progress, outcomes."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from normandata.accounts.models import User
from normandata.procedure.errors import NotDone

from .. import exports, queue, schemes
from ..bulk import BulkJob, BulkOutcome
from ..desk_forms import BULK_FORMS, BulkForm
from ..filters import Desk, Filters
from ..models import Dossier
from ..services import bulk
from .queue import instructor, to_queue

OUTCOME_HEADERS = ("Numéro", "Structure", "Résultat", "Cause", "Le")
TONES = {
    "done": ("done", "met"),
    "already": ("plain", "info"),
    "refused": ("no", "unmet"),
    "waiting": ("plain", "clock"),
}


@require_POST
def confirm(request: HttpRequest) -> HttpResponseBase:
    """Show the ticked dossiers and ask what the gesture needs; an export is sent at once."""
    user = instructor(request)
    back = Filters.read(request.POST.get("retour", ""), Desk.of(user)).encoded
    ticked = queue.chosen(user, request.POST.getlist("choix")[: bulk.MOST])
    action = request.POST.get("action", "")
    if action == "export" and request.POST.getlist("choix"):
        content = exports.lines(exports.dossiers(ticked, Desk.of(user)))
        return exports.response(content, f"choix-{timezone.localdate():%Y-%m-%d}.csv")
    dossiers = list(ticked.select_related("organisation"))
    if action not in BULK_FORMS or not dossiers:
        messages.warning(request, "Cochez au moins un dossier, puis choisissez une action.")
        return to_queue(back)
    form = BULK_FORMS[BulkJob.Action(action)](by=user, dossiers=dossiers)
    return _ask(request, BulkJob.Action(action), dossiers, form, key=str(uuid.uuid4()), back=back)


@require_POST
def launch(request: HttpRequest) -> HttpResponse:
    """Post the job; the same confirmation page sent twice leads to the same job, and to no other one."""
    user = instructor(request)
    back = Filters.read(request.POST.get("retour", ""), Desk.of(user)).encoded
    dossiers = list(queue.chosen(user, request.POST.getlist("choix")[: bulk.MOST]).select_related("organisation"))
    action, key = _asked(request.POST)
    form = BULK_FORMS[action](request.POST, by=user, dossiers=dossiers)
    if not form.is_valid():
        return _ask(request, action, dossiers, form, key=str(key), back=back)
    try:
        job = bulk.begin(action, dossiers, form.values(), key=key, by=user)
    except bulk.KeyTaken as refused:
        form.add_error(None, list(refused.messages))
        return _ask(request, action, dossiers, form, key=str(uuid.uuid4()), back=back, status=409)
    except NotDone as refused:
        messages.warning(request, " ".join(refused.messages))
        return to_queue(back)
    return redirect("dossiers:bulk_job", job.key)


@require_safe
@never_cache
def job(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Show how far a job is, then what became of each dossier; the page may be left."""
    found = _mine(instructor(request), key)
    rows = found.outcomes.select_related("dossier__organisation")
    outcomes = [(row, *TONES[row.state]) for row in rows]
    done = sum(row.state != BulkOutcome.State.WAITING for row, _, _ in outcomes)
    tally = [(label, sum(row.state == state for row, _, _ in outcomes)) for state, label in BulkOutcome.State.choices]
    declared = schemes.bulk_of(found.action)
    context = {
        "job": found,
        "back": declared.back(found) if declared else ("Revenir à la file", reverse("dossiers:queue")),
        "outcomes": outcomes,
        "done": done,
        "is_over": done == len(outcomes),
        "tally": [(label, count) for label, count in tally if count],
    }
    template = "dossiers/queue/job_state.html" if getattr(request, "htmx", False) else "dossiers/queue/job.html"
    return render(request, template, context)


@require_safe
def outcomes(request: HttpRequest, key: uuid.UUID) -> HttpResponseBase:
    """Send the outcomes of a job in CSV."""
    found = _mine(instructor(request), key)
    rows = found.outcomes.select_related("dossier__organisation").iterator(chunk_size=500)
    content = (
        (
            row.dossier.number,
            row.dossier.organisation.label,
            row.get_state_display(),
            row.cause,
            f"{timezone.localtime(row.at):%d/%m/%Y %H:%M}" if row.at else "",
        )
        for row in rows
    )
    return exports.response(exports.lines(content, OUTCOME_HEADERS), f"resultats-{found.created_at:%Y-%m-%d}.csv")


def _ask(
    request: HttpRequest,
    action: BulkJob.Action,
    dossiers: list[Dossier],
    form: BulkForm,
    *,
    key: str,
    back: str,
    status: int = 200,
) -> HttpResponse:
    context = {"action": action, "dossiers": dossiers, "form": form, "key": key, "back": back}
    return render(request, "dossiers/queue/confirm.html", context, status=status)


def _asked(posted: QueryDict) -> tuple[BulkJob.Action, uuid.UUID]:
    try:
        action, key = BulkJob.Action(posted.get("action", "")), uuid.UUID(posted.get("jeton", ""))
    except ValueError as error:
        raise Http404 from error
    if action not in BULK_FORMS:
        raise Http404
    return action, key


def _mine(user: User, key: uuid.UUID) -> BulkJob:
    found = BulkJob.objects.filter(key=key, by=user).first()
    if found is None:
        raise Http404
    return found
