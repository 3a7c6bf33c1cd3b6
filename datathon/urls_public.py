"""Addresses that anybody opens: the editions, their rules, their dates, their projects."""

from django.urls import URLPattern, path

from .views import guardian, offers, public

ONE = "datathon/<slug:slug>"
urlpatterns: list[URLPattern] = [
    path("datathon/parent/<str:token>/", guardian.answer, name="guardian"),
    path("datathon/", public.listing, name="editions"),
    path(f"{ONE}/", public.edition, name="edition"),
    path(f"{ONE}/reglement/", public.rules, name="rules"),
    path(f"{ONE}/reglement/<int:version>/", public.rules, name="rules_version"),
    path(f"{ONE}/reglement/<int:version>.pdf", public.rules_file, name="rules_file"),
    path(f"{ONE}/dates.ics", public.calendar, name="calendar"),
    path(f"{ONE}/projets/", public.gallery, name="gallery"),
    path(f"{ONE}/mentorat/", offers.offer, name="mentor_offer"),
]
