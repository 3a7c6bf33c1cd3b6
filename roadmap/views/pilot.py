"""The pilot's pages: their actions, one of them, and its forms."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from normandata.dossiers.views.access import person
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotDone
from normandata.workflow.table import Reason, UnknownTransition

from .. import permissions, presentation, reading, services
from ..forms import (
    CallForm,
    ConfirmForm,
    DeliberationForm,
    DescribeForm,
    MilestoneForm,
    NewsForm,
    PilotForm,
    ReasonForm,
    SchemeForm,
)
from ..models import Action, Deliberation, SchemeLink
from .access import done, home, pilots, posted, seen

PUBLIC_REASON = "Le motif est publié avec l’état de l’action, et versé à son journal."


@require_safe
@never_cache
def desk(request: HttpRequest) -> HttpResponse:
    """List the actions of a pilot, what is late on top."""
    user = person(request)
    if not permissions.is_pilot(user):
        raise Http404
    today = timezone.localdate()
    cards = [presentation.card(one, today) for one in Action.objects.whole().piloted_by(user)]
    context = {"cards": cards, "late": [one for one in cards if one.late], "today": today}
    return render(request, "roadmap/pilot/desk.html", context)


@require_safe
@pilots
def pilot(request: HttpRequest, action: Action) -> HttpResponse:
    """Show an action to its pilot: every gesture, and the journal of what was done."""
    today = timezone.localdate()
    context = {
        "action": action,
        "card": presentation.card(action, today),
        "steps": presentation.shown_steps(action, today),
        "transitions": procedure.available(action, person(request)),
        "deliberations": Deliberation.objects.about(action),
        "calls": action.calls.all(),
        "news": action.news.all()[:3],
        "acts": reading.journal(action),
    }
    return render(request, "roadmap/pilot/action.html", context)


@pilots
def describe(request: HttpRequest, action: Action) -> HttpResponse:
    """Write the sheet of an action."""
    form = DescribeForm.of(action, posted(request))

    def write(revision: int) -> None:
        services.describe(action, form.values, by=person(request), seen=revision)

    page = {"title": "Modifier la fiche", "button": "Enregistrer la fiche"}
    return filled(request, action, form, write, page, said="La fiche est enregistrée.", thing=action)


Added = tuple[PilotForm, Callable[..., Any], str, str, str]


def _added(kind: str, data: Any) -> Added:
    """Return the form, the gesture and the words of what is added; raises Http404."""
    match kind:
        case "jalons":
            return (
                MilestoneForm.of(None, data), services.add_milestone,
                "Ajouter un jalon", "Ajouter le jalon", "Le jalon est ajouté.",
            )  # fmt: skip
        case "nouvelles":
            return (
                NewsForm.of(data), services.tell,
                "Écrire une nouvelle", "Publier la nouvelle", "La nouvelle est publiée.",
            )  # fmt: skip
        case "deliberations":
            return (
                DeliberationForm(data), services.link_deliberation,
                "Lier une délibération", "Lier la délibération", "La délibération est liée.",
            )  # fmt: skip
        case "appels":
            return CallForm(data), services.link_call, "Lier un appel", "Lier l’appel", "L’appel est lié."
        case "dispositifs":
            return (
                SchemeForm(data), services.link_scheme,
                "Lier un dispositif", "Lier le dispositif", "Le dispositif est lié.",
            )  # fmt: skip
    raise Http404


@pilots
def add(request: HttpRequest, action: Action, kind: str) -> HttpResponse:
    """Add a milestone, a news, a deliberation, a call or a scheme."""
    form, gesture, title, button, said = _added(kind, posted(request))

    def write(revision: int) -> None:
        gesture(action, **form.values, by=person(request), seen=revision)

    return filled(request, action, form, write, {"title": title, "button": button}, said=said)


@pilots
def milestone(request: HttpRequest, action: Action, pk: int) -> HttpResponse:
    """Change a milestone, or note the day it was held."""
    found = get_object_or_404(action.milestones.all(), pk=pk)
    found.action = action
    form = MilestoneForm.of(found, posted(request))

    def write(revision: int) -> None:
        services.change_milestone(found, **form.values, by=person(request), seen=revision)

    page = {"title": "Modifier un jalon", "button": "Enregistrer le jalon"}
    return filled(request, action, form, write, page, said="Le jalon est enregistré.", thing=found)


@pilots
def remove(request: HttpRequest, action: Action, kind: str, pk: int) -> HttpResponse:
    """Take away a milestone, a deliberation, a call or a scheme, with the reason."""
    found, title, said = _removed(action, kind, pk)
    form = ReasonForm(posted(request))

    def write(revision: int) -> None:
        given = {"reason": form.values["reason"], "by": person(request), "seen": revision}
        if isinstance(found, Deliberation):
            services.unlink_deliberation(found, action, **given)
        elif kind == "jalons":
            services.remove_milestone(found, **given)
        elif isinstance(found, SchemeLink):
            services.unlink_scheme(found, **given)
        else:
            services.unlink_call(found, **given)

    page = {"title": title, "button": "Retirer", "lead": _named(action, found), "is_danger": True}
    return filled(request, action, form, write, page, said=said)


def _named(action: Action, found: Any) -> str:
    """Name what is taken away: a scheme by its title, anything else as it writes itself."""
    titles = {way.pk: way.label for way in presentation.ways(action)} if isinstance(found, SchemeLink) else {}
    return titles.get(found.pk, str(found))


def _removed(action: Action, kind: str, pk: int) -> tuple[Any, str, str]:
    """Find what is taken away from an action; raises Http404."""
    rows: dict[str, tuple[models.QuerySet[Any], str, str]] = {
        "jalons": (action.milestones.all(), "Retirer un jalon", "Le jalon est retiré."),
        "deliberations": (
            Deliberation.objects.about(action),
            "Retirer une délibération",
            "La délibération n’est plus liée.",
        ),
        "dispositifs": (action.scheme_links.all(), "Retirer un dispositif", "Le dispositif n’est plus lié."),
        "appels": (action.calls.all(), "Retirer un appel", "L’appel n’est plus lié."),
    }
    if kind not in rows:
        raise Http404
    found, title, said = rows[kind]
    thing = get_object_or_404(found, pk=pk)
    if kind != "deliberations":
        thing.action = action
    return thing, title, said


@pilots
def move(request: HttpRequest, action: Action, name: str) -> HttpResponse:
    """Move an action to another state; one that cannot be reached any more is told, for somebody was quicker."""
    try:
        row = action.procedure.workflow.find(name)
    except UnknownTransition as error:
        raise Http404 from error
    if row not in procedure.available(action, person(request)):
        messages.error(request, procedure.TOO_LATE)
        return HttpResponseRedirect(home(action))
    asks = row.reason is Reason.REQUIRED
    form = ReasonForm(posted(request)) if asks else ConfirmForm(posted(request))

    def write(revision: int) -> None:
        services.fire(action, name, by=person(request), reason=form.values.get("reason", ""), seen=revision)

    page = {"title": row.label, "button": row.label, "is_danger": row.is_danger, "lead": PUBLIC_REASON if asks else ""}
    return filled(request, action, form, write, page, said="L’état de l’action est changé.")


def filled(
    request: HttpRequest,
    action: Action,
    form: PilotForm,
    write: Callable[[int], None],
    page: dict[str, Any],
    *,
    said: str,
    thing: Any = None,
) -> HttpResponse:
    """Show a form, or make its gesture; what is refused is said beside its cause, and everything typed stays.

    When somebody else wrote in the meantime, what is kept of `thing` is shown beside what was typed, and the form may
    be sent again: the second time is a choice.
    """
    revision, saved = (seen(request) if form.is_bound else action.revision), list[tuple[str, str]]()
    if form.is_bound and form.is_valid():
        try:
            write(seen(request))
        except NotAllowed as error:
            raise Http404 from error
        except NotDone as error:
            form.add_error(None, list(error.messages))
            revision, saved = _as_kept(action, form, thing)
        except ValidationError as error:
            form.refuse(error)
        else:
            return done(request, action, said)
    context = {"form": form, "action": action, "revision": revision, "saved": saved, "back": home(action), **page}
    return render(request, "roadmap/pilot/form.html", context, status=422 if form.errors else 200)


def _as_kept(action: Action, form: PilotForm, thing: Any) -> tuple[int, list[tuple[str, str]]]:
    """Read again the revision of an action, and what is kept of the row that a form writes."""
    action.refresh_from_db()
    if thing is None:
        return action.revision, []
    if thing is not action:
        thing.refresh_from_db()
    return action.revision, form.saved(thing)
