"""Addresses of what the organisation does beside its dossier."""

from django.urls import URLPattern, path

from .views import meetings, partners

urlpatterns: list[URLPattern] = [
    path("dossiers/<uuid:key>/partenaires/<int:pk>/renvoyer/", partners.resend, name="partner_resend"),
    path("dossiers/<uuid:key>/rencontres/<int:pk>.ics", meetings.calendar_file, name="meeting_file"),
]
