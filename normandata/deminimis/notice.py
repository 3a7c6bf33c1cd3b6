"""What a letter tells the undertaking in writing: amount, de minimis character, regulation (art. 7(4), D-35)."""

from datetime import date
from decimal import Decimal

from normandata.regulation.formats import day as written_day
from normandata.regulation.formats import euros, spaced

from . import regimes, rules

TITLE = (
    "règlement (UE) 2023/2831 de la Commission du 13 décembre 2023 relatif à l’application des articles 107 et 108 du "
    "traité sur le fonctionnement de l’Union européenne aux aides de minimis (JO L, 2023/2831, 15.12.2023)"
)


def sentences(*, on: date, amount: Decimal) -> tuple[str, ...]:
    """Write the sentences for an aid of `amount` euros (gross grant equivalent) granted on a day, one a paragraph.

    Raises ValueError for a day before the regulation applies.
    """
    if on < regimes.GENERAL_SINCE:
        raise ValueError(f"{on} is before the regime in force")
    figures = rules.REGLEMENT.on(on)
    ceiling = euros(figures.number("ceiling_2831"), cents=False)
    return tuple(
        spaced(sentence)
        for sentence in (
            f"Cette aide est une aide de minimis, accordée le {written_day(on)} en application du {TITLE}.",
            f"Son équivalent-subvention brut est de {euros(amount)}.",
            f"Elle s’ajoute aux autres aides de minimis reçues par votre entreprise unique (votre société et celles du "
            f"même groupe), dont le total ne peut pas dépasser {ceiling} sur trois ans.",
            "Déclarez-la lors de toute autre demande d’aide de minimis. Elle est inscrite au registre des aides de "
            "minimis.",
        )
    )
