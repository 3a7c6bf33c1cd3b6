"""What every page knows: the mode it is served in."""

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, object]:
    """Give templates the demonstration flag and the public address of the site."""
    return {"is_demonstration": not settings.PRODUCTION, "site_url": settings.SITE_URL}
