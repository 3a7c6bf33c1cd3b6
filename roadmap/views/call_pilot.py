"""The pilot's pages of calls: those of their chantiers, one of them, and its forms."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from normandata.accounts.models import User
from normandata.dossiers import refusals
from normandata.dossiers.views.access import person
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotDone
from normandata.regulation.formats import day as written_day
from normandata.workflow.table import Reason, Transition, UnknownTransition

from ..calls import assessment, permissions, presentation, services, workflow
from ..calls.forms import CallForm, ExtendForm, NewCallForm
from ..calls.models import Call
from ..forms import ConfirmForm, PilotForm, ReasonForm
from ..models import Chantier
from .access import View, posted, seen

PUBLIC_REASON = "Le motif est publié avec l’état de l’appel, et versé à son journal."
Write = Callable[[int], Any]


def writers(view: Callable[..., HttpResponse]) -> View:
    """Open a page to whoever writes the calls of a chantier; for others it does not exist."""

    @wraps(view)
    @require_http_methods(["GET", "HEAD", "POST"])
    @never_cache
    def found(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        user = person(request)
        if not permissions.writes_calls(user):
            raise Http404
        return view(request, user, **kwargs)

    return found


def of_call(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Open a page of a call to whoever writes it; for others it does not exist."""

    @wraps(view)
    @require_http_methods(["GET", "HEAD", "POST"])
    @never_cache
    def found(request: HttpRequest, slug: str, **kwargs: Any) -> HttpResponseBase:
        call = Call.objects.piloted_by(person(request)).whole().filter(slug=slug).first()
        if call is None:
            raise Http404
        return view(request, call, **kwargs)

    return found


@require_safe
@writers
def desk(request: HttpRequest, user: User) -> HttpResponse:
    """List the calls of a pilot's chantiers."""
    today = timezone.localdate()
    found = Call.objects.piloted_by(user).select_related("chantier__axis")
    return render(
        request, "roadmap/calls/desk.html", {"calls": [(one, presentation.card(one, today)) for one in found]}
    )


@writers
def new(request: HttpRequest, user: User) -> HttpResponse:
    """Begin a call."""
    chantiers = Chantier.objects.written_by(user).select_related("axis")
    form = NewCallForm(posted(request), chantiers=chantiers)
    if form.is_bound and form.is_valid():
        try:
            call = services.create(**form.values, by=user)
        except NotAllowed as error:
            raise Http404 from error
        except services.Begun as error:
            form.add_error(None, list(error.messages))
            form.renew()
        except ValidationError as error:
            form.refuse(error)
        else:
            return HttpResponseRedirect(reverse("roadmap:call_describe", args=[call.slug]))
    if "key" in form.errors:
        form.renew()
    back = reverse("roadmap:calls_desk")
    context = {"form": form, "title": "Ouvrir un appel", "button": "Commencer l’appel", "back": back}
    return render(request, "roadmap/calls/form.html", context, status=422 if form.errors else 200)


@require_safe
@of_call
def pilot(request: HttpRequest, call: Call) -> HttpResponse:
    """Show a call to its pilot: every gesture, what the assessment counts today, the journal."""
    counts = assessment.of_call(call)
    context = {
        "call": call,
        "card": presentation.card(call, timezone.localdate()),
        "counts": counts,
        "shown": presentation.shown(counts),
        "slug": call.slug,
        "has_paper": call.state in workflow.RECEIVED,
        "left": call.proposals.unanswered().count(),
        "transitions": procedure.available(call, person(request)),
        "deliberations": call.deliberations.all(),
        "acts": presentation.journal(call),
    }
    return render(request, "roadmap/calls/pilot.html", context)


@of_call
def describe(request: HttpRequest, call: Call) -> HttpResponse:
    """Write a call."""
    form = CallForm.of(call, posted(request))
    lead = "L’appel est ouvert ou clos : son texte et ses listes ne changent plus." if call.is_frozen else ""
    values = {name: getattr(call, name) for name in services.COLUMNS}

    def write(revision: int) -> None:
        services.describe(call, values | form.values, by=person(request), seen=revision)

    page = {"title": "Modifier l’appel", "button": "Enregistrer l’appel", "lead": lead}
    return filled(request, call, form, write, page, said="L’appel est enregistré.")


@of_call
def move(request: HttpRequest, call: Call, name: str) -> HttpResponse:
    """Move a call to another state; one that cannot be reached any more is told, for somebody was quicker."""
    try:
        row = call.procedure.workflow.find(name)
    except UnknownTransition as error:
        raise Http404 from error
    if request.method != "POST" and row not in procedure.available(call, person(request)):
        messages.error(request, procedure.TOO_LATE)
        return HttpResponseRedirect(home(call))
    form = _form(name, call, posted(request), asks=row.reason is Reason.REQUIRED)

    def write(revision: int) -> None:
        given = {"by": person(request), "reason": form.values.get("reason", ""), "seen": revision}
        if name == "extend":
            services.extend(call, form.values["closes_on"], **given)
        else:
            services.fire(call, name, **given)

    lead = PUBLIC_REASON if row.reason is Reason.REQUIRED else ""
    page = {"title": row.label, "button": row.label, "is_danger": row.is_danger, "lead": lead, "row": row}
    return filled(request, call, form, write, page, said="L’état de l’appel est changé.")


def _form(name: str, call: Call, data: Any, *, asks: bool) -> PilotForm:
    if name == "extend":
        return ExtendForm.of(call.closes_on, data)
    return ReasonForm(data) if asks else ConfirmForm(data)


def filled(
    request: HttpRequest, call: Call, form: PilotForm, write: Write, page: dict[str, Any], *, said: str
) -> HttpResponse:
    """Show a form, or make its gesture; what is refused is said beside its cause, and everything typed stays."""
    revision, now = (seen(request) if form.is_bound else call.revision), dict[str, Any]()
    if form.is_bound and form.is_valid():
        try:
            write(revision)
        except NotAllowed as error:
            raise Http404 from error
        except NotDone as error:
            refusals.write(form, error)
            now = _now(call, form, page.get("row"), person(request))
            revision = call.revision
        except ValidationError as error:
            form.refuse(error)
            call.refresh_from_db()
        else:
            messages.success(request, said)
            return HttpResponseRedirect(home(call))
    context = {"form": form, "call": call, "revision": revision, "back": home(call), **page, **now}
    return render(request, "roadmap/calls/form.html", context, status=422 if form.errors else 200)


def _now(call: Call, form: PilotForm, row: Transition | None, user: User) -> dict[str, Any]:
    """Say where a call stands now, for whoever was told that somebody was quicker."""
    call.refresh_from_db()
    if isinstance(form, CallForm):
        return {"saved": form.saved(call), "left_out": form.left_out}
    days = (("Ouverture", call.opens_on), ("Fermeture", call.closes_on))
    saved = [("État", call.standing.label), *((label, written_day(day)) for label, day in days if day)]
    return {"saved": saved, "is_gone": row not in procedure.available(call, user)}


def home(call: Call) -> str:
    """Return the address of the pilot's page of a call."""
    return reverse("roadmap:call_pilot", args=[call.slug])
