"""What the address of the queue asks for: filters, sort, columns, each read without ever failing.

The same filters are read for the page, for the counts of every saved view and for the neighbours of a dossier: they
are a table of conditions rather than a form, and an unreadable value is the default one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from functools import cached_property
from urllib.parse import urlencode

from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone

from normandata.accounts.models import User
from normandata.regulation.formats import plural
from normandata.regulation.territory import NORMAN_NAMES

from . import schemes, states
from .delays import PARIS
from .desk import Absence
from .models import INSTRUCTORS, Dossier, DossierQuerySet
from .states import STATES, Turn

LONGEST = 100
"""Characters of a search."""
LONG_WAIT = 10
"""Days after which a wait is marked."""
MINE, ANYBODY, NOBODY = "les-miens", "tous", "personne"
CURRENT, ANY_STATE = "en-cours", "tous"
YOU = "vous"
SORTS = {
    "attente": "attente",
    "numero": "numéro",
    "structure": "nom de structure",
    "dispositif": "dispositif",
    "etat": "état",
    "montant": "montant",
    "depot": "date de dépôt",
}
COLUMNS = {
    "siret": "SIRET",
    "dispositif": "Dispositif",
    "etat": "État",
    "montant": "Montant",
    "tour": "À qui le tour",
    "attente": "Attente",
    "responsable": "Responsable",
    "depot": "Déposé le",
    "departement": "Département",
    "commune": "Commune",
}
SHOWN = ("siret", "dispositif", "etat", "montant", "tour", "attente", "responsable")


@dataclass(frozen=True)
class Desk:
    """Whoever looks at the queue, and whom this person stands in for today."""

    user: User
    is_agent: bool
    away: Mapping[int, int | None]
    """Absent agents, and who stands in for each."""

    @classmethod
    def of(cls, user: User) -> "Desk":
        away = Absence.objects.on(timezone.localdate()).order_by("since", "pk").values_list("agent_id", "backup_id")
        return cls(user, user.schemes_as(*INSTRUCTORS) != frozenset(), dict(away))

    @cached_property
    def covered(self) -> tuple[int, ...]:
        return tuple(agent for agent, backup in self.away.items() if backup == self.user.pk)

    def answers_for(self, owner: int | None, backup: int | None) -> bool:
        """Tell whether a dossier is on this desk: mine, or of somebody away whom I stand in for."""
        me = self.user.pk
        if owner == me:
            return True
        return owner in self.away and (backup == me or (backup is None and owner in self.covered))

    def mine(self) -> Q:
        """The same answer, as a condition."""
        me = self.user.pk
        found = Q(owner=me)
        if self.away:
            found |= Q(backup=me, owner__in=list(self.away))
        if self.covered:
            found |= Q(owner__in=self.covered, backup=None)
        return found


def _days(text: str, desk: Desk) -> str:
    return str(int(text)) if text.isascii() and text.isdigit() and len(text) <= 4 and int(text) else ""


def _owner(text: str, desk: Desk) -> str:
    if text in (ANYBODY, NOBODY) or (text == MINE and desk.is_agent):
        return text
    return str(int(text)) if text.isascii() and text.isdigit() and len(text) <= 9 else ""


def _search(text: str, desk: Desk) -> str:
    return " ".join(text.replace("\0", " ").split())


def _turn(text: str, desk: Desk) -> str:
    return text if text in Turn.values or (text == YOU and desk.is_agent) else ""


READ: Mapping[str, Callable[[str, Desk], str]] = {
    "q": _search,
    "dispositif": lambda text, desk: text if text in schemes.by_slug() else "",
    "etat": lambda text, desk: text if text == ANY_STATE or (text in STATES and text != states.DRAFT) else "",
    "tour": _turn,
    "departement": lambda text, desk: text if text in NORMAN_NAMES else "",
    "responsable": _owner,
    "jours": _days,
}


@dataclass(frozen=True)
class Filters:
    """Filters, sort and columns, as they hold; what is by default is not written in the address."""

    desk: Desk
    said: Mapping[str, str]
    sort: str = "attente"
    is_reversed: bool = False
    columns: tuple[str, ...] = SHOWN

    @classmethod
    def read(cls, query: QueryDict | str, desk: Desk) -> "Filters":
        """Read an address; nothing typed there is an error."""
        given = query if isinstance(query, QueryDict) else _parsed(query)
        said = {name: clean(given.get(name, "")[:LONGEST].strip(), desk) for name, clean in READ.items()}
        if said["responsable"] == _default_owner(desk, said["q"]):
            said["responsable"] = ""
        tri = given.get("tri", "")
        sort = tri.removeprefix("-")
        known = sort in SORTS
        asked = given.getlist("colonne") or given.get("colonnes", "").split(",")
        columns = tuple(name for name in COLUMNS if name in asked) or SHOWN
        kept = {name: value for name, value in said.items() if value}
        return cls(desk, kept, sort if known else "attente", known and tri.startswith("-"), columns)

    @property
    def owner(self) -> str:
        """Whose dossiers: agents look at their own, unless they search."""
        return self.said.get("responsable") or _default_owner(self.desk, self.said.get("q", ""))

    @property
    def state(self) -> str:
        return self.said.get("etat", CURRENT)

    @property
    def encoded(self) -> str:
        """The shortest address that reads the same."""
        return urlencode(self.parameters())

    @property
    def kept(self) -> str:
        """The filters alone: what makes a view, whatever its order and its columns."""
        return urlencode(dict(self.said))

    def parameters(self) -> dict[str, str]:
        found = dict(self.said)
        if self.sort != "attente" or self.is_reversed:
            found["tri"] = f"{'-' if self.is_reversed else ''}{self.sort}"
        if self.columns != SHOWN:
            found["colonnes"] = ",".join(self.columns)
        return found

    def with_(self, **changes: str) -> "Filters":
        """Change some filters; an empty value comes back to the default."""
        said = {name: value for name, value in (dict(self.said) | changes).items() if value}
        return replace(self, said=said)

    def sorted_by(self, sort: str) -> "Filters":
        """Sort otherwise; the same sort again turns it round."""
        return replace(self, sort=sort, is_reversed=sort == self.sort and not self.is_reversed)

    def select(self) -> DossierQuerySet:
        """Keep the dossiers asked for, among those this person may read; unordered."""
        return Dossier.objects.for_region(self.desk.user).filter(self._condition()).matching(self.said.get("q", ""))

    def _condition(self) -> Q:
        found = Q()
        if self.state == CURRENT:
            found &= Q(state__in=states.OPEN)
        elif self.state != ANY_STATE:
            found &= Q(state=self.state)
        if self.owner == MINE:
            found &= self.desk.mine()
        elif self.owner == NOBODY:
            found &= Q(owner=None)
        elif self.owner != ANYBODY:
            found &= Q(owner=int(self.owner))
        turn = self.said.get("tour")
        if turn == YOU:
            found &= Q(turn=Turn.AGENT) & self.desk.mine()
        elif turn:
            found &= Q(turn=turn)
        if scheme := self.said.get("dispositif"):
            found &= Q(scheme=scheme)
        if department := self.said.get("departement"):
            found &= Q(department=department)
        if days := self.said.get("jours"):
            found &= Q(turn_since__lt=_midnight(int(days)), state__in=states.OPEN)
        return found

    def chips(self, names: Mapping[int, str]) -> "list[tuple[str, str]]":
        """List what is being filtered, in words, each with the address that no longer does."""
        told = []
        for name, word in self._words(names).items():
            without = {"etat": ANY_STATE, "responsable": ANYBODY}.get(name, "")
            told.append((word, self.with_(**{name: without}).encoded))
        return told

    def _words(self, names: Mapping[int, str]) -> dict[str, str]:
        said, words = self.said, {}
        if text := said.get("q"):
            words["q"] = f"Recherche : {text}"
        if scheme := said.get("dispositif"):
            words["dispositif"] = f"Dispositif : {scheme_label(scheme)}"
        if self.state != ANY_STATE:
            label = "en cours" if self.state == CURRENT else STATES[self.state].label.lower()
            words["etat"] = f"État : {label}"
        if turn := said.get("tour"):
            words["tour"] = f"Tour : {'vous' if turn == YOU else Turn(turn).label.lower()}"
        if department := said.get("departement"):
            words["departement"] = f"Département : {NORMAN_NAMES[department]}"
        if self.owner != ANYBODY:
            whose = {MINE: "vous et vos absents", NOBODY: "personne"}.get(self.owner)
            words["responsable"] = f"Responsable : {whose or names.get(int(self.owner), 'un autre agent')}"
        if days := said.get("jours"):
            words["jours"] = f"Attente : plus de {plural(int(days), 'jour')}"
        return words


def scheme_label(slug: str) -> str:
    """Name a scheme briefly."""
    known = schemes.by_slug().get(slug)
    return known.label if known else slug


def _default_owner(desk: Desk, search: str) -> str:
    return MINE if desk.is_agent and not search else ANYBODY


def _parsed(text: str) -> QueryDict:
    try:
        return QueryDict(text[:2000])
    except Exception:  # too many fields, or bytes that are no text: an address somebody made up
        return QueryDict()


def _midnight(days: int) -> datetime:
    """The instant before which a turn has lasted more than so many civil days (Europe/Paris)."""
    return datetime.combine(timezone.localdate() - timedelta(days=days), time.min, PARIS)
