"""Addresses of the bulletin: what everybody reads, and where the news are written."""

from django.urls import path

from .views import public, writing

app_name = "bulletin"
NEWS, DESK = "actualites/", "redaction/"

urlpatterns = [
    path("calendrier/", public.calendar, name="calendar"),
    path("calendrier.ics", public.calendar_file, name="calendar_file"),
    path("calendrier/<slug:slug>.ics", public.calendar_file, name="calendar_of"),
    path("resultats/", public.outcomes, name="results"),
    path(NEWS, public.news_list, name="news_list"),
    path(f"{NEWS}flux.atom", public.feed, name="feed"),
    path(f"{NEWS}<slug:slug>/", public.news, name="news"),
    path(DESK, writing.desk, name="desk"),
    path(f"{DESK}nouvelle/", writing.write, name="write"),
    path(f"{DESK}<int:pk>/", writing.piece, name="piece"),
    path(f"{DESK}<int:pk>/modifier/", writing.correct, name="correct"),
    path(f"{DESK}<int:pk>/etat/<slug:name>/", writing.move, name="move"),
]
