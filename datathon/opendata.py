"""The projects of the editions whose results anybody reads, as open data: no member of a team, no prize."""

from collections.abc import Iterator
from datetime import date, datetime

from django.utils import timezone

from normandata.dossiers.delays import end_of
from normandata.opendata import registry
from normandata.opendata.definitions import DataSet, Field, Line, Type

from .deliverables import CODE, PRESENTATION, Deliverable
from .editions import Edition
from .teams import Team

FIELDS = (
    Field(name="edition", title="Édition", required=True),
    Field(name="annee", title="Année", type=Type.INTEGER, required=True),
    Field(name="equipe", title="Nom de l’équipe", required=True),
    Field(name="projet", title="Titre du projet", required=True),
    Field(name="resume", title="Le projet en quelques phrases"),
    Field(name="theme", title="Thème"),
    Field(name="territoire", title="Territoire normand visé"),
    Field(name="rang", title="Rang d’un lauréat", type=Type.INTEGER, description="Vide pour les autres projets."),
    Field(name="code_source", title="Adresse du code source", description="Quand l’équipe en donne une."),
    Field(name="presentation", title="Adresse de la présentation", description="Quand l’équipe en donne une."),
)

SAID = ("name", "project", "summary", "theme__title", "territory")


def shown(at: datetime) -> list[Edition]:
    """List the editions whose results anybody reads at an instant."""
    return [one for one in Edition.objects.public().order_by("year", "pk") if one.shows_results(at)]


def rows(as_of: date) -> Iterator[Line]:
    """Write the projects in the gallery of those editions, laureates first, the others by name."""
    editions = {one.pk: one for one in shown(min(end_of(as_of), timezone.now()))}
    links = _links(list(editions))
    teams = Team.objects.active().real().filter(edition__in=list(editions), presents=True, shown_in_gallery=True)
    known = {key: one.laureates for key, one in editions.items()}
    found = []
    for pk, edition, rank, *said in teams.values_list("pk", "edition", "outcome__decided_rank", *SAID):
        found.append((edition, rank if rank is not None and rank <= known[edition] else None, pk, said))
    places = {key: place for place, key in enumerate(editions)}
    found.sort(key=lambda row: (places[row[0]], row[1] is None, row[1] or 0, row[3][0].casefold(), row[2]))
    for edition, rank, pk, said in found:
        one = editions[edition]
        code, talk = links.get((pk, CODE), ""), links.get((pk, PRESENTATION), "")
        yield Line((one.title, one.year, *said, rank, code, talk), f"{one}, {said[0]}")


def _links(editions: list[int]) -> dict[tuple[int, str], str]:
    """Return the addresses that teams gave, by team and kind."""
    given = Deliverable.objects.current().real().filter(team__edition__in=editions, url__gt="")
    return {(team, kind): url for team, kind, url in given.values_list("team", "kind", "url")}


SETS = (
    DataSet(
        slug="projets-datathon",
        title="Projets du Datathon Normandie",
        description="Les projets présentés au jury des éditions dont les résultats sont publiés : l’équipe, le sujet, "
        "le thème, le rang des lauréats et les adresses que l’équipe a données.",
        source="Délibération AP D 25-12-5, annexe 5 ; décisions du jury de chaque édition",
        fields=FIELDS,
        rows=rows,
        keywords=("datathon", "données ouvertes", "innovation"),
        left_out="Ni les membres des équipes, ni les prix, ni les projets retirés de la galerie n’y sont.",
        frequency="ANNUAL",
        theme="TECH",
    ),
)


def register() -> None:
    """Hand the set up."""
    registry.register("datathon", SETS)
