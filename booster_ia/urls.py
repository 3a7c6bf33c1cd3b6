"""Addresses of the Booster IA's own pages: each audience has its list."""

from .urls_after import urlpatterns as after
from .urls_desk import urlpatterns as desk
from .urls_letters import urlpatterns as letters
from .urls_payments import urlpatterns as payments
from .urls_programming import urlpatterns as programming
from .urls_public import urlpatterns as public
from .urls_scoring import urlpatterns as scoring
from .urls_space import urlpatterns as space

app_name = "booster_ia"
urlpatterns = [*desk, *scoring, *programming, *space, *public, *letters, *payments, *after]
