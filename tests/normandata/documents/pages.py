"""Routes of the tests alone: what a room does with the uploads it owns. Everybody signed in owns everything here."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404
from django.template import engines
from django.urls import include, path, reverse
from django.utils.safestring import SafeString

from normandata.documents import responses, uploads
from normandata.documents.forms import UploadBox
from normandata.documents.limits import Limits
from normandata.documents.models import Upload
from normandata.documents.rows import Row

LIMITS = Limits(most_bytes=4 * 1024 * 1024, most_files=6)
PAGE = """{% extends "base.html" %}{% load static %}{% block title %}Pièces{% endblock %}
{% block scripts %}<script src="{% static 'js/upload.js' %}" defer></script>{% endblock %}
{% block content %}<h1 class="nd-flint">Vos pièces</h1>{% include "components/messages.html" %}
<section class="nd-sheet">{{ box }}</section>{% endblock %}"""


def row(request: HttpRequest, upload: Upload) -> Row:
    return Row(upload, preview=reverse("preview", args=[upload.pk]), remove=reverse("remove", args=[upload.pk]))


def pieces(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        files = UploadBox.files(request)
        already = Upload.objects.count()
        outcomes = uploads.receive_all(files, by=request.user, limits=LIMITS, already=already)  # type: ignore[arg-type]

        def drawn(upload: Upload) -> SafeString:
            return row(request, upload).render(get_token(request))

        return responses.received(request, outcomes, row=drawn, back=reverse("pieces"))
    rows = [row(request, upload) for upload in Upload.objects.order_by("uploaded_at")]
    box = UploadBox(request, action=reverse("pieces"), limits=LIMITS, rows=rows)
    return HttpResponse(engines["django"].from_string(PAGE).render({"box": box}, request))


def preview(request: HttpRequest, pk: Any) -> HttpResponse:
    upload = get_object_or_404(Upload, pk=pk)
    names = {name: reverse(name, args=[pk]) for name in ("preview", "image", "download")}
    links = responses.Links(names["preview"], names["image"], names["download"], reverse("pieces"), "Vos pièces")
    return responses.preview(request, upload, links)


def image(request: HttpRequest, pk: Any) -> HttpResponse:
    return responses.image(get_object_or_404(Upload, pk=pk), int(request.GET.get("page", 1)))  # type: ignore[return-value]


def download(request: HttpRequest, pk: Any) -> HttpResponse:
    return responses.send(get_object_or_404(Upload, pk=pk))  # type: ignore[return-value]


def remove(request: HttpRequest, pk: Any) -> HttpResponse:
    uploads.forget(get_object_or_404(Upload, pk=pk))
    return responses.HttpResponseRedirect(reverse("pieces"))


urlpatterns = [
    path("essai/", pieces, name="pieces"),
    path("essai/<uuid:pk>/", preview, name="preview"),
    path("essai/<uuid:pk>/image/", image, name="image"),
    path("essai/<uuid:pk>/fichier/", download, name="download"),
    path("essai/<uuid:pk>/retirer/", remove, name="remove"),
    path("", include("normandata.urls")),
]
