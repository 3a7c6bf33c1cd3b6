"""Refuses a request far too heavy before a byte of its body is read."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from normandata.regulation.formats import weight

from . import conf


def weigh(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Answer 413, in the form the caller reads, to whatever announces more than the heaviest request."""

    def middleware(request: HttpRequest) -> HttpResponse:
        announced = request.META.get("CONTENT_LENGTH") or "0"
        if announced.isdecimal() and int(announced) > conf.heaviest_request():
            return too_heavy(request, int(announced))
        return get_response(request)

    return middleware


def too_heavy(request: HttpRequest, size: int) -> HttpResponse:
    """Say what the request weighs and what is allowed."""
    text = (
        f"Votre envoi pèse {weight(size)} ; la limite est de {weight(conf.most_bytes())} par fichier. "
        "Rien n’a été gardé de cet envoi. Revenez à la page précédente, et envoyez moins de fichiers à la fois, "
        "ou des fichiers moins lourds."
    )
    if request.accepts("text/html") and "application/json" not in request.headers.get("Accept", ""):
        context = {"title": "Cet envoi est trop lourd", "text": text.replace(" ;", "\u00a0;"), "status": 413}
        return render(request, "portal/error.html", context, status=413)
    return JsonResponse({"message": text.replace(" ;", "\u00a0;")}, status=413)
