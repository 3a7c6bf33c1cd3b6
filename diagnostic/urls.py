"""Addresses of the Diagnostic's own pages: each audience has its list."""

from .urls_desk import urlpatterns as desk
from .urls_provider import urlpatterns as provider
from .urls_space import urlpatterns as space

app_name = "diagnostic"
urlpatterns = [*desk, *provider, *space]
