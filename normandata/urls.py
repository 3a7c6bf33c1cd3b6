"""Joins everything."""

from django.urls import include, path

urlpatterns = [
    path("api/", include("normandata.portal.api.urls")),
    path("administration/courriels/", include("normandata.notifications.urls")),
    path("structures/", include("normandata.organisations.urls")),
    path("", include("normandata.dossiers.urls")),
    path("", include("normandata.experts.urls")),
    path("", include("normandata.committee.urls")),
    path("", include("normandata.deminimis.urls")),
    path("", include("normandata.indicators.urls")),
    path("", include("normandata.opendata.urls")),
    path("", include("normandata.rights.urls")),
    path("", include("diagnostic.urls")),
    path("", include("booster_ia.urls")),
    path("", include("datathon.urls")),
    path("", include("roadmap.urls")),
    path("", include("normandata.accounts.urls")),
    path("", include("normandata.portal.urls")),
]

handler429 = "normandata.accounts.views.too_many_requests"
handler400 = "normandata.portal.errors.bad_request"
handler403 = "normandata.portal.errors.forbidden"
handler404 = "normandata.portal.errors.not_found"
handler500 = "normandata.portal.errors.server_error"
