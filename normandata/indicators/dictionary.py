"""The indicators of the data dictionary, written from the registry; `normandata.opendata.dictionary` adds the sets."""

from collections.abc import Iterator

from . import dimensions, registry
from .definitions import Indicator

HEAD = "# Les indicateurs\n"


def part() -> str:
    """Write every indicator of every owner: name, kind, unit, formula, source, what it is split by."""
    return "\n".join([HEAD, *(line for owner in registry.owners() for line in _owner(owner))])


def _owner(owner: registry.Owner) -> Iterator[str]:
    yield f"## {owner.label}\n\nCode `{owner.slug}`, chiffres depuis {owner.since:%d/%m/%Y}.\n"
    for one in registry.of(owner.slug):
        yield from _indicator(one)


def _indicator(one: Indicator) -> Iterator[str]:
    yield f"### {one.title}\n"
    yield f"* Code : `{one.slug}`"
    yield f"* Type : {one.kind.value}"
    yield f"* Unité : {one.unit}"
    yield f"* Calcul : {one.formula}"
    yield f"* Source : {one.source}"
    splits = ", ".join(dimensions.HEADINGS[split].lower() for split in one.splits)
    yield f"* Partagé par : {splits or 'rien, il est donné en entier'}"
    yield f"* Public : {_public(one)}\n"


def _public(one: Indicator) -> str:
    if one.is_personal:
        return "oui, par année civile et sans les petits effectifs"
    if one.public_part:
        return f"oui, en partie : {one.public_part}"
    return "oui, son total seulement" if one.is_named else "oui"
