"""Public addresses of the Datathon."""

from django.urls import URLPattern, path

from .views import outcomes

urlpatterns: list[URLPattern] = [
    path("datathon/<slug:slug>/resultats/", outcomes.results, name="results"),
]
