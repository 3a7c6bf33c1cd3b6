"""Addresses of the sessions of the Commission permanente."""

from django.urls import path

from .views import agenda, files, results

app_name = "committee"
SESSION = "commission/<int:pk>/"

urlpatterns = [
    path("commission/", agenda.listing, name="sessions"),
    path("commission/nouvelle/", agenda.new, name="new"),
    path(SESSION, agenda.session, name="session"),
    path(f"{SESSION}journal/", agenda.journal, name="journal"),
    path(f"{SESSION}modifier/", agenda.edit, name="edit"),
    path(f"{SESSION}inscrire/", agenda.add, name="add"),
    path(f"{SESSION}ordre/", agenda.order, name="order"),
    path(f"{SESSION}points/<int:item>/retirer/", agenda.take_off, name="take_off"),
    path(f"{SESSION}arreter/", agenda.table, name="table"),
    path(f"{SESSION}resultats/", results.results, name="results"),
    path(f"{SESSION}validation/", results.validation, name="validation"),
    path(f"{SESSION}deliberation/", results.deliberation, name="deliberation"),
    path(f"{SESSION}motif/<slug:name>/", results.undo, name="undo"),
    path(f"{SESSION}rapport/", files.ask, name="ask"),
    path(f"{SESSION}documents/<int:paper>/", files.paper, name="paper"),
    path(f"{SESSION}annexe.<str:format>", files.table, name="annex"),
]
