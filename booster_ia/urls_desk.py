"""Addresses of the agents' pages: waves, partners, meetings."""

from django.urls import URLPattern, path

from .views import meetings, partners, waves

DOSSIER = "instruction/<uuid:key>/booster-ia"
urlpatterns: list[URLPattern] = [
    path(f"{DOSSIER}/partenaires/<int:pk>/renvoyer/", partners.desk_resend, name="desk_partner_resend"),
    path(f"{DOSSIER}/rencontres/nouvelle/", meetings.new, name="meeting_new"),
    path(f"{DOSSIER}/rencontres/<int:pk>/", meetings.edit, name="meeting"),
    path(f"{DOSSIER}/rencontres/<int:pk>/annuler/", meetings.cancel, name="meeting_cancel"),
    path("vagues/", waves.listing, name="waves"),
    path("vagues/nouvelle/", waves.new, name="wave_new"),
    path("vagues/<int:pk>/", waves.wave, name="wave"),
    path("vagues/<int:pk>/modifier/", waves.edit, name="wave_edit"),
]
