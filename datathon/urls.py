"""Addresses of the Datathon's own pages: each audience has its list."""

from .urls_after import urlpatterns as after
from .urls_jury import urlpatterns as jury
from .urls_jury_desk import urlpatterns as jury_desk
from .urls_mentors import urlpatterns as mentors
from .urls_moderate import urlpatterns as moderate
from .urls_organise import urlpatterns as organise
from .urls_public import urlpatterns as public
from .urls_space import urlpatterns as space

app_name = "datathon"
urlpatterns = [*public, *organise, *moderate, *mentors, *space, *jury, *jury_desk, *after]
