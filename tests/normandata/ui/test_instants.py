"""A day and an hour typed together, through both changes of the clock."""

from datetime import UTC, datetime

import pytest
from django.core.exceptions import ValidationError

from normandata.ui.fields import InstantField, typed_instant


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("22/10/2027 à 14 h 30", datetime(2027, 10, 22, 12, 30, tzinfo=UTC)),
        ("22 octobre 2027 à 14h", datetime(2027, 10, 22, 12, tzinfo=UTC)),
        ("1er novembre 2027, 9:05", datetime(2027, 11, 1, 8, 5, tzinfo=UTC)),
        ("2027-10-22T14:30", datetime(2027, 10, 22, 12, 30, tzinfo=UTC)),
        # 2027: summer begins on 28 March at 2 (it is 3), and ends on 31 October at 3 (it is 2).
        ("28/03/2027 1:59", datetime(2027, 3, 28, 0, 59, tzinfo=UTC)),
        ("28/03/2027 3:00", datetime(2027, 3, 28, 1, 0, tzinfo=UTC)),
        ("31/10/2027 1:59", datetime(2027, 10, 30, 23, 59, tzinfo=UTC)),
        ("31/10/2027 3:00", datetime(2027, 10, 31, 2, 0, tzinfo=UTC)),
    ],
)
def test_an_instant_is_read_in_the_hour_of_paris(typed: str, expected: datetime) -> None:
    assert InstantField().clean(typed) == expected


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("28/03/2027 à 2 h 00", "Cette heure n’existe pas : cette nuit-là, l’heure d’été commence"),
        ("28/03/2027 à 2 h 59", "Cette heure n’existe pas : cette nuit-là, l’heure d’été commence"),
        ("31/10/2027 à 2 h 00", "Cette heure existe deux fois : cette nuit-là, l’heure d’hiver commence."),
        ("31/10/2027 à 2 h 59", "Cette heure existe deux fois : cette nuit-là, l’heure d’hiver commence."),
        ("22/10/2027", "Écrivez le jour et l’heure, par exemple 22/10/2027 à 14 h 30."),
        ("22/10/2027 à 25 h", "Écrivez le jour et l’heure, par exemple 22/10/2027 à 14 h 30."),
        ("bientôt à 14 h", "Écrivez le jour et l’heure, par exemple 22/10/2027 à 14 h 30."),
        ("31/02/2027 à 14 h", "Cette date n’existe pas dans le calendrier."),
        ("", "Indiquez le jour et l’heure."),
    ],
)
def test_what_is_no_instant_is_refused_in_words(typed: str, message: str) -> None:
    with pytest.raises(ValidationError) as refused:
        InstantField().clean(typed)
    assert refused.value.messages[0].startswith(message)


def test_an_instant_is_typed_again_as_it_was_read() -> None:
    for typed in ("22/10/2027 à 14 h 30", "28/03/2027 à 3 h 00", "01/11/2027 à 9 h 05"):
        assert typed_instant(InstantField().clean(typed)) == typed
        assert InstantField().prepare_value(InstantField().clean(typed)) == typed
