"""The ranking by hand: ties, the floor, missing sheets, and why each place is this one."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from normandata.accounts.models import User
from normandata.regulation.formats import NBSP
from normandata.scoring import arithmetic, filling, ranking, results
from normandata.scoring.models import Panel, Sheet, Subject
from normandata.scoring.ranking import Place, Tie
from normandata.scoring.services import panels, sheets
from tests.factories.scoring import fill, judge, make_grid, make_jury_grid, make_panel, make_scorer

pytestmark = pytest.mark.django_db
D = Decimal
TIES = ("feasibility", "quality")
EVEN = {"regional_interest": "10", "responsible_digital": "5", "security": "5", "reproducibility": "5"}


def subjects_of(panel: Panel) -> list[Subject]:
    return list(panel.subjects.select_related("panel__grid").order_by("rank"))


def read(place: Place) -> tuple[str, str]:
    return place.shown, place.reason.replace(NBSP, " ")


def test_49_995_is_in_the_reserve(ana: User, bob: User) -> None:
    panel = make_panel([ana, bob])
    (subject,) = subjects_of(panel)
    judge(subject, ana, "49.99")
    judge(subject, bob, "50.00")
    assert results.score_of(subject) == Fraction("49.995")
    assert results.is_under_floor(subject)
    found = ranking.rank(panel)
    assert (found.places, found.waiting) == ((), ())
    assert [read(one) for one in found.reserve] == [("49,99", "Sous le plancher de 50.")]


def test_the_whole_ranking_by_hand(ana: User, bob: User) -> None:
    """Six subjects: 70, 65 three times (two settled by a criterion, one by the date), 40, and one sheet of two."""
    panel = make_panel([ana, bob], subjects=6)
    one, two, three, four, five, six = subjects_of(panel)
    for by in (ana, bob):
        judge(one, by, "70")
        judge(two, by, quality="15", feasibility="25", **EVEN)
        judge(three, by, quality="16", feasibility="24", **EVEN)
        judge(four, by, quality="16", feasibility="24", **EVEN)
        judge(five, by, "40")
    judge(six, ana, "99")
    days = {three.key: date(2026, 9, 2), four.key: date(2026, 9, 1)}
    words = {day: f"{day:%d/%m/%Y}" for day in days.values()}
    found = ranking.rank(
        panel, ties=TIES, then=[Tie("Date de dossier complet", days, largest_first=False, words=words)]
    )
    assert [(one.rank, one.key) for one in found.places] == [
        (1, one.key), (2, two.key), (3, four.key), (4, three.key),
    ]  # fmt: skip
    assert [read(one)[1] for one in found.places] == [
        "Note de 70,00 sur 100.",
        "Note de 65,00 sur 100. Même note que le rang 3, devant : « Faisabilité », 25,00 contre 24,00.",
        "Note de 65,00 sur 100. Même note que le rang 2, derrière : « Faisabilité », 24,00 contre 25,00."
        " Même note que le rang 4, devant : « Date de dossier complet », 01/09/2026 contre 02/09/2026.",
        "Note de 65,00 sur 100. Même note que le rang 3, derrière : « Date de dossier complet », 02/09/2026 contre"
        " 01/09/2026.",
    ]
    assert [(one.rank, *read(one)) for one in found.reserve] == [(None, "40,00", "Sous le plancher de 50.")]
    assert [(one.rank, *read(one)) for one in found.waiting] == [
        (None, "99,00", "1 fiche remise sur 2 attendues."),
    ]  # fmt: skip


def test_what_nothing_settles_shares_its_place(ana: User, bob: User) -> None:
    panel = make_panel([ana, bob], subjects=4)
    for subject, total in zip(subjects_of(panel), ("60", "80", "60", "55"), strict=True):
        judge(subject, ana, total)
        judge(subject, bob, total)
    found = ranking.rank(panel, ties=TIES)
    assert [one.rank for one in found.places] == [1, 2, 2, 4]
    assert read(found.places[1])[1] == "Note de 60,00 sur 100. Ex æquo : rien ne départage, la règle est épuisée."


def test_the_same_shown_score_is_said_to_differ(ana: User, bob: User, cleo: User) -> None:
    """(66,66 + 66,66 + 66,67) / 3 is above 66,66 and shown as it."""
    panel = make_panel([ana, bob, cleo], subjects=2)
    low, high = subjects_of(panel)
    for by, total in ((ana, "66.66"), (bob, "66.66"), (cleo, "66.67")):
        judge(high, by, total)
        judge(low, by, "66.66")
    found = ranking.rank(panel)
    assert [(one.rank, one.key, one.shown) for one in found.places] == [(1, high.key, "66,66"), (2, low.key, "66,66")]
    assert read(found.places[0])[1].endswith("Même note affichée que le rang 2, devant : la note exacte les sépare.")


@pytest.mark.parametrize(("low", "wide"), [("50.01", False), ("50.00", True)])
def test_a_spread_of_15_alerts_and_14_99_does_not(ana: User, bob: User, low: str, wide: bool) -> None:
    panel = make_panel([ana, bob])
    (subject,) = subjects_of(panel)
    judge(subject, ana, low)
    judge(subject, bob, "65.00")
    assert results.spread_of(subject) == D(65) - D(low)
    assert ranking.rank(panel).places[0].is_wide is wide


def test_another_sheet_asked_for_makes_the_subject_wait(ana: User, bob: User, lead: User) -> None:
    panel = make_panel([ana, bob])
    (subject,) = subjects_of(panel)
    judge(subject, ana, "50")
    judge(subject, bob, "90")
    panels.ask_sheet(subject, by=lead, reason="Écart.")
    assert read(ranking.rank(panel).waiting[0])[1] == "2 fiches remises sur 3 attendues."
    panels.remove_subject(subject, by=lead, reason="Retiré.")
    found = ranking.rank(panel)
    assert (found.places, found.reserve, found.waiting) == ((), (), ())


def test_nothing_submitted_is_no_score(ana: User) -> None:
    panel = make_panel([ana])
    (subject,) = subjects_of(panel)
    fill(sheets.start(subject, by=ana), {"quality": "20"}, by=ana)
    (waiting,) = ranking.rank(panel).waiting
    assert (waiting.score, read(waiting)) == (None, ("", "Aucune fiche remise, sur 2 attendues."))


def test_a_thing_without_a_value_comes_after_those_that_have_one(ana: User, bob: User) -> None:
    panel = make_panel([ana, bob], subjects=2)
    one, two = subjects_of(panel)
    for subject in (one, two):
        judge(subject, ana, "60")
        judge(subject, bob, "60")
    for largest_first in (True, False):
        found = ranking.rank(panel, then=[Tie("Premières places", {two.key: 1}, largest_first=largest_first)])
        assert [place.key for place in found.places] == [two.key, one.key]
        assert read(found.places[1])[1].endswith("« Premières places », non renseigné contre 1.")


def test_a_criterion_that_the_grid_has_not_is_an_error(panel: Panel) -> None:
    with pytest.raises(LookupError, match="audace"):
        ranking.rank(panel, ties=("audace",))


def test_first_places_are_counted_by_scorer(ana: User, bob: User, cleo: User) -> None:
    """Ana puts the first two level at the top, Bob the second, Cléo only began: 1 and 2."""
    panel = make_panel([ana, bob, cleo], subjects=3)
    one, two, three = subjects_of(panel)
    for subject, mine, other in ((one, "80", "50"), (two, "80", "90"), (three, "20", "40")):
        judge(subject, ana, mine)
        judge(subject, bob, other)
    fill(sheets.start(three, by=cleo), {"quality": "20"}, by=cleo)
    assert results.first_places(panel) == {one.pk: 1, two.pk: 2}


def test_a_jury_s_ranking_has_no_floor_and_a_quorum(ana: User, bob: User, cleo: User) -> None:
    """Weights 3, 2, 1: (15 + 4 + 3) / 6 = 22 / 6 against (12 + 8 + 2) / 6 = 22 / 6; relevance settles."""
    panel = make_panel([ana, bob, cleo], subjects=3, grid=make_jury_grid())
    one, two, three = subjects_of(panel)
    for by in (ana, bob, cleo):
        judge(one, by, relevance="4", originality="4", talk="2")
        judge(two, by, relevance="5", originality="2", talk="3")
    judge(three, ana, relevance="5", originality="5", talk="5")
    found = ranking.rank(panel, ties=("relevance", "originality"))
    assert [(place.key, place.score) for place in found.places] == [
        (two.key, Fraction(22, 6)), (one.key, Fraction(22, 6)),
    ]  # fmt: skip
    assert read(found.places[0])[1] == (
        "Note de 3,66 sur 5. Même note que le rang 2, devant : « Pertinence », 5,00 contre 4,00."
    )
    assert [place.key for place in found.waiting] == [three.key]


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.lists(st.integers(0, 10_000), min_size=0, max_size=4), min_size=1, max_size=5))
def test_scores_are_those_of_exact_fractions_whatever_the_sheets(totals: list[list[int]]) -> None:
    """Against fractions computed apart: the sums of the database lose nothing, on SQLite as on PostgreSQL."""
    people = [make_scorer() for _ in range(4)]
    panel = make_panel(people, subjects=len(totals))
    for subject, given_ in zip(subjects_of(panel), totals, strict=True):
        for by, cents in zip(people, given_, strict=False):
            judge(subject, by, str(D(cents) / 100))
    stand = results.standings(panel)
    for one, given_ in zip(stand, totals, strict=True):
        assert one.sheets == len(given_)
        assert one.score == (Fraction(sum(given_), 100 * len(given_)) if given_ else None)
        assert one.spread == (Fraction(max(given_) - min(given_), 100) if given_ else None)
    found = ranking.rank(panel, ties=TIES)
    scores = [place.score for place in found.places]
    assert scores == sorted(scores, reverse=True)
    assert all(score is not None and score >= 50 for score in scores)
    assert all(place.score is not None and place.score < 50 for place in found.reserve)
    assert len(found.places) + len(found.reserve) + len(found.waiting) == len(totals)


def test_the_points_of_a_sheet_are_those_of_its_marks(ana: User) -> None:
    for grid in (make_grid(), make_jury_grid()):
        panel = make_panel([ana], grid=grid)
        (subject,) = subjects_of(panel)
        judge(subject, ana, **{line.slug: "3.5" for line in grid.lines})
        sheet = Sheet.objects.get(subject=subject)
        filled = filling.filled(grid, sheet)
        assert sheet.points == filled.points
        assert results.score_of(subject) == filled.total
        assert arithmetic.shown(filled.total) in ("21,00", "3,50")
