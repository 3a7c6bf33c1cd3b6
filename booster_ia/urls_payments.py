"""Addresses of payments: the structure's pages beside its dossier, those of the agents and of the payments officers."""

from django.urls import URLPattern, path

from .payments.views import bank, checking, files, fill, lists, officer, own, recoveries

OWN = "dossiers/<uuid:key>/paiements"
ONE = "paiements/<int:pk>"
urlpatterns: list[URLPattern] = [
    path(f"{OWN}/", own.mine, name="payments_own"),
    path(f"{OWN}/coordonnees/", bank.declare, name="bank"),
    path(f"{OWN}/coordonnees/rib/", bank.download, name="bank_file"),
    path(f"{OWN}/coordonnees/rib/apercu/", bank.preview, name="bank_preview"),
    path(f"{OWN}/coordonnees/rib/image/", bank.image, name="bank_image"),
    path(f"{OWN}/avance/", own.begin_advance, name="advance_begin"),
    path(f"{OWN}/solde/", own.begin_balance, name="balance_begin"),
    path(f"{OWN}/<int:pk>/", fill.page, name="payment_fill"),
    path(f"{OWN}/<int:pk>/pieces/", files.papers, name="payment_papers"),
    path(f"{OWN}/<int:pk>/pieces/<int:file>/retirer/", files.detach, name="payment_detach"),
    path(f"{OWN}/<int:pk>/pieces/<slug:row>/<slug:kind>/", files.attach, name="payment_attach"),
    path(f"{OWN}/<int:pk>/relire/", fill.review, name="payment_review"),
    path(f"{OWN}/<int:pk>/abandonner/", fill.give_up, name="payment_give_up"),
    path(f"{OWN}/reversements/<int:pk>/", recoveries.own, name="recovery_own"),
    path(f"{OWN}/fichiers/<int:pk>/", files.download, name="payment_file"),
    path(f"{OWN}/fichiers/<int:pk>/apercu/", files.preview, name="payment_preview"),
    path(f"{OWN}/fichiers/<int:pk>/image/", files.image, name="payment_image"),
    path("paiements/", lists.requests, name="payments"),
    path("paiements/certifier/", officer.certify_all, name="payments_certify"),
    path("paiements/mandats/", officer.mandates, name="payments_mandates"),
    path("paiements/export.<str:format>", lists.export, name="payments_export"),
    path("paiements/reversements/", lists.recoveries, name="recoveries"),
    path("paiements/reversements/<int:pk>/", recoveries.one, name="recovery"),
    path("paiements/coordonnees/<uuid:key>/", bank.check, name="bank_check"),
    path("paiements/dossiers/<uuid:key>/manquement/", recoveries.breach, name="breach"),
    path("paiements/dossiers/<uuid:key>/caducite/", recoveries.lapse, name="payment_lapse"),
    path(f"{ONE}/", checking.one, name="payment"),
    path(f"{ONE}/lignes/<int:line>/", checking.line, name="payment_line"),
    path(f"{ONE}/accepter/", checking.accept_plain, name="payment_accept"),
    path(f"{ONE}/controle/", checking.check, name="payment_check"),
    path(f"{ONE}/renvoyer/", checking.send_back, name="payment_send_back"),
    path(f"{ONE}/refuser/", checking.refuse, name="payment_refuse"),
    path(f"{ONE}/rouvrir/", checking.reopen, name="payment_reopen"),
    path(f"{ONE}/certifier/", officer.certify, name="payment_certify"),
    path(f"{ONE}/mandat/", officer.mandate, name="payment_mandate"),
    path(f"{ONE}/certificat.pdf", officer.certificate, name="payment_certificate"),
]
