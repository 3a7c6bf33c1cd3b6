"""What the ballots propose and what the jury decides: means, quorum, ties, departures, votes, prizes. Pure.

The jury is sovereign (annexe 5, « Modalités d’instruction et d’attribution »): the portal proposes, with its reasons,
and says what still keeps a deliberation from closing. Means are exact fractions; never an id, a name or a date ranks.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from normandata.regulation.formats import listing, plural, spaced
from normandata.scoring import arithmetic, ordering
from normandata.scoring.arithmetic import Method, Scale
from normandata.scoring.ordering import Tie

VOTE = "Ex æquo : critères et premières places ne départagent pas, le jury vote."
FIRST_PLACES = "Premières places"
MOST_NAMED = 5
"""Teams without a rank that a sentence names."""


@dataclass(frozen=True, slots=True)
class Criterion:
    """A criterion and what it weighs; marks go from 0 to `maximum`."""

    slug: str
    label: str
    weight: Decimal
    maximum: Decimal

    @property
    def scale(self) -> Scale:
        return Scale(self.maximum, weight=self.weight)


@dataclass(frozen=True, slots=True)
class Ballot:
    """A validated ballot: every criterion has its mark. A draft, an abstention and a recusal are no ballot."""

    juror: str
    marks: Mapping[str, Decimal]

    def score(self, criteria: Sequence[Criterion]) -> Fraction:
        """Return its mean weighted by criterion, exact."""
        points = arithmetic.points(Method.MEAN, [(self.marks[one.slug], one.scale) for one in criteria])
        return Fraction(points) / arithmetic.denominator(Method.MEAN, [one.scale for one in criteria])


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the ballots say of one team; no rank is « non classable », under the quorum."""

    key: str
    score: Fraction | None
    ballots: int
    lowest: Fraction | None
    highest: Fraction | None
    rank: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class _Standing:
    key: str
    scores: tuple[Fraction, ...]

    @property
    def score(self) -> Fraction | None:
        return sum(self.scores, Fraction(0)) / len(self.scores) if self.scores else None


def propose(
    teams: Mapping[str, Sequence[Ballot]], criteria: Sequence[Criterion], *, quorum: int
) -> dict[str, Proposal]:
    """Propose a ranking of teams from their validated ballots, in the order of the ranks, those without one last.

    Equal exact means: the criterion of greatest weight, then the next (the order of the grid between equal weights),
    then first places; teams left equal share a rank, and the jury votes.
    """
    standings = [_Standing(key, tuple(one.score(criteria) for one in given)) for key, given in teams.items()]
    enough = [one for one in standings if len(one.scores) >= quorum]
    heaviest = sorted(criteria, key=lambda one: -one.weight)
    steps = [
        *(Tie(one.label, _means(teams, one.slug)) for one in heaviest),
        Tie(FIRST_PLACES, _firsts(teams, criteria)),
    ]
    best = arithmetic.best(Method.MEAN, [one.scale for one in criteria])
    placed = ordering.places(enough, steps, best=best, exhausted=VOTE)
    found = {one.key: _proposal(one, rank, why) for one, rank, why in placed}
    for one in standings:
        if one.key not in found:
            found[one.key] = _proposal(one, None, spaced(_under(len(one.scores), quorum)))
    return found


def _proposal(one: _Standing, rank: int | None, reason: str) -> Proposal:
    lowest, highest = (min(one.scores), max(one.scores)) if one.scores else (None, None)
    return Proposal(one.key, one.score, len(one.scores), lowest, highest, rank, reason)


def _under(count: int, quorum: int) -> str:
    given = plural(count, "bulletin validé", "bulletins validés") if count else "aucun bulletin validé"
    return f"Non classable : {given}, il en faut {quorum}."


def _means(teams: Mapping[str, Sequence[Ballot]], slug: str) -> dict[str, Fraction]:
    """Return the exact mean of each team on one criterion."""
    marks = {key: [Fraction(one.marks[slug]) for one in given] for key, given in teams.items() if given}
    return {key: sum(those, Fraction(0)) / len(those) for key, those in marks.items()}


def _firsts(teams: Mapping[str, Sequence[Ballot]], criteria: Sequence[Criterion]) -> dict[str, int]:
    """Count, by team, the jurors whose highest ballot it has, alone or with others."""
    best: dict[str, tuple[Fraction, list[str]]] = {}
    for key, given in teams.items():
        for one in given:
            score = one.score(criteria)
            top, keys = best.get(one.juror, (Fraction(-1), []))
            if score > top:
                best[one.juror] = (score, [key])
            elif score == top:
                keys.append(key)
    counted = Counter(key for _, keys in best.values() for key in keys)
    return {key: counted[key] for key in teams}


