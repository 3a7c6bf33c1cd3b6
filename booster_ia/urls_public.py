"""Addresses that a partner opens from its mail, without an account."""

from django.urls import URLPattern, path

from .views import confirmation

urlpatterns: list[URLPattern] = [
    path("partenariat/<uuid:key>/<str:token>/", confirmation.answer, name="partner"),
    path("partenariat/<uuid:key>/<str:token>/nouveau-lien/", confirmation.new_link, name="partner_new_link"),
]
