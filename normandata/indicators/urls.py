"""Addresses of the indicators: what everybody reads, and the values that agents type in."""

from django.urls import path

from .views import papers, public, statements

app_name = "indicators"
HERE, TYPED = "indicateurs/", "instruction/indicateurs/<slug:url>/saisies/"

urlpatterns = [
    path(HERE, public.index, name="index"),
    path(f"{HERE}fiche/", papers.sheet, name="sheet"),
    path(f"{HERE}fiche/<uuid:pk>/", papers.document, name="document"),
    path(f"{HERE}fiche/<uuid:pk>/fichier/", papers.document_file, name="document_file"),
    path(f"{HERE}<slug:name>.<slug:format>", public.all_files, name="all_files"),
    path(f"{HERE}<slug:url>/", public.owner, name="owner"),
    path(f"{HERE}<slug:url>/<slug:slug>/", public.indicator, name="indicator"),
    path(f"{HERE}<slug:url>/<slug:slug>.<slug:format>", public.file, name="file"),
    path(TYPED, statements.listing, name="statements"),
    path(f"{TYPED}<slug:slug>/ajouter/", statements.state, name="state"),
    path(f"{TYPED}<int:pk>/corriger/", statements.correct, name="correct"),
]
