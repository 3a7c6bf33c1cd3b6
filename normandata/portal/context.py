"""The main menu, known to every page."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

MENU = (
    ("portal:schemes", "Les aides"),
    ("portal:regulation", "Règlement appliqué"),
    ("portal:help", "Aide"),
    ("portal:contact", "Contact"),
)


@dataclass(frozen=True, slots=True)
class Item:
    label: str
    url: str
    is_current: bool


def navigation(request: HttpRequest) -> dict[str, list[Item]]:
    """List the entries of the menu; the one whose section holds the page is current."""
    items = []
    for name, label in MENU:
        url = reverse(name)
        items.append(Item(label, url, request.path.startswith(url)))
    return {"navigation": items}
