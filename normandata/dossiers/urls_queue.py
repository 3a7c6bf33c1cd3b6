"""Addresses of the agents' queue."""

from django.urls import path

from .views import absences, bulk, queue

urlpatterns = [
    path("instruction/", queue.page, name="queue"),
    path("instruction/plus-ancien/", queue.oldest, name="queue_oldest"),
    path("instruction/dossiers.csv", queue.export, name="queue_export"),
    path("instruction/colonnes/", queue.columns, name="columns"),
    path("instruction/vues/", queue.views, name="views"),
    path("instruction/vues/<int:pk>/supprimer/", queue.forget_view, name="forget_view"),
    path("instruction/lot/", bulk.confirm, name="bulk"),
    path("instruction/lot/lancer/", bulk.launch, name="bulk_launch"),
    path("instruction/lots/<uuid:key>/", bulk.job, name="bulk_job"),
    path("instruction/lots/<uuid:key>/resultats.csv", bulk.outcomes, name="bulk_outcomes"),
    path("instruction/absences/", absences.absences, name="absences"),
    path("instruction/absences/<int:pk>/fin/", absences.end, name="absence_end"),
]
