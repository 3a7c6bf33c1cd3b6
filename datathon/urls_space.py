"""Addresses of the participants' space."""

from django.urls import URLPattern, path

from .views import outcomes

urlpatterns: list[URLPattern] = [
    path("espace/datathon/<slug:slug>/attestation/", outcomes.certificate, name="certificate"),
    path("espace/datathon/<slug:slug>/attestation/pdf/", outcomes.certificate_file, name="certificate_file"),
]
