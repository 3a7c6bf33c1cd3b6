"""Addresses of the agents' pages of a dossier."""

from django.urls import URLPattern, path

from .views import correct, examine, exchanges, gestures, joining, letters

urlpatterns: list[URLPattern] = [
    path("instruction/<uuid:key>/", examine.examine, name="examine"),
    path("instruction/<uuid:key>/echanges/", exchanges.exchanges, name="exchanges"),
    path("instruction/<uuid:key>/structure/", examine.organisation, name="organisation"),
    path("instruction/<uuid:key>/structure/demandes/<int:pk>/accepter/", joining.accept, name="accept_member"),
    path("instruction/<uuid:key>/structure/demandes/<int:pk>/refuser/", joining.refuse, name="refuse_member"),
    path("instruction/<uuid:key>/courriels/", examine.deliveries, name="deliveries"),
    path("instruction/<uuid:key>/lettres/", letters.letters, name="letters"),
    path("instruction/<uuid:key>/lettres/<int:pk>/poste/", letters.posted, name="letter_posted"),
    path("instruction/<uuid:key>/journal/", examine.events, name="journal"),
    path("instruction/<uuid:key>/versions/<int:number>/", examine.version, name="frozen"),
    path("instruction/<uuid:key>/versions/<int:before>/<int:after>/", examine.changes, name="changes"),
    path("instruction/<uuid:key>/demander/", correct.ask, name="ask"),
    path("instruction/<uuid:key>/demander/annuler/", correct.cancel, name="cancel_correction"),
    path("instruction/<uuid:key>/constats/<str:rule>/", gestures.read_finding, name="read_finding"),
    path("instruction/<uuid:key>/pieces/<int:pk>/accepter/", gestures.accept_piece, name="accept_piece"),
    path("instruction/<uuid:key>/pieces/<int:pk>/remplacer/", gestures.replace_piece, name="replace_piece"),
    path("instruction/<uuid:key>/confier/", gestures.assign, name="assign"),
    path("instruction/<uuid:key>/reprendre/", gestures.take_over, name="take_over"),
    path("instruction/<uuid:key>/gestes/<slug:name>/", gestures.fire, name="fire"),
]
