"""Addresses of the participants' space."""

from django.urls import URLPattern, path

from .views import board, deliver, help_requests, meetings, mine, registration, team

EDITION = "espace/datathon/<slug:slug>/"
urlpatterns: list[URLPattern] = [
    path("espace/datathon/", mine.mine, name="mine"),
    path(EDITION, registration.participation, name="participation"),
    path(f"{EDITION}inscription/", registration.register, name="register"),
    path(f"{EDITION}inscription/modifier/", registration.change, name="registration_change"),
    path(f"{EDITION}inscription/accords/<slug:kind>/", registration.consent, name="consent"),
    path(f"{EDITION}inscription/parent/", registration.guardian_again, name="guardian_again"),
    path(f"{EDITION}inscription/retirer/", registration.withdraw, name="registration_withdraw"),
    path(f"{EDITION}inscription/lettre/", registration.letter, name="letter"),
    path(f"{EDITION}inscription/effacer/", registration.erase, name="registration_erase"),
    path(f"{EDITION}reglement/", registration.rules, name="rules_text"),
    path(f"{EDITION}equipe/", team.team, name="team"),
    path(f"{EDITION}equipe/nouvelle/", team.create, name="team_create"),
    path(f"{EDITION}equipe/code/", team.join, name="team_join"),
    path(f"{EDITION}equipe/modifier/", team.change, name="team_change"),
    path(f"{EDITION}equipe/quitter/", team.leave, name="team_leave"),
    path(f"{EDITION}equipe/referent/", team.hand_over, name="team_hand_over"),
    path(f"{EDITION}equipe/places/<uuid:seat>/retirer/", team.remove, name="team_remove"),
    path(f"{EDITION}equipe/dissoudre/", team.dissolve, name="team_dissolve"),
    path(f"{EDITION}equipe/demandes/<int:pk>/", team.answer, name="request_answer"),
    path(f"{EDITION}recherche/", board.board, name="search"),
    path(f"{EDITION}recherche/equipes/<int:pk>/", board.ask, name="team_ask"),
    path(f"{EDITION}recherche/personnes/<int:pk>/", board.invite, name="team_invite"),
    path(f"{EDITION}livrables/", deliver.page_of, name="deliverables"),
    path(f"{EDITION}livrables/<slug:kind>/fichier/", deliver.file, name="deliver_file"),
    path(f"{EDITION}livrables/<slug:kind>/ecrire/", deliver.words, name="deliver_words"),
    path(f"{EDITION}livrables/recepisse/", deliver.ask_receipt, name="receipt_ask"),
    path(f"{EDITION}livrables/recepisse/<uuid:key>/", deliver.receipt, name="receipt"),
    path(f"{EDITION}livrables/<int:pk>/", deliver.preview, name="deliverable_preview"),
    path(f"{EDITION}livrables/<int:pk>/page/", deliver.image, name="deliverable_image"),
    path(f"{EDITION}livrables/<int:pk>/telecharger/", deliver.download, name="deliverable_file"),
    path("espace/datathon/equipes/<int:pk>/aide/", help_requests.page, name="help"),
    path("espace/datathon/aide/<int:pk>/annuler/", help_requests.cancel, name="help_cancel"),
    path("espace/datathon/reunions/<int:pk>.ics", meetings.calendar_file, name="meeting_file"),
]
