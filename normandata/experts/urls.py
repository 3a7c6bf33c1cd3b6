"""Addresses of the experts: their own space, the directories, the agents' pages, cœur expert requests."""

from django.urls import path

from .views import answer, desk, directory, expert, files, introductions, needs, needs_desk, public

app_name = "experts"
QUESTION = "expert/<uuid:key>/"
PIECE = f"{QUESTION}pieces/<int:pk>/"
OPINIONS = "instruction/<uuid:key>/avis/"
ENTRY = "instruction/experts/<int:pk>/"
MEETING = "expert/mises-en-relation/<uuid:key>/"
NEED = "coeur-expert/<uuid:key>/"
DESK_NEED = "instruction/coeur-expert/<uuid:key>/"

urlpatterns = [
    path("expert/", expert.questions, name="questions"),
    path("expert/bienvenue/", expert.welcome, name="welcome"),
    path("expert/accords/<slug:kind>/retirer/", expert.withdraw, name="withdraw"),
    path(QUESTION, expert.question, name="question"),
    path(f"{QUESTION}interets/", expert.declare, name="declare"),
    path(f"{QUESTION}avis/", answer.save, name="save"),
    path(f"{QUESTION}rendre/", answer.give, name="give"),
    path(f"{QUESTION}decliner/", expert.decline, name="decline"),
    path(PIECE, files.download, name="piece"),
    path(f"{PIECE}apercu/", files.preview, name="preview"),
    path(f"{PIECE}image/", files.image, name="image"),
    path("dossiers/<uuid:key>/avis/", desk.shared, name="shared"),
    path(OPINIONS, desk.listed, name="opinions"),
    path(f"{OPINIONS}demander/", desk.ask, name="ask"),
    path(f"{OPINIONS}<int:pk>/annuler/", desk.cancel, name="cancel"),
    path(f"{OPINIONS}<int:pk>/prolonger/", desk.extend, name="extend"),
    path("instruction/experts/", directory.experts, name="experts"),
    path("instruction/experts/ajouter/", directory.add, name="add"),
    path(ENTRY, directory.expert, name="expert"),
    path(f"{ENTRY}accords/<slug:kind>/", directory.agree, name="agree"),
    path(f"{ENTRY}accords/<slug:kind>/retirer/", directory.withdraw, name="end_agreement"),
    path(f"{ENTRY}fiche/", directory.show_publicly, name="entry_listing"),
    path("expert/accords/<slug:kind>/donner/", introductions.agree, name="give_agreement"),
    path("expert/fiche/", introductions.listing, name="listing"),
    path(MEETING, introductions.introduction, name="introduction"),
    path(f"{MEETING}accepter/", introductions.accept, name="accept_introduction"),
    path(f"{MEETING}decliner/", introductions.decline, name="decline_introduction"),
    path("accompagnement/experts/", public.directory, name="public"),
    path("coeur-expert/", needs.needs_of, name="needs"),
    path("coeur-expert/demander/", needs.ask, name="ask_need"),
    path(NEED, needs.need, name="need"),
    path(f"{NEED}suite/", needs.tell_outcome, name="tell_outcome"),
    path(f"{NEED}retirer/", needs.withdraw, name="withdraw_need"),
    path("instruction/coeur-expert/", needs_desk.listed, name="desk_needs"),
    path(DESK_NEED, needs_desk.need, name="desk_need"),
    path(f"{DESK_NEED}echange/", needs_desk.schedule, name="schedule_need"),
    path(f"{DESK_NEED}compte-rendu/", needs_desk.hold, name="hold_need"),
    path(f"{DESK_NEED}experts/", needs_desk.solicit, name="solicit"),
    path(f"{DESK_NEED}experts/<int:pk>/liberer/", needs_desk.release, name="release"),
    path(f"{DESK_NEED}clore/", needs_desk.conclude, name="conclude_need"),
]
