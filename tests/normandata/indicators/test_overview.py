"""What the map of the aids says in words."""

import pytest

from normandata.indicators.overview import Aids

NAMES = ("Calvados", "Eure", "Manche", "Orne", "Seine-Maritime")


@pytest.mark.parametrize(
    ("counts", "elsewhere", "finding"),
    [
        ((0, 0, 0, 0, 0), 0, "Aucune aide n’est encore accordée sur cette période"),
        ((0, 0, 0, 0, 0), 2, "2 aides accordées, aucune dans un département normand connu"),
        ((1, 1, 0, 0, 4), 0, "La Seine-Maritime réunit 4 des 6 aides accordées"),
        ((1, 4, 3, 1, 6), 0, "La Seine-Maritime et l’Eure réunissent 10 des 15 aides accordées"),
        ((1, 4, 4, 1, 6), 0, "La Seine-Maritime, l’Eure et la Manche réunissent 14 des 16 aides accordées"),
        ((2, 2, 2, 1, 1), 0, "Le Calvados, l’Eure et la Manche réunissent 6 des 8 aides accordées"),
        ((2, 2, 2, 0, 5), 0, "La Seine-Maritime réunit 5 des 11 aides accordées"),
        ((2, 2, 2, 2, 2), 0, "10 aides accordées, sans département en tête"),
        ((0, 0, 0, 0, 1), 9, "La Seine-Maritime réunit 1 des 10 aides accordées"),
    ],
)
def test_departments_that_are_level_are_named_together_or_not_at_all(
    counts: tuple[int, ...], elsewhere: int, finding: str
) -> None:
    rows = {name: (count,) for name, count in zip(NAMES, counts, strict=True)}
    aids = Aids(("Diagnostic",), rows | ({"Non connu": (elsewhere,)} if elsewhere else {}))
    assert aids.finding == finding
    assert aids.map.outside_name == ("Non connu" if elsewhere else "")
