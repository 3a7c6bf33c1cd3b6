"""The pieces that an agent opened to an expert: no other, and only while the question waits."""

import uuid

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from normandata.documents import responses
from normandata.documents.models import Upload
from normandata.documents.responses import Links
from normandata.documents.rows import Row
from normandata.dossiers.models import Attachment

from ..models import Opinion
from .access import readable_question


def pieces(opinion: Opinion) -> list[tuple[str, Row]]:
    """List the pieces that a question opens, in the order of the deposit, each with its label; one query."""
    chosen = set(opinion.pieces)
    named = [piece for piece in opinion.deposit.pieces if piece["attachment"] in chosen]
    rows = Attachment.objects.filter(dossier=opinion.dossier_id, pk__in=chosen).select_related("upload")
    found = {one.pk: one for one in rows}
    return [
        (
            str(piece["label"]),
            Row(
                found[piece["attachment"]].upload,
                preview=reverse("experts:preview", args=[opinion.key, piece["attachment"]]),
            ),
        )
        for piece in named
        if piece["attachment"] in found
    ]


def opened(request: HttpRequest, key: uuid.UUID, pk: int) -> Upload:
    """Return the file of a piece that a question opens now; raises Http404."""
    opinion = readable_question(request, key)
    found = Attachment.objects.filter(dossier=opinion.dossier_id, pk=pk).select_related("upload").first()
    if found is None or pk not in opinion.pieces:
        raise Http404
    return found.upload


@require_safe
@never_cache
def download(request: HttpRequest, key: uuid.UUID, pk: int) -> FileResponse:
    """Send a piece as a download."""
    return responses.send(opened(request, key, pk))


@require_safe
@never_cache
def preview(request: HttpRequest, key: uuid.UUID, pk: int) -> HttpResponse:
    """Show a piece without downloading it."""
    upload = opened(request, key, pk)
    links = Links(
        page=reverse("experts:preview", args=[key, pk]),
        image=reverse("experts:image", args=[key, pk]),
        download=reverse("experts:piece", args=[key, pk]),
        back=reverse("experts:question", args=[key]),
        back_label="Revenir à la question",
    )
    return responses.preview(request, upload, links)


@require_safe
@never_cache
def image(request: HttpRequest, key: uuid.UUID, pk: int) -> FileResponse:
    """Send the drawing of one page."""
    asked = request.GET.get("page", "1")
    page = int(asked) if asked.isdecimal() and len(asked) < 6 else 1
    return responses.image(opened(request, key, pk), page)
