"""The main menu, known to every page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from normandata.accounts.models import Role, User
from normandata.dossiers.models import READERS

MENU = (
    ("portal:schemes", "Les aides"),
    ("portal:regulation", "Règlement appliqué"),
    ("portal:help", "Aide"),
    ("portal:contact", "Contact"),
    ("dossiers:home", "Mon espace"),
)


@dataclass(frozen=True, slots=True)
class Item:
    label: str
    url: str
    is_current: bool


APPLICANT_MENU = (
    ("dossiers:mine", "Mes dossiers"),
    ("organisations:index", "Ma structure"),
    ("portal:help", "Aide"),
    ("accounts:account", "Mon compte"),
)
AGENT_MENU = (
    ("dossiers:queue", "File"),
    ("dossiers:absences", "Absences"),
    ("portal:help", "Aide"),
    ("accounts:account", "Mon compte"),
)
ADMINISTRATOR_MENU = (
    ("accounts:people", "Personnes"),
    ("notifications:mail_texts", "Courriels"),
    ("portal:operator", "Exploitation"),
)


def navigation(request: HttpRequest) -> dict[str, Any]:
    """List the entries of the menus; the one whose section holds the page is current.

    The menu of a space asks who is there: it is worked out only by the pages that draw it.
    """
    return {"navigation": _items(request, MENU), "space_menu": SimpleLazyObject(lambda: _space(request))}


def _space(request: HttpRequest) -> list[Item]:
    user = request.user
    if not (isinstance(user, User) and user.is_region):
        return _items(request, APPLICANT_MENU)
    reads = user.schemes_as(*READERS) != frozenset()
    entries = [entry for entry in AGENT_MENU if reads or not entry[0].startswith("dossiers:")]
    if user.holds(Role.ADMINISTRATOR):
        entries[-2:-2] = ADMINISTRATOR_MENU
    return _items(request, entries)


def _items(request: HttpRequest, entries: Sequence[tuple[str, str]]) -> list[Item]:
    items = []
    for name, label in entries:
        url = reverse(name)
        items.append(Item(label, url, request.path.startswith(url)))
    return items
