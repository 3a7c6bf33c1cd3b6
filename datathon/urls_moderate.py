"""Addresses where organisers moderate: one registration, one team."""

from django.urls import URLPattern, path

from .views import moderate

EDITION = "instruction/datathon/<slug:slug>/"
REGISTRATION = f"{EDITION}inscriptions/<int:pk>/"
TEAM = f"{EDITION}equipes/<int:pk>/"
urlpatterns: list[URLPattern] = [
    path(REGISTRATION, moderate.registration, name="registration"),
    path(f"{REGISTRATION}refuser/", moderate.refuse, name="registration_refuse"),
    path(f"{REGISTRATION}readmettre/", moderate.readmit, name="registration_readmit"),
    path(f"{REGISTRATION}lettre/", moderate.letter, name="registration_letter"),
    path(TEAM, moderate.team, name="team_moderate"),
    path(f"{TEAM}galerie/", moderate.gallery, name="team_gallery"),
    path(f"{TEAM}delai/", moderate.extend, name="team_extend"),
    path(f"{TEAM}places/<uuid:seat>/retirer/", moderate.remove, name="team_moderate_remove"),
    path(f"{TEAM}dissoudre/", moderate.dissolve, name="team_moderate_dissolve"),
]
