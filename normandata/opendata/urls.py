"""Addresses of the open data: they are published elsewhere, and do not change."""

from django.urls import path

from . import views

app_name = "opendata"
urlpatterns = [
    path("donnees-ouvertes/", views.index, name="index"),
    path("donnees-ouvertes/datapackage.json", views.datapackage, name="datapackage"),
    path("donnees-ouvertes/catalogue.jsonld", views.dcat, name="dcat"),
    path("donnees-ouvertes/<slug:slug>.<slug:format>", views.file, name="file"),
    path("exploitation/donnees-ouvertes/", views.refusals, name="refusals"),
]
