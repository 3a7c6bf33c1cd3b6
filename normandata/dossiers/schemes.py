"""How the kernel knows a scheme without importing it: each hands up one frozen `Scheme` from its `ready()`."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from normandata.accounts.models import Role, User
from normandata.organisations.models import Membership
from normandata.regulation.findings import Outcome, Verdict
from normandata.regulation.reglement import Reglement
from normandata.ui.questionnaire import Answers, Questionnaire

from .sheets import Sheet

if TYPE_CHECKING:
    from .applications import Application, Bulk


@dataclass(frozen=True, slots=True)
class Recap:
    """One answer as its author reads it back; `step` is the question where it can be changed."""

    label: str
    value: str
    step: str


@dataclass(frozen=True, slots=True)
class Amount:
    """One line of a sum, already written in French; the total closes it."""

    label: str
    value: str
    is_total: bool = False


@dataclass(frozen=True, slots=True)
class Way:
    """Where to go next: another scheme by its slug, or a place of the page of all aids by its anchor."""

    text: str
    link: str
    scheme: str = ""
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What a simulation concludes: its title is the conclusion, its verdict says why rule by rule."""

    title: str
    summary: str
    verdict: Verdict
    recap: tuple[Recap, ...]
    amounts: tuple[Amount, ...] = ()
    refused_lines: tuple[str, ...] = ()
    ways: tuple[Way, ...] = ()

    def as_record(self) -> dict[str, Any]:
        """Return the JSON record that its PDF is made from."""
        return {
            "title": self.title,
            "summary": self.summary,
            "verdict": self.verdict.as_record(),
            "recap": [asdict(line) for line in self.recap],
            "amounts": [asdict(line) for line in self.amounts],
            "refused_lines": list(self.refused_lines),
        }


def review_notice(verdict: Verdict) -> str:
    """Say how many points an agent will look at, or nothing."""
    count = len(verdict.with_outcome(Outcome.TO_REVIEW))
    if not count:
        return ""
    points = "Un point sera examiné" if count == 1 else f"{count} points seront examinés"
    return f"{points} par un agent. Cela ne vous empêche pas de déposer."


@dataclass(frozen=True, slots=True)
class Simulator:
    """The public simulator of a scheme: its questions and how answers are judged on a day."""

    questionnaire: Questionnaire
    conclude: Callable[[Answers, date], Result]


@dataclass(frozen=True, slots=True)
class Opening:
    """An edition of a scheme that the public follows now: its page, and the tag of its phase."""

    label: str
    url: str
    tone: str
    icon: str
    status: str


@dataclass(frozen=True, slots=True)
class Scheme:
    """What a scheme hands up to the kernel and the portal."""

    slug: str
    url_slug: str
    rank: int
    reglement: Reglement
    sheet: Sheet
    simulator: Simulator | None = None
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """What the codes of a figure mean, by parameter."""
    nickname: str = ""
    """What agents call it where room is scarce; the short title of its sheet otherwise."""
    has_editions: bool = False
    """True for a scheme that opens by editions, not all year."""
    openings: Callable[[], tuple[Opening, ...]] | None = None
    """Lists its editions of the day, for the page of the scheme; asks the database."""
    editions_route: str = ""
    """The page of all its editions."""
    is_aid: bool = True
    """False for what is no aid of the Region: it has no page among the aids, nor among the described schemes."""
    start_route: str = ""
    """The public page where a request begins, for a scheme that first shows what is open."""
    application: "Application | None" = None
    """The form and the procedure of a scheme whose dossiers are deposited here."""

    @property
    def label(self) -> str:
        return self.nickname or self.sheet.short_title


_registry: dict[str, Scheme] = {}


def register(scheme: Scheme) -> None:
    """Make a scheme known; raises ValueError when its slug is taken by another."""
    if _registry.setdefault(scheme.slug, scheme) is not scheme:
        raise ValueError(f"the scheme {scheme.slug!r} is already registered")


def every() -> tuple[Scheme, ...]:
    """Return the registered schemes in the order they are shown."""
    return tuple(sorted(_registry.values(), key=lambda scheme: scheme.rank))


def aids() -> tuple[Scheme, ...]:
    """Return the schemes that are aids, in the order of the continuum."""
    return tuple(scheme for scheme in every() if scheme.is_aid)


def by_slug() -> Mapping[str, Scheme]:
    """Return the registered schemes by slug."""
    return dict(_registry)


_homes: dict[Role, str] = {}


def register_home(role: Role, route: str) -> None:
    """Say where people of an outside role work, whatever the scheme; raises ValueError when it is said already."""
    if _homes.setdefault(role, route) != route:
        raise ValueError(f"people of the role {role.value!r} have a home already")


_guests: dict[str, Callable[[User], bool]] = {}


def register_guests(are_here: Callable[[User], bool], route: str) -> None:
    """Say where people without a role or a structure work, and how to know them; ValueError for a route twice."""
    if _guests.setdefault(route, are_here) is not are_here:
        raise ValueError(f"the home {route!r} has its guests already")


def home(user: User) -> str:
    """Return the route of the space of somebody who is not of the Region.

    That of an outside role first; then, for whoever is of no structure, that of a scheme's guests; or the dossiers.
    """
    for scheme in every():
        for role, route in (scheme.application.homes if scheme.application else {}).items():
            if user.holds(Role(role), scheme=scheme.slug):
                return route
    found = next((route for role, route in _homes.items() if user.schemes_as(role) != frozenset()), "")
    return found or _home_of_guest(user) or "dossiers:mine"


def _home_of_guest(user: User) -> str:
    if Membership.objects.filter(user=user).exclude(state=Membership.State.LEFT).exists():
        return ""
    return next((route for route, are_here in _guests.items() if are_here(user)), "")


def application_of(slug: str) -> "Application":
    """Return the form and the procedure of a scheme; raises LookupError when it takes no dossier here."""
    scheme = _registry.get(slug)
    if scheme is None or scheme.application is None:
        raise LookupError(f"the scheme {slug!r} takes no dossier here")
    return scheme.application


def bulk_of(action: str) -> "Bulk | None":
    """Return the gesture on several dossiers that a scheme declares under a name, None for one of the kernel."""
    slug, has_scheme, name = action.partition(".")
    return application_of(slug).bulk[name] if has_scheme else None
