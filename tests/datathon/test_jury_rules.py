"""Hand-worked: weights 3, 2 and 1, marks from 0 to 5, quorum of three unless said."""

from decimal import Decimal
from fractions import Fraction

import pytest

from datathon.jury_rules import (
    Ballot,
    Criterion,
    Line,
    Proposal,
    Vote,
    awarded,
    departures,
    neighbours,
    open_points,
    propose,
)

D = Decimal
CRITERIA = (
    Criterion("relevance", "Pertinence", D(3), D(5)),
    Criterion("originality", "Originalité", D(2), D(5)),
    Criterion("talk", "Présentation", D(1), D(5)),
)


def ballot(juror: str, *marks: int) -> Ballot:
    return Ballot(juror, {one.slug: D(mark) for one, mark in zip(CRITERIA, marks, strict=True)})


def proposed(quorum: int = 3, **teams: list[Ballot]) -> dict[str, Proposal]:
    return propose(teams, CRITERIA, quorum=quorum)


def said(text: str) -> str:
    return text.replace("\u00a0", " ")


def test_a_ballot_is_a_weighted_mean_and_a_team_the_exact_mean_of_its_ballots() -> None:
    """(3×4 + 2×3 + 1×5) / 6 = 23/6 ; (15+6+4)/6 = 25/6 ; (9+8+5)/6 = 22/6; the mean is 70/18 = 35/9."""
    found = proposed(a=[ballot("1", 4, 3, 5), ballot("2", 5, 3, 4), ballot("3", 3, 4, 5)])["a"]
    assert (found.score, found.lowest, found.highest) == (Fraction(35, 9), Fraction(22, 6), Fraction(25, 6))
    assert (found.rank, found.ballots, said(found.reason)) == (1, 3, "Note de 3,88 sur 5.")


def test_missing_ballots_and_abstentions_change_the_divisor_and_are_never_zero() -> None:
    """Two ballots at 4 beside three at 4, 4 and 1: 4 against 3, where a zero for the third would make 8/3."""
    found = proposed(
        2,
        few=[ballot("1", 4, 4, 4), ballot("2", 4, 4, 4)],
        all=[ballot("1", 4, 4, 4), ballot("2", 4, 4, 4), ballot("3", 1, 1, 1)],
    )
    assert [(key, one.rank, one.score) for key, one in found.items()] == [("few", 1, 4), ("all", 2, 3)]


def test_under_the_quorum_a_team_is_not_ranked_and_keeps_its_mean() -> None:
    found = proposed(
        low=[ballot("1", 1, 1, 1), ballot("2", 1, 1, 1), ballot("3", 1, 1, 1)],
        high=[ballot("1", 5, 5, 5), ballot("2", 5, 5, 5)],
        none=[],
    )
    assert [(key, one.rank, one.score) for key, one in found.items()] == [
        ("low", 1, 1), ("high", None, 5), ("none", None, None),
    ]  # fmt: skip
    assert said(found["high"].reason) == "Non classable : 2 bulletins validés, il en faut 3."
    assert said(found["none"].reason) == "Non classable : aucun bulletin validé, il en faut 3."


def three(*marks: tuple[int, int, int]) -> list[Ballot]:
    return [ballot(str(juror), *given) for juror, given in enumerate(marks, start=1)]


def test_a_tie_goes_to_the_criterion_of_greatest_weight() -> None:
    """4,3,3 and 3,4,4 both weigh 21: relevance 4 wins over 3."""
    found = proposed(b=three(*[(3, 4, 4)] * 3), a=three(*[(4, 3, 3)] * 3))
    assert [(key, one.rank, one.score) for key, one in found.items()] == [
        ("a", 1, Fraction(7, 2)),
        ("b", 2, Fraction(7, 2)),
    ]
    assert (
        said(found["a"].reason)
        == "Note de 3,50 sur 5. Même note que le rang 2, devant : « Pertinence », 4,00 contre 3,00."
    )


def test_a_tie_then_goes_to_the_next_criterion() -> None:
    """3,4,2 and 3,3,4 both weigh 19, relevance equal: originality 4 wins over 3."""
    found = proposed(b=three(*[(3, 3, 4)] * 3), a=three(*[(3, 4, 2)] * 3))
    assert [(key, one.rank) for key, one in found.items()] == [("a", 1), ("b", 2)]
    assert "« Originalité », 4,00 contre 3,00" in said(found["a"].reason)


def test_a_tie_then_goes_to_first_places() -> None:
    """Same means by criterion: jurors 1 and 2 put `a` first (4 over 3), juror 3 puts `b` first (5 over 3)."""
    a = three((4, 4, 4), (4, 4, 4), (3, 3, 3))
    b = three((3, 3, 3), (3, 3, 3), (5, 5, 5))
    found = proposed(b=b, a=a)
    assert [(key, one.rank, one.score) for key, one in found.items()] == [
        ("a", 1, Fraction(11, 3)), ("b", 2, Fraction(11, 3)),
    ]  # fmt: skip
    assert "« Premières places », 2 contre 1" in said(found["a"].reason)


def test_a_tie_that_nothing_settles_shares_a_rank_and_calls_the_jury_to_vote() -> None:
    found = proposed(a=three(*[(3, 3, 3)] * 3), b=three(*[(3, 3, 3)] * 3), c=three(*[(2, 2, 2)] * 3))
    assert [(key, one.rank) for key, one in found.items()] == [("a", 1), ("b", 1), ("c", 3)]
    assert said(found["b"].reason) == (
        "Note de 3,00 sur 5. Ex æquo : critères et premières places ne départagent pas, le jury vote."
    )


