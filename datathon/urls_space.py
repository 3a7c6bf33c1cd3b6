"""Addresses of the participants' space."""

from django.urls import URLPattern, path

from .views import help_requests, meetings

urlpatterns: list[URLPattern] = [
    path("espace/datathon/equipes/<int:pk>/aide/", help_requests.page, name="help"),
    path("espace/datathon/aide/<int:pk>/annuler/", help_requests.cancel, name="help_cancel"),
    path("espace/datathon/reunions/<int:pk>.ics", meetings.calendar_file, name="meeting_file"),
]
