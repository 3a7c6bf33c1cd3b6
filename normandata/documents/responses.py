"""Answers made of uploads. The room that owns an attachment decides who asks; nothing here is a signed address.

Whatever leaves is a download, or a picture that we drew; neither runs in our origin.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils.safestring import SafeString

from normandata.regulation.formats import NBSP

from . import previews
from .checks.formats import TEXTS
from .models import Upload
from .uploads import Outcome

SHIELD = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cache-Control": "private, no-store",
    "X-Robots-Tag": "noindex, nofollow",
}


@dataclass(frozen=True, slots=True)
class Links:
    """The addresses that the owning room gives an upload: its preview page, its drawn page, its download."""

    page: str
    image: str
    download: str
    back: str
    back_label: str = "Retour"


def send(upload: Upload) -> FileResponse:
    """Send an upload as a download under its own name; raises Http404 unless it is available."""
    _refuse_unavailable(upload)
    kind = f"{upload.media_type}; charset=utf-8" if upload.format in TEXTS and _is_utf8(upload) else upload.media_type
    return _file(Path(upload.file.path), content_type=kind, filename=upload.name, as_attachment=True)


def image(upload: Upload, page: int = 1) -> FileResponse:
    """Send the drawing of a page or of an image; raises Http404 when there is none."""
    _refuse_unavailable(upload)
    preview = previews.of(upload, page)
    drawn = previews.image(upload, preview.page) if preview.kind == "image" and preview.page == page else None
    if drawn is None:
        raise Http404
    return _file(drawn, content_type="image/png", filename="apercu.png", as_attachment=False)


def preview(request: HttpRequest, upload: Upload, links: Links) -> HttpResponse:
    """Show the preview page, the page asked for in `?page=`; raises Http404 unless the upload is available."""
    _refuse_unavailable(upload)
    asked = request.GET.get("page", "1")
    shown = previews.of(upload, int(asked) if asked.isdecimal() and len(asked) < 6 else 1)
    is_drawn = shown.kind == "image" and previews.image(upload, shown.page) is not None
    context = {"upload": upload, "preview": shown, "links": links, "is_drawn": is_drawn}
    response = render(request, "documents/preview.html", context)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def received(
    request: HttpRequest, outcomes: Sequence[Outcome], *, row: Callable[[Upload], SafeString], back: str
) -> HttpResponse:
    """Answer to posted files: JSON to the page's script, which sends one; else messages on the page `back`."""
    if "application/json" in request.headers.get("Accept", ""):
        if not outcomes:
            return JsonResponse({"message": "Choisissez au moins un fichier."}, status=400)
        first = outcomes[0]
        if first.upload is None:
            return JsonResponse({"message": first.message}, status=422)
        return JsonResponse({"html": row(first.upload)}, status=201)
    refused = [outcome for outcome in outcomes if outcome.upload is None]
    for outcome in refused:
        messages.error(request, outcome.message)
    if not outcomes:
        messages.error(request, "Choisissez au moins un fichier.")
    elif kept := len(outcomes) - len(refused):
        messages.success(request, _count(kept, is_partial=bool(refused)))
    return HttpResponseRedirect(back)


def _count(kept: int, *, is_partial: bool) -> str:
    if is_partial:
        return f"Vos {kept} autres fichiers sont bien reçus." if kept > 1 else "Votre autre fichier est bien reçu."
    return f"{kept}{NBSP}fichiers sont bien reçus." if kept > 1 else "Votre fichier est bien reçu."


def _refuse_unavailable(upload: Upload) -> None:
    if not upload.is_available:
        raise Http404


def _file(path: Path, *, content_type: str, filename: str, as_attachment: bool) -> FileResponse:
    try:
        file = path.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    return FileResponse(file, as_attachment=as_attachment, filename=filename, content_type=content_type, headers=SHIELD)


def _is_utf8(upload: Upload) -> bool:
    with Path(upload.file.path).open("rb") as file:
        head = file.read(4096)
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start > len(head) - 4
    return True
