"""A wave: its days in their order, its number in the year; the database holds both."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from booster_ia.waves import Wave
from tests.factories.waves import DAYS, make_next_wave, make_wave

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"opens_on": date(2026, 10, 1)}, "Les dépôts se closent après avoir ouvert."),
        ({"instruction_from": date(2026, 9, 30)}, "L’instruction commence après la clôture des dépôts."),
        ({"scoring_closes_on": date(2026, 9, 30)}, "Les notes se closent pendant l’instruction."),
        ({"scoring_closes_on": date(2026, 11, 16)}, "Les notes se closent pendant l’instruction."),
        ({"committee_on": date(2026, 11, 15)}, "La Commission permanente se réunit après l’instruction."),
        ({"number": 3}, "Une année compte deux vagues, la 1 et la 2."),
    ],
)
def test_the_days_of_a_wave_follow_one_another(fields: dict[str, Any], message: str) -> None:
    wave = Wave(**{"year": 2026, "number": 2, **DAYS, **fields})
    with pytest.raises(ValidationError) as refused:
        wave.validate_constraints()
    assert message in refused.value.messages
    with pytest.raises(IntegrityError), transaction.atomic():
        wave.save()


def test_an_instruction_does_not_end_before_it_starts() -> None:
    days = {"instruction_from": date(2026, 11, 2), "scoring_closes_on": date(2026, 11, 2)}
    with pytest.raises(IntegrityError), transaction.atomic():
        make_wave(**days, instruction_to=date(2026, 11, 1))


def test_each_wave_of_a_year_exists_once_and_closes_alone() -> None:
    make_wave()
    same = Wave(**{"year": 2026, "number": 2, **DAYS})
    with pytest.raises(ValidationError) as refused:
        same.full_clean()
    assert sorted(refused.value.messages) == [
        "Cette vague de l’année existe déjà.",
        "Une autre vague se clôt déjà ce jour-là.",
    ]


def test_the_first_to_close_comes_first_and_the_closing_day_counts() -> None:
    later, first = make_next_wave(), make_wave()
    assert list(Wave.objects.closing_from(date(2026, 9, 30))) == [first, later]
    assert list(Wave.objects.closing_from(date(2026, 10, 1))) == [later]


def test_a_wave_is_named_and_tells_its_calendar() -> None:
    wave = make_wave()
    assert str(wave) == "2e vague 2026"
    assert [(label, on.replace("\u00a0", " ")) for label, on in wave.calendar] == [
        ("Clôture des dépôts", "30 septembre 2026 à 23 h 59, heure de Paris"),
        ("Instruction", "du 1er octobre 2026 au 15 novembre 2026"),
        ("Commission permanente", "14 décembre 2026"),
    ]
