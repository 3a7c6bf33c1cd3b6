"""Refusals that know which line and which field they speak of, so that a form of thirty lines shows them beside it."""

from normandata.regulation.formats import spaced


class About(str):
    """A French sentence of refusal about what was typed in a field, of an item where there is one."""

    field: str
    item: int | None

    def __new__(cls, field: str, sentence: str, *, item: int | None = None) -> "About":
        said = super().__new__(cls, spaced(sentence))
        said.field, said.item = field, item
        return said
