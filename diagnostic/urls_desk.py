"""Addresses of the agents' pages: proposal, decision, order, invoice, market, envelope."""

from django.urls import URLPattern, path

from .views import conduct, decisions, desk, envelopes, markets

DOSSIER = "instruction/<uuid:key>/diagnostic"
urlpatterns: list[URLPattern] = [
    path(f"{DOSSIER}/proposer/", decisions.propose, name="propose"),
    path(f"{DOSSIER}/proposer-un-refus/", decisions.propose_refusal, name="propose_refusal"),
    path(f"{DOSSIER}/decider/", decisions.decide, name="decide"),
    path(f"{DOSSIER}/attente/", decisions.wait, name="wait"),
    path(f"{DOSSIER}/commande/", conduct.order, name="order"),
    path(f"{DOSSIER}/notification/", conduct.notify, name="notify"),
    path(f"{DOSSIER}/rapport/", desk.report, name="desk_report"),
    path(f"{DOSSIER}/rapport/changements/", conduct.ask_report_changes, name="ask_report_changes"),
    path(f"{DOSSIER}/rapport/accepter/", conduct.accept_report, name="accept_report"),
    path(f"{DOSSIER}/service-fait/", conduct.certify, name="certify"),
    path(f"{DOSSIER}/facture/", conduct.settle, name="settle"),
    path(f"{DOSSIER}/annuler/", conduct.cancel_order, name="cancel_order"),
    path(f"{DOSSIER}/caducite/", conduct.lapse, name="lapse"),
    path("marche/", markets.listing, name="markets"),
    path("marche/nouveau/", markets.new, name="market_new"),
    path("marche/<int:pk>/", markets.market, name="market"),
    path("marche/<int:pk>/modifier/", markets.edit, name="market_edit"),
    path("marche/<int:pk>/membres/nouveau/", markets.holder_new, name="holder_new"),
    path("marche/<int:pk>/actes/nouveau/", markets.act_new, name="market_act"),
    path("marche/membres/<int:pk>/", markets.holder_edit, name="holder_edit"),
    path("marche/membres/<int:pk>/retirer/", markets.holder_remove, name="holder_remove"),
    path("marche/prestataires/nouveau/", markets.company_new, name="company_new"),
    path("marche/prestataires/<int:pk>/", markets.company_edit, name="company_edit"),
    path("marche/prestataires/<int:pk>/conflits/nouveau/", markets.conflict_new, name="conflict_new"),
    path("marche/conflits/<int:pk>/lever/", markets.conflict_end, name="conflict_end"),
    path("marche/enveloppes/nouvelle/", envelopes.new, name="envelope_new"),
    path("marche/enveloppes/<int:pk>/", envelopes.envelope, name="envelope"),
    path("marche/enveloppes/<int:pk>/voter/", envelopes.vote, name="envelope_vote"),
]
