"""Addresses of the organisers' pages."""

from django.urls import URLPattern, path

from .views import contents, editions, meetings, people, staff

HOME = "instruction/datathon"
ONE = f"{HOME}/<slug:slug>"
urlpatterns: list[URLPattern] = [
    path(f"{HOME}/", editions.listing, name="organise"),
    path(f"{HOME}/nouvelle/", editions.new, name="new"),
    path(f"{ONE}/", editions.board, name="board"),
    path(f"{ONE}/journal/", editions.journal, name="journal"),
    path(f"{ONE}/reprendre/", editions.clone, name="clone"),
    path(f"{ONE}/reglages/", editions.settings, name="settings"),
    path(f"{ONE}/gestes/<slug:name>/", editions.gesture, name="gesture"),
    path(f"{ONE}/contenu/", contents.contents, name="contents"),
    path(f"{ONE}/contenu/prix/", contents.prizes, name="prizes"),
    path(f"{ONE}/contenu/phases/", contents.phases, name="phases"),
    path(f"{ONE}/contenu/reglement/", contents.rules, name="publish_rules"),
    path(f"{ONE}/contenu/<slug:kind>/nouveau/", contents.row, name="row_new"),
    path(f"{ONE}/contenu/<slug:kind>/<int:pk>/", contents.row, name="row"),
    path(f"{ONE}/contenu/<slug:kind>/<int:pk>/retirer/", contents.remove, name="row_remove"),
    path(f"{ONE}/equipes/", people.teams, name="teams"),
    path(f"{ONE}/inscriptions/", people.registrations, name="registrations"),
    path(f"{ONE}/fichiers/<slug:what>.<slug:format>", people.export, name="list_file"),
    path(f"{ONE}/presences/<slug:what>/", people.presences, name="presences"),
    path(f"{ONE}/presences/<slug:what>/noter/", people.tick, name="tick"),
    path(f"{ONE}/organisateurs/", staff.staff, name="staff"),
    path(f"{ONE}/organisateurs/<int:pk>/retirer/", staff.end_role, name="staff_end"),
    path(f"{ONE}/mentors/", staff.mentors, name="mentors"),
    path(f"{ONE}/mentors/<int:pk>/accepter/", staff.accept, name="mentor_accept"),
    path(f"{ONE}/mentors/<int:pk>/decliner/", staff.decline, name="mentor_decline"),
    path(f"{ONE}/mentors/<int:pk>/retirer/", staff.end_mentor, name="mentor_end"),
    path(f"{ONE}/reunions/", meetings.listing, name="meetings"),
    path(f"{ONE}/reunions/nouvelle/", meetings.new, name="meeting_new"),
    path(f"{ONE}/reunions/<int:pk>/", meetings.edit, name="meeting"),
    path(f"{ONE}/reunions/<int:pk>/annuler/", meetings.cancel, name="meeting_cancel"),
]
