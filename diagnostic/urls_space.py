"""Addresses of what the organisation reads and fills after the decision, and of the scheme's figures."""

from django.urls import path

from normandata.indicators.views.agents import urls

from .views import evaluation
from .views.figures import FIGURES

urlpatterns = [
    path("dossiers/<uuid:key>/questionnaire/", evaluation.evaluation, name="evaluation"),
    path("dossiers/<uuid:key>/questionnaire/accord/", evaluation.naming, name="naming"),
    path("dossiers/<uuid:key>/suivi/", evaluation.follow_up, name="follow_up"),
    path("instruction/<uuid:key>/evaluation/", evaluation.feedback, name="feedback"),
    *urls("instruction/indicateurs/diagnostic/", FIGURES),
]
