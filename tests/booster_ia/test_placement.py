"""The wave of a dossier: by its day of completeness, the closing day included up to midnight in Paris, grace too."""

from datetime import UTC, date, datetime

import pytest

from booster_ia import placement
from booster_ia.placement import Asked, Placement
from normandata.dossiers.delays import PARIS
from normandata.regulation.formats import NBSP

GRACE = 5


SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)
"""Both close on the day when the hour changes."""
WAVES = [SPRING, AUTUMN]
LATER = datetime(2026, 12, 1, 12, tzinfo=PARIS)


def place(submitted_at: datetime, *asked: Asked, at: datetime = LATER, waves: list[date] | None = None) -> Placement:
    return placement.place(submitted_at, asked, WAVES if waves is None else waves, at=at, grace=GRACE)


def plain(text: str) -> str:
    return text.replace(NBSP, " ")


@pytest.mark.parametrize(
    ("arrived", "wave"),
    [
        (datetime(2026, 3, 1, 12, tzinfo=PARIS), SPRING),
        (datetime(2026, 3, 29, 0, 0, tzinfo=PARIS), SPRING),
        (datetime(2026, 3, 29, 23, 59, 59, 900_000, tzinfo=PARIS), SPRING),
        (datetime(2026, 3, 29, 21, 59, 59, 900_000, tzinfo=UTC), SPRING),
        (datetime(2026, 3, 30, 0, 5, 0, tzinfo=PARIS), SPRING),
        (datetime(2026, 3, 30, 0, 5, 0, 1, tzinfo=PARIS), AUTUMN),
        (datetime(2026, 10, 25, 23, 59, 59, 900_000, tzinfo=PARIS), AUTUMN),
        (datetime(2026, 10, 25, 22, 59, 59, 900_000, tzinfo=UTC), AUTUMN),
        (datetime(2026, 10, 25, 23, 5, tzinfo=UTC), AUTUMN),
        (datetime(2026, 10, 25, 23, 5, 1, tzinfo=UTC), None),
    ],
)
def test_the_closing_day_is_included_up_to_midnight_and_the_grace(arrived: datetime, wave: date | None) -> None:
    assert place(arrived).closing_on == wave


def test_a_dossier_without_a_missing_piece_says_why() -> None:
    found = place(datetime(2026, 3, 2, 12, tzinfo=PARIS))
    said = "Complet le 2 mars 2026 : c’est la première vague qui se clôt ce jour-là ou après, le 29 mars 2026."
    assert (plain(found.why), found.lacks_wave) == (said, False)


def test_the_grace_is_said() -> None:
    found = place(datetime(2026, 3, 30, 0, 4, tzinfo=PARIS))
    assert plain(found.why) == "Déposé le 30 mars 2026, dans les 5 minutes admises après la clôture du 29 mars 2026."


DEPOSITED = datetime(2026, 3, 20, 12, tzinfo=PARIS)
DUE = date(2026, 4, 10)


@pytest.mark.parametrize(
    ("arrived", "wave"),
    [
        (datetime(2026, 3, 28, 12, tzinfo=PARIS), SPRING),
        (datetime(2026, 4, 10, 23, 59, 59, 900_000, tzinfo=PARIS), SPRING),
        (datetime(2026, 4, 11, 0, 5, tzinfo=PARIS), SPRING),
        (datetime(2026, 4, 11, 0, 6, tzinfo=PARIS), AUTUMN),
    ],
)
def test_a_piece_that_arrives_by_the_deadline_given_keeps_the_wave(arrived: datetime, wave: date) -> None:
    assert place(DEPOSITED, Asked("Budget", DUE, arrived)).closing_on == wave


