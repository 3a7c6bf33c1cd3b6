"""What the gallery of an edition shows: every project that was presented, unless an organiser takes it off (T-23)."""

from django.db import transaction

from normandata.accounts.models import User
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotNow, ReasonMissing

from .. import permissions, phases
from ..editions import Edition
from ..teams import Team


def fill(edition: Edition) -> int:
    """Put the presented projects in the gallery, in the caller's transaction; returns how many."""
    return edition.teams.active().real().filter(presents=True).update(shown_in_gallery=True)


@transaction.atomic
def show(team: Team, *, is_shown: bool, reason: str, by: User) -> None:
    """Take a project off the gallery, or put it back, with a reason.

    Raises NotAllowed, ReasonMissing, NotNow (results not published, a team that did not present, or done already).
    """
    procedure.lock(team)
    if not permissions.organises(by, team.edition):
        raise NotAllowed(procedure.FORBIDDEN)
    if not reason.strip():
        raise ReasonMissing("Indiquez le motif : il est versé au journal.")
    if team.edition.state != phases.PUBLISHED or not team.presents or team.rehearsal:
        raise NotNow("La galerie montre les projets présentés, une fois les résultats publiés.")
    if team.shown_in_gallery == is_shown:
        raise NotNow("C’est déjà fait : rechargez la page.")
    team.shown_in_gallery = is_shown
    team.save(update_fields=["shown_in_gallery"])
    procedure.record(team, "show_in_gallery" if is_shown else "hide_from_gallery", by=by, reason=reason)