# ------------------------------------------------------------------------------------------------ what the jury decides
@dataclass(frozen=True, slots=True)
class Line:
    """One team in the deliberation: what was proposed, and what the jury decided so far."""

    key: str
    name: str
    score: Fraction | None
    proposed: int | None
    decided: int | None


@dataclass(frozen=True, slots=True)
class Vote:
    """A vote between two teams of the same rank, by key: who is placed before whom, voices, the chair's when equal."""

    team: str
    other: str
    in_favour: int
    against: int
    chair_in_favour: bool | None

    @property
    def winner(self) -> str:
        """The team placed before the other; equal voices leave it to the chair."""
        won = self.in_favour > self.against or (self.in_favour == self.against and bool(self.chair_in_favour))
        return self.team if won else self.other


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Two teams of the podium, or at its foot, whose exact means are closer than the alert."""

    above: Line
    below: Line

    @property
    def gap(self) -> Fraction:
        return (self.above.score or Fraction(0)) - (self.below.score or Fraction(0))


def neighbours(lines: Sequence[Line], *, podium: int, alert: Decimal) -> list[Neighbours]:
    """List the pairs of neighbours, from the first proposed place to the foot of the podium, that are very close."""
    ranked = sorted((one for one in lines if one.proposed is not None), key=lambda one: one.proposed or 0)
    pairs = [Neighbours(*pair) for pair in pairwise(ranked[: podium + 1])]
    return [pair for pair in pairs if pair.gap < Fraction(alert)]


def departures(lines: Sequence[Line]) -> list[Line]:
    """List the teams whose decided rank is none of those that the proposal leaves open to them.

    Teams that share a proposed rank share the places from it on: settling them is no departure.
    """
    shared = Counter(one.proposed for one in lines if one.proposed is not None)
    return [
        one
        for one in lines
        if one.proposed is not None
        and one.decided is not None
        and not one.proposed <= one.decided < one.proposed + shared[one.proposed]
    ]


def open_points(lines: Sequence[Line], votes: Sequence[Vote], *, reason: str) -> list[str]:
    """List what the ranks still lack for a deliberation to close, each in a French sentence."""
    ranked = [one for one in lines if one.proposed is not None]
    found = []
    if not ranked:
        found.append("Aucune équipe n’a assez de bulletins pour être classée.")
    if wanting := [f"« {one.name} »" for one in ranked if one.decided is None]:
        found.append(f"Il manque un rang décidé : {_some(wanting)}.")
    decided = sorted(one.decided for one in ranked if one.decided is not None)
    if not wanting and decided != list(range(1, len(ranked) + 1)):
        found.append(f"Les rangs décidés vont de 1 à {len(ranked)}, sans trou ni doublon.")
    if (left := departures(lines)) and not reason.strip():
        found.append(
            f"Donnez le motif des écarts au classement proposé : {listing([f'« {one.name} »' for one in left])}."
        )
    return [spaced(sentence) for sentence in [*found, *_unsettled(ranked, votes)]]


def _some(names: list[str]) -> str:
    """Name a few teams, and count those that are left."""
    left = len(names) - MOST_NAMED
    return listing([*names[:MOST_NAMED], f"{left} autres"] if left > 1 else names)


def _unsettled(ranked: Sequence[Line], votes: Sequence[Vote]) -> list[str]:
    """Say which ties wait for a vote, and which votes the decided ranks contradict; the last vote on a pair counts."""
    last = {frozenset((vote.team, vote.other)): vote for vote in votes}
    order = sorted((one for one in ranked if one.decided is not None), key=lambda one: one.decided or 0)
    order += [one for one in ranked if one.decided is None]
    said = []
    for rank in sorted({one.proposed for one in ranked if one.proposed is not None}):
        tied = [one for one in order if one.proposed == rank]
        for above, below in pairwise(tied):
            vote = last.get(frozenset((above.key, below.key)))
            if vote is None:
                said.append(f"« {above.name} » et « {below.name} » sont à égalité : inscrivez le vote du jury.")
            elif above.decided is not None and below.decided is not None and vote.winner != above.key:
                said.append(f"Le vote place « {below.name} » devant « {above.name} » ; les rangs disent l’inverse.")
    return said


def awarded(lines: Sequence[Line], prizes: Sequence[Decimal]) -> list[tuple[int, Line | None, Decimal]]:
    """Return the prizes by rank, each with the team that the jury put there, or None as long as there is none."""
    by_rank = {one.decided: one for one in lines if one.decided is not None and one.proposed is not None}
    return [(rank, by_rank.get(rank), prize) for rank, prize in enumerate(prizes, start=1)]
