"""Writing a report: its parts saved as they are typed, its files, its preview, and sending it to the Region."""

import uuid

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from normandata.documents import responses, uploads
from normandata.documents.forms import UploadBox
from normandata.documents.models import Upload
from normandata.documents.responses import Links
from normandata.documents.rows import Row
from normandata.dossiers.views.access import person
from normandata.procedure.errors import NotDone
from normandata.regulation.formats import spaced
from normandata.ui import markup as marks
from normandata.ui.templatetags.nd import hour

from .. import markup, provider
from ..orders import Order
from ..provider_forms import FileForm, PartForm, SubmitForm
from ..reports import PARTS, Report, ReportFile, ReportPart
from ..services import reports
from ..services.reports import LIMITS, NOT_WRITABLE, Conflict
from .provider import refused, standing, told

AUTOSAVE = "autosave"
MOST_DIGITS = 9


def writing(request: HttpRequest, key: uuid.UUID) -> tuple[Order, Report]:
    """Return an order that has begun and its report; raises Http404."""
    order = standing(request, key)
    if order.started_on is None:
        raise Http404
    return order, reports.report_of(order)


def is_writable(order: Order, report: Report) -> bool:
    return order.dossier.state == "in_progress" and report.state == Report.State.WRITING


@require_safe
@never_cache
def report(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Show the report's parts, its files, and what is missing before it leaves."""
    order, found = writing(request, key)
    return overview(request, order, found, SubmitForm(initial={"conforme": found.has_no_structure_data}))


def overview(request: HttpRequest, order: Order, found: Report, form: SubmitForm, *, status: int = 200) -> HttpResponse:
    """Draw the report's own page."""
    can_write = is_writable(order, found)
    listed = [row(order, file, is_removable=can_write) for file in provider.files(found)]
    context = {
        "order": order,
        "dossier": order.dossier,
        "report": found,
        "parts": provider.parts(found),
        "is_writable": can_write,
        "files": provider.files(found),
        "box": UploadBox(
            request,
            action=reverse("diagnostic:report_attach", args=[order.dossier.key]),
            limits=LIMITS,
            rows=listed,
            label="Ajouter des fichiers et des images",
            name="rapport",
        )
        if can_write
        else None,
        "rows": listed,
        "form": form,
    }
    return render(request, "diagnostic/provider/report.html", context, status=status)


def row(order: Order, file: ReportFile, *, is_removable: bool = False) -> Row:
    """Return the row that shows a file of the report, and says where it is shown."""
    place = [f"image de la partie {list(PARTS).index(file.part) + 1}"] if file.part else []
    if file.is_confidential:
        place.append("confidentiel")
    keys = [order.dossier.key, file.pk]
    return Row(
        file.upload,
        preview=reverse("diagnostic:report_preview_file", args=keys),
        remove=reverse("diagnostic:report_detach", args=keys) if is_removable else "",
        why=", ".join(place),
        reason=f"Légende : {file.caption}" if file.caption else "",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def part(request: HttpRequest, key: uuid.UUID, slug: str) -> HttpResponse:
    """Show a part, or save it as it is typed."""
    order, found = writing(request, key)
    if slug not in PARTS:
        raise Http404
    kept = found.parts.filter(slug=slug).first()
    if request.method != "POST":
        form = PartForm(initial={"text": kept.text if kept else ""}, title=PARTS[slug])
        return part_page(request, order, found, slug, form)
    text = request.POST.get("text", "").replace("\r\n", "\n")
    version = request.POST.get("version", "0")
    seen = int(version) if version.isdecimal() and len(version) < MOST_DIGITS else 0
    try:
        saved = reports.save_part(order, slug, text, version=seen, by=person(request))
    except Conflict as conflict:
        return conflicting(request, order, slug, text, conflict.kept)
    except NotDone as error:
        return unsaved(request, order, found, slug, error)
    return answered(request, order, found, saved)


def part_page(
    request: HttpRequest, order: Order, found: Report, slug: str, form: PartForm, *, status: int = 200
) -> HttpResponse:
    """Draw the page where a part is written."""
    previous, following = provider.neighbours(slug)
    context = {
        "order": order,
        "dossier": order.dossier,
        "report": found,
        "slug": slug,
        "title": PARTS[slug],
        "position": list(PARTS).index(slug) + 1,
        "row": found.parts.filter(slug=slug).first(),
        "form": form,
        "previous": previous,
        "following": following,
        "is_locked": not is_writable(order, found),
    }
    return render(request, "diagnostic/provider/part.html", context, status=status)


def answered(request: HttpRequest, order: Order, found: Report, saved: ReportPart) -> HttpResponse:
    """Say that a part is saved, to the page's script or by leading on."""
    left = sum(not one.is_written for one in provider.parts(found))
    if request.headers.get("X-Requested-With") == AUTOSAVE:
        words = f"Enregistré à {hour(saved.saved_at)}"
        return JsonResponse({"version": saved.version, "saved": words, "left": left, "tag": ""})
    _, following = provider.neighbours(saved.slug)
    if "suite" not in request.POST:
        return HttpResponseRedirect(reverse("diagnostic:report_part", args=[order.dossier.key, saved.slug]))
    if following:
        return HttpResponseRedirect(reverse("diagnostic:report_part", args=[order.dossier.key, following[0]]))
    return HttpResponseRedirect(reverse("diagnostic:report", args=[order.dossier.key]))


def conflicting(request: HttpRequest, order: Order, slug: str, text: str, kept: ReportPart) -> HttpResponse:
    """Show both texts of a part saved elsewhere meanwhile."""
    if request.headers.get("X-Requested-With") == AUTOSAVE:
        words = f"Cette partie a été modifiée ailleurs à {hour(kept.saved_at)}."
        return JsonResponse({"conflict": words, "version": kept.version}, status=409)
    context = {"order": order, "dossier": order.dossier, "title": PARTS[slug], "slug": slug, "text": text, "kept": kept}
    return render(request, "diagnostic/provider/conflict.html", context, status=409)


def unsaved(request: HttpRequest, order: Order, found: Report, slug: str, error: NotDone) -> HttpResponse:
    """Keep on screen a text that was not saved, and say why."""
    form = PartForm(request.POST, title=PARTS[slug])
    form.is_valid()
    told(form, error, "text")
    if request.headers.get("X-Requested-With") == AUTOSAVE:
        return JsonResponse({"message": spaced(" ".join(error.messages))}, status=410)
    status = 422 if is_writable(order, found) else 409
    return part_page(request, order, found, slug, form, status=status)


@require_POST
def attach(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Receive files: each for itself, one that fails keeps the others."""
    order, found = writing(request, key)
    kept: dict[uuid.UUID, ReportFile] = {}

    def join(upload: Upload) -> None:
        kept[upload.pk] = reports.join(order, upload, by=person(request))

    def drawn(upload: Upload) -> SafeString:
        return row(order, kept[upload.pk], is_removable=True).render(get_token(request))

    files = UploadBox.files(request)
    already = len(provider.files(found))
    try:
        outcomes = uploads.receive_all(files, by=person(request), limits=LIMITS, keep=join, already=already)
    except NotDone as refusal:
        outcomes = [uploads.Outcome(name=file.name or "", message=" ".join(refusal.messages)) for file in files]
    back = reverse("diagnostic:report", args=[order.dossier.key]) + "#fichiers"
    return responses.received(request, outcomes, row=drawn, back=back)


def joined(request: HttpRequest, key: uuid.UUID, pk: int) -> ReportFile:
    """Return a file of a report of the person's company; raises Http404."""
    _, found = writing(request, key)
    file = found.files.filter(pk=pk, removed_at=None).select_related("upload", "report__order__dossier").first()
    if file is None:
        raise Http404
    return file


@require_POST
def detach(request: HttpRequest, key: uuid.UUID, pk: int) -> HttpResponse:
    """Take a file away."""
    file = joined(request, key, pk)
    order = file.report.order
    back = reverse("diagnostic:report", args=[key]) + "#fichiers"
    try:
        reports.take_away(file, by=person(request))
    except NotDone as error:
        return refused(request, order, error, back)
    messages.success(request, "Le fichier est retiré.")
    return HttpResponseRedirect(back)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def describe(request: HttpRequest, key: uuid.UUID, pk: int) -> HttpResponse:
    """Say what a file is, where it is shown, and whether it is confidential."""
    file = joined(request, key, pk)
    form = FileForm.of(file, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        said = {"part": "", **form.cleaned_data}
        try:
            reports.describe(file, by=person(request), **said)
        except NotDone as error:
            told(form, error, "caption")
        else:
            messages.success(request, "Le fichier est décrit.")
            return HttpResponseRedirect(reverse("diagnostic:report", args=[key]) + "#fichiers")
    context = {"dossier": file.report.order.dossier, "order": file.report.order, "file": file, "form": form}
    return render(request, "diagnostic/provider/file.html", context, status=422 if form.is_bound else 200)


@require_safe
@never_cache
def preview_file(request: HttpRequest, key: uuid.UUID, pk: int) -> HttpResponse:
    """Show a file without downloading it."""
    links = Links(
        page=reverse("diagnostic:report_preview_file", args=[key, pk]),
        image=reverse("diagnostic:report_image", args=[key, pk]),
        download=reverse("diagnostic:report_annex", args=[key, pk]),
        back=reverse("diagnostic:report", args=[key]),
        back_label="Revenir au rapport",
    )
    return responses.preview(request, joined(request, key, pk).upload, links)


@require_safe
@never_cache
def image(request: HttpRequest, key: uuid.UUID, pk: int) -> FileResponse:
    """Send the drawing of one page of a file."""
    asked = request.GET.get("page", "1")
    page = int(asked) if asked.isdecimal() and len(asked) < MOST_DIGITS else 1
    return responses.image(joined(request, key, pk).upload, page)


@require_safe
@never_cache
def preview(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Show what the PDF will say, whole or redacted."""
    order, found = writing(request, key)
    is_redacted = request.GET.get("version") == "expurgee"
    cut = markup.redacted if is_redacted else markup.shown
    listed = [file for file in provider.files(found) if not (is_redacted and file.is_confidential)]
    shown = [
        {
            "title": one.title,
            "html": marks.render(cut(one.row.text if one.row else "")),
            "figures": [{"file": file, "caption": cut(file.caption)} for file in listed if file.part == one.slug],
        }
        for one in provider.parts(found)
    ]
    context = {"order": order, "dossier": order.dossier, "parts": shown, "is_redacted": is_redacted, "files": listed}
    return render(request, "diagnostic/provider/preview.html", context)


@require_POST
def submit(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Send the report to the Region, its box ticked."""
    order, found = writing(request, key)
    form, by = SubmitForm(request.POST), person(request)
    ticked = form.is_valid()
    try:
        reports.tick_compliance(order, ticked, by=by)
        if ticked:
            reports.submit(order.dossier, by=by)
    except NotDone as error:
        if error.messages == (NOT_WRITABLE,):
            return refused(request, order, error)
        told(form, error, "conforme")
    if form.errors:
        return overview(request, order, found, form, status=422)
    messages.success(
        request, "Le rapport est envoyé à la Région. Un agent le lit ; vous aurez sa réponse par courriel."
    )
    return HttpResponseRedirect(reverse("diagnostic:mission", args=[key]))
