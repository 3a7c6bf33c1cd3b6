"""Addresses of the provider's space, and of the report for all who may open it."""

from django.urls import path

from .views import provider, reading, report

MISSION = "prestataire/<uuid:key>/"
REPORT = f"{MISSION}rapport/"
FILE = f"{REPORT}fichiers/<int:pk>/"
SHARED = "diagnostics/<uuid:key>/rapport/"

urlpatterns = [
    path("prestataire/", provider.missions, name="missions"),
    path(MISSION, provider.mission, name="mission"),
    path(f"{MISSION}bon-de-commande/", provider.purchase_order, name="purchase_order"),
    path(f"{MISSION}confidentialite/", provider.promise, name="promise"),
    path(f"{MISSION}demarrer/", provider.start, name="start"),
    path(f"{MISSION}journees/", provider.note_session, name="note_session"),
    path(f"{MISSION}journees/<int:pk>/effacer/", provider.erase_session, name="erase_session"),
    path(f"{MISSION}remettre/", provider.deliver, name="deliver"),
    path(REPORT, report.report, name="report"),
    path(f"{REPORT}apercu/", report.preview, name="report_preview"),
    path(f"{REPORT}envoyer/", report.submit, name="report_submit"),
    path(f"{REPORT}fichiers/", report.attach, name="report_attach"),
    path(FILE, report.describe, name="report_describe"),
    path(f"{FILE}retirer/", report.detach, name="report_detach"),
    path(f"{FILE}apercu/", report.preview_file, name="report_preview_file"),
    path(f"{FILE}image/", report.image, name="report_image"),
    path(f"{REPORT}parties/<slug:slug>/", report.part, name="report_part"),
    path(SHARED, reading.report_file, name="report_file"),
    path(f"{SHARED}expurge/", reading.redacted_file, name="report_redacted"),
    path(f"{SHARED}expurger/", reading.redact, name="report_redact"),
    path(f"{SHARED}fichiers/<int:pk>/", reading.annex, name="report_annex"),
]
