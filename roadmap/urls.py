"""Addresses of the roadmap: what everybody reads, and the pilots' space."""

from django.urls import path

from normandata.indicators.views.agents import urls

from .views import call_desk, call_papers, call_pilot, calls, files, pilot, public
from .views.figures import FIGURES

app_name = "roadmap"
HERE = "feuille-de-route/"
ACTION = "pilotage/<slug:slug>/"
CALL = "pilotage/appels/<slug:slug>/"

urlpatterns = [
    path(HERE, public.listing, name="list"),
    path(f"{HERE}frise/", public.listing, {"name": "timeline"}, name="timeline"),
    path(f"{HERE}par-etat/", public.listing, {"name": "states"}, name="states"),
    path(f"{HERE}etat-d-avancement/", files.report, name="report"),
    path(f"{HERE}etat-d-avancement/<uuid:pk>/", files.document, name="document"),
    path(f"{HERE}etat-d-avancement/<uuid:pk>/fichier/", files.document_file, name="document_file"),
    path(f"{HERE}<slug:table>.<slug:format>", files.table, name="table"),
    path(f"{HERE}<slug:slug>/", public.action, name="action"),
    path("appels/", calls.listing, name="calls"),
    path("appels/<slug:slug>/", calls.call, name="call"),
    path("appels/<slug:slug>/dates.ics", calls.dates, name="call_dates"),
    path("appels/<slug:slug>/bilan/", calls.results, name="call_results"),
    path("appels/<slug:slug>/bilan.<slug:format>", calls.results_file, name="call_results_file"),
    path("appels/<slug:slug>/bilan/pdf/", call_papers.ask, name="call_paper"),
    path("appels/<slug:slug>/bilan/pdf/<uuid:pk>/", call_papers.document, name="call_document"),
    path("appels/<slug:slug>/bilan/pdf/<uuid:pk>/fichier/", call_papers.document_file, name="call_document_file"),
    path("instruction/<uuid:key>/appel/repondre/", call_desk.conclude, name="conclude"),
    *urls("instruction/indicateurs/feuille-de-route/", FIGURES),
    path("pilotage/", pilot.desk, name="desk"),
    path("pilotage/appels/", call_pilot.desk, name="calls_desk"),
    path("pilotage/appels/nouveau/", call_pilot.new, name="call_new"),
    path(CALL, call_pilot.pilot, name="call_pilot"),
    path(f"{CALL}modifier/", call_pilot.describe, name="call_describe"),
    path(f"{CALL}etat/<slug:name>/", call_pilot.move, name="call_move"),
    path(f"{CALL}bilan/", call_papers.pilot_ask, name="call_pilot_paper"),
    path(f"{CALL}bilan/<uuid:pk>/", call_papers.pilot_document, name="call_pilot_document"),
    path(f"{CALL}bilan/<uuid:pk>/fichier/", call_papers.pilot_document_file, name="call_pilot_document_file"),
    path(ACTION, pilot.pilot, name="pilot"),
    path(f"{ACTION}modifier/", pilot.describe, name="describe"),
    path(f"{ACTION}etat/<slug:name>/", pilot.move, name="move"),
    path(f"{ACTION}jalons/<int:pk>/", pilot.milestone, name="milestone"),
    path(f"{ACTION}ajouter/<slug:kind>/", pilot.add, name="add"),
    path(f"{ACTION}retirer/<slug:kind>/<int:pk>/", pilot.remove, name="remove"),
]
