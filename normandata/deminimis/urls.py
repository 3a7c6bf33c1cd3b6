"""Addresses of the register of de minimis aids, on the agents' side."""

from django.urls import path

from . import register_views

app_name = "deminimis"
urlpatterns = [
    path("instruction/registre-de-minimis/", register_views.register, name="register"),
    path("instruction/registre-de-minimis.csv", register_views.register_file, name="register_file"),
]
