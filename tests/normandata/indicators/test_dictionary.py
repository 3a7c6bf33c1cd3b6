"""The dictionary says what is counted and what of it is public; the voted names are those of the deliberation."""

import pytest

from normandata.indicators import dictionary, registry
from normandata.regulation.formats import spaced

# Every item marked IND of the requirements, with the kind of its sheet; the PDF's slips are not copied.
VOTED = (
    ("D-43", "diagnostic", "Réalisation", "Nombre de diagnostics réalisés par an"),
    (
        "D-44",
        "diagnostic",
        "Résultat",
        "Taux de bénéficiaires ayant mis en œuvre des actions nouvelles d’exploitation de la donnée et/ou "
        "d’utilisation de l’IA à l’issue du diagnostic au bout de 6 mois",
    ),
    (
        "D-45",
        "diagnostic",
        "Contexte",
        "Nombre et % de collectivités, d’entreprises, d’établissement de santé recensés dans les réseaux et "
        "dispositifs d’accompagnement régionaux sur la donnée",
    ),
    ("D-46", "diagnostic", "Autre suivi", "Autres types d’indicateurs ou modes de suivi envisagés"),
    ("B-50", "booster_ia", "Réalisation", "Nombre de projets accompagnés menés à leur terme"),
    (
        "B-51",
        "booster_ia",
        "Résultat",
        "% de projets ayant donné lieu à un retour d’expérience, que le projet ait pu ou non valider sa preuve de "
        "concept",
    ),
    (
        "B-52",
        "booster_ia",
        "Contexte",
        "Nombre de structures nouvelles publiques ou privées intégrées au réseau du DataLab Normandie",
    ),
    ("T-28", "datathon", "Réalisation", "Nombre de solutions digitales présentées"),
    ("T-28", "datathon", "Réalisation", "Nombre d’éditions annuelles"),
    (
        "T-29",
        "datathon",
        "Résultat",
        "Taux de valorisation des solutions par les acteurs régionaux (solutions issues du Datathon Normandie qui "
        "sont valorisées voire intégrées en partie par des acteurs régionaux)",
    ),
    (
        "T-30",
        "datathon",
        "Contexte",
        "Audience mesurée par la consultation des réseaux sociaux et pages web en lien avec l’édition considérée du "
        "Datathon",
    ),
)


@pytest.mark.parametrize(("item", "owner", "kind", "title"), VOTED)
def test_every_voted_indicator_is_there_word_for_word(item: str, owner: str, kind: str, title: str) -> None:
    found = [one for one in registry.of(owner) if spaced(one.title) == spaced(title)]
    assert [one.kind.value for one in found] == [kind], item
    assert found[0].source.startswith("Délibération AP D 25-12-5, annexe")


def test_it_says_what_the_public_reads() -> None:
    """An indicator some of whose facts are not public says so; a whole one, a named one, one about people do too."""
    told = {block.partition("* Code : `")[2].partition("`")[0]: block for block in dictionary.part().split("### ")[1:]}
    said = {slug: block.partition("* Public : ")[2].splitlines()[0] for slug, block in told.items()}
    assert [slug for slug, words in said.items() if words.startswith("oui, en partie")] == ["propositions-recues"]
    assert said["propositions-recues"] == "oui, en partie : les propositions des appels dont le bilan est publié"
    assert said["appels-ouverts"] == "oui"
    assert said["jours"] == "oui, son total seulement"
    assert said["actions-a-six-mois"] == "oui, par année civile et sans les petits effectifs"


def test_every_indicator_says_how_it_is_counted() -> None:
    for owner in registry.owners():
        for one in registry.of(owner.slug):
            assert all((one.title, one.unit, one.source, one.formula)), one.slug
