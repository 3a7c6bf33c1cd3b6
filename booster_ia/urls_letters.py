"""Addresses of the letters to send and of the convention, for agents and for the structure."""

from django.urls import URLPattern, path

from .views import agreements, letters

urlpatterns: list[URLPattern] = [
    path("instruction/booster-ia/lettres/", letters.listing, name="letters"),
    path("instruction/<uuid:key>/booster-ia/convention/", agreements.desk, name="desk_agreement"),
    path("dossiers/<uuid:key>/convention/", agreements.agreement, name="agreement"),
]
