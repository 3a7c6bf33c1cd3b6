"""The winners of the editions whose results anybody reads: teams and projects, never a member of a team."""

from decimal import Decimal

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from normandata.bulletin.results import Asked, Line, Part, Source, Table
from normandata.regulation.formats import euros, plural
from normandata.regulation.money import ZERO
from normandata.ui.tables import Column, Unit

from . import opendata
from .scheme import SCHEME
from .teams import Team

COLUMNS = (
    Column("Équipe"),
    Column("Projet"),
    Column("Édition"),
    Column("Rang", Unit.COUNT),
    Column("Prix", Unit.EUROS),
)
NOTE = "Un jury souverain désigne les lauréats. Les prix sont des bons cadeaux, par équipe."


def read(asked: Asked) -> Part:
    """List the winners, the last edition first; two queries, whatever the number of editions."""
    editions = {one.pk: one for one in opendata.shown(timezone.now()) if asked.year in (None, one.year)}
    rows = Team.objects.active().real().filter(edition__in=list(editions), presents=True)
    for word in asked.words:
        rows = rows.filter(Q(name__icontains=word) | Q(project__icontains=word) | Q(edition__title__icontains=word))
    ranked = rows.filter(outcome__decided_rank__isnull=False).order_by(
        "-edition__year", "-edition", "outcome__decided_rank"
    )
    lines, total = [], ZERO
    for edition, rank, name, project in ranked.values_list("edition", "outcome__decided_rank", "name", "project"):
        one = editions[edition]
        if rank is not None and rank <= len(one.prizes):
            lines.append(_line(one.title, one.slug, rank, name, project, one.prizes[rank - 1]))
            total += one.prizes[rank - 1]
    said = f"{plural(len(lines), 'équipe lauréate', 'équipes lauréates')}, {euros(total)} de prix"
    return Part(
        finding=said if lines else "Aucun lauréat publié pour le moment",
        table=Table("Lauréats du Datathon Normandie", COLUMNS, lines),
        notes=(NOTE,),
        data_set=opendata.SETS[0].slug,
    )


def _line(title: str, slug: str, rank: int, name: str, project: str, prize: Decimal) -> Line:
    return Line((name, project, title, rank, prize), url=reverse("datathon:gallery", args=[slug]))


SOURCE = Source(SCHEME.url_slug, SCHEME.label, SCHEME.rank, read)
