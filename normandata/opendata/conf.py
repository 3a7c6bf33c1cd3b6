"""The room's settings and their defaults."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error
from stdnum.fr import siret

from .subsidies import Authority


def authority() -> Authority:
    """Who grants the subsidies, by its name and the SIRET that its open data carry."""
    return Authority(name=settings.OPENDATA_AUTHORITY_NAME, siret=settings.OPENDATA_AUTHORITY_SIRET)


def site() -> str:
    """The public address of the portal, without a slash at its end."""
    return str(settings.SITE_URL)


def folder() -> Path:
    """Where the published files are kept."""
    return Path(settings.MEDIA_ROOT) / "opendata"


def check_authority(**kwargs: Any) -> list[CheckMessage]:
    """Refuse a SIRET of the Region that is not one: every row would be refused."""
    number = settings.OPENDATA_AUTHORITY_SIRET
    if number.isascii() and siret.is_valid(number):
        return []
    return [Error(f"NORMANDATA_OPENDATA_SIRET : « {number} » n’est pas un SIRET.", id="opendata.E001")]
