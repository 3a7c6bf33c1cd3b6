"""Addresses of what follows a grant besides money, of the scheme's figures and of its exports."""

from django.urls import URLPattern, path

from normandata.indicators.views.agents import urls

from .views import after, after_desk, figures
from .views.figures import FIGURES

OUTCOME = "instruction/<uuid:key>/booster-ia/bilan"
FIGURES_AT = "instruction/indicateurs/booster-ia/"
urlpatterns: list[URLPattern] = [
    path("dossiers/<uuid:key>/bilan/", after.outcome, name="outcome"),
    path(f"{OUTCOME}/", after_desk.outcome, name="desk_outcome"),
    path(f"{OUTCOME}/echange/", after_desk.exchange, name="exchange"),
    path(f"{OUTCOME}/revue/", after_desk.review, name="review"),
    path(f"{OUTCOME}/preuve/", after_desk.proof, name="proof"),
    path(f"{OUTCOME}/retour/", after_desk.feedback, name="feedback"),
    path(f"{OUTCOME}/retour/fichier/", after_desk.feedback_file, name="feedback_file"),
    path(f"{OUTCOME}/reseau/<str:siret>/", after_desk.network, name="network"),
    path("vagues/<int:pk>/dossiers.<slug:format>", figures.wave_file, name="wave_file"),
    path(f"{FIGURES_AT}de-minimis.csv", figures.de_minimis, name="de_minimis_file"),
    *urls(FIGURES_AT, FIGURES),
]
