"""Every public page, declared once: the page « Plan du site », `sitemap.xml`, and the test that nothing is forgotten.

A public route of the resolver is either declared here or excluded with its reason.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from datathon.editions import Edition
from datathon.phases import CANCELLED
from normandata.bulletin import dates
from normandata.bulletin.models import News
from normandata.dossiers import schemes
from normandata.indicators import registry as indicators
from roadmap.calls.models import Call
from roadmap.models import Action

MOST_NEWS = 1000
"""News that `sitemap.xml` tells of, the latest first."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A page of a family: the arguments of its address, its name, when it last changed where that is known."""

    args: tuple[str, ...]
    label: str
    changed: datetime | date | None = None
    query: str = ""


@dataclass(frozen=True, slots=True)
class Family:
    """Pages of one route, read when asked; those that are not `listed` are told to search engines only."""

    route: str
    read: Callable[[], Iterable[Leaf]]
    listed: bool = True


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the portal, and what hangs on it. What is not `indexed` is of no use to a search engine."""

    route: str
    label: str
    under: "tuple[Page | Family, ...]" = ()
    anchor: str = ""
    indexed: bool = True


@dataclass(frozen=True, slots=True)
class Group:
    """A part of the map, with the anchor of its heading."""

    title: str
    anchor: str
    pages: tuple[Page | Family, ...]


@dataclass(frozen=True, slots=True)
class Node:
    """A line of the page: a link, and those under it."""

    label: str
    url: str
    under: "Sequence[Node]" = ()


def _schemes() -> Iterable[Leaf]:
    return [Leaf((one.url_slug,), one.sheet.short_title) for one in schemes.aids()]


def _simulators() -> Iterable[Leaf]:
    known = [one for one in schemes.aids() if one.simulator]
    return [Leaf((one.url_slug,), f"Simulateur {one.sheet.short_title}") for one in known]


def _editions() -> Iterable[Leaf]:
    found = Edition.objects.public().exclude(state=CANCELLED).order_by("-year", "-pk")
    return [Leaf((one.slug,), one.title) for one in found]


def _actions() -> Iterable[Leaf]:
    found = Action.objects.select_related("chantier__axis")
    return [Leaf((one.slug,), one.title, one.updated_at) for one in found]


def _owners() -> Iterable[Leaf]:
    return [Leaf((one.url,), one.label) for one in indicators.owners()]


def _calls() -> Iterable[Leaf]:
    return [Leaf((one.slug,), one.title, one.updated_at) for one in Call.objects.public()]


def _calendars() -> Iterable[Leaf]:
    return [Leaf((), one.label, query=f"?dispositif={one.slug}") for one in dates.sources()]


def _news() -> Iterable[Leaf]:
    found = News.objects.current(timezone.now()).newest_first()[:MOST_NEWS]
    return [Leaf((one.slug,), one.title, one.corrected_at or one.publish_at) for one in found]


GROUPS = (
    Group(
        "Les aides",
        "plan-aides",
        (
            Page("portal:schemes", "Toutes les aides", (Family("portal:scheme", _schemes),)),
            Page(
                "portal:continuum",
                "L’accompagnement, pas à pas",
                (
                    Page("portal:orientation", "Quel accompagnement pour mon projet ?", indexed=False),
                    Page("portal:continuum", "Cœur expert du DataLab", anchor="etape-core"),
                    Page("portal:continuum", "FEDER numérique", anchor="etape-feder"),
                    Page("experts:public", "Annuaire des experts"),
                ),
            ),
            Family("portal:simulator", _simulators),
            Page("datathon:editions", "Éditions du Datathon", (Family("datathon:edition", _editions),)),
        ),
    ),
    Group(
        "Suivre",
        "plan-suivre",
        (
            Page("portal:home", "Accueil"),
            Page("bulletin:news_list", "Actualités", (Family("bulletin:news", _news, listed=False),)),
            Page("bulletin:calendar", "Calendrier", (Family("bulletin:calendar", _calendars),)),
            Page("bulletin:results", "Résultats"),
            Page("indicators:index", "Indicateurs", (Family("indicators:owner", _owners),)),
            Page("indicators:sheet", "Fiche des indicateurs pour l’assemblée", indexed=False),
            Page("opendata:index", "Données ouvertes", (Page("api:page", "API publique"),)),
            Page("portal:regulation", "Règlement appliqué"),
        ),
    ),
    Group(
        "Mon espace",
        "plan-espace",
        (
            Page("account_login", "Connexion", indexed=False),
            Page("account_signup", "Créer un compte", indexed=False),
            Page("account_reset_password", "Mot de passe oublié", indexed=False),
            Page("dossiers:mine", "Mes dossiers, après connexion", indexed=False),
            Page("organisations:index", "Ma structure, après connexion", indexed=False),
            Page("experts:needs", "Cœur expert, après connexion", indexed=False),
            Page("accounts:account", "Mon compte, après connexion", indexed=False),
            Page("rights:mine", "Mes données, après connexion", indexed=False),
        ),
    ),
    Group(
        "Le site",
        "plan-site",
        (
            Page("portal:help", "Aide"),
            Page("portal:contact", "Contact"),
            Page("portal:accessibility", "Accessibilité : non conforme"),
            Page("portal:legal", "Mentions légales"),
            Page("portal:privacy", "Données personnelles"),
            Page("portal:status", "État du service"),
            Page("portal:site_map", "Plan du site"),
        ),
    ),
    Group(
        "Feuille de route",
        "plan-feuille",
        (
            Page("roadmap:list", "La feuille de route", (Family("roadmap:action", _actions),)),
            Page("roadmap:timeline", "Frise 2026-2028"),
            Page("roadmap:states", "Actions par état"),
            Page("roadmap:report", "État d’avancement pour l’assemblée", indexed=False),
            Page("roadmap:calls", "Appels à manifestation d’intérêt", (Family("roadmap:call", _calls),)),
        ),
    ),
)
API, FILE, STEP, LINK, UNDER = (
    "une adresse de l’API, que sa page documente",
    "un fichier, lié depuis sa page",
    "une étape d’un geste commencé ailleurs",
    "la page d’un lien reçu par courriel",
    "une page liée depuis celle dont elle dépend",
)
EXCLUDED = {
    "account_confirm_password_reset_code": STEP,
    "account_complete_password_reset": STEP,
    "account_email_verification_sent": STEP,
    "account_inactive": STEP,
    "account_logout": STEP,
    "accounts:invitation": LINK,
    "api:dataset": API,
    "api:dataset_rows": API,
    "api:datasets": API,
    "api:indicator": API,
    "api:indicators": API,
    "api:nowhere": API,
    "api:openapi": API,
    "api:owner_indicators": API,
    "api:roadmap": API,
    "api:roadmap_action": API,
    "api:roadmap_actions": API,
    "api:roadmap_news": API,
    "api:ruleset": API,
    "api:rulesets": API,
    "api:scheme": API,
    "api:schemes": API,
    "api:simulate_booster_ia": API,
    "api:simulate_datathon_prizes": API,
    "api:simulate_de_minimis": API,
    "api:simulate_diagnostic": API,
    "booster_ia:partner": LINK,
    "booster_ia:partner_new_link": LINK,
    "bulletin:calendar_file": FILE,
    "bulletin:calendar_of": FILE,
    "bulletin:feed": FILE,
    "datathon:calendar": FILE,
    "datathon:gallery": UNDER,
    "datathon:guardian": LINK,
    "datathon:results": UNDER,
    "datathon:rules": UNDER,
    "datathon:rules_file": FILE,
    "datathon:rules_version": UNDER,
    "indicators:all_files": FILE,
    "indicators:document": STEP,
    "indicators:document_file": FILE,
    "indicators:file": FILE,
    "indicators:indicator": UNDER,
    "mfa_authenticate": STEP,
    "opendata:datapackage": FILE,
    "opendata:dcat": FILE,
    "opendata:file": FILE,
    "organisations:invitation": LINK,
    "portal:demonstration": "la démonstration seule a cette page",
    "portal:document": STEP,
    "portal:document_file": FILE,
    "portal:health": "pour le répartiteur de charge",
    "portal:orientation_question": STEP,
    "portal:orientation_result": STEP,
    "portal:robots": "pour les moteurs de recherche",
    "portal:simulator_keep": STEP,
    "portal:territories": "un morceau de page, pour le simulateur",
    "portal:simulator_question": STEP,
    "portal:simulator_result": STEP,
    "portal:sitemap": "pour les moteurs de recherche",
    "portal:status_record": FILE,
    "rights:erased": STEP,
    "roadmap:call_dates": FILE,
    "roadmap:call_results": UNDER,
    "roadmap:call_results_file": FILE,
    "roadmap:call_paper": UNDER,
    "roadmap:call_document": STEP,
    "roadmap:call_document_file": FILE,
    "roadmap:document": STEP,
    "roadmap:document_file": FILE,
    "roadmap:table": FILE,
}
"""Public routes that no map names, each with its reason."""


def _all(pages: "Iterable[Page | Family]") -> "Iterable[Page | Family]":
    for one in pages:
        yield one
        if isinstance(one, Page):
            yield from _all(one.under)


def routes() -> set[str]:
    """Name every route that the map declares."""
    return {one.route for group in GROUPS for one in _all(group.pages)}


def tree() -> list[tuple[Group, list[Node]]]:
    """Read the whole page; one query at most a family."""
    return [(group, _nodes(group.pages)) for group in GROUPS]


def _nodes(pages: "Iterable[Page | Family]") -> list[Node]:
    found: list[Node] = []
    for one in pages:
        if isinstance(one, Page):
            url = reverse(one.route) + (f"#{one.anchor}" if one.anchor else "")
            found.append(Node(one.label, url, _nodes(one.under)))
        elif one.listed:
            found += [Node(leaf.label, reverse(one.route, args=leaf.args) + leaf.query) for leaf in one.read()]
    return found


def addresses() -> list[tuple[str, str]]:
    """List (address, day of the last change) of each page that search engines are told of, each once."""
    found: dict[str, str] = {}
    for group in GROUPS:
        for one in _all(group.pages):
            if isinstance(one, Page):
                if one.indexed and not one.anchor:
                    found.setdefault(settings.SITE_URL + reverse(one.route), "")
                continue
            for leaf in one.read():
                if not leaf.query:
                    found.setdefault(settings.SITE_URL + reverse(one.route, args=leaf.args), _day(leaf.changed))
    return list(found.items())


def _day(changed: datetime | date | None) -> str:
    if changed is None:
        return ""
    return (timezone.localtime(changed).date() if isinstance(changed, datetime) else changed).isoformat()
