"""Waiting for a document that is being made: a page that watches it, with or without JavaScript."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django_htmx.http import HTMX_STOP_POLLING

from normandata.documents import services as documents
from normandata.documents.models import Document


def awaited(
    request: HttpRequest,
    document: Document,
    title: str,
    *,
    back: tuple[str, str],
    trail: list[tuple[str, str]],
    also: str = "",
    button: str = "Ouvrir le PDF",
) -> HttpResponse | None:
    """Say where a document stands; nothing once it is ready, unless the page itself is asking: it is then told so.

    `back` is the address and the words of the link that leads away; `also` is a sentence on another copy, if any.
    """
    is_asking = bool(request.headers.get("HX-Request"))
    if document.is_ready and not is_asking:
        return None
    has_failed = not document.is_ready and documents.has_failed(document)
    said = {"title": title, "back": back, "trail": trail, "also": also, "button": button}
    context = {"document": document, "has_failed": has_failed, **said}
    if not is_asking:
        return render(request, "dossiers/waiting.html", context)
    is_settled = document.is_ready or has_failed
    return render(request, "dossiers/waiting_state.html", context, status=HTMX_STOP_POLLING if is_settled else 200)
