"""Addresses of programming: a wave's programme, its scenarios, its proposals; and those of one dossier."""

from django.urls import URLPattern, path

from .views import programming, proposals, scenarios

WAVE = "vagues/<int:pk>/programmation"
SCENARIO = f"{WAVE}/scenarios/<int:scenario>"
DOSSIER = "instruction/<uuid:key>/booster-ia/proposition"
urlpatterns: list[URLPattern] = [
    path(f"{WAVE}/", programming.programming, name="programming"),
    path(f"{WAVE}/comparer/", programming.compare, name="scenarios_compare"),
    path(f"{WAVE}/propositions/", programming.waiting, name="proposals"),
    path(f"{WAVE}/scenarios/nouveau/", scenarios.new, name="scenario_new"),
    path(f"{SCENARIO}/", scenarios.scenario, name="scenario"),
    path(f"{SCENARIO}/copier/", scenarios.copy, name="scenario_copy"),
    path(f"{SCENARIO}/supprimer/", scenarios.delete, name="scenario_delete"),
    path(f"{DOSSIER}/subvention/", proposals.propose, name="propose"),
    path(f"{DOSSIER}/refus/", proposals.propose_refusal, name="propose_refusal"),
    path(f"{DOSSIER}/", proposals.decide, name="decide"),
]
