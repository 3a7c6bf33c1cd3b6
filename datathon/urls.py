"""Addresses of the Datathon's own pages: each audience has its list."""

from .urls_after import urlpatterns as after

app_name = "datathon"
urlpatterns = [*after]
