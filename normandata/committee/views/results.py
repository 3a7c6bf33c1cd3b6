"""The pages after a session: results typed on one page, validated by a second person, opened again with a reason."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from normandata.dossiers.views.access import person
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotDone, NotNow

from .. import reading
from ..forms import DeliberationForm, ReasonForm
from ..models import Session
from ..results_form import ResultsForm
from ..services import results as services
from ..services import sessions
from ..workflow import PREPARING, TABLED
from .access import done, home, keepers, posted, seen, session_of

SAVED = "Les résultats sont enregistrés, vous pouvez les reprendre plus tard."
SENT = "Les résultats attendent la validation d’une autre personne, qui en est avertie."
VALIDATED = "La séance est validée : les décisions ont pris effet sur l’enveloppe et les comptes de minimis."
Gesture = Callable[..., Any]
UNDOING: dict[str, tuple[Gesture, str, str, str]] = {
    "reopen_agenda": (
        sessions.reopen_agenda,
        "Rouvrir l’ordre du jour",
        "Le rapport déjà fait reste dans les documents de la séance.",
        "L’ordre du jour est rouvert.",
    ),
    "send_back": (
        services.send_back,
        "Renvoyer à la saisie",
        "Les résultats redeviennent modifiables ; rien de ce qui est saisi n’est perdu.",
        "Les résultats sont renvoyés à la saisie.",
    ),
    "reopen_results": (
        services.reopen_results,
        "Rouvrir la séance",
        "Chaque décision est défaite : ses crédits redeviennent libres, son aide de minimis est annulée. "
        "Ce n’est possible que tant qu’aucune décision n’est notifiée.",
        "La séance est rouverte : ses résultats attendent de nouveau une validation.",
    ),
}
"""Gestures that undo, by transition: what does it, its title, what follows, what is said once done."""


@keepers
def results(request: HttpRequest, session: Session) -> HttpResponse:
    """Type what was decided on every dossier; kept as it is, or sent to a second person."""
    agenda = reading.agenda(session, person(request))
    if session.state != TABLED or not agenda.is_complete:
        raise Http404
    form = ResultsForm.for_session(session, agenda.lines, posted(request))
    status = 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                said = _typed(request, session, form)
            except NotAllowed as error:
                raise Http404 from error
            except NotDone as error:
                form.refused(error)
                status = 409 if isinstance(error, NotNow) else 422
                session.refresh_from_db()
            else:
                return done(request, session, said)
    revision = seen(request) if form.is_bound else session.revision
    context = {"session": session, "agenda": agenda, "form": form, "rows": form.rows(), "revision": revision}
    return render(request, "committee/results.html", context, status=status)


@transaction.atomic
def _typed(request: HttpRequest, session: Session, form: ResultsForm) -> str:
    """Keep what was typed and, when asked to, send it on: both or neither. Return what to say."""
    by = person(request)
    services.record_results(
        session, form.results, deliberation=form.deliberation, votes=form.votes, by=by, seen=seen(request)
    )
    if "envoyer" not in request.POST:
        return SAVED
    services.record(session, by=by)
    return SENT


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def validation(request: HttpRequest, pk: int) -> HttpResponse:
    """Read what the validation will do, to the cent, then do it."""
    session, user = session_of(request, pk), person(request)
    agenda = reading.agenda(session, user)
    rights = reading.rights(session, user, is_complete=agenda.is_complete)
    if not rights.is_second:
        raise Http404
    problems: tuple[str, ...] = ()
    if request.method == "POST":
        try:
            services.validate(session, by=user, seen=seen(request))
        except NotAllowed as error:
            raise Http404 from error
        except NotDone as error:
            problems = tuple(error.messages)
        else:
            return done(request, session, VALIDATED)
    context = {"session": session, "agenda": agenda, "rights": rights, "problems": problems}
    return render(request, "committee/validation.html", context, status=422 if problems else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def undo(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Make a gesture that undoes another, with its reason."""
    session, user = session_of(request, pk), person(request)
    offered = {row.name for row in procedure.available(session, user)}
    if name not in UNDOING or name not in offered:
        raise Http404
    gesture, title, lead, said = UNDOING[name]
    form = ReasonForm(posted(request))
    if form.is_bound and form.is_valid():
        try:
            gesture(session, reason=form.cleaned_data["reason"], by=user)
        except NotDone as error:
            form.add_error("reason", list(error.messages))
        else:
            return done(request, session, said)
    context = {"form": form, "title": title, "lead": lead, "button": title, "session": session, "back": home(session)}
    context["is_danger"] = name == "reopen_results"
    return render(request, "committee/form.html", context, status=422 if form.errors else 200)


@keepers
def deliberation(request: HttpRequest, session: Session) -> HttpResponse:
    """Give the address of the deliberation and the day it became executory."""
    if session.state == PREPARING:
        raise Http404
    form = DeliberationForm.of(session, posted(request))
    if form.is_bound and form.is_valid():
        try:
            sessions.describe(session, **form.values, by=person(request), seen=seen(request))
        except NotDone as error:
            form.add_error(None, list(error.messages))
        except ValidationError as error:
            form.refuse(error)
        else:
            return done(request, session, "La délibération est complétée.")
    context = {"form": form, "title": "Compléter la délibération", "button": "Enregistrer", "session": session}
    context |= {"back": home(session), "revision": session.revision}
    return render(request, "committee/form.html", context, status=422 if form.errors else 200)
