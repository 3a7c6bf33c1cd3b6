"""What the demonstration is made of, read once from its file."""

import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from normandata.accounts.models import REGION_ROLES, Role

FILE = Path(__file__).parent.parent / "data" / "demonstration.toml"
DOMAIN = "demo.invalid"
PASSWORD = "bienvenue en normandie"  # noqa: S105 – printed on purpose, for fictitious accounts of a local machine
NOBODY = ("Dominique Fictif", "Directeur")
"""Who commits a structure whose story does not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A fictitious person; `can` says what one sees with this account."""

    slug: str
    name: str
    role: Role | None = None
    scheme: str = ""
    can: str = ""
    is_colleague: bool = False
    is_shown: bool = False

    @property
    def email(self) -> str:
        return f"{self.slug}@{DOMAIN}"

    @property
    def label(self) -> str:
        """What this person is, in French."""
        label = self.role.label if self.role else "porteur de projet"
        return f"{label[0].upper()}{label[1:]}"

    @property
    def has_second_factor(self) -> bool:
        return self.role in REGION_ROLES


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One dossier: for which establishment, by whom, what is answered, and what happens."""

    slug: str
    siret: str
    by: str
    steps: tuple[dict[str, Any], ...]
    given: dict[str, str] = field(default_factory=dict)
    aids: dict[str, str] = field(default_factory=dict)
    motives: str = ""
    head: tuple[str, ...]
    is_outage: bool = False
    declared: dict[str, str] | None = None

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
    """Read the demonstration's file."""
    raw = tomllib.loads(FILE.read_text(encoding="utf-8"))
    accounts = (dict(one, role=Role(one["role"]) if "role" in one else None) for one in raw["account"])
    stories = (dict(one, steps=tuple(one["steps"]), head=tuple(one.get("head", NOBODY))) for one in raw["story"])
    return Script(
        accounts=tuple(Account(**one) for one in accounts),
        stories=tuple(sorted((Story(**one) for one in stories), key=lambda one: one.deposited, reverse=True)),
        motives=raw["motives"],
        absence=raw["absence"],
        views=tuple(raw["view"]),
    )
