"""Error pages: what happened, what to do; no trace, no query, no database."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(
        request, 400, "Cette demande n’est pas lisible", "L’adresse ou le formulaire reçu ne peut pas être interprété."
    )


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, 403, "Cette page ne vous est pas ouverte", "Votre compte ne donne pas accès à cette page.")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(
        request,
        404,
        "Cette page n’existe pas",
        "L’adresse est peut-être incomplète, ou la page a été retirée.",
    )


def server_error(request: HttpRequest) -> HttpResponse:
    return _page(
        request,
        500,
        "Le portail n’a pas pu répondre",
        "La panne vient de nous et elle est signalée. Réessayez dans quelques minutes : rien de ce qui était "
        "enregistré n’est perdu.",
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _page(
        request,
        403,
        "Ce formulaire a expiré",
        "Revenez à la page précédente, rechargez-la et envoyez de nouveau : vos réponses y sont encore.",
    )


def _page(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    return render(request, "portal/error.html", {"title": title, "text": text, "status": status}, status=status)
