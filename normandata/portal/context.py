"""The main menu, known to every page."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db.models import Exists
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from datathon import permissions as datathon
from datathon.expected import participations
from normandata.accounts.models import Role, User
from normandata.bulletin import permissions as bulletin
from normandata.committee import permissions as committee
from normandata.dossiers.models import READERS
from normandata.organisations.models import Membership
from normandata.rights.models import handles
from roadmap import permissions as roadmap
from roadmap.calls import permissions as calls

from . import announcing

MENU = (
    ("portal:schemes", "Les aides"),
    ("portal:continuum", "Accompagnement"),
    ("bulletin:results", "Résultats"),
    ("roadmap:list", "Feuille de route"),
    ("indicators:index", "Indicateurs"),
    ("portal:help", "Aide"),
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
    ("experts:needs", "Cœur expert"),
    ("portal:help", "Aide"),
    ("accounts:account", "Mon compte"),
)
Entry = tuple[str, str]
REGION_SPACES = {
    **dict.fromkeys((Role.LEAD_AGENT, Role.AGENT), "Espace instruction"),
    Role.ORGANISER: "Espace de l’organisateur",
    Role.COMMITTEE_CLERK: "Espace de la Commission permanente",
    Role.PAYMENTS_OFFICER: "Espace des paiements",
    Role.ACTION_PILOT: "Espace du pilote",
    Role.AUDITOR: "Espace de l’auditeur",
    Role.DATA_PROTECTION_OFFICER: "Espace de la protection des données",
    Role.ADMINISTRATOR: "Espace de l’administrateur",
}
"""The name of a space of the Region, by role, the first that is held."""
OUTSIDE_MENU = (("portal:help", "Aide"), ("accounts:account", "Mon compte"))
MISSIONS = ("diagnostic:missions", "Mes diagnostics")
OPINIONS = ("experts:questions", "Mes avis")
JURY = ("datathon:jury", "Jury")
EDITIONS = ("datathon:mine", "Mes éditions")
AGENT_MENU = (
    ("dossiers:queue", "File"),
    ("portal:organisations", "Structures"),
    ("dossiers:absences", "Absences"),
    ("experts:experts", "Experts"),
    ("experts:desk_needs", "Cœur expert"),
    ("portal:help", "Aide"),
    ("accounts:account", "Mon compte"),
)
OF_READERS = ("dossiers:queue", "portal:organisations", "dossiers:absences", "experts:experts", "experts:desk_needs")
"""Pages of whoever reads the dossiers of a scheme."""
DIAGNOSTIC_MENU = (("diagnostic:markets", "Marché et enveloppe"), ("diagnostic:indicators", "Indicateurs Diagnostic"))
BOOSTER_MENU = (("booster_ia:waves", "Vagues"),)
BOOSTER_FIGURES = (("booster_ia:indicators", "Indicateurs Booster IA"),)
COMMITTEE_MENU = (("committee:sessions", "Commission"),)
PILOT_MENU = (("roadmap:desk", "Mes actions"),)
ROADMAP_FIGURES = (("roadmap:indicators", "Indicateurs Feuille de route"),)
WRITER_MENU = (("bulletin:desk", "Rédaction"),)
CALLS_MENU = (("roadmap:calls_desk", "Mes appels"),)
DATATHON_MENU = (("datathon:organise", "Datathon"),)
MENTORING = ("datathon:mentoring", "Mentorat")
PAYMENTS_MENU = (("booster_ia:payments", "Paiements"),)
PRIVACY_MENU = (("rights:requests", "Données personnelles"),)
ADMINISTRATOR_MENU = (
    ("accounts:people", "Personnes"),
    ("notifications:mail_texts", "Courriels"),
    ("portal:operator", "Exploitation"),
)


def navigation(request: HttpRequest) -> dict[str, Any]:
    """List the entries of the menus; the one whose section holds the page is current.

    The menu of a space asks who is there: it is worked out only by the pages that draw it.
    """
    works = cache(lambda: _works(request))
    return {
        "announcements": SimpleLazyObject(announcing.banners),
        "navigation": _items(request, MENU),
        "space_menu": SimpleLazyObject(lambda: _space(request, works())),
        "space_name": SimpleLazyObject(lambda: _space_name(request.user, works())),
        "searches_dossiers": SimpleLazyObject(lambda: _searches(request)),
    }


def _space(request: HttpRequest, works: Sequence[Entry]) -> list[Item]:
    user = request.user
    if not (isinstance(user, User) and user.is_region):
        return _items(request, _outside_entries(request, works))
    reads = user.schemes_as(*READERS) != frozenset()
    entries = [entry for entry in AGENT_MENU if reads or entry[0] not in OF_READERS]
    if user.holds(*READERS, scheme="diagnostic"):
        entries[-2:-2] = DIAGNOSTIC_MENU
    if user.holds(*READERS, scheme="booster_ia"):
        entries[-2:-2] = BOOSTER_MENU
    if committee.has_access(user):
        entries[-2:-2] = COMMITTEE_MENU
    if datathon.has_editions(user):
        entries[-2:-2] = DATATHON_MENU
    if datathon.helps(user):
        entries[-2:-2] = (MENTORING,)
    if user.holds(*READERS, Role.PAYMENTS_OFFICER, scheme="booster_ia"):
        entries[-2:-2] = PAYMENTS_MENU
    if user.holds(*READERS, scheme="booster_ia"):
        entries[-2:-2] = BOOSTER_FIGURES
    if roadmap.is_pilot(user):
        entries[-2:-2] = PILOT_MENU
    if bulletin.writes(user):
        entries[-2:-2] = WRITER_MENU
    if calls.writes_calls(user):
        entries[-2:-2] = CALLS_MENU
    if user.holds(*READERS, Role.ACTION_PILOT, scheme="roadmap"):
        entries[-2:-2] = ROADMAP_FIGURES
    if handles(user):
        entries[-2:-2] = PRIVACY_MENU
    if user.holds(Role.ADMINISTRATOR):
        entries[-2:-2] = ADMINISTRATOR_MENU
    return _items(request, entries)


def _searches(request: HttpRequest) -> bool:
    """Tell whether the header's search, which reads dossiers, is of use to this person."""
    user = request.user
    return isinstance(user, User) and user.schemes_as(*READERS) != frozenset()


