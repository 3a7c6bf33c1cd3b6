"""Addresses that anybody opens, without an account."""

from django.urls import URLPattern, path

from .views import guardian

urlpatterns: list[URLPattern] = [
    path("datathon/parent/<str:token>/", guardian.answer, name="guardian"),
]
