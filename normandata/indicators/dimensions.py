"""Departments and kinds of structure: the same words for every scheme, each part in its place, none left out. Pure."""

from collections.abc import Mapping, Sequence

from normandata.regulation.territory import NORMAN_NAMES

from .definitions import Fact, Split

OUTSIDE, UNKNOWN = "hors", "inconnu"
OUTSIDE_NAME, UNKNOWN_NAME = "Hors de Normandie", "Non connu"
STRUCTURES = {
    "local_authority": "Collectivités et regroupements",
    "enterprise": "Entreprises",
    "health_facility": "Établissements de santé",
    "association": "Associations",
    "public_establishment": "Établissements publics",
    "private_establishment": "Établissements privés",
    "other": "Autres structures",
}
HEADINGS = {Split.DEPARTMENT: "Département", Split.STRUCTURE: "Type de structure"}
LABELS: Mapping[Split, Mapping[str, str]] = {
    Split.DEPARTMENT: {**NORMAN_NAMES, OUTSIDE: OUTSIDE_NAME, UNKNOWN: UNKNOWN_NAME},
    Split.STRUCTURE: {**STRUCTURES, UNKNOWN: UNKNOWN_NAME},
}
ALWAYS = {Split.DEPARTMENT: tuple(NORMAN_NAMES), Split.STRUCTURE: ("local_authority", "enterprise")}
"""Parts that are shown even where nothing is counted."""


def elsewhere(names: Sequence[str]) -> str:
    """Name what no map draws, of the parts there are: `Hors de Normandie ou non connu`."""
    return " ou ".join([*names[:1], *(f"{one[0].lower()}{one[1:]}" for one in names[1:])])


def code(fact: Fact, split: Split) -> str:
    """Return the part of a split that a fact belongs to; every fact belongs to one."""
    if split is Split.DEPARTMENT:
        known = fact.department
        return known if known in NORMAN_NAMES else OUTSIDE if known else UNKNOWN
    return fact.structure if fact.structure in STRUCTURES else "other" if fact.structure else UNKNOWN


def parted(facts: Sequence[Fact], split: Split) -> dict[str, list[Fact]]:
    """Sort facts into the parts of a split, in their order; empty parts that are always shown are there."""
    found: dict[str, list[Fact]] = {one: [] for one in LABELS[split]}
    for fact in facts:
        found[code(fact, split)].append(fact)
    return {one: held for one, held in found.items() if held or one in ALWAYS[split]}


def kept(facts: Sequence[Fact], wanted: Mapping[Split, str]) -> list[Fact]:
    """Keep the facts of the parts that are wanted; an empty code wants them all."""
    return [fact for fact in facts if all(not asked or code(fact, split) == asked for split, asked in wanted.items())]
