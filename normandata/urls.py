"""Joins everything."""

from django.urls import include, path

urlpatterns = [path("", include("normandata.portal.urls"))]

handler400 = "normandata.portal.errors.bad_request"
handler403 = "normandata.portal.errors.forbidden"
handler404 = "normandata.portal.errors.not_found"
handler500 = "normandata.portal.errors.server_error"
