"""The pages of whoever answers requests on data and conducts eliminations; the auditor reads the latter."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from normandata.accounts.models import User
from normandata.documents import services as documents
from normandata.dossiers import exports as sheets
from normandata.privacy import registry
from normandata.privacy.retention import retention
from normandata.procedure.errors import NotDone

from .. import bordereau
from ..forms import AnswerForm, DropForm, NoteForm, VisaForm
from ..models import Kind, Lot, Request, handles, reads_lots
from ..services import eliminations
from ..services import requests as answering

View = Callable[..., HttpResponseBase]
form_page = require_http_methods(["GET", "HEAD", "POST"])
A_PAGE = 30


def officers(view: View) -> View:
    """Let in whoever answers requests; for anybody else the page does not exist."""

    @wraps(view)
    @never_cache
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not (isinstance(request.user, User) and handles(request.user)):
            raise Http404
        return view(request, *args, **kwargs)

    return checked


def _sent(request: HttpRequest) -> QueryDict | None:
    """Return what was posted, be it nothing; None on a mere visit."""
    return request.POST if request.method == "POST" else None


def _me(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise Http404
    return request.user


# ------------------------------------------------------------------------------------------------------------ requests
@require_safe
@officers
def requests(request: HttpRequest) -> HttpResponse:
    """List the requests: those that wait by urgency, then those answered."""
    today = timezone.localdate()
    rows = Request.objects.visible_to(_me(request)).select_related("person", "answered_by")
    waiting = list(rows.waiting())
    past = Paginator(rows.exclude(answered_at=None).order_by("-answered_at", "pk"), A_PAGE)
    context = {
        "waiting": [(one, one.is_late(today), (one.due_on - today).days) for one in waiting],
        "past": past.get_page(request.GET.get("page")),
    }
    return render(request, "rights/requests.html", context)


@form_page
@officers
def note(request: HttpRequest) -> HttpResponse:
    """Note a request that came by letter, of somebody with or without an account."""
    form = NoteForm(_sent(request))
    if request.method == "POST" and form.is_valid():
        try:
            asked = answering.note(**form.cleaned_data, by=_me(request))
        except NotDone as error:
            form.add_error(None, str(error))
        else:
            return redirect("rights:request", pk=asked.pk)
    return render(request, "rights/note.html", {"form": form}, status=422 if form.is_bound else 200)


@form_page
@officers
def request_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a request with what prevents an erasure, and answer it."""
    asked = _request(request, pk)
    form = AnswerForm(_sent(request))
    if request.method == "POST" and form.is_valid():
        try:
            answering.answer(asked, form.cleaned_data["outcome"], form.cleaned_data["answer"], by=_me(request))
        except NotDone as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "La réponse est enregistrée, le courriel part.")
            return redirect("rights:requests")
    status = 422 if form.is_bound else 200
    return render(request, "rights/request.html", _about(asked, form), status=status)


@require_POST
@officers
def erase(request: HttpRequest, pk: int) -> HttpResponse:
    """Erase the person who asked for it."""
    asked = _request(request, pk)
    try:
        answering.erase(asked, request.POST.get("answer", "")[:6000], by=_me(request))
    except NotDone as error:
        messages.error(request, str(error))
        return redirect("rights:request", pk=asked.pk)
    messages.success(request, "La personne est effacée. Un dernier courriel le lui dit.")
    return redirect("rights:requests")


def _request(request: HttpRequest, pk: int) -> Request:
    rows = Request.objects.visible_to(_me(request)).select_related("person", "answered_by")
    return get_object_or_404(rows, pk=pk)


def _about(asked: Request, form: AnswerForm) -> dict[str, Any]:
    is_erasure = asked.kind == Kind.ERASURE and asked.answered_at is None
    return {
        "asked": asked,
        "form": form,
        "is_erasure": is_erasure,
        "is_late": asked.is_late(timezone.localdate()),
        "obstacles": registry.obstacles(asked.person) if is_erasure else [],
    }


