"""What a letter says."""

from datetime import date
from decimal import Decimal

import pytest

from normandata.deminimis import notice


def test_the_letter_says_amount_character_and_regulation() -> None:
    said = notice.sentences(on=date(2026, 3, 1), amount=Decimal("4320"))
    assert [sentence.replace("\u00a0", " ") for sentence in said] == [
        "Cette aide est une aide de minimis, accordée le 1er mars 2026 en application du règlement (UE) 2023/2831 de "
        "la Commission du 13 décembre 2023 relatif à l’application des articles 107 et 108 du traité sur le "
        "fonctionnement de l’Union européenne aux aides de minimis (JO L, 2023/2831, 15.12.2023).",
        "Son équivalent-subvention brut est de 4 320,00 €.",
        "Elle s’ajoute aux autres aides de minimis reçues par votre entreprise unique (votre société et celles du même "
        "groupe), dont le total ne peut pas dépasser 300 000 € sur trois ans.",
        "Déclarez-la lors de toute autre demande d’aide de minimis. Elle est inscrite au registre des aides de "
        "minimis.",
    ]
    assert "4\u00a0320,00\u00a0€" in said[1]


def test_before_the_regulation_there_is_nothing_to_say() -> None:
    with pytest.raises(ValueError, match="2023-12-31"):
        notice.sentences(on=date(2023, 12, 31), amount=Decimal(1))
