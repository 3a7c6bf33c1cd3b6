"""Addresses of the organisation's space."""

from django.urls import path

from .views import deposit, draft, files, follow, letters, mine

urlpatterns = [
    path("espace/", mine.home, name="home"),
    path("dossiers/", mine.mine, name="mine"),
    path("dossiers/nouveau/<slug:url_slug>/", mine.start, name="start"),
    path("dossiers/<uuid:key>/", follow.dossier, name="dossier"),
    path("dossiers/<uuid:key>/sections/<slug:slug>/", draft.section, name="section"),
    path("dossiers/<uuid:key>/pieces/", files.pieces, name="pieces"),
    path("dossiers/<uuid:key>/pieces/<slug:slug>/", files.attach, name="attach"),
    path("dossiers/<uuid:key>/fichiers/<int:pk>/", files.download, name="file"),
    path("dossiers/<uuid:key>/fichiers/<int:pk>/apercu/", files.preview, name="preview"),
    path("dossiers/<uuid:key>/fichiers/<int:pk>/image/", files.image, name="preview_image"),
    path("dossiers/<uuid:key>/fichiers/<int:pk>/retirer/", files.detach, name="detach"),
    path("dossiers/<uuid:key>/relire/", deposit.review, name="review"),
    path("dossiers/<uuid:key>/depose/", deposit.deposited, name="deposited"),
    path("dossiers/<uuid:key>/repondre/", deposit.answer, name="answer"),
    path("dossiers/<uuid:key>/versions/<int:version>/", follow.version, name="version"),
    path("dossiers/<uuid:key>/versions/<int:version>/accuse/", follow.receipt, name="receipt"),
    path("dossiers/<uuid:key>/lettres/<int:pk>/", letters.letter, name="letter"),
    path("dossiers/<uuid:key>/messages/", follow.write, name="write"),
    path("dossiers/<uuid:key>/messages/<int:pk>/fichier/", follow.message_file, name="message_file"),
    path("dossiers/<uuid:key>/retirer/", follow.withdraw, name="withdraw"),
    path("dossiers/<uuid:key>/effacer/", follow.discard, name="discard"),
]