# -------------------------------------------------------------------------------------------------------- eliminations
def readers(view: View) -> View:
    """Let in whoever conducts eliminations or audits them."""

    @wraps(view)
    @never_cache
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not (isinstance(request.user, User) and reads_lots(request.user)):
            raise Http404
        return view(request, *args, **kwargs)

    return checked


@require_safe
@readers
def lots(request: HttpRequest) -> HttpResponse:
    """List the lots, the durations in force, and what the night would propose."""
    today = timezone.localdate()
    rows = Lot.objects.visible_to(_me(request)).annotate(
        size=Count("rows"), done=Count("rows", filter=Q(rows__done_at__isnull=False))
    )
    found = Paginator(rows.order_by("-proposed_at", "-pk"), A_PAGE).get_page(request.GET.get("page"))
    labels = {one.slug: one.label for one in retention().rules}
    context = {
        "lots": [(one, labels.get(one.rule, one.rule)) for one in found],
        "page": found,
        "rules": [(one, one.on(today)) for one in retention().rules],
    }
    return render(request, "rights/lots.html", context)


@require_safe
@readers
def lot(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a lot with its lines, its visa, and the gestures left."""
    return render(request, "rights/lot.html", _shown(request, _lot(request, pk)))


@require_POST
@officers
def visa(request: HttpRequest, pk: int) -> HttpResponse:
    """Note the visa of the Archives."""
    found, form = _lot(request, pk), VisaForm(request.POST)
    if form.is_valid():
        try:
            eliminations.note_visa(found, by=_me(request), **form.cleaned_data)
            return redirect("rights:lot", pk=found.pk)
        except NotDone as error:
            form.add_error(None, str(error))
    return render(request, "rights/lot.html", _shown(request, found) | {"form": form}, status=422)


@require_POST
@officers
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a lot up."""
    found, form = _lot(request, pk), DropForm(request.POST)
    if form.is_valid():
        try:
            eliminations.drop(found, form.cleaned_data["reason"], by=_me(request))
            return redirect("rights:lot", pk=found.pk)
        except NotDone as error:
            form.add_error(None, str(error))
    return render(request, "rights/lot.html", _shown(request, found) | {"drop_form": form}, status=422)


@require_POST
@officers
def execute(request: HttpRequest, pk: int) -> HttpResponse:
    """Eliminate what the lot holds."""
    found = _lot(request, pk)
    try:
        eliminations.execute(found, by=_me(request))
    except NotDone as error:
        messages.error(request, str(error))
    return redirect("rights:lot", pk=found.pk)


@require_safe
@readers
def bordereau_csv(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """Send the lines of a lot."""
    found = _lot(request, pk)
    return sheets.response(sheets.lines(bordereau.rows(found), bordereau.HEADERS), f"bordereau-{found.number}.csv")


@require_safe
@readers
def bordereau_pdf(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Send the bordereau, or say that it is being made."""
    found = _lot(request, pk)
    document = bordereau.ask(found)
    if document.is_ready:
        return documents.download(document)
    messages.info(request, "Le bordereau se prépare. Demandez-le de nouveau dans un instant.")
    return redirect("rights:lot", pk=found.pk)


def _lot(request: HttpRequest, pk: int) -> Lot:
    people = ("proposed_by", "visa_noted_by", "executed_by", "dropped_by")
    return get_object_or_404(Lot.objects.visible_to(_me(request)).select_related(*people), pk=pk)


def _shown(request: HttpRequest, found: Lot) -> dict[str, Any]:
    me, rule = _me(request), retention().rule(found.rule)
    is_open = found.executed_at is None and found.dropped_at is None and handles(me)
    return {
        "lot": found,
        "rule": rule,
        "length": rule.on(timezone.localdate(found.proposed_at)),
        "page": Paginator(found.rows.select_related("dossier"), 100).get_page(request.GET.get("page")),
        "is_open": is_open,
        "may_execute": is_open and (found.visa_on or not found.needs_visa) and found.visa_noted_by_id != me.pk,
        "form": VisaForm(),
        "drop_form": DropForm(),
    }
