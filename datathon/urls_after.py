"""Addresses of what becomes of an edition, and of the figures of the scheme."""

from django.urls import URLPattern, path

from normandata.indicators.views.agents import urls

from .views import after
from .views.after import FIGURES

EDITION = "instruction/datathon/<slug:slug>"
urlpatterns: list[URLPattern] = [
    *urls("instruction/indicateurs/datathon/", FIGURES),
    path(f"{EDITION}/suites/", after.follow_ups, name="follow_ups"),
    path(f"{EDITION}/suites/equipe/<int:pk>/", after.note, name="note_follow_up"),
    path(f"{EDITION}/suites/<int:pk>/retirer/", after.remove, name="remove_follow_up"),
    path(f"{EDITION}/audience/", after.audience, name="audience"),
    path(f"{EDITION}/audience/<int:pk>/retirer/", after.remove_audience, name="remove_audience"),
]
