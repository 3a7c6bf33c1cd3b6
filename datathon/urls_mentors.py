"""Addresses of the mentors' space."""

from django.urls import URLPattern, path

from .views import mentoring

urlpatterns: list[URLPattern] = [
    path("mentorat/", mentoring.space, name="mentoring"),
    path("mentorat/<slug:slug>/profil/", mentoring.profile, name="mentor_profile"),
    path("mentorat/<slug:slug>/arreter/", mentoring.stop, name="mentor_stop"),
    path("mentorat/demandes/<int:pk>/<slug:name>/", mentoring.gesture, name="help_gesture"),
    path("mentorat/equipes/<int:pk>/", mentoring.team, name="mentor_team"),
    path("mentorat/equipes/<int:pk>/livrables/<int:piece>/", mentoring.piece, name="mentor_piece"),
]
