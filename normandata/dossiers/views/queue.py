"""The agents' queue: the page, its export, its saved views."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from normandata.accounts.models import User
from normandata.procedure.errors import NotDone

from .. import board, exports, queue
from ..board import Board
from ..cells import sprite
from ..desk import SavedView
from ..desk_forms import ViewForm
from ..filters import YOU, Desk, Filters
from ..models import INSTRUCTORS, READERS
from ..services import saved_views
from .access import person


def reader(request: HttpRequest) -> User:
    """Return who reads the dossiers of a scheme; raises Http404 for anybody else."""
    user = person(request)
    if user.schemes_as(*READERS) == frozenset():
        raise Http404
    return user


def instructor(request: HttpRequest) -> User:
    """Return an agent of a scheme; raises Http404 for anybody else."""
    user = person(request)
    if user.schemes_as(*INSTRUCTORS) == frozenset():
        raise Http404
    return user


def to_queue(query: str) -> HttpResponseRedirect:
    """Go back to the queue; the address is written again from what could be read."""
    return HttpResponseRedirect(f"{reverse('dossiers:queue')}{f'?{query}' if query else ''}")


@require_safe
@never_cache
def page(request: HttpRequest) -> HttpResponse:
    """Show one page of the queue, as its address asks for it."""
    shown = Board(reader(request), request.GET)
    place = {name: request.GET[name] for name in ("apres", "avant") if name in request.GET}
    context = {
        "board": shown,
        "lines": shown.lines(all_ticked=request.GET.get("choisir") == "page"),
        "sprite": sprite(shown.rows),
        "per_page": queue.PER_PAGE,
        "here": f"{urlencode(place)}&" if place else "",
    }
    return render(request, "dossiers/queue/queue.html", context)


@require_safe
@never_cache
def oldest(request: HttpRequest) -> HttpResponse:
    """Open the dossier that has waited longest at this agent's turn."""
    filters = Filters.read(f"tour={YOU}", Desk.of(instructor(request)))
    key = queue.oldest(filters)
    if key is None:
        return to_queue(filters.encoded)
    return HttpResponseRedirect(f"{reverse('dossiers:examine', args=[key])}?{urlencode({'file': filters.encoded})}")


@require_safe
def export(request: HttpRequest) -> HttpResponseBase:
    """Send the whole queue, as filtered and sorted, in CSV."""
    desk = Desk.of(reader(request))
    rows = queue.rows_of(Filters.read(request.GET, desk))
    content = exports.lines(exports.dossiers(rows, desk))
    return exports.response(content, f"dossiers-{timezone.localdate():%Y-%m-%d}.csv")


@require_safe
@never_cache
def columns(request: HttpRequest) -> HttpResponse:
    """Choose the columns and the order; the answer is an address of the queue."""
    filters = Filters.read(request.GET, Desk.of(reader(request)))
    context = {"filters": filters, "columns": board.columns(filters), "sorts": board.sorts(filters)}
    return render(request, "dossiers/queue/columns.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def views(request: HttpRequest) -> HttpResponse:
    """List one's views, and keep the queue as it is filtered under a name."""
    user = instructor(request)
    filters = Filters.read(request.GET, Desk.of(user))
    form = ViewForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _kept(form, filters, user):
        messages.success(request, f"La vue « {form.cleaned_data['name']} » est enregistrée.")
        return to_queue(filters.encoded)
    context = {
        "form": form,
        "words": [word for word, _ in filters.chips({})],
        "filters": filters,
        "kept": SavedView.objects.filter(owner=user),
    }
    return render(request, "dossiers/queue/views.html", context)


def _kept(form: ViewForm, filters: Filters, user: User) -> bool:
    """Keep a view; a name that is taken is said beside its field."""
    try:
        saved_views.save(form.cleaned_data["name"], filters, is_shared=form.cleaned_data["is_shared"], by=user)
    except NotDone as refused:
        form.add_error("name", list(refused.messages))
        return False
    return True


@require_POST
def forget_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete one of one's own views."""
    user = instructor(request)
    view = SavedView.objects.filter(pk=pk, owner=user).first()
    if view is None:
        raise Http404
    saved_views.forget(view, by=user)
    messages.success(request, f"La vue « {view.name} » est supprimée.")
    return redirect("dossiers:views")
