"""What the demonstration is made of, read once from its file."""

import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from normandata.accounts.models import REGION_ROLES, Role

DATA = Path(__file__).parent.parent / "data"
FILE = DATA / "demonstration.toml"
CONDUCTED = DATA / "demonstration_diagnostics.toml"
REPORTS = DATA / "demonstration_reports.toml"
BOOSTER = DATA / "demonstration_booster.toml"
SESSION = DATA / "demonstration_session.toml"
DOMAIN = "demo.invalid"
PASSWORD = "bienvenue en normandie"  # noqa: S105 – printed on purpose, for fictitious accounts of a local machine
NOBODY = ("Dominique Fictif", "Directeur")
"""Who commits a structure whose story does not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A fictitious person; `can` says what one sees with this account, `title` what somebody without a role is."""

    slug: str
    name: str
    role: Role | None = None
    scheme: str = ""
    scope: str = ""
    can: str = ""
    title: str = "porteur de projet"
    is_colleague: bool = False
    is_shown: bool = False

    @property
    def email(self) -> str:
        return f"{self.slug}@{DOMAIN}"

    @property
    def label(self) -> str:
        """What this person is, in French."""
        label = self.role.label if self.role else self.title
        return f"{label[0].upper()}{label[1:]}"

    @property
    def has_second_factor(self) -> bool:
        return self.role in REGION_ROLES


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One dossier: for which establishment, by whom, what is answered, and what happens.

    `is_conducted` is for what goes up to a decision and beyond: it rests on the market or on a session, and on
    the other stories.
    `project` is what an application to Booster IA says of its project, empty for another scheme.
    """

    slug: str
    siret: str
    by: str
    steps: tuple[dict[str, Any], ...]
    given: dict[str, str] = field(default_factory=dict)
    aids: dict[str, str | int] = field(default_factory=dict)
    motives: str = ""
    head: tuple[str, ...]
    is_outage: bool = False
    declared: dict[str, str] | None = None
    is_conducted: bool = False
    scheme: str = "diagnostic"
    project: dict[str, Any] = field(default_factory=dict)

    @property
    def began(self) -> int:
        """Days since the first gesture."""
        return int(self.steps[0]["days"])

    @property
    def deposited(self) -> int:
        """Days since the first deposit, 0 for a draft: numbers are given in the order of the deposits."""
        return next((int(step["days"]) for step in self.steps if step["do"] == "deposit"), 0)


@dataclass(frozen=True, slots=True)
class Script:
    accounts: tuple[Account, ...]
    stories: tuple[Story, ...]
    motives: dict[str, dict[str, str]]
    absence: dict[str, Any]
    views: tuple[dict[str, Any], ...]
    settings: dict[str, Any] = field(default_factory=dict)
    """What the scheme needs once: who signs, the envelope, the market and its companies."""
    reports: dict[str, dict[str, str]] = field(default_factory=dict)
    """The five parts of each report, by the name of its text."""
    booster: dict[str, Any] = field(default_factory=dict)
    """What the projects share: waves, experts, texts by theme, the scoring and its words."""
    session: dict[str, Any] = field(default_factory=dict)
    """What a wave that is over needs once: who signs, the envelope, its scoring, the session and its results."""

    def of_scheme(self, scheme: str) -> tuple[Story, ...]:
        return tuple(one for one in self.stories if one.scheme == scheme)

    def account(self, slug: str) -> Account:
        return next(one for one in self.accounts if one.slug == slug)

    @property
    def of_roles(self) -> tuple[Account, ...]:
        """One account for each role."""
        return tuple(one for one in self.accounts if one.role and not one.is_colleague)

    @property
    def of_applicants(self) -> tuple[Account, ...]:
        """The applicants worth trying, each for another reason."""
        return tuple(one for one in self.accounts if one.is_shown)

    @property
    def others(self) -> tuple[Account, ...]:
        """Everybody else: colleagues of the agents, and the other applicants."""
        shown = {*self.of_roles, *self.of_applicants}
        return tuple(one for one in self.accounts if one not in shown)


@cache
def read() -> Script:
    """Read the demonstration's files."""
    raw, conducted, booster, session = _raw(FILE), _raw(CONDUCTED), _raw(BOOSTER), _raw(SESSION)
    accounts = (dict(one, role=Role(one["role"]) if "role" in one else None) for one in raw["account"])
    stories = [*map(_story, raw["story"]), *(_story(one, is_conducted=True) for one in conducted.pop("story"))]
    stories += [_project(one, booster["agents"]) for one in booster.pop("project")]
    stories += [_project(one, booster["agents"], is_conducted=True) for one in session.pop("project")]
    return Script(
        accounts=tuple(Account(**one) for one in accounts),
        stories=tuple(sorted(stories, key=lambda one: one.deposited, reverse=True)),
        motives=raw["motives"],
        absence=raw["absence"],
        views=tuple(raw["view"]),
        settings=conducted,
        reports=_raw(REPORTS),
        booster=booster,
        session=session,
    )


def _raw(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _story(one: dict[str, Any], *, is_conducted: bool = False) -> Story:
    told = dict(one, steps=tuple(one["steps"]), head=tuple(one.get("head", NOBODY)))
    return Story(**told, is_conducted=is_conducted)


def _project(one: dict[str, Any], agents: dict[str, str], *, is_conducted: bool = False) -> Story:
    """Tell an application to Booster IA: what it does not say of its steps is what every complete one does."""
    on, steps = int(one.get("deposited", 0)), list(one.get("also", ()))
    if "steps" not in one:
        slides = {"piece": "presentation", "file": f"{one['slug']}.pdf", "title": f"{one['title']} (exemple fictif)"}
        steps += [{"do": "begin", "days": on + 7}, {"do": "fill", "days": on + 4}]
        steps += [{"do": "attach", "days": on + 2} | slides]
        if one["type"] == "association":
            statutes = {"piece": "statuts", "file": "statuts.pdf", "title": "Statuts (exemple fictif)"}
            steps.append({"do": "attach", "days": on + 2} | statutes)
        steps += [{"do": "deposit", "days": on}]
        for rank, partner in enumerate(one["partners"], start=1):
            if said := partner.get("answer", "confirm"):
                after = int(partner.get("days", max(on - 2 * rank, 1)))
                steps.append({"do": said, "days": after, "partner": rank, "reason": partner.get("reason", "")})
        if "agent" in one:
            steps.append({"do": "review", "days": one.get("reviewed", 23), "by": agents[one["agent"]]})
    steps = sorted([*one.get("steps", ()), *steps], key=lambda step: -int(step["days"]))
    told = {name: one[name] for name in ("slug", "siret", "by")}
    told |= {"head": tuple(one.get("head", NOBODY)), "steps": tuple(steps), "is_conducted": is_conducted}
    return Story(**told, scheme="booster_ia", project=one)
