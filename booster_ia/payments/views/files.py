"""The papers of the expenses: joined line by line and kind by kind, read by both sides."""

import uuid

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils.safestring import SafeString
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from normandata.documents import responses, uploads
from normandata.documents.forms import UploadBox
from normandata.documents.limits import Limits
from normandata.documents.models import Upload
from normandata.documents.responses import Links
from normandata.documents.rows import Row
from normandata.dossiers import closures, permissions, presentation
from normandata.dossiers.models import Dossier
from normandata.dossiers.views.access import person
from normandata.procedure.errors import NotDone
from normandata.regulation.formats import spaced

from ..lines import Document, ExpenseFile, wanted
from ..permissions import SCHEME
from ..reckoning import Judged
from ..requests import SEEN_BY, PaymentRequest
from ..services import requests
from ..states import DRAFT
from .access import own_request, refused, show
from .fill import around, checked, computed

LIMITS = Limits(formats=frozenset({"pdf", "png", "jpeg"}), most_files=6)


@require_safe
@never_cache
def papers(request: HttpRequest, key: uuid.UUID, pk: int) -> HttpResponse:
    """Show each expense with a box for each kind of paper that proves it."""
    found = own_request(request, key, pk)
    form = checked(found)
    if not found.is_filled or found.is_advance or form.errors:
        return HttpResponseRedirect(reverse("booster_ia:payment_fill", args=[key, pk]))
    content = computed(found, form)
    context = around(found) | content | {"boxes": [(one, boxes(request, found, one)) for one in content["rows"]]}
    return show(request, "booster_ia/payments/papers.html", context)


def boxes(request: HttpRequest, found: PaymentRequest, one: Judged) -> list[tuple[Document, UploadBox]]:
    """Return the upload components of a line, one a kind."""
    key = found.award.dossier.key
    return [
        (
            kind,
            UploadBox(
                request,
                action=reverse("booster_ia:payment_attach", args=[key, found.pk, one.line.row, kind.value]),
                limits=LIMITS,
                rows=[row(file, key, is_removable=True) for file in one.files if file.kind == kind],
                label=spaced(f"Ajouter : {kind.label}"),
                name=f"{one.line.row}-{kind.value}",
            ),
        )
        for kind in wanted(one.line.category)
    ]


def row(file: ExpenseFile, key: uuid.UUID, *, is_removable: bool = False) -> Row:
    """Return the row that shows a file."""
    remove = reverse("booster_ia:payment_detach", args=[key, file.request_id, file.pk]) if is_removable else ""
    return Row(file.upload, preview=reverse("booster_ia:payment_preview", args=[key, file.pk]), remove=remove)


@require_POST
def attach(request: HttpRequest, key: uuid.UUID, pk: int, row: str, kind: str) -> HttpResponse:
    """Receive files for a line: each for itself, one that fails keeps the others."""
    found = own_request(request, key, pk)
    if kind not in Document.values or len(row) > 20:
        raise Http404
    kept: dict[uuid.UUID, ExpenseFile] = {}

    def join(upload: Upload) -> None:
        kept[upload.pk] = requests.attach(found, row, Document(kind), upload, by=person(request))

    def drawn(upload: Upload) -> SafeString:
        return _row(kept[upload.pk], key).render(get_token(request))

    files = UploadBox.files(request)
    already = found.files.filter(row=row, kind=kind, removed_at=None).count()
    try:
        outcomes = uploads.receive_all(files, by=person(request), limits=LIMITS, keep=join, already=already)
    except NotDone as error:
        outcomes = [uploads.Outcome(name=file.name or "", message=" ".join(error.messages)) for file in files]
    back = reverse("booster_ia:payment_papers", args=[key, pk]) + f"#{row}"
    return responses.received(request, outcomes, row=drawn, back=back)


def _row(file: ExpenseFile, key: uuid.UUID) -> Row:
    return row(file, key, is_removable=True)


@require_POST
def detach(request: HttpRequest, key: uuid.UUID, pk: int, file: int) -> HttpResponse:
    """Take a file away."""
    found = own_request(request, key, pk)
    joined = found.files.filter(pk=file, removed_at=None).first()
    if joined is None:
        raise Http404
    joined.request = found
    back = reverse("booster_ia:payment_papers", args=[key, pk]) + f"#{joined.row}"
    try:
        requests.detach(joined, by=person(request))
    except NotDone as error:
        return refused(request, error, back)
    return presentation.done(request, "Le fichier est retiré.", back)


@require_safe
@never_cache
def download(request: HttpRequest, key: uuid.UUID, pk: int) -> FileResponse:
    """Send a file as a download."""
    return responses.send(_readable(request, key, pk).upload)


@require_safe
@never_cache
def preview(request: HttpRequest, key: uuid.UUID, pk: int) -> HttpResponse:
    """Show a file without downloading it."""
    found = _readable(request, key, pk)
    is_applicant = permissions.is_applicant(person(request), found.request.award.dossier)
    back = (
        reverse("booster_ia:payment_fill", args=[key, found.request_id])
        if is_applicant
        else reverse("booster_ia:payment", args=[found.request_id])
    )
    links = Links(
        page=reverse("booster_ia:payment_preview", args=[key, pk]),
        image=reverse("booster_ia:payment_image", args=[key, pk]),
        download=reverse("booster_ia:payment_file", args=[key, pk]),
        back=back,
        back_label="Revenir à la demande",
    )
    return responses.preview(request, found.upload, links)


@require_safe
@never_cache
def image(request: HttpRequest, key: uuid.UUID, pk: int) -> FileResponse:
    """Send the drawing of one page."""
    asked = request.GET.get("page", "1")
    page = int(asked) if asked.isdecimal() and len(asked) < 6 else 1
    return responses.image(_readable(request, key, pk).upload, page)


def _readable(request: HttpRequest, key: uuid.UUID, pk: int) -> ExpenseFile:
    """Return a file for its organisation, or for the Region once its request was sent; raises Http404."""
    user = person(request)
    files = ExpenseFile.objects.filter(pk=pk, request__award__dossier__key=key)
    found = files.select_related("upload", "request__award__dossier").first()
    if found is None:
        raise Http404
    dossier = found.request.award.dossier
    if permissions.is_applicant(user, dossier):
        return found
    is_open = Dossier.objects.filter(closures.left_open(user), pk=dossier.pk).exists()
    if not (is_open and user.holds(*SEEN_BY, scheme=SCHEME)) or found.request.state == DRAFT:
        raise Http404
    return found
