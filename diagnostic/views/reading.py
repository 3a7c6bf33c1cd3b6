"""Opening a report: one address for its structure, its provider and the scheme's agents, each opening journalled."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from normandata.documents import responses
from normandata.documents import services as documents
from normandata.documents.models import Document
from normandata.dossiers.views.access import person
from normandata.dossiers.views.waiting import awaited
from normandata.procedure.errors import NotAllowed, NotDone

from .. import permissions
from ..orders import Order
from ..permissions import Purpose
from ..provider_forms import PurposeForm
from ..reports import ReportFile, ReportVersion
from ..services import reports


def readable(request: HttpRequest, key: uuid.UUID) -> tuple[Order, tuple[Purpose, ...]]:
    """Return the order of a dossier whose report this person may open, and what for; raises Http404."""
    order = Order.objects.active().filter(dossier__key=key).select_related("dossier", "organisation", "company").first()
    allowed = permissions.purposes(person(request), order) if order else ()
    if order is None or not allowed:
        raise Http404
    return order, allowed


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def report_file(request: HttpRequest, key: uuid.UUID) -> HttpResponseBase:
    """Send the report; an agent first says what for."""
    order, allowed = readable(request, key)
    version = reports.latest(order)
    if version is None or version.document is None:
        raise Http404
    return opened(request, version, version.document, allowed)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def redacted_file(request: HttpRequest, key: uuid.UUID) -> HttpResponseBase:
    """Send the redacted report, where one was asked for."""
    order, allowed = readable(request, key)
    version = reports.latest(order)
    if version is None or version.redacted is None:
        raise Http404
    return opened(request, version, version.redacted, allowed, is_redacted=True)


def opened(
    request: HttpRequest,
    version: ReportVersion,
    document: Document,
    allowed: tuple[Purpose, ...],
    *,
    is_redacted: bool = False,
) -> HttpResponseBase:
    """Write the opening, then send the file; while it is being made, say so."""
    order = version.report.order
    leave = back(order, allowed)
    out = (leave, "Revenir au dossier")
    if page := awaited(request, document, document.title, back=out, trail=[], button="Ouvrir le rapport"):
        return page
    context = {"order": order, "dossier": order.dossier, "document": document, "back": leave}
    purpose = asked(request, allowed)
    if isinstance(purpose, PurposeForm):
        status = 422 if purpose.is_bound else 200
        return render(request, "diagnostic/provider/purpose.html", context | {"form": purpose}, status=status)
    reports.open_report(version, purpose=purpose, is_redacted=is_redacted, by=person(request))
    return documents.download(document)


def asked(request: HttpRequest, allowed: tuple[Purpose, ...]) -> Purpose | PurposeForm:
    """Return what a report is opened for: who has one reason has it; the Region's people say theirs."""
    if len(allowed) == 1:
        return allowed[0]
    form = PurposeForm(request.POST if request.method == "POST" else None)
    return Purpose(form.cleaned_data["purpose"]) if form.is_bound and form.is_valid() else form


def back(order: Order, allowed: tuple[Purpose, ...]) -> str:
    """Return the page of the diagnostic for whoever opens the report."""
    name = {Purpose.AUTHOR: "diagnostic:mission", Purpose.OWNER: "dossiers:dossier"}.get(allowed[0], "dossiers:examine")
    return reverse(name, args=[order.dossier.key])


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def annex(request: HttpRequest, key: uuid.UUID, pk: int) -> HttpResponseBase:
    """Send a file joined to the report; for its author, while it is written too."""
    order, allowed = readable(request, key)
    version = reports.latest(order)
    file = ReportFile.objects.filter(report=order.pk, pk=pk).select_related("upload").first()
    is_named = version is not None and file is not None and any(one["file"] == file.pk for one in version.files)
    is_own = allowed == (Purpose.AUTHOR,) and file is not None and file.removed_at is None
    if file is None or not (is_named or is_own):
        raise Http404
    purpose = asked(request, allowed)
    if isinstance(purpose, PurposeForm):
        context = {
            "order": order,
            "dossier": order.dossier,
            "form": purpose,
            "file": file,
            "back": back(order, allowed),
        }
        return render(request, "diagnostic/provider/purpose.html", context, status=422 if purpose.is_bound else 200)
    if is_named and version is not None:
        reports.open_report(version, purpose=purpose, file=file.upload.name, by=person(request))
    return responses.send(file.upload)


@require_POST
def redact(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Ask for the redacted report; asked twice, it is made once."""
    order, allowed = readable(request, key)
    try:
        reports.redact(order, by=person(request))
    except NotAllowed as error:
        raise Http404 from error
    except NotDone as error:
        for sentence in error.messages:
            messages.error(request, sentence)
        return HttpResponseRedirect(back(order, allowed))
    return HttpResponseRedirect(reverse("diagnostic:report_redacted", args=[key]))