def test_each_case_says_why() -> None:
    in_time = place(DEPOSITED, Asked("Budget", DUE, datetime(2026, 4, 8, 12, tzinfo=PARIS)))
    late = place(DEPOSITED, Asked("Budget", DUE, datetime(2026, 4, 20, 12, tzinfo=PARIS)))
    awaited = place(DEPOSITED, Asked("Budget", DUE), at=datetime(2026, 4, 9, 12, tzinfo=PARIS))
    assert [plain(one.why) for one in (in_time, late, awaited)] == [
        "Déposé le 20 mars 2026, avant la clôture du 29 mars 2026 ; « Budget » est arrivé le 8 avril 2026, à temps "
        "pour le 10 avril 2026 demandé.",
        "« Budget » est arrivé le 20 avril 2026, après la date donnée (10 avril 2026) : c’est la première vague qui se "
        "clôt ce jour-là ou après, le 25 octobre 2026.",
        "Déposé le 20 mars 2026, avant la clôture du 29 mars 2026 ; « Budget » est attendu au plus tard le "
        "10 avril 2026.",
    ]
    assert [one.closing_on for one in (in_time, late, awaited)] == [SPRING, AUTUMN, SPRING]


def test_what_is_overdue_has_no_wave_and_lacks_none() -> None:
    found = place(DEPOSITED, Asked("Budget", DUE), at=datetime(2026, 4, 11, 0, 6, tzinfo=PARIS))
    assert (found.closing_on, found.lacks_wave) == (None, False)
    assert plain(found.why) == (
        "« Budget » était attendu au plus tard le 10 avril 2026 et n’est pas arrivé : le dossier entrera dans une "
        "vague le jour où il sera complet."
    )


def test_what_no_wave_takes_says_so() -> None:
    found = place(datetime(2026, 11, 3, 12, tzinfo=PARIS))
    assert (found.closing_on, found.lacks_wave) == (None, True)
    assert plain(found.why) == (
        "Complet le 3 novembre 2026 : aucune vague ne se clôt encore ce jour-là ou après. Les agents responsables sont "
        "prévenus ; le dossier entrera dans la prochaine vague dès que ses dates seront fixées."
    )
    assert place(DEPOSITED, waves=[]).lacks_wave


def test_the_latest_of_the_late_pieces_counts() -> None:
    late = Asked("Budget", date(2026, 3, 25), datetime(2026, 3, 27, 12, tzinfo=PARIS))
    later = Asked("Plan", date(2026, 3, 25), datetime(2026, 4, 2, 12, tzinfo=PARIS))
    assert [place(DEPOSITED, late).closing_on, place(DEPOSITED, later, late).closing_on] == [SPRING, AUTUMN]


CLOSED = {SPRING: "sa notation est close"}


def test_a_wave_that_is_scored_or_voted_leaves_a_dossier_to_the_next_and_says_why() -> None:
    again = Asked("Budget", date(2026, 6, 10), datetime(2026, 6, 8, 12, tzinfo=PARIS))
    found = placement.place(DEPOSITED, [again], WAVES, at=LATER, grace=GRACE, over=CLOSED)
    assert (found.closing_on, found.lacks_wave) == (AUTUMN, False)
    assert plain(found.why) == (
        "La vague close le 29 mars 2026 ne prend plus de dossier : sa notation est close. Le dossier entre dans la "
        "suivante, qui se clôt le 25 octobre 2026."
    )
    assert placement.place(DEPOSITED, [again], WAVES, at=LATER, grace=GRACE).closing_on == SPRING, "the witness"


def test_without_a_next_wave_the_lead_agents_are_told() -> None:
    found = placement.place(DEPOSITED, [], [SPRING], at=LATER, grace=GRACE, over=CLOSED)
    assert (found.closing_on, found.lacks_wave) == (None, True)
    assert plain(found.why) == (
        "La vague close le 29 mars 2026 ne prend plus de dossier : sa notation est close. Aucune autre ne se clôt "
        "encore ensuite. Les agents responsables sont prévenus."
    )


def test_a_wave_that_is_not_the_dossier_s_own_changes_nothing() -> None:
    late = datetime(2026, 4, 2, 12, tzinfo=PARIS)
    found = placement.place(late, [], WAVES, at=LATER, grace=GRACE, over=CLOSED)
    assert found == place(late)
