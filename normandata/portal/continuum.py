"""Facts of the continuum carried over from the Region's texts, each with its source and the day it was read. Pure."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from normandata.regulation.formats import spaced

FILE = Path(__file__).parent / "data" / "continuum.toml"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a fact comes from, and when the portal's words were compared with it."""

    title: str
    section: str
    read_on: date


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the continuum: `who` and `how_much` are empty where the scheme's own sheet says them."""

    slug: str
    verb: str
    title: str
    what: str
    who: str
    how_much: str
    source: Source


@dataclass(frozen=True, slots=True)
class Block:
    """A door outside, an actor or a warning: its words, its lists by title, its source."""

    slug: str
    title: str
    text: str
    who: str
    link: str
    lists: tuple[tuple[str, tuple[str, ...]], ...]
    source: Source
    is_minor: bool = False


@dataclass(frozen=True, slots=True)
class Continuum:
    logic: Block
    steps: tuple[Step, ...]
    trap: Block
    outside: tuple[Block, ...]
    actors: tuple[Block, ...]


@cache
def read(path: Path = FILE) -> Continuum:
    """Read the facts; raises KeyError for a block whose source is not among the sources."""
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    sources = raw["sources"]
    return Continuum(
        logic=_block(raw["logic"], sources),
        steps=tuple(_step(one, sources) for one in raw["steps"]),
        trap=_block(raw["trap"], sources),
        outside=tuple(_block(one, sources) for one in raw["outside"]),
        actors=tuple(_block(one, sources) for one in raw["actors"]),
    )


def _source(one: Mapping[str, Any], sources: Mapping[str, Any]) -> Source:
    named = sources[one["source"]]
    return Source(spaced(named["title"]), spaced(one["section"]), named["read_on"])


def _step(one: Mapping[str, Any], sources: Mapping[str, Any]) -> Step:
    said = {name: spaced(one.get(name, "")) for name in ("verb", "title", "what", "who", "how_much")}
    return Step(slug=one["slug"], source=_source(one, sources), **said)


def _block(one: Mapping[str, Any], sources: Mapping[str, Any]) -> Block:
    said = {name: spaced(one.get(name, "")) for name in ("title", "text", "who")}
    lists = tuple((spaced(each["title"]), tuple(map(spaced, each["items"]))) for each in one.get("lists", ()))
    return Block(
        slug=one.get("slug", ""),
        link=one.get("link", ""),
        lists=lists,
        source=_source(one, sources),
        is_minor=one.get("is_minor", False),
        **said,
    )
