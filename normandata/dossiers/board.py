"""All that the page of the queue shows, gathered in a few queries whatever the number of dossiers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.db.models import Q
from django.http import QueryDict
from django.utils.safestring import SafeString

from normandata.accounts.models import User
from normandata.regulation.formats import plural
from normandata.regulation.territory import NORMAN_NAMES

from . import colleagues, queue, schemes, states
from .cells import line
from .desk import SavedView
from .filters import (
    ANY_STATE,
    ANYBODY,
    COLUMNS,
    CURRENT,
    LONG_WAIT,
    MINE,
    NOBODY,
    SORTS,
    YOU,
    Desk,
    Filters,
    scheme_label,
)  # fmt: skip
from .models import DossierQuerySet
from .rows import Row, rows
from .states import STATES, Turn

COUNTED = 12
"""Saved views shown as tabs."""
OWN = (("Ma file", ""), ("À mon tour", f"tour={YOU}"), (f"Plus de {LONG_WAIT} jours", f"jours={LONG_WAIT}"))
EVERYBODY = (("Tous les dossiers", ""), (f"Plus de {LONG_WAIT} jours", f"jours={LONG_WAIT}"))
UNOWNED = ("Sans responsable", f"responsable={NOBODY}")
BUILT_IN = frozenset(label for label, _ in (*OWN, *EVERYBODY, UNOWNED))
"""Names of the views that everybody has: none kept by somebody takes one of them."""
ORDERS = {
    "attente": ("du plus ancien au plus récent", "du plus récent au plus ancien"),
    "numero": ("par numéro croissant", "par numéro décroissant"),
    "structure": ("par nom, de A à Z", "par nom, de Z à A"),
    "dispositif": ("par dispositif", "par dispositif, à l’envers"),
    "etat": ("dans l’ordre des états", "dans l’ordre inverse des états"),
    "montant": ("par montant croissant", "par montant décroissant"),
    "depot": ("du premier déposé au dernier", "du dernier déposé au premier"),
}


@dataclass(frozen=True, slots=True)
class Tab:
    """A view above the table, with how many dossiers it holds."""

    label: str
    query: str
    count: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Select:
    """One filter of the form."""

    name: str
    label: str
    choices: tuple[tuple[str, str], ...]
    value: str


@dataclass(frozen=True, slots=True)
class Heading:
    """The head of a column: where its link leads and how it is sorted now."""

    slug: str
    label: str
    query: str = ""
    sorted: str = ""


class Board:
    """The queue as one person asked for it."""

    def __init__(self, user: User, query: QueryDict) -> None:
        self.user = user
        self.desk = Desk.of(user)
        self.filters = Filters.read(query, self.desk)
        self.page = queue.page(self.filters, query.get("apres", ""), query.get("avant", ""))
        self.rows: list[Row] = rows(self.page.rows, self.filters)
        self.names = colleagues.names(user)
        self.saved = list(self._saved())
        self._counts = queue.counts(user, self._to_count())

    def _saved(self) -> Iterable[tuple[str, Filters]]:
        if not self.desk.is_agent:
            return
        kept = SavedView.objects.filter(Q(owner=self.user) | Q(is_shared=True))
        found = kept.order_by("is_shared", "name", "pk")
        for name, query, owner in found.values_list("name", "query", "owner_id")[:COUNTED]:
            label = name if owner == self.user.pk else f"Partagée : {name}"
            yield label, Filters.read(query, self.desk)

    def _to_count(self) -> dict[str, DossierQuerySet]:
        """What is counted, each once; searches are counted only when they are the page."""
        counted = {view.kept: view for _, view in self._views() if "q" not in view.said}
        counted[self.filters.kept] = self.filters
        found = {kept: view.select() for kept, view in counted.items()}
        if self.page.first is not None and self.page.before:
            found["<"] = queue.ahead_of(self.filters, self.page.first)
        return found

    def _views(self) -> list[tuple[str, Filters]]:
        built_in = (*OWN, UNOWNED) if self.desk.is_agent else (*EVERYBODY, UNOWNED)
        return [*((label, Filters.read(query, self.desk)) for label, query in built_in), *self.saved]

    @cached_property
    def tabs(self) -> list[Tab]:
        return [
            Tab(label, view.encoded, self._count(view.kept), view.kept == self.filters.kept)
            for label, view in self._views()
        ]

    def _count(self, kept: str) -> str:
        count = self._counts.get(kept)
        return "" if count is None else (f"{queue.MOST}+" if count > queue.MOST else str(count))

    @property
    def total(self) -> int:
        return self._counts[self.filters.kept]

    @property
    def total_label(self) -> str:
        """« 23 dossiers », « plus de 1 000 dossiers »."""
        if self.total > queue.MOST:
            return f"Plus de {plural(queue.MOST, 'dossier')}"
        return plural(self.total, "dossier") if self.total else "Aucun dossier"

    @property
    def export_label(self) -> str:
        if self.total > queue.MOST:
            return "Exporter toutes ces lignes"
        return "Exporter cette ligne" if self.total == 1 else f"Exporter ces {self.total} lignes"

    @property
    def span(self) -> str:
        """« 51 à 73 sur 73 », where it is known without counting everything."""
        ahead = self._counts.get("<", 0)
        if not self.rows or ahead > queue.MOST:
            return ""
        return f"{ahead + 1} à {ahead + len(self.rows)} sur {queue.label(self.total)}"

    @property
    def has_your_turn(self) -> bool:
        return self.desk.is_agent and bool(self._counts.get(f"tour={YOU}"))

    def lines(self, *, all_ticked: bool = False) -> SafeString:
        """The rows in HTML; only agents tick them."""
        columns, with_box = self.filters.columns, self.desk.is_agent
        return SafeString("".join(line(row, columns, with_box=with_box, is_ticked=all_ticked) for row in self.rows))

    @property
    def order(self) -> str:
        return ORDERS[self.filters.sort][self.filters.is_reversed]

    @property
    def chips(self) -> list[tuple[str, str]]:
        return self.filters.chips(self.names)

    @property
    def clear(self) -> str:
        """The address that filters nothing."""
        return Filters(self.desk, {}, columns=self.filters.columns).with_(etat=ANY_STATE, responsable=ANYBODY).encoded

    @property
    def next_deadline(self) -> date | None:
        return queue.next_deadline(self.desk) if self.desk.is_agent else None

    @property
    def headings(self) -> list[Heading]:
        return [self._heading(slug, COLUMNS[slug]) for slug in self.filters.columns]

    @property
    def first_heading(self) -> Heading:
        return self._heading("structure", "Structure et dossier")

    def _heading(self, slug: str, label: str) -> Heading:
        if slug not in SORTS:
            return Heading(slug, label)
        grows = self.filters.is_reversed == (slug == "attente")
        now = ("ascending" if grows else "descending") if slug == self.filters.sort else ""
        return Heading(slug, label, self.filters.sorted_by(slug).encoded, now)

    @property
    def kept_order(self) -> dict[str, str]:
        """The sort and the columns, which the form of the filters carries along."""
        return {name: value for name, value in self.filters.parameters().items() if name in ("tri", "colonnes")}

    @property
    def selects(self) -> list[Select]:
        said, is_agent = self.filters.said, self.desk.is_agent
        whose = [(MINE, "Les vôtres")] if is_agent else []
        people = [(str(pk), name) for pk, name in self.names.items() if pk != self.user.pk]
        turns = [(YOU, "Vous")] if is_agent else []
        current = [(slug, STATES[slug].label) for slug in STATES if slug != states.DRAFT]
        known = [(one.slug, scheme_label(one.slug)) for one in schemes.every() if one.application is not None]
        return [
            Select("dispositif", "Dispositif", (("", "Tous"), *known), said.get("dispositif", "")),
            Select("etat", "État", ((CURRENT, "En cours"), (ANY_STATE, "Tous"), *current), self.filters.state),
            Select("tour", "À qui le tour", (("", "Tous"), *turns, *Turn.choices), said.get("tour", "")),
            Select("departement", "Département", (("", "Tous"), *NORMAN_NAMES.items()), said.get("departement", "")),
            Select("responsable", "Responsable", (*whose, (ANYBODY, "Tous"), (NOBODY, "Personne"), *people),
                   self.filters.owner),
        ]  # fmt: skip


def sorts(filters: Filters) -> list[tuple[str, str, bool]]:
    """List the orders: the word of the address, the sentence, whether it is the present one."""
    now = f"{'-' if filters.is_reversed else ''}{filters.sort}"
    both = [(f"{sign}{slug}", ORDERS[slug][rank]) for slug in SORTS for rank, sign in enumerate(("", "-"))]
    return [(slug, words[0].upper() + words[1:], slug == now) for slug, words in both]


def columns(filters: Filters) -> list[tuple[str, str, bool]]:
    """List the columns: the word of the address, the label, whether it is shown."""
    return [(slug, label, slug in filters.columns) for slug, label in COLUMNS.items()]
