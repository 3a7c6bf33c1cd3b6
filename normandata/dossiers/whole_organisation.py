"""The page of all that an organisation asked for: a higher floor registers its route, dossiers link there."""

from django.urls import reverse

_routes: list[str] = []


def register(route: str) -> None:
    """Say which route, given a SIREN, shows all of an organisation; raises ValueError when another is said already."""
    if _routes and _routes != [route]:
        raise ValueError("organisations have a page already")
    _routes[:] = [route]


def address(siren: str) -> str:
    """Return where the Region reads all of an organisation, empty when no floor shows it."""
    return reverse(_routes[0], args=[siren]) if _routes else ""
