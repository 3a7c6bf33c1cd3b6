"""Addresses of the experts: their own space, the agents' pages and directory, what the organisation reads."""

from django.urls import path

from .views import answer, desk, directory, expert, files

app_name = "experts"
QUESTION = "expert/<uuid:key>/"
PIECE = f"{QUESTION}pieces/<int:pk>/"
OPINIONS = "instruction/<uuid:key>/avis/"
ENTRY = "instruction/experts/<int:pk>/"

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
]
