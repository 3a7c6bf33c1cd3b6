"""Files of a dossier: joined, taken away, read by both sides, each request checked anew."""

import uuid

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from normandata.documents import responses, uploads
from normandata.documents.forms import UploadBox
from normandata.documents.models import Upload
from normandata.documents.responses import Links
from normandata.documents.rows import Row
from normandata.procedure.errors import NotDone
from normandata.regulation.formats import spaced

from .. import drafts, presentation
from ..drafts import FormState, PieceState
from ..models import Attachment, Dossier
from ..services import drafts as gestures
from ..services import pieces as counted
from .access import attachment, own, person

JUDGED = {Attachment.Status.ACCEPTED: "accepted", Attachment.Status.TO_REPLACE: "replace"}


@require_safe
@never_cache
def pieces(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Show each piece, its limits, and the files joined to it."""
    dossier = own(request, key)
    form = drafts.read(dossier)
    if not form.pieces:
        raise Http404
    context = presentation.around(form, "pieces") | {
        "boxes": [(state, box(request, form, state)) for state in form.pieces],
        "trail": presentation.trail(dossier, "Pièces"),
        "position": len(form.sections) + 1,
        "count": len(form.sections) + 2,
        "previous": form.sections[-1].section,
    }
    return render(request, "dossiers/applicant/pieces.html", context)


def box(request: HttpRequest, form: FormState, state: PieceState) -> UploadBox | None:
    """Return the upload component of a piece, or nothing when it takes no file now."""
    dossier, piece = form.dossier, state.piece
    if not gestures.may_change(dossier, f"piece:{piece.slug}"):
        return None
    return UploadBox(
        request,
        action=reverse("dossiers:attach", args=[dossier.key, piece.slug]),
        limits=piece.limits,
        rows=[row(one, is_removable=True) for one in state.files],
        label=spaced(f"Ajouter : {piece.label}"),
        name=f"piece-{piece.slug}",
    )


def row(found: Attachment, *, is_removable: bool = False) -> Row:
    """Return the row that shows a file."""
    key = found.dossier.key
    return Row(
        found.upload,
        preview=reverse("dossiers:preview", args=[key, found.pk]),
        remove=reverse("dossiers:detach", args=[key, found.pk]) if is_removable else "",
        judged=JUDGED.get(Attachment.Status(found.status), ""),
        reason=found.reason,
    )


@require_POST
def attach(request: HttpRequest, key: uuid.UUID, slug: str) -> HttpResponse:
    """Receive files for a piece: each for itself, one that fails keeps the others."""
    dossier = own(request, key)
    state = drafts.read(dossier).piece(slug)
    if state is None:
        raise Http404
    piece = state.piece
    kept: dict[uuid.UUID, Attachment] = {}

    def join(upload: Upload) -> None:
        kept[upload.pk] = counted.join(dossier, piece, upload, by=person(request))

    def drawn(upload: Upload) -> SafeString:
        return row(kept[upload.pk], is_removable=True).render(get_token(request))

    files = UploadBox.files(request)
    try:
        already = len(state.files)
        outcomes = uploads.receive_all(files, by=person(request), limits=piece.limits, keep=join, already=already)
    except NotDone as refusal:
        outcomes = [uploads.Outcome(name=file.name or "", message=" ".join(refusal.messages)) for file in files]
    return responses.received(request, outcomes, row=drawn, back=_back(dossier))


@require_POST
def detach(request: HttpRequest, key: uuid.UUID, pk: int) -> HttpResponse:
    """Take a file away."""
    dossier = own(request, key)
    found = Attachment.objects.current().filter(dossier=dossier, pk=pk).select_related("dossier").first()
    if found is None:
        raise Http404
    try:
        gestures.detach(found, by=person(request))
    except NotDone as refusal:
        return presentation.refused(request, refusal, _back(dossier))
    return presentation.done(request, "Le fichier est retiré.", _back(dossier))


@require_safe
@never_cache
def download(request: HttpRequest, key: uuid.UUID, pk: int) -> FileResponse:
    """Send a file as a download."""
    return responses.send(attachment(request, key, pk).upload)


@require_safe
@never_cache
def preview(request: HttpRequest, key: uuid.UUID, pk: int) -> HttpResponse:
    """Show a file without downloading it."""
    found = attachment(request, key, pk)
    is_applicant = Dossier.objects.applied_by(person(request)).filter(pk=found.dossier_id).exists()
    back = "dossiers:dossier" if is_applicant else "dossiers:examine"
    links = Links(
        page=reverse("dossiers:preview", args=[key, pk]),
        image=reverse("dossiers:preview_image", args=[key, pk]),
        download=reverse("dossiers:file", args=[key, pk]),
        back=reverse(back, args=[key]),
        back_label="Revenir au dossier",
    )
    return responses.preview(request, found.upload, links)


@require_safe
@never_cache
def image(request: HttpRequest, key: uuid.UUID, pk: int) -> FileResponse:
    """Send the drawing of one page."""
    asked = request.GET.get("page", "1")
    page = int(asked) if asked.isdecimal() and len(asked) < 6 else 1
    return responses.image(attachment(request, key, pk).upload, page)


def _back(dossier: Dossier) -> str:
    if dossier.editable == "pieces":
        return reverse("dossiers:dossier", args=[dossier.key])
    return reverse("dossiers:pieces", args=[dossier.key])