def test_the_order_in_which_teams_come_ranks_nobody() -> None:
    teams = {"b": three(*[(3, 3, 3)] * 3), "a": three(*[(3, 3, 3)] * 3)}
    assert {one.rank for one in proposed(**teams).values()} == {1}
    assert {one.rank for one in proposed(**dict(reversed(teams.items()))).values()} == {1}


def test_equal_weights_are_read_in_the_order_of_the_grid() -> None:
    same = [Criterion("x", "X", D(1), D(5)), Criterion("y", "Y", D(1), D(5))]
    given = {"a": [Ballot("1", {"x": D(2), "y": D(4)})], "b": [Ballot("1", {"x": D(4), "y": D(2)})]}
    found = propose(given, same, quorum=1)
    assert [(key, one.rank) for key, one in found.items()] == [("b", 1), ("a", 2)]


# -------------------------------------------------------------------------------------------------------- the decision
def line(key: str, score: str, rank: int | None, decided: int | None = None) -> Line:
    return Line(key, key.upper(), Fraction(score), rank, decided)


@pytest.mark.parametrize(("second", "is_close"), [("4.13", True), ("4.10", False), ("4.1001", True), ("4.20", True)])
def test_a_gap_under_a_tenth_between_neighbours_of_the_podium_is_flagged(second: str, is_close: bool) -> None:
    """4.20 and 4.13 are 0.07 apart: flagged; exactly 0.10 is not."""
    lines = [line("a", "4.20", 1), line("b", second, 2), line("c", "3", 3)]
    found = neighbours(lines, podium=3, alert=D("0.1"))
    assert [(pair.above.key, pair.below.key) for pair in found] == ([("a", "b")] if is_close else [])


def test_neighbours_end_at_the_foot_of_the_podium() -> None:
    lines = [line("a", "4.5", 1), line("b", "4", 2), line("c", "3.05", 3), line("d", "3", 4), line("e", "2.99", 5)]
    found = neighbours([*lines, line("x", "3.01", None)], podium=3, alert=D("0.1"))
    assert [(pair.above.key, pair.below.key, pair.gap) for pair in found] == [("c", "d", Fraction(1, 20))]


def test_a_departure_is_a_rank_that_the_proposal_does_not_leave_open() -> None:
    lines = [line("a", "4", 1, 1), line("b", "3", 2, 3), line("c", "3", 2, 2), line("d", "2", 4, 4)]
    assert departures(lines) == [], "the two that share the second place take the second and the third"
    swapped = [line("a", "4", 1, 2), line("b", "3", 2, 1), line("c", "3", 2, 3)]
    assert [one.key for one in departures(swapped)] == ["a", "b"]


def test_all_that_keeps_a_deliberation_open_is_listed() -> None:
    lines = [line("a", "4", 1, 2), line("b", "3", 2), line("x", "5", None)]
    assert [said(one) for one in open_points(lines, [], reason="")] == [
        "Il manque un rang décidé : « B ».",
        "Donnez le motif des écarts au classement proposé : « A ».",
    ]
    lines = [line("a", "4", 1, 1), line("b", "3", 2, 3)]
    assert [said(one) for one in open_points(lines, [], reason="Motif")] == [
        "Les rangs décidés vont de 1 à 2, sans trou ni doublon."
    ]
    assert open_points([line("a", "4", 1, 2), line("b", "3", 2, 1)], [], reason="Usage immédiat.") == []


@pytest.mark.parametrize(
    ("vote", "expected"),
    [
        (None, ["« A » et « B » sont à égalité : inscrivez le vote du jury."]),
        (Vote("a", "b", 4, 2, None), []),
        (Vote("a", "b", 2, 4, None), ["Le vote place « B » devant « A » ; les rangs disent l’inverse."]),
        (Vote("a", "b", 3, 3, True), []),
        (Vote("a", "b", 3, 3, False), ["Le vote place « B » devant « A » ; les rangs disent l’inverse."]),
        (Vote("b", "a", 3, 3, False), []),
        (Vote("b", "a", 2, 4, None), []),
    ],
)
def test_a_tie_is_settled_by_a_vote_and_by_the_voice_of_the_chair(vote: Vote | None, expected: list[str]) -> None:
    lines = [line("a", "3", 1, 1), line("b", "3", 1, 2)]
    assert [said(one) for one in open_points(lines, [vote] if vote else [], reason="")] == expected


def test_the_last_vote_on_a_pair_counts() -> None:
    lines = [line("a", "3", 1, 1), line("b", "3", 1, 2)]
    votes = [Vote("b", "a", 5, 0, None), Vote("a", "b", 4, 1, None)]
    assert open_points(lines, votes, reason="") == []


def test_nobody_ranked_is_said() -> None:
    assert open_points([line("x", "5", None)], [], reason="") == [
        "Aucune équipe n’a assez de bulletins pour être classée."
    ]


def test_prizes_go_to_decided_ranks() -> None:
    lines = [line("a", "4", 1, 2), line("b", "3", 2, 1)]
    found = awarded(lines, (D(2500), D(1500), D(1000)))
    assert [(rank, one.key if one else None, prize) for rank, one, prize in found] == [
        (1, "b", D(2500)), (2, "a", D(1500)), (3, None, D(1000)),
    ]  # fmt: skip