def _space_name(user: Any, works: Sequence[Entry]) -> str:
    """Name a space by the first role of whoever is of the Region, by the first work of whoever is not."""
    if isinstance(user, User) and user.is_region:
        held = {one.role for one in user.assignments}
        return next((name for role, name in REGION_SPACES.items() if role in held), "Espace instruction")
    names = {
        MISSIONS: "Espace du prestataire",
        OPINIONS: "Espace de l’expert",
        JURY: "Espace du jury",
        MENTORING: "Espace du mentor",
        EDITIONS: "Espace du participant",
    }
    return next((names[work] for work in works), "Espace de la structure")


def _outside_entries(request: HttpRequest, works: Sequence[Entry]) -> Sequence[Entry]:
    """Give people of an outside role their own space, and their own dossiers where they are also of a structure."""
    if not works:
        return APPLICANT_MENU
    return (*works, *(APPLICANT_MENU if _ties(request.user)[0] else OUTSIDE_MENU))


def _works(request: HttpRequest) -> list[Entry]:
    """List the spaces of an outside person's roles."""
    user = request.user
    if not isinstance(user, User) or user.is_region:
        return []
    held = {
        MISSIONS: user.holds(Role.PROVIDER, scheme="diagnostic"),
        OPINIONS: user.holds(Role.EXPERT),
        JURY: user.holds(Role.JUROR, scheme="datathon"),
        MENTORING: datathon.helps(user),
        EDITIONS: _ties(user)[1],
    }
    return [work for work, is_held in held.items() if is_held]


def _ties(user: Any) -> tuple[bool, bool]:
    """Tell whether a person is of a structure, and takes part in an edition; one query, asked once a page."""
    known: tuple[bool, bool] | None = vars(user).get("_ties")
    if known is None:
        member = Membership.objects.filter(user=user.pk).exclude(state=Membership.State.LEFT)
        rows = User.objects.filter(pk=user.pk).values_list(Exists(member), Exists(participations(user)))
        known = vars(user)["_ties"] = rows.first() or (False, False)
    return known


def _items(request: HttpRequest, entries: Sequence[tuple[str, str]]) -> list[Item]:
    """Draw entries; of those whose address begins that of the page, the longest is current."""
    named = [(label, reverse(name)) for name, label in entries]
    current = max((url for _, url in named if request.path.startswith(url)), key=len, default="")
    return [Item(label, url, url == current) for label, url in named]
