"""Addresses of one's own data, of the requests about them, and of the eliminations."""

from django.urls import path

from .views import desk, mine

app_name = "rights"
urlpatterns = [
    path("compte/donnees/", mine.page, name="mine"),
    path("compte/donnees/copie/", mine.copy, name="copy"),
    path("compte/donnees/copie/<uuid:pk>/", mine.download, name="download"),
    path("compte/donnees/demande/", mine.ask, name="ask"),
    path("compte/donnees/effacement/", mine.erasure_page, name="erasure"),
    path("compte/donnees/effacement/confirmer/", mine.erase, name="erase"),
    path("donnees-effacees/", mine.erased, name="erased"),
    path("donnees/demandes/", desk.requests, name="requests"),
    path("donnees/demandes/noter/", desk.note, name="request_note"),
    path("donnees/demandes/<int:pk>/", desk.request_page, name="request"),
    path("donnees/demandes/<int:pk>/effacer/", desk.erase, name="request_erase"),
    path("donnees/eliminations/", desk.lots, name="lots"),
    path("donnees/eliminations/<int:pk>/", desk.lot, name="lot"),
    path("donnees/eliminations/<int:pk>/visa/", desk.visa, name="lot_visa"),
    path("donnees/eliminations/<int:pk>/abandonner/", desk.drop, name="lot_drop"),
    path("donnees/eliminations/<int:pk>/executer/", desk.execute, name="lot_execute"),
    path("donnees/eliminations/<int:pk>/bordereau.csv", desk.bordereau_csv, name="lot_csv"),
    path("donnees/eliminations/<int:pk>/bordereau.pdf", desk.bordereau_pdf, name="lot_pdf"),
]
