"""Addresses of the jury: its projects and ballots, then the deliberation, which organisers hold with the chair."""

from django.urls import URLPattern, path

from .views import ballot_marks, ballots, deliberation, deliberation_gestures, jury

PROJECT = "jury/<slug:slug>/projets/<int:pk>"
ROOM = "jury/<slug:slug>/deliberation"
urlpatterns: list[URLPattern] = [
    path("jury/", jury.home, name="jury"),
    path("jury/invitations/<int:pk>/", jury.answer_invitation, name="jury_answer"),
    path("jury/bulletins/<int:pk>/", ballot_marks.save, name="ballot_save"),
    path("jury/bulletins/<int:pk>/moyenne/", ballot_marks.total, name="ballot_total"),
    path("jury/<slug:slug>/", jury.projects, name="jury_projects"),
    path("jury/<slug:slug>/suivant/", jury.following, name="jury_next"),
    path("jury/<slug:slug>/precedent/", jury.preceding, name="jury_previous"),
    path(f"{PROJECT}/", ballots.ballot, name="ballot"),
    path(f"{PROJECT}/commencer/", ballots.begin, name="ballot_begin"),
    path(f"{PROJECT}/reprendre/", ballots.resume, name="ballot_resume"),
    path(f"{PROJECT}/deport/", ballots.recuse, name="ballot_recuse"),
    path(f"{PROJECT}/livrables/<int:piece>/", ballots.piece, name="jury_piece"),
    path(f"{ROOM}/", deliberation.room, name="deliberation"),
    path(f"{ROOM}/tableau.<str:format>", deliberation.table, name="deliberation_table"),
    path(f"{ROOM}/proces-verbal/", deliberation.record, name="deliberation_record"),
    path(f"{ROOM}/proces-verbal/<uuid:key>/", deliberation.earlier, name="deliberation_earlier"),
    path(f"{ROOM}/presence/", deliberation_gestures.presence, name="deliberation_presence"),
    path(f"{ROOM}/votes/", deliberation_gestures.vote, name="deliberation_vote"),
    path(f"{ROOM}/votes/<int:pk>/annuler/", deliberation_gestures.cancel_vote, name="deliberation_cancel_vote"),
    path(f"{ROOM}/clore/", deliberation_gestures.close, name="deliberation_close"),
    path(f"{ROOM}/rouvrir/", deliberation_gestures.reopen, name="deliberation_reopen"),
    path(f"{ROOM}/rouvrir-la-notation/", deliberation_gestures.reopen_scoring, name="deliberation_scoring"),
    path(f"{ROOM}/publier/", deliberation_gestures.publish, name="deliberation_publish"),
]
