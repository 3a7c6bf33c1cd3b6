"""Addresses of the roadmap: what everybody reads, and the pilots' space."""

from django.urls import path

from .views import files, pilot, public

app_name = "roadmap"
HERE = "feuille-de-route/"
ACTION = "pilotage/<slug:slug>/"

urlpatterns = [
    path(HERE, public.listing, name="list"),
    path(f"{HERE}frise/", public.listing, {"name": "timeline"}, name="timeline"),
    path(f"{HERE}par-etat/", public.listing, {"name": "states"}, name="states"),
    path(f"{HERE}etat-d-avancement/", files.report, name="report"),
    path(f"{HERE}etat-d-avancement/<uuid:pk>/", files.document, name="document"),
    path(f"{HERE}etat-d-avancement/<uuid:pk>/fichier/", files.document_file, name="document_file"),
    path(f"{HERE}<slug:table>.<slug:format>", files.table, name="table"),
    path(f"{HERE}<slug:slug>/", public.action, name="action"),
    path("pilotage/", pilot.desk, name="desk"),
    path(ACTION, pilot.pilot, name="pilot"),
    path(f"{ACTION}modifier/", pilot.describe, name="describe"),
    path(f"{ACTION}etat/<slug:name>/", pilot.move, name="move"),
    path(f"{ACTION}jalons/<int:pk>/", pilot.milestone, name="milestone"),
    path(f"{ACTION}ajouter/<slug:kind>/", pilot.add, name="add"),
    path(f"{ACTION}retirer/<slug:kind>/<int:pk>/", pilot.remove, name="remove"),
]
