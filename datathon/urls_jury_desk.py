"""Addresses of the jury's organisers, and of what a jury gives out: results, certificates."""

from django.urls import URLPattern, path

from .views import jury_desk, outcomes

JURY = "instruction/datathon/<slug:slug>/jury"
urlpatterns: list[URLPattern] = [
    path(f"{JURY}/", jury_desk.desk, name="jury_desk"),
    path(f"{JURY}/ajouter/", jury_desk.add, name="juror_new"),
    path(f"{JURY}/ordre/", jury_desk.order, name="jury_order"),
    path(f"{JURY}/tirage/", jury_desk.draw, name="jury_draw"),
    path(f"{JURY}/ouvrir/", jury_desk.open_scoring, name="jury_open"),
    path(f"{JURY}/deliberer/", jury_desk.open_deliberation, name="jury_deliberate"),
    path(f"{JURY}/<int:pk>/modifier/", jury_desk.change, name="juror_edit"),
    path(f"{JURY}/<int:pk>/inviter/", jury_desk.invite, name="juror_invite"),
    path(f"{JURY}/<int:pk>/retirer/", jury_desk.remove, name="juror_remove"),
    path(f"{JURY}/bulletins/<int:pk>/rendre/", jury_desk.give_back, name="ballot_give_back"),
    path("datathon/<slug:slug>/resultats/", outcomes.results, name="results"),
    path("espace/datathon/<slug:slug>/attestation/", outcomes.certificate, name="certificate"),
    path("espace/datathon/<slug:slug>/attestation/pdf/", outcomes.certificate_file, name="certificate_file"),
]
