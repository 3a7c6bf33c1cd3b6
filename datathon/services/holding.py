"""What every gesture of an organiser begins with: the edition's row held, what the page showed compared."""

from normandata.accounts.models import User
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotNow, Unmet
from normandata.regulation.formats import listing

from .. import permissions, phases, readiness
from ..editions import Edition
from ..readiness import Contents

CHANGED = "Cette édition a changé depuis que vous avez ouvert la page."
NOT_IN_THIS_PHASE = "La phase de l’édition ne permet plus ce changement."
OPEN = (phases.PREPARING, phases.REHEARSAL, phases.REGISTRATION, phases.CHALLENGE)
"""Phases in which what the jury judges by may still change."""
LIVING = tuple(slug for slug in phases.STATES if slug not in phases.OVER)


class Stale(NotNow):
    """Another page saved something since this one was opened: its author compares before saving again."""


def hold(edition: Edition, *states: str, by: User, seen: int | None = None) -> None:
    """Lock an edition for whoever organises it, in one of the phases, as the page showed it.

    Raises NotAllowed, NotNow, Stale.
    """
    procedure.lock(edition)
    if not permissions.organises(by, edition):
        raise NotAllowed(procedure.FORBIDDEN)
    if states and edition.state not in states:
        raise NotNow(NOT_IN_THIS_PHASE)
    if seen is not None and seen != edition.revision:
        raise Stale(CHANGED)


def touch(edition: Edition, *fields: str) -> None:
    """Save columns of an edition, and let every page that shows it know that it changed."""
    edition.revision += 1
    edition.save(update_fields=["revision", *fields])


def contents_of(edition: Edition) -> Contents:
    """Count what an edition says already: four queries."""
    return Contents(
        days=edition.days,
        rules=edition.rules_texts.count(),
        themes=edition.themes.count(),
        criteria=edition.criteria.count(),
        data_sets=edition.data_sets.count(),
        prizes=len(edition.prizes),
    )


def keep_described(edition: Edition) -> None:
    """Raise Unmet when an edition that people read, or try, would no longer say what it must."""
    if edition.state == phases.PREPARING:
        return
    if missing := readiness.wanting(contents_of(edition)):
        raise Unmet(f"L’édition est ouverte et doit continuer de dire : {listing(missing)}.")
