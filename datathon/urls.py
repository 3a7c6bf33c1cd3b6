"""Addresses of the Datathon's own pages: each audience has its list."""

from .urls_after import urlpatterns as after
from .urls_organise import urlpatterns as organise
from .urls_public import urlpatterns as public
from .urls_space import urlpatterns as space

app_name = "datathon"
urlpatterns = [*public, *space, *organise, *after]
