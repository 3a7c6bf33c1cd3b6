"""The teams of every edition in one table: ranks and prizes once anybody may read them. No participant is named."""

from collections.abc import Iterator, Mapping, Sequence

from django.db.models import Count, Q
from django.utils import timezone

from normandata.accounts.models import User
from normandata.indicators.definitions import Cell, Column, Unit

from .after import VALORISED
from .deliverables import Deliverable
from .editions import Edition
from .phases import OVER, STATES
from .teams import Team

COLUMNS = (
    Column("Édition"),
    Column("Année"),
    Column("Phase"),
    Column("Équipe"),
    Column("Thème"),
    Column("Projet"),
    Column("Membres", Unit.COUNT),
    Column("Livrables remis", Unit.COUNT),
    Column("Rang décidé par le jury", Unit.COUNT),
    Column("Prix (euros)", Unit.EUROS),
    Column("Valorisations", Unit.COUNT),
)


def rows(user: User) -> Iterator[Sequence[Cell]]:
    """Write the teams of the editions that a person follows or that are over, the newest first; in four queries."""
    editions = {one.pk: one for one in Edition.objects.followed_by(user) | Edition.objects.filter(state__in=OVER)}
    found = (
        Team.objects.active()
        .real()
        .filter(edition__in=list(editions))
        .annotate(members=Count("seats", distinct=True))
        .order_by("-edition__year", "-edition", "pk")
        .values_list("pk", "edition", "name", "theme__title", "project", "members", "outcome__decided_rank")
    )
    handed, reused, now = _handed_in(), _reused(), timezone.now()
    for pk, key, name, theme, project, members, rank in found.iterator(chunk_size=2000):
        edition = editions[key]
        shown = rank if edition.shows_results(now) else None
        prize = edition.prizes[shown - 1] if shown and shown <= len(edition.prizes) else None
        head = (edition.title, str(edition.year), STATES[edition.state].label, name, theme or "", project)
        yield [*head, members, handed.get(pk, 0), shown, prize, reused.get(pk, 0)]


def _handed_in() -> Mapping[int, int]:
    kinds = Deliverable.objects.filter(rehearsal=False).order_by().values("team")
    return dict(kinds.annotate(kinds=Count("kind", distinct=True)).values_list("team", "kinds"))


def _reused() -> Mapping[int, int]:
    teams = Team.objects.order_by().filter(follow_ups__kind__in=VALORISED)
    return dict(
        teams.annotate(count=Count("follow_ups", filter=Q(follow_ups__is_regional=True))).values_list("pk", "count")
    )
