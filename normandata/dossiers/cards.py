"""A dossier in one sentence: what is expected of the organisation, and by when."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from normandata.regulation.formats import day as written_day
from normandata.workflow.table import State

from . import periods, schemes, states
from .delays import PARIS
from .exchange import Correction
from .models import Dossier, DossierQuerySet
from .periods import Window


@dataclass(frozen=True, slots=True)
class Card:
    """What a card says of a dossier, and the one gesture it offers."""

    dossier: Dossier
    scheme: str
    state: State
    sentence: str
    link: str
    action: str
    is_awaited: bool
    note: str = ""
    """What its scheme adds: the calendar of its wave."""


def ready(dossiers: DossierQuerySet) -> DossierQuerySet:
    """Read with the dossiers all that their cards need."""
    theirs = {name for one in schemes.every() if one.application for name in one.application.card_rows}
    return dossiers.select_related("organisation").prefetch_related("corrections", *sorted(theirs))


def cards(dossiers: Iterable[Dossier], at: datetime) -> list[Card]:
    """Write the cards of dossiers read with `ready`; one query for each scheme that has drafts among them.

    A scheme that adds a note to its cards, or gives its drafts their own dates, takes its own, whatever their number.
    """
    listed = list(dossiers)
    notes = _notes(listed)
    windows = periods.windows([dossier for dossier in listed if dossier.is_draft], at)
    return [card(dossier, at, windows.get(dossier.pk), notes.get(dossier.pk, "")) for dossier in listed]


def _notes(dossiers: Sequence[Dossier]) -> dict[int, str]:
    """Return what the schemes add to the cards of their dossiers, by key."""
    found: dict[int, str] = {}
    for scheme in dict.fromkeys(dossier.scheme for dossier in dossiers):
        if write := schemes.application_of(scheme).card_notes:
            found |= write([dossier for dossier in dossiers if dossier.scheme == scheme])
    return found


def card(dossier: Dossier, at: datetime, window: Window | None = None, note: str = "") -> Card:
    """Write the card of a dossier read with `ready`; `window` is its filing, when it is known already."""
    scheme = schemes.by_slug()[dossier.scheme].sheet.short_title
    link = reverse("dossiers:dossier", args=[dossier.key])
    is_awaited = dossier.turn == states.Turn.APPLICANT
    action = "Reprendre mon dossier" if dossier.is_draft else ("Répondre" if is_awaited else "Ouvrir le dossier")
    said = sentence(dossier, at, window)
    return Card(dossier, scheme, dossier.standing, said, link, action, is_awaited, note)


def sentence(dossier: Dossier, at: datetime, window: Window | None = None) -> str:
    """Say what is expected, by whom and by when."""
    match dossier.state:
        case states.DRAFT:
            return _draft(window or periods.window_of(dossier, at))
        case states.SUBMITTED:
            return (
                f"Déposé le {_day(dossier.submitted_at)}. Un agent va l’examiner ; vous pouvez encore le modifier et "
                "le déposer de nouveau."
            )
        case states.INCOMPLETE:
            return _asked(dossier)
        case states.REVIEW:
            return f"Examen en cours, dossier déposé le {_day(dossier.submitted_at)}. Rien n’est attendu de vous."
        case states.WITHDRAWN:
            return f"Retiré le {_day(dossier.turn_since)}."
    written = schemes.application_of(dossier.scheme).sentences.get(dossier.state)
    return written(dossier) if written else f"{dossier.standing.public_label}."


def _draft(window: Window) -> str:
    if not window.is_open:
        return window.refusal
    if window.closes_on:
        return f"Dossier non déposé. Date limite : {written_day(window.closes_on)} à 23 h 59."
    return "Dossier non déposé. Le dépôt est ouvert toute l’année, sans date limite."


def _asked(dossier: Dossier) -> str:
    waiting = [one for one in dossier.corrections.all() if one.state == Correction.State.OPEN]
    if not waiting:
        return "Des pièces vous sont demandées."
    return f"Des pièces vous sont demandées, au plus tard le {written_day(waiting[0].due_on)}."


def _day(at: datetime | None) -> str:
    return written_day(at.astimezone(PARIS).date()) if at else ""
