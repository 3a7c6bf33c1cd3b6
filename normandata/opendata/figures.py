"""Every published figure of the registered indicators, by year, in long form: one row per number.

The row of the whole has no dimension. A table whose rows name somebody gives its whole alone, and small groups of
people are left out: `normandata.indicators.figures.published` says what everybody reads.
"""

from collections.abc import Iterator
from datetime import date

from normandata.indicators import figures, registry
from normandata.indicators.definitions import Period, Reading
from normandata.indicators.figures import UNITS, Told

from .definitions import DataSet, Field, Line, Type

FIELDS = (
    Field(name="dispositif", title="Dispositif", required=True),
    Field(name="indicateur", title="Code de l’indicateur", required=True),
    Field(name="titre", title="Titre de l’indicateur, mot pour mot", required=True),
    Field(name="type", title="Type : réalisation, résultat, contexte ou autre suivi", required=True),
    Field(name="annee", title="Année civile", type=Type.INTEGER, required=True),
    Field(name="mesure", title="Ce qui est compté", required=True),
    Field(name="dimension", title="Ce qui partage l’ensemble", description="Vide pour l’ensemble."),
    Field(name="ventilation", title="Part de l’ensemble", description="Vide pour l’ensemble."),
    Field(
        name="valeur",
        title="Valeur",
        type=Type.NUMBER,
        places=0,
        description="Vide quand il n’y a rien dont prendre une part, ou quand l’effectif est trop petit pour être dit.",
    ),
    Field(name="unite", title="Unité", required=True, one_of=tuple(dict.fromkeys(UNITS.values()))),
    Field(name="source", title="Texte qui fixe l’indicateur", required=True),
)


def rows(as_of: date) -> Iterator[Line]:
    """Write the figures of every indicator, from the first year of its owner, as known at the end of a day."""
    for owner in registry.owners():
        first = min(owner.since.year, as_of.year)
        readings = {
            year: Reading(Period(date(year, 1, 1), date(year, 12, 31), as_of)) for year in range(first, as_of.year + 1)
        }
        for indicator in registry.of(owner.slug):
            for reading in readings.values():
                yield from of_figure(figures.published(owner, indicator, reading.period, reading=reading))


def of_figure(told: Told) -> Iterator[Line]:
    """Write a figure: its whole, then each number of its tables."""
    owner, indicator, year = told.owner.label, told.indicator, told.period.first.year
    place = f"{owner}, {indicator.slug}, {year}"
    head = (owner, indicator.slug, indicator.title, indicator.kind.value, year)
    for one in figures.numbers(told):
        said = (one.measure, one.dimension, one.part, one.value, UNITS[one.unit], indicator.source)
        yield Line((*head, *said), place)


SETS = (
    DataSet(
        slug="indicateurs",
        title="Indicateurs des dispositifs et de la feuille de route",
        description="Les indicateurs de suivi-évaluation votés avec chaque dispositif, et ceux qui les complètent, "
        "année par année, en format long : une ligne par nombre. Les chiffres sont ceux des tableaux de bord et des "
        "rapports à l’assemblée. L’année en cours n’est pas finie : ses chiffres changent encore.",
        source="Délibération AP D 25-12-5, annexes 3, 4 et 5, « Indicateurs de suivi-évaluation »",
        fields=FIELDS,
        rows=rows,
        keywords=("indicateurs", "évaluation", "politique publique", "intelligence artificielle"),
        left_out="Les chiffres par prestataire ne sont pas publiés : seul leur total l’est. Un effectif de quelques "
        "personnes, ou de quelques réponses données en confiance, ne l’est pas non plus.",
    ),
)
