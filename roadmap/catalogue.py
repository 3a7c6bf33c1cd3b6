"""The roadmap as it was voted: axes, chantiers and actions read from two files and written in the database.

Titles and texts are those of the deliberation AP D 25-12-5, word for word, with the accents and apostrophes they have
there. Loading again brings titles and texts up to date and touches nothing that a pilot wrote; a scheme that a pilot
took away does not come back.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.db import transaction

from .models import Action, Axis, Chantier, SchemeLink

DATA = Path(__file__).with_name("data")
TITLES, TEXTS = DATA / "feuille-de-route.tsv", DATA / "texte-vote.txt"


@dataclass(frozen=True, slots=True)
class Voted:
    """A line of the file: what it is, its identifier (`1.2.a`: axis, chantier, action), its title."""

    nature: str
    key: tuple[str, ...]
    slug: str
    scheme: str
    title: str


@dataclass(frozen=True, slots=True)
class Loaded:
    axes: int
    chantiers: int
    actions: int


@cache
def read(path: Path = TITLES) -> tuple[Voted, ...]:
    """Read the titles, in the order of the deliberation."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return tuple(
            Voted(row["nature"], tuple(row["identifiant"].split(".")), row["adresse"], row["dispositif"], row["titre"])
            for row in rows
        )


@cache
def texts(path: Path = TEXTS) -> dict[str, str]:
    """Read what the deliberation says of each action, by identifier; a paragraph or an item of a list is a line."""
    parts = path.read_text(encoding="utf-8").split("## ")[1:]
    return {head: body.strip() for head, _, body in (part.partition("\n") for part in parts)}


@transaction.atomic
def load() -> Loaded:
    """Write what was voted; loading it again updates titles and texts, and adds nothing twice."""
    axes = {voted.key[0]: _axis(voted) for voted in _of("axe")}
    subtitles = {voted.key: voted.title for voted in _of("sous-titre")}
    chantiers = {
        voted.key: Chantier.objects.update_or_create(
            axis=axes[voted.key[0]],
            number=int(voted.key[1]),
            defaults={"title": voted.title, "subtitle": subtitles.get(voted.key, "")},
        )[0]
        for voted in _of("chantier")
    }
    actions = [_action(voted, chantiers[voted.key[:2]]) for voted in _of("action")]
    return Loaded(len(axes), len(chantiers), len(actions))


def _of(nature: str) -> Iterator[Voted]:
    return (voted for voted in read() if voted.nature == nature)


def _axis(voted: Voted) -> Axis:
    return Axis.objects.update_or_create(number=int(voted.key[0]), defaults={"title": voted.title})[0]


def _action(voted: Voted, chantier: Chantier) -> Action:
    said = {"title": voted.title, "voted_text": texts()[".".join(voted.key)], "slug": voted.slug}
    action, is_new = Action.objects.update_or_create(chantier=chantier, letter=voted.key[2], defaults=said)
    if voted.scheme and is_new:
        SchemeLink.objects.create(action=action, scheme=voted.scheme)
    return action
