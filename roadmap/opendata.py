"""The roadmap as open data: its actions and their milestones, as their pages and tables say them."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from normandata.opendata.definitions import DataSet, Field, Line, Type

from . import exports, rules, workflow
from .models import Action

ACTIONS = (
    Field(name="action", title="Intitulé voté de l’action", required=True),
    Field(name="annexe", title="Annexe de l’axe", type=Type.INTEGER, required=True),
    Field(name="axe", title="Intitulé de l’axe", required=True),
    Field(name="chantier", title="Numéro du chantier dans l’axe", type=Type.INTEGER, required=True),
    Field(name="intitule_chantier", title="Intitulé du chantier", required=True),
    Field(name="direction_pilote", title="Direction pilote", description="Vide tant qu’elle n’est pas désignée."),
    Field(name="partenaires", title="Partenaires"),
    Field(name="etat", title="État", required=True, one_of=tuple(dict(workflow.CHOICES).values())),
    Field(name="motif", title="Motif d’une suspension, d’un abandon ou d’une reprise"),
    Field(name="debut", title="Début", type=Type.DATE),
    Field(name="fin", title="Fin", type=Type.DATE),
    Field(name="jalons", title="Nombre de jalons", type=Type.INTEGER, required=True, minimum=Decimal(0)),
    Field(name="jalons_tenus", title="Jalons tenus", type=Type.INTEGER, required=True, minimum=Decimal(0)),
    Field(name="jalons_en_retard", title="Jalons en retard", type=Type.INTEGER, required=True, minimum=Decimal(0)),
    Field(
        name="avancement",
        title="Avancement, en pour cent",
        type=Type.INTEGER,
        minimum=Decimal(0),
        maximum=Decimal(100),
        description="La part des poids des jalons tenus ; vide sans jalon.",
    ),
    Field(name="objectifs", title="Objectifs"),
    Field(name="risques", title="Risques"),
    Field(name="climat", title="Climat, biodiversité, ressources naturelles"),
    Field(name="dispositifs", title="Dispositifs ouverts par l’action"),
    Field(
        name="appels_du_chantier",
        title="Appels à manifestation d’intérêt du chantier",
        description="Ceux qui sont publics : intitulé, état, dates, adresse.",
    ),
    Field(name="appels_lies", title="Autres appels liés à l’action", description="Intitulé, et adresse s’il en a une."),
    Field(name="deliberations", title="Délibérations", required=True),
    Field(name="identifiant", title="Identifiant de l’action", required=True, unique=True, pattern="[a-z0-9-]+"),
)
"""In the order of `exports.ACTIONS`: file, page and open data say the same."""
MILESTONES = (
    Field(name="identifiant_action", title="Identifiant de l’action", required=True, pattern="[a-z0-9-]+"),
    Field(name="action", title="Intitulé voté de l’action", required=True),
    Field(name="jalon", title="Jalon", required=True),
    Field(name="echeance", title="Échéance", type=Type.DATE, required=True),
    Field(
        name="poids",
        title="Poids dans l’avancement",
        type=Type.INTEGER,
        required=True,
        minimum=Decimal(1),
        maximum=Decimal(rules.HEAVIEST),
    ),
    Field(name="tenu_le", title="Tenu le", type=Type.DATE, description="Vide tant qu’il n’est pas tenu."),
    Field(name="en_retard", title="En retard", type=Type.BOOLEAN, required=True),
)


def actions(as_of: date) -> Iterator[Line]:
    """Write a row for each action."""
    for cells in exports.actions(Action.objects.whole(), as_of):
        yield Line(tuple(cells), str(cells[0]))


def milestones(as_of: date) -> Iterator[Line]:
    """Write a row for each milestone, action by action."""
    for action in Action.objects.whole():
        late = action.late(as_of)
        for one in action.milestones.all():
            cells = (action.slug, action.title, one.title, one.due_on, one.weight, one.done_on, one in late)
            yield Line(cells, f"{action.slug}, {one.title}")


SOURCE = "Délibération AP D 25-12-5, annexes 1 et 2 ; directions pilotes"
SETS = (
    DataSet(
        slug="feuille-de-route",
        title="Actions de la feuille de route",
        description="Les 21 actions des deux axes, telles que votées : leur état, leurs dates, leur avancement calculé "
        "sur leurs jalons, leurs objectifs et leurs risques. Une ligne par action.",
        source=SOURCE,
        fields=ACTIONS,
        rows=actions,
        keywords=("feuille de route", "politique publique", "données", "intelligence artificielle"),
    ),
    DataSet(
        slug="feuille-de-route-jalons",
        title="Jalons de la feuille de route",
        description="Les jalons des actions, avec leur échéance, leur poids et le jour où ils ont été tenus : chacun "
        "peut refaire le calcul de l’avancement. Une ligne par jalon.",
        source=SOURCE,
        fields=MILESTONES,
        rows=milestones,
        keywords=("feuille de route", "politique publique", "calendrier"),
    ),
)
