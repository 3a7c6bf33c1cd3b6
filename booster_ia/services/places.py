"""The places of a closed panel as a decision needs them, whoever asks; what a person reads is in `scores`."""

from fractions import Fraction
from typing import Any

from normandata.accounts.models import User
from normandata.dossiers.models import Dossier
from normandata.regulation.formats import number
from normandata.scoring import ranking, reading, results
from normandata.scoring.models import Grid, Panel
from normandata.scoring.ranking import Place

from .. import scores
from ..programme import under
from . import decisions


def places(panel: Panel) -> dict[str, Place]:
    """Return the place of every dossier of a closed panel, by key: for what a proposal keeps, never for a page."""
    named = scores.judged(list(panel.subjects.judged().values_list("key", flat=True)))
    found = ranking.rank(panel, ties=scores.TIES, then=[scores.completeness(named)])
    return {place.key: place for place in (*found.places, *found.reserve, *found.waiting)}


def place_of(dossier: Dossier) -> dict[str, Any]:
    """Return the rank and the score that a proposal keeps of a dossier; nothing before its panel is closed."""
    subject = decisions.subject_of(dossier)
    if subject is None or not subject.panel.is_closed:
        return {}
    place = places(subject.panel).get(subject.key)
    return {"rank": place.rank, "score": place.shown} if place else {}


def refusal_of(dossier: Dossier, user: User) -> str:
    """Suggest why a dossier is refused to somebody who reads its score: it is under the floor."""
    subject = decisions.subject_of(dossier)
    if subject is None or not subject.panel.is_closed or not reading.may_read(subject, user):
        return ""
    if not (results.has_enough_sheets(subject) and results.is_under_floor(subject)):
        return ""
    grid = subject.panel.grid
    return under(said(results.score_of(subject), grid), number(grid.floor or 0))


def said(score: Fraction | None, grid: Grid) -> str:
    """Write a score with its maximum."""
    return results.shown_out_of(score, grid)
