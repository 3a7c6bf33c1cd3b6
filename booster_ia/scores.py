"""What the pages of scoring show: the evidence of a dossier by criterion, one's own sheet, progress, the ranking.

All that tells of a sheet comes from `normandata.scoring.reading`, which knows who is blind.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import F

from normandata.accounts.models import User
from normandata.dossiers import examination
from normandata.dossiers.models import Deposit, Dossier
from normandata.procedure.models import Event
from normandata.regulation.formats import day as written_day
from normandata.regulation.formats import number, plural
from normandata.scoring import arithmetic, reading
from normandata.scoring.models import Conflict, Panel, Subject
from normandata.scoring.papers import Line, Paper, Progress
from normandata.scoring.ranking import Place, Ranking, Tie

from .forms import CALENDAR as CALENDAR_SECTION
from .forms import COMMONS, PARTNERS, PROJECT

TIES = ("feasibility", "quality")
UNTITLED = "Projet sans titre"


# ------------------------------------------------------------------------------------------------------------ evidence
@dataclass(frozen=True, slots=True)
class Proof:
    """Where the application answers a criterion: fields of its sections (all of one where none is named), pieces."""

    title: str
    sections: Mapping[str, tuple[str, ...]]
    pieces: tuple[str, ...] = ()


PROOFS = {
    "quality": Proof("Qualité", {PROJECT: ("resume", "usage_ia")}, ("presentation", "complement")),
    "feasibility": Proof("Faisabilité", {PROJECT: ("faisabilite",), CALENDAR_SECTION: ()}, ("devis",)),
    "regional_interest": Proof("Intérêt régional", {PROJECT: ("besoin", "domaine"), PARTNERS: ()}),
    "responsible_digital": Proof("Numérique responsable", {PROJECT: ("responsable",)}),
    "security": Proof("Sécurité", {PROJECT: ("securite",)}),
    "reproducibility": Proof("Reproductibilité", {PROJECT: ("reproductibilite",), COMMONS: ()}),
}


@dataclass(frozen=True, slots=True)
class Extract:
    """What the application says on one criterion: (label, answer) pairs and files."""

    slug: str
    title: str
    answers: list[tuple[str, str]]
    files: list[examination.ShownFile]


def extracts(deposit: Deposit, pieces: Sequence[examination.ShownPiece]) -> list[Extract]:
    """Sort the answers and the files of a deposit by criterion."""
    sections = {part.get("slug", ""): part["lines"] for part in deposit.recap}
    slugs = {line["label"]: line["piece"] for line in deposit.pieces}
    files = {slugs.get(piece.label, ""): piece.files for piece in pieces}
    return [
        Extract(
            slug,
            proof.title,
            [
                (label, str(value))
                for section, names in proof.sections.items()
                for name, label, value in sections.get(section, ())
                if value and (not names or name in names)
            ],
            [file for piece in proof.pieces for file in files.get(piece, ())],
        )
        for slug, proof in PROOFS.items()
    ]


def last_deposit(user: User, **which: Any) -> Deposit | None:
    """Return the last deposit of a dossier that this person reads for the Region, with all that its page names."""
    mine = Dossier.objects.for_region(user).filter(scheme="booster_ia", **which)
    found = Deposit.objects.filter(dossier__in=mine, version=F("dossier__version"))
    return found.select_related("dossier__organisation", "dossier__booster__wave").first()


def title_of(deposit: Deposit) -> str:
    """Return the title of a project."""
    return str((deposit.answers.get(PROJECT) or {}).get("titre") or UNTITLED)


# ---------------------------------------------------------------------------------------------------------- one's sheet
@dataclass(frozen=True, slots=True)
class Total:
    """The live total of a sheet, what it lacks to reach the floor, and where both stand on the gauge."""

    shown: str
    floor: str
    gap: str
    is_under: bool
    at: str
    floor_at: str


def total(paper: Paper) -> Total:
    """Prepare the total of a sheet as it is kept."""
    grid = paper.filled.grid
    floor = grid.floor or Decimal(0)
    return Total(
        arithmetic.shown(paper.total).removesuffix(",00"),
        number(floor),
        paper.gap,
        paper.is_under_floor,
        _length(paper.total / grid.best),
        _length(Fraction(floor) / grid.best),
    )


def _length(part: Fraction) -> str:
    return f"{float(part * 100):.2f}%"


# ------------------------------------------------------------------------------------------------------------- dossiers
@dataclass(frozen=True, slots=True)
class Judged:
    """What a list says of a dossier."""

    key: str
    uuid: Any
    number: str
    organisation: str
    title: str
    complete_on: date | None


def judged(keys: Collection[str]) -> dict[str, Judged]:
    """Name dossiers in one query and without a row of theirs; by key."""
    rows = Deposit.objects.filter(dossier__in=[int(key) for key in keys], version=F("dossier__version")).values_list(
        "dossier", "dossier__key", "dossier__number", "dossier__organisation__name", "dossier__organisation__siret",
        "answers__projet__titre", "dossier__complete_on",
    )  # fmt: skip
    return {
        str(pk): Judged(str(pk), key, label or "", name or f"Structure {siret}", title or UNTITLED, complete_on)
        for pk, key, label, name, siret, title, complete_on in rows
    }


@dataclass(frozen=True, slots=True)
class Advance:
    """How far a panel is, as its page shows it: (dossier, line) pairs, and nothing of any score."""

    progress: Progress
    rows: list[tuple[Judged, Line]]

    @property
    def mine(self) -> str:
        done = plural(self.progress.done, "fiche remise", "fiches remises")
        return f"{done} par vous sur {number(len(self.rows))}."

    @property
    def ready(self) -> str:
        have = plural(self.progress.ready, "dossier a", "dossiers ont")
        return f"{have} assez de fiches, sur {number(len(self.rows))}."

    @property
    def withheld(self) -> str:
        return closed_to_you(self.progress.withheld)


def closed_to_you(count: int) -> str:
    """Say how many dossiers a conflict of interest closes to the reader."""
    have = plural(count, "dossier vous est fermé", "dossiers vous sont fermés")
    return f"{have} par un conflit d’intérêts."


def advance(panel: Panel, user: User) -> Advance:
    """Say how far a panel is; raises NotAllowed."""
    found = reading.progress(panel, user)
    named = judged([line.spot.key for line in found.lines])
    return Advance(found, [(named[line.spot.key], line) for line in found.lines if line.spot.key in named])


# -------------------------------------------------------------------------------------------------------------- ranking
def ranked(panel: Panel, user: User) -> tuple[Ranking, dict[str, Judged]]:
    """Rank the dossiers of a wave: exact mean, then feasibility, quality, date of completeness.

    A number of queries that that of dossiers does not change. Raises Blind, NotAllowed.
    """
    named = judged(list(panel.subjects.judged().values_list("key", flat=True)))
    return reading.ranking(panel, user, ties=TIES, then=[completeness(named)]), named


def completeness(named: Mapping[str, Judged]) -> Tie:
    """Return the last step of the tie rule: the date of completeness, the earlier first."""
    days = {key: one.complete_on for key, one in named.items() if one.complete_on}
    words = {on: written_day(on) for on in days.values()}
    return Tie("Date de complétude", days, largest_first=False, words=words)


def with_names(places: Sequence[Place], named: Mapping[str, Judged]) -> list[tuple[Place, Judged, str]]:
    """Join places with the dossiers that they are those of, and with their spreads as shown."""
    return [
        (place, named[place.key], arithmetic.shown(place.spread) if place.sheets > 1 else "")
        for place in places
        if place.key in named
    ]


# ------------------------------------------------------------------------------------------------------------ conflicts
@dataclass(frozen=True, slots=True)
class Declared:
    """A conflict of interest as whoever leads reads it."""

    conflict: Conflict
    where: str
    may_lift: bool


def declared(panel: Panel, user: User) -> list[Declared]:
    """List the conflicts of interest that stand in a panel; raises NotAllowed."""
    found = reading.conflicts(panel, user)
    named = judged({one.key for one in found if one.key})
    return [Declared(one, _where(one, named), may_lift=one.person_id != user.pk) for one in found]


def _where(conflict: Conflict, named: Mapping[str, Judged]) -> str:
    if conflict.panel is not None:
        return "toute la vague"
    dossier = named.get(conflict.key)
    return f"{dossier.number} ({dossier.organisation})" if dossier else "un dossier"


# -------------------------------------------------------------------------------------------------------------- journal
ACTS = {
    "start_sheet": "Fiche commencée",
    "submit_sheet": "Fiche remise",
    "confirm_sheet": "Fiche confirmée sur une nouvelle version",
    "abstain": "Abstention",
    "resume": "Fiche reprise",
    "reopen_sheet": "Fiche rouverte à son auteur",
    "set_aside": "Fiche écartée",
    "restore": "Fiche rendue à son auteur",
    "ask_sheet": "Fiche de plus demandée",
    "declare_conflict": "Déport",
    "lift_conflict": "Déport levé",
    "remove_subject": "Dossier retiré",
}


def journal(subject: Subject, user: User) -> list[tuple[str, Event]]:
    """List what happened to the sheets of a dossier, the newest first, as far as this person reads; raises Blind."""
    return [(ACTS.get(event.name, event.name), event) for event in reading.journal(subject, user)]
