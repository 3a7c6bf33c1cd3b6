"""The clerk's pages before a session: the list, the agenda with its gauge and its cut line, what goes on and off it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from normandata.dossiers.views.access import person
from normandata.procedure.errors import NotAllowed, NotDone, NotNow
from normandata.regulation.formats import plural

from .. import permissions, reading
from ..forms import ChangeSessionForm, NewSessionForm, OrderForm, ReasonForm
from ..models import Session
from ..services import sessions as services
from ..services.holding import items_of
from ..workflow import PREPARING, TABLED
from .access import done, gestures, home, keepers, posted, readers, seen

PER_PAGE = 30


@require_safe
@never_cache
def listing(request: HttpRequest) -> HttpResponse:
    """List the sessions: those to come first, the next on top, then those held, the last on top."""
    user = person(request)
    if not permissions.has_access(user):
        raise Http404
    mine = Session.objects.visible_to(user).annotate(count=Count("items", filter=Q(items__removed_at=None)))
    today = timezone.localdate()
    held = mine.filter(held_on__lt=today).order_by("-held_on", "-pk")
    context = {
        "coming": mine.filter(held_on__gte=today).order_by("held_on", "pk"),
        "page": Paginator(held, PER_PAGE).get_page(request.GET.get("page")),
        "may_create": bool(permissions.kept_by(user)),
    }
    return render(request, "committee/sessions.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def new(request: HttpRequest) -> HttpResponse:
    """Open a session."""
    kept = permissions.kept_by(person(request))
    if not kept:
        raise Http404
    form = NewSessionForm(posted(request), kept=kept)
    if form.is_bound and form.is_valid():
        try:
            session = services.create(**form.values, by=person(request))
        except ValidationError as error:
            form.refuse(error)
        else:
            return done(request, session, "La séance est ouverte. Inscrivez maintenant les dossiers.")
    context = {"form": form, "title": "Nouvelle séance", "button": "Ouvrir la séance"}
    context["back"] = reverse("committee:sessions")
    return render(request, "committee/form.html", context, status=422 if form.errors else 200)


@readers
def session(request: HttpRequest, session: Session) -> HttpResponse:
    """Show a session: its agenda, the envelope after it, what waits to be put on it."""
    return shown(request, session)


def shown(
    request: HttpRequest, session: Session, *, problems: tuple[str, ...] = (), chosen: tuple[str, ...] = ()
) -> HttpResponse:
    """Draw the page of a session; what was refused is said above, and the boxes ticked stay."""
    user = person(request)
    agenda = reading.agenda(session, user)
    rights = reading.rights(session, user, is_complete=agenda.is_complete)
    context: dict[str, Any] = {
        "session": session,
        "agenda": agenda,
        "rights": rights,
        "waiting": reading.waiting(session, user) if rights.prepares else [],
        "chosen": chosen,
        "papers": session.papers.select_related("document") if agenda.is_complete else [],
        "problems": problems,
    }
    return render(request, "committee/session.html", context, status=422 if problems else 200)


@readers
def journal(request: HttpRequest, session: Session) -> HttpResponse:
    """Read what was done on a session, by whom, when and why."""
    return render(request, "committee/journal.html", {"session": session, "acts": reading.journal(session)})


@keepers
def edit(request: HttpRequest, session: Session) -> HttpResponse:
    """Change the day, the place or the report's number."""
    if session.state not in (PREPARING, TABLED):
        raise Http404
    form = ChangeSessionForm.of(session, posted(request), is_settled=session.state == TABLED)
    revision = seen(request)
    if form.is_bound and form.is_valid():
        try:
            services.change(session, **form.values, by=person(request), seen=revision)
        except NotDone as error:
            form.add_error(None, list(error.messages))
        except ValidationError as error:
            form.refuse(error)
        else:
            return done(request, session, "La séance est modifiée.")
    context = {"form": form, "title": "Modifier la séance", "button": "Enregistrer", "session": session}
    context |= {"back": home(session), "revision": revision or session.revision}
    return render(request, "committee/form.html", context, status=422 if form.errors else 200)


@gestures
def add(request: HttpRequest, session: Session) -> HttpResponse:
    """Put on the agenda the dossiers ticked, or all that wait."""
    user = person(request)
    chosen = tuple(request.POST.getlist("choix"))
    awaited = [one.dossier for one in reading.waiting(session, user)]
    wanted = awaited if "tous" in request.POST else [one for one in awaited if one.number in chosen]
    try:
        items = services.put_on_agenda(session, wanted, by=user, seen=seen(request))
    except NotDone as error:
        return shown(request, session, problems=tuple(error.messages), chosen=chosen)
    return done(request, session, f"{plural(len(items), 'dossier inscrit', 'dossiers inscrits')} à l’ordre du jour.")


@keepers
def order(request: HttpRequest, session: Session) -> HttpResponse:
    """Type the place of each dossier on the agenda."""
    if session.state != PREPARING:
        raise Http404
    form = OrderForm(posted(request), items=items_of(session))
    if form.is_bound and form.is_valid():
        try:
            services.reorder(session, form.keys, by=person(request), seen=seen(request))
        except NotDone as error:
            form.add_error(None, list(error.messages))
        else:
            return done(request, session, "L’ordre du jour est dans l’ordre que vous avez donné.")
    closed = permissions.closed_to(person(request), form.items)
    context = {"form": form, "session": session, "closed": closed, "back": home(session)}
    return render(request, "committee/order.html", context, status=422 if form.errors else 200)


@keepers
def take_off(request: HttpRequest, session: Session, item: int) -> HttpResponse:
    """Take a dossier off the agenda, with the reason."""
    found = get_object_or_404(session.items.standing().select_related("dossier__organisation"), pk=item)
    if session.state not in (PREPARING, TABLED):
        raise Http404
    found.session = session
    form = ReasonForm(posted(request))
    if form.is_bound and form.is_valid():
        try:
            services.take_off(found, reason=form.cleaned_data["reason"], by=person(request), seen=seen(request))
        except NotDone as error:
            form.add_error("reason", list(error.messages))
        else:
            return done(request, session, f"{found.dossier.number} n’est plus à l’ordre du jour.")
    context = {"form": form, "title": f"Retirer {found.dossier.number} de l’ordre du jour", "session": session}
    context |= {"button": "Retirer le dossier", "back": home(session), "revision": session.revision, "is_danger": True}
    context["lead"] = "Il attendra une autre séance ; la structure, à qui la date a été dite, en est avertie."
    return render(request, "committee/form.html", context, status=422 if form.errors else 200)


@gestures
def table(request: HttpRequest, session: Session) -> HttpResponse:
    """Settle the agenda."""
    try:
        services.table(session, by=person(request), seen=seen(request))
    except NotAllowed as error:
        raise Http404 from error
    except NotNow as error:
        messages.error(request, " ".join(error.messages))
        return HttpResponseRedirect(home(session))
    except NotDone as error:
        session.refresh_from_db()
        return shown(request, session, problems=tuple(error.messages))
    return done(request, session, "L’ordre du jour est arrêté, son rapport se prépare.")
