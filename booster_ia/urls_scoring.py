"""Addresses of scoring: the pages of a wave, those of a dossier, and one's own sheet."""

from django.urls import URLPattern, path

from .views import jury, marks, ranking, scoring

WAVE = "vagues/<int:pk>/notation"
DOSSIER = "instruction/<uuid:key>/notation"
urlpatterns: list[URLPattern] = [
    path(f"{WAVE}/", scoring.overview, name="scoring"),
    path(f"{WAVE}/suivant/", scoring.following, name="scoring_next"),
    path(f"{WAVE}/precedent/", scoring.preceding, name="scoring_previous"),
    path(f"{WAVE}/deport/", jury.withdraw_from_wave, name="scoring_withdraw"),
    path(f"{WAVE}/personnes/", jury.people, name="scoring_people"),
    path(f"{WAVE}/dossiers/", jury.refresh, name="scoring_refresh"),
    path(f"{WAVE}/clore/", jury.close, name="scoring_close"),
    path(f"{WAVE}/rouvrir/", jury.reopen, name="scoring_reopen"),
    path("deports/<int:pk>/lever/", jury.lift, name="conflict_lift"),
    path(f"{WAVE}/classement/", ranking.ranking, name="ranking"),
    path(f"{WAVE}/classement.<str:format>", ranking.places_file, name="ranking_file"),
    path(f"{WAVE}/fiches-<str:kind>.<str:format>", ranking.sheets_file, name="sheets_file"),
    path(f"{DOSSIER}/", scoring.sheet, name="sheet"),
    path(f"{DOSSIER}/commencer/", scoring.begin, name="sheet_begin"),
    path(f"{DOSSIER}/reprendre/", scoring.resume, name="sheet_resume"),
    path(f"{DOSSIER}/relue/", scoring.confirm, name="sheet_confirm"),
    path(f"{DOSSIER}/fiches/", scoring.results, name="sheet_results"),
    path(f"{DOSSIER}/fiche-de-plus/", jury.ask_sheet, name="sheet_ask"),
    path(f"{DOSSIER}/rouvrir/", jury.reopen_sheet, name="sheet_reopen"),
    path("instruction/<uuid:key>/deport/", jury.withdraw, name="sheet_withdraw"),
    path("fiches/<int:pk>/", marks.save, name="sheet_save"),
    path("fiches/<int:pk>/total/", marks.total, name="sheet_total"),
]
