"""Calls as pages show them: the card of each, its dates in words, its assessment drawn."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from django.conf import settings
from django.urls import reverse

from normandata.bulletin.subjects import Subject
from normandata.dossiers.delays import end_of
from normandata.procedure.models import Event
from normandata.regulation.formats import day as written_day
from normandata.regulation.formats import listing, plural, spaced
from normandata.regulation.territory import NORMAN_NAMES
from normandata.ui import agenda, charts, maps
from normandata.ui.tables import Cell, Column, Unit
from normandata.workflow.table import State

from ..reading import Act
from . import workflow
from .assessment import Assessment, Line
from .history import PastCall, past_calls
from .models import Call

ACTS = {
    "create_call": "Appel commencé",
    "describe": "Appel modifié",
    "announce": "Appel annoncé",
    "open": "Appel ouvert",
    "open_in_time": "Appel ouvert au jour dit",
    "close_in_time": "Appel clos au jour dit",
    "extend": "Appel prolongé",
    "publish": "Bilan publié",
    "take_back": "Bilan retiré",
    "cancel": "Appel annulé",
    "drop": "Brouillon abandonné",
}
OVER = State("past", "Clos, bilan publié", "Clos, bilan publié", "nobody", tone="done", icon="met")
MOST_ACTS = 50
COLUMNS = (Column("Répartition"), Column("Valeur"), Column("Projets", Unit.COUNT))
ARTICLES = {"14": "Le Calvados", "27": "L’Eure", "50": "La Manche", "61": "L’Orne", "76": "La Seine-Maritime"}
NOT_SAID = "Non ventilé par la source"


@dataclass(frozen=True, slots=True)
class Card:
    """A call in a list: its title, its dates in words, where it stands."""

    title: str
    summary: str
    url: str
    period: str
    state: State
    chantier: str = ""
    is_open: bool = False


def card(call: Call, today: date) -> Card:
    return Card(
        title=call.title,
        summary=call.summary,
        url=reverse("roadmap:call", args=[call.slug]),
        period=period(call, today),
        state=call.standing,
        chantier=str(call.chantier),
        is_open=call.state == workflow.OPEN,
    )


def past_card(past: PastCall) -> Card:
    """Write the card of a call of before this portal."""
    said = f"Du {written_day(past.opens_on)} au {written_day(past.closes_on)}."
    return Card(past.title, past.summary, reverse("roadmap:call", args=[past.slug]), said, OVER)


def past_cards() -> list[Card]:
    return [past_card(one) for one in sorted(past_calls().values(), key=lambda one: one.opens_on, reverse=True)]


def period(call: Call, today: date) -> str:
    """Say in one sentence until when a call is open, or when it was."""
    if call.state == workflow.CANCELLED:
        return "Annulé."
    if call.opens_on is None or call.closes_on is None:
        return "Dates à fixer."
    first, last = written_day(call.opens_on), written_day(call.closes_on)
    match call.state:
        case workflow.OPEN if call.closes_on >= today:
            left = (call.closes_on - today).days
            count = plural(left, "jour") if left else "dernier jour"
            return spaced(f"Ouvert jusqu’au {last} à 23 h 59, heure de Paris ({count}).")
        case workflow.DRAFT | workflow.ANNOUNCED:
            return spaced(f"Du {first} au {last}, 23 h 59, heure de Paris.")
    return f"Du {first} au {last}."


def journal(call: Call) -> Sequence[Act]:
    """Read what was last done on a call, the newest first."""
    events = Event.objects.about(call).select_related("by")[:MOST_ACTS]
    return [
        Act(
            at=one.at,
            who=str(one.by) if one.by else "Le portail",
            what=ACTS[one.name],
            about=str(one.data.get("title") or ""),
            reason=one.reason,
        )
        for one in events
    ]


def subjects() -> Iterable[Subject]:
    """Give the calls that everybody reads, and the assessments published, as what a news may be about; one query."""
    for call in Call.objects.public():
        yield Subject(f"appel:{call.slug}", spaced(call.title), reverse("roadmap:call", args=[call.slug]))
        if call.state == workflow.PUBLISHED:
            label = spaced(f"{call.title} : le bilan")
            yield Subject(f"bilan:{call.slug}", label, reverse("roadmap:call_results", args=[call.slug]))
    for slug, past in past_calls().items():
        yield Subject(f"appel:{slug}", spaced(past.title), reverse("roadmap:call", args=[slug]))


# ------------------------------------------------------------------------------------------------- the assessment
@dataclass(frozen=True, slots=True)
class Chart:
    """A breakdown with its finding as title, its drawing, and the heads of its table."""

    title: str
    unit: str
    column: str
    bars: list[charts.Bar]

    @property
    def told(self) -> str:
        """What is drawn: `Propositions, par échelle`."""
        return f"{self.unit}, par {self.column.lower()}"


@dataclass(frozen=True, slots=True)
class Shown:
    """An assessment as a page shows it: the sentence first, then each breakdown drawn and in a table."""

    counts: Assessment
    sentence: str
    scales: Chart
    themes: Chart
    map: maps.Map
    places_note: str
    themes_note: str


def shown(counts: Assessment, *, word: str = "proposition") -> Shown:
    """Draw an assessment; `word` is what it counts, in the singular (feminine for « proposition »)."""
    return Shown(
        counts=counts,
        sentence=_sentence(counts, word),
        scales=_chart(counts.scales, counts.scales_left, counts.total, "Échelle", word),
        themes=_chart(counts.themes, counts.themes_left, counts.total, "Thématique", word),
        map=maps.normandie(
            counts.departments,
            key="bilan",
            title=_place(counts, word),
            unit=f"{word.capitalize()}s",
            outside=counts.outside,
            adds_up=counts.is_placed_once,
        ),
        places_note=""
        if counts.is_placed_once
        else f"Une {word} compte dans chacun des départements qu’elle concerne : leur somme peut dépasser le total.",
        themes_note=_left(counts),
    )


def _sentence(counts: Assessment, word: str) -> str:
    if not counts.total:
        return f"Aucune {word}."
    held = plural(counts.total, word)
    by_public = f"{counts.from_public} par des structures publiques, {counts.from_others} par d’autres structures"
    return spaced(f"{held} : {by_public}.")


def _left(counts: Assessment) -> str:
    """Say what the source does not break down."""
    if not counts.themes_left:
        return ""
    whole, left = counts.total, counts.themes_left
    return spaced(
        f"Les thématiques publiées comptent {whole - left} projets sur {whole} : "
        f"{plural(left, 'projet non ventilé', 'projets non ventilés')}."
    )


def _chart(lines: Iterable[Line], left: int, total: int, column: str, word: str) -> Chart:
    """Draw a breakdown, what the source left out as its last bar."""
    listed = [*lines, *([Line(NOT_SAID, left)] if left else [])]
    rows = [(spaced(one.label), Decimal(one.count), str(one.count)) for one in listed]
    named = [one for one in listed if one.label != NOT_SAID]
    most = max((one.count for one in named), default=0)
    first = [one.label for one in named if one.count == most]
    if not most:
        title = f"{column} : aucune {word}"
    elif len(first) == 1:
        title = f"{first[0]} : {most} sur {total}"
    else:
        title = f"{listing(first)} : {most} chacune sur {total}"
    drawn = [replace(bar, fill="hatched") if bar.label == NOT_SAID else bar for bar in charts.bars(rows)]
    return Chart(spaced(title), f"{word.capitalize()}s", column, drawn)


def _place(counts: Assessment, word: str) -> str:
    """Say which departments come first."""
    most = max(counts.departments.values(), default=0)
    if not most:
        return f"Aucune {word} en Normandie"
    first = [code for code, count in counts.departments.items() if count == most]
    held = f"{plural(most, word)} sur {counts.total}"
    if len(first) == 1:
        return f"{ARTICLES[first[0]]} vient en tête, avec {held}"
    names = listing([ARTICLES[code][0].lower() + ARTICLES[code][1:] for code in first])
    return f"{names[0].upper()}{names[1:]} viennent en tête, avec {held} chacun"


def rows(counts: Assessment) -> list[Sequence[Cell]]:
    """Write an assessment as the rows of its table, what is not broken down included."""
    found: list[Sequence[Cell]] = [
        ("Ensemble", "", counts.total),
        ("Porteur", "Structure publique", counts.from_public),
        ("Porteur", "Autre structure", counts.from_others),
    ]
    parts: Mapping[str, tuple[Sequence[Line], int]] = {
        "Échelle": (counts.scales, counts.scales_left),
        "Thématique": (counts.themes, counts.themes_left),
    }
    for name, (lines, left) in parts.items():
        found += [(name, one.label, one.count) for one in lines]
        found += [(name, NOT_SAID, left)] if left else []
    found += [("Département", NORMAN_NAMES[code], count) for code, count in counts.departments.items()]
    return [*found, ("Département", maps.OUTSIDE, counts.outside)]


# ------------------------------------------------------------------------------------------------------- the calendar
def calendar(call: Call, at: datetime) -> str:
    """Write the two dates of a call as a calendar: its opening day, and the instant when it closes."""
    link = f"{settings.SITE_URL}{reverse('roadmap:call', args=[call.slug])}"
    known = {"sequence": call.revision, "made_at": call.updated_at or at, "link": link}
    is_cancelled = call.state == workflow.CANCELLED
    entries = []
    if call.opens_on:
        summary = f"Ouverture de l’appel « {call.title} »"
        uid = f"appel-{call.pk}-ouverture@normandata"
        entries.append(
            agenda.Entry(uid=uid, begins=call.opens_on, summary=summary, is_cancelled=is_cancelled, **known)  # type: ignore[arg-type]
        )
    if call.closes_on:
        summary = f"Clôture de l’appel « {call.title} »"
        uid = f"appel-{call.pk}-cloture@normandata"
        entries.append(
            agenda.Entry(uid=uid, begins=end_of(call.closes_on), summary=summary, is_cancelled=is_cancelled, **known)  # type: ignore[arg-type]
        )
    return agenda.calendar(entries, is_cancelled=is_cancelled)
