"""Hand-worked, from ballots to publication. One mark on all criteria is the ballot's mean: weights 3, 2, 2, 1, 1, 1."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from datathon import phases
from datathon.models import Deliberation, Edition, JuryVote, Outcome
from datathon.services import deliberations, juries, publication, scoring
from datathon.tasks import keep_time
from normandata.documents import services as documents
from normandata.documents.models import Document
from normandata.notifications.models import Mail
from normandata.procedure.errors import NotAllowed, NotDone, NotNow, ReasonMissing, Unmet
from normandata.procedure.models import Event
from normandata.scoring.errors import Stale
from normandata.scoring.models import Disclosure
from normandata.scoring.services import sheets
from normandata.scoring.workflow import DRAFT
from tests.factories.datathon import make_edition, make_organiser
from tests.factories.datathon_jury import (
    abstain,
    cast,
    close,
    decide_as_proposed,
    deliberate,
    make_scoring,
    panel_of,
    people,
    recuse,
    subject_of,
    teams_of,
    typed,
    vote,
)

pytestmark = pytest.mark.django_db


def outcomes(edition: Edition) -> dict[str, tuple[int | None, str, int]]:
    rows = Outcome.objects.filter(deliberation__edition=edition).select_related("team").order_by("team__order")
    return {one.team.name: (one.proposed_rank, one.score, one.ballots) for one in rows}


def said(error: Any) -> list[str]:
    return [one.replace("\u00a0", " ") for one in error.value.messages]


def test_missing_ballots_an_abstention_and_a_recusal_are_nothing_and_the_quorum_holds() -> None:
    """A: 5, 4, 3 → 4. B: 4, 4, draft, quorum of two → 4 on relevance too. C: 3 and an abstention: one ballot."""
    edition = make_scoring(["A", "B", "C", "D"], 3, quorum=2)
    a, b, c, d = teams_of(edition)
    one, two, three = people(edition)
    for by, mark in zip((one, two, three), (5, 4, 3), strict=True):
        vote(a, by, mark)
    vote(b, one, 3)
    vote(b, two, 4)
    draft = sheets.start(subject_of(b), by=three)
    sheets.save(draft, typed(0), by=three, revision=1)
    vote(c, one, 5)
    abstain(c, two)
    recuse(d, one)
    vote(d, two, 2)
    vote(d, three, 1)
    found = deliberate(edition)
    assert outcomes(edition) == {"A": (1, "4", 3), "B": (2, "7/2", 2), "C": (None, "5", 1), "D": (3, "3/2", 2)}
    seats = {one["name"]: str(one["juror"]) for one in found.matrix["jurors"]}
    first, second, third = seats.values()
    assert found.matrix["cells"] == {
        str(a.pk): {first: "5", second: "4", third: "3"},
        str(b.pk): {first: "3", second: "4"},
        str(c.pk): {first: "5", second: "abstained"},
        str(d.pk): {first: "recused", second: "2", third: "1"},
    }
    assert panel_of(edition).is_closed
    assert draft.__class__.objects.get(pk=draft.pk).state == DRAFT
    edition.refresh_from_db()
    assert edition.state == phases.DELIBERATION


def test_weights_make_the_mean() -> None:
    """(3×5 + 2×4 + 2×3 + 2 + 1 + 0) / 10 = 3.2."""
    edition = make_scoring(1, 3, quorum=1)
    vote(teams_of(edition)[0], people(edition)[0], 5, 4, 3, 2, 1, 0)
    deliberate(edition)
    row = Outcome.objects.get()
    assert (Fraction(row.score), str(row.lowest), str(row.highest)) == (Fraction(16, 5), "3.2000", "3.2000")


def test_a_recusal_from_the_whole_jury_leaves_no_ballot_of_that_person() -> None:
    edition = make_scoring(["A", "B"], 4, quorum=3, recusal_is_whole=True)
    a, b = teams_of(edition)
    first, *others = people(edition)
    vote(a, first, 0)
    scoring.recuse(edition, a, by=first, reason="Mon frère y participe.")
    for by in others:
        vote(a, by, 4)
        vote(b, by, 3)
    found = deliberate(edition)
    assert outcomes(edition) == {"A": (1, "4", 3), "B": (2, "3", 3)}
    assert [list(cells.values()).count("recused") for cells in found.matrix["cells"].values()] == [1, 1]


def test_a_juror_who_left_with_a_ballot_that_counts_keeps_a_column() -> None:
    edition = make_scoring(["A"], 3, quorum=2)
    first, second, third = people(edition)
    vote(teams_of(edition)[0], third, 5)
    juries.remove(edition.jurors.get(person=third), by=make_organiser(edition), reason="Empêchée.")
    vote(teams_of(edition)[0], first, 3)
    found = deliberate(edition)
    assert outcomes(edition) == {"A": (1, "4", 2)}
    assert len(found.matrix["jurors"]) == 3
    assert second.pk in [one["person"] for one in found.matrix["jurors"]]


# ------------------------------------------------------------------------------------------------------------ deciding
def deliberating(**fields: Any) -> tuple[Edition, Any]:
    """A 4, B 3, C 2, and D under the quorum; all jurors there."""
    edition = make_scoring(["A", "B", "C", "D"], 3, **fields)
    cast(edition, {"A": (4, 4, 4), "B": (3, 3, 3), "C": (2, 2, 2), "D": (5, None, None)})
    organiser = make_organiser(edition)
    deliberate(edition, organiser)
    edition.refresh_from_db()
    return edition, organiser


def decide(edition: Edition, by: Any, *ranks: str, **more: Any) -> Any:
    revision = Deliberation.objects.get(edition=edition).revision
    given = {team.pk: rank for team, rank in zip(teams_of(edition), ranks, strict=False)}
    return deliberations.decide(edition, given, by=by, revision=revision, **more)


def decided(edition: Edition) -> list[int | None]:
    rows = Outcome.objects.filter(deliberation=edition.pk).order_by("team__order")
    return list(rows.values_list("decided_rank", flat=True))


def test_ranks_are_typed_kept_and_swapped_in_one_save() -> None:
    edition, organiser = deliberating()
    assert decide(edition, organiser, "1", "2", "3").errors == {}
    assert decide(edition, people(edition)[0], "2", "1", reason=" Usage immédiat. ").errors == {}
    assert decided(edition) == [2, 1, 3, None]
    assert Deliberation.objects.get().reason == "Usage immédiat."


def test_what_is_no_rank_or_given_twice_is_said_and_not_kept() -> None:
    edition, organiser = deliberating()
    a, b, c, d = teams_of(edition)
    kept = decide(edition, organiser, "1", "1", "zéro", "1")
    assert {key: message.replace("\u00a0", " ") for key, message in kept.errors.items()} == {
        a.pk: "Le rang 1 est donné deux fois.",
        b.pk: "Le rang 1 est donné deux fois.",
        c.pk: "Écrivez un rang de 1 à 3.",
    }
    assert decided(edition) == [None, None, None, None], "a team under the quorum takes no rank"
    assert set(decide(edition, organiser, "4", "0", "-1").errors) == {a.pk, b.pk, c.pk}
    assert d.pk not in kept.errors


def test_two_pages_never_overwrite_each_other() -> None:
    edition, organiser = deliberating()
    seen = Deliberation.objects.get().revision
    deliberations.decide(edition, {}, by=organiser, revision=seen, reason="Un")
    with pytest.raises(Stale):
        deliberations.decide(edition, {}, by=organiser, revision=seen, reason="Deux")
    with pytest.raises(Stale):
        deliberations.close_deliberation(edition, by=organiser, seen=seen)
    assert Deliberation.objects.get().reason == "Un"


def test_only_organisers_and_the_chair_hold_the_deliberation() -> None:
    edition, _ = deliberating()
    for by in (people(edition)[1], make_organiser(make_edition())):
        with pytest.raises(NotAllowed):
            decide(edition, by, "1")
        with pytest.raises(NotAllowed):
            deliberations.close_deliberation(edition, by=by)


def test_a_departure_asks_for_a_reason_and_goes_into_the_minutes() -> None:
    edition, organiser = deliberating()
    decide(edition, organiser, "2", "1", "3")
    with pytest.raises(Unmet) as error:
        deliberations.close_deliberation(edition, by=organiser)
    assert said(error) == ["Donnez le motif des écarts au classement proposé : « A » et « B »."]
    decide(edition, organiser, reason="Usage immédiat par les communes littorales.")
    found = deliberations.close_deliberation(edition, by=organiser)
    kept = found.record.record if found.record else {}
    assert (kept["departures"], kept["reason"]) == (["A", "B"], "Usage immédiat par les communes littorales.")
    assert [(one["name"], one["proposed"], one["decided"]) for one in kept["teams"]] == [
        ("A", 1, 2), ("B", 2, 1), ("C", 3, 3), ("D", None, None),
    ]  # fmt: skip
    assert [(one["rank"], one["team"], one["amount"]) for one in kept["prizes"]] == [
        (1, "B", "2500.00"), (2, "A", "1500.00"), (3, "C", "1000.00"),
    ]  # fmt: skip


def test_all_open_points_are_said_together() -> None:
    edition, organiser = deliberating()
    juries.tick_presence(edition, [], by=organiser)
    with pytest.raises(Unmet) as error:
        deliberations.close_deliberation(edition, by=organiser)
    assert said(error) == [
        "Il manque un rang décidé : « A », « B » et « C ».",
        "Aucun élu régional ni représentant n’est noté présent.",
        "Aucun expert thématique n’est noté présent.",
    ]


def tied() -> tuple[Edition, Any]:
    edition = make_scoring(["A", "B"], 3)
    cast(edition, {"A": (3, 3, 3), "B": (3, 3, 3)})
    organiser = make_organiser(edition)
    deliberate(edition, organiser)
    return edition, organiser


def test_a_perfect_tie_is_settled_by_the_vote_of_the_jury() -> None:
    edition, organiser = tied()
    a, b = teams_of(edition)
    assert outcomes(edition) == {"A": (1, "3", 3), "B": (1, "3", 3)}
    decide(edition, organiser, "2", "1")
    with pytest.raises(Unmet, match="inscrivez le vote du jury"):
        deliberations.close_deliberation(edition, by=organiser)
    deliberations.record_vote(edition, "Départage", in_favour=2, against=1, by=organiser, pair=(a, b))
    with pytest.raises(Unmet) as error:
        deliberations.close_deliberation(edition, by=organiser)
    assert said(error) == ["Le vote place « A » devant « B » ; les rangs disent l’inverse."]
    decide(edition, organiser, "1", "2")
    assert deliberations.close_deliberation(edition, by=organiser).closings == 1


def test_equal_voices_are_settled_by_the_chair() -> None:
    edition, organiser = tied()
    a, b = teams_of(edition)
    with pytest.raises(ValidationError, match="prépondérante"):
        deliberations.record_vote(edition, "Départage", in_favour=1, against=1, abstained=1, by=organiser, pair=(a, b))
    made = deliberations.record_vote(
        edition, "Départage", in_favour=1, against=1, abstained=1, chair_in_favour=False, by=organiser, pair=(a, b)
    )
    decide(edition, organiser, "2", "1")
    found = deliberations.close_deliberation(edition, by=organiser)
    assert found.record is not None
    assert found.record.record["votes"] == [
        {"subject": "Départage", "in_favour": 1, "against": 1, "abstained": 1, "chair": False}
    ]
    assert Event.objects.about(edition).named("record_vote").get().data == {"vote": made.pk}


def test_a_vote_counts_no_more_voices_than_there_are_jurors() -> None:
    edition, organiser = tied()
    with pytest.raises(NotDone, match="notez d’abord la présence"):
        deliberations.record_vote(edition, "Départage", in_favour=3, against=1, by=organiser)
    with pytest.raises(NotDone, match="personne n’a voté"):
        deliberations.record_vote(edition, "Départage", in_favour=0, against=0, by=organiser)
    vote = deliberations.record_vote(edition, "Mention", in_favour=3, against=0, by=organiser)
    with pytest.raises(ReasonMissing):
        deliberations.cancel_vote(edition, vote.pk, by=organiser, reason="")
    deliberations.cancel_vote(edition, vote.pk, by=organiser, reason="Saisi deux fois.")
    assert not JuryVote.objects.exists()


def test_the_chair_settles_an_equality_only_when_there_and_without_a_tie_to_the_teams() -> None:
    edition, organiser = tied()
    a, b = teams_of(edition)
    equal = {"in_favour": 1, "against": 1, "chair_in_favour": True, "pair": (a, b)}
    jurors = list(edition.jurors.order_by("pk"))
    juries.tick_presence(edition, [one.pk for one in jurors if not one.is_chair], by=organiser)
    with pytest.raises(NotDone, match="Qui préside n’est pas noté présent"):
        deliberations.record_vote(edition, "Départage", by=organiser, **equal)
    juries.tick_presence(edition, [one.pk for one in jurors], by=organiser)
    found = Deliberation.objects.get(edition=edition)
    found.matrix["cells"][str(a.pk)][str(jurors[0].pk)] = "recused"
    found.save()
    with pytest.raises(NotDone, match="s’est déporté"):
        deliberations.record_vote(edition, "Départage", by=organiser, **equal)
    with pytest.raises(NotDone, match="sans déport sur ces équipes"):
        deliberations.record_vote(edition, "Départage", in_favour=3, against=0, by=organiser, pair=(a, b))
    assert deliberations.record_vote(edition, "Mention", in_favour=3, against=0, by=organiser).pk


def test_minutes_never_count_more_voices_than_jurors_there() -> None:
    edition, organiser = tied()
    a, b = teams_of(edition)
    deliberations.record_vote(edition, "Départage", in_favour=2, against=1, by=organiser, pair=(a, b))
    decide(edition, organiser, "1", "2")
    everybody = list(edition.jurors.order_by("pk").values_list("pk", flat=True))
    juries.tick_presence(edition, everybody[:2], by=organiser)
    with pytest.raises(Unmet, match="3 voix pour 2 présents"):
        deliberations.close_deliberation(edition, by=organiser)
    juries.tick_presence(edition, everybody, by=organiser)
    assert deliberations.close_deliberation(edition, by=organiser).closings == 1


# --------------------------------------------------------------------------------------------------- closing, reopening
def test_closing_freezes_and_reopening_takes_another_person_and_a_reason() -> None:
    edition, organiser = deliberating()
    other = make_organiser(edition)
    found = close(edition, organiser)
    assert (found.closed_by, edition.__class__.objects.get(pk=edition.pk).state) == (organiser, phases.DECIDED)
    for gesture in (
        lambda: decide(edition, organiser, "3"),
        lambda: deliberations.record_vote(edition, "x", in_favour=1, against=0, by=organiser),
        lambda: juries.tick_presence(edition, [], by=organiser),
        lambda: deliberations.close_deliberation(edition, by=organiser),
    ):
        with pytest.raises(NotNow):
            gesture()
    with pytest.raises(Unmet, match="une autre personne"):
        deliberations.reopen_deliberation(edition, by=organiser, reason="Erreur.")
    with pytest.raises(ReasonMissing):
        deliberations.reopen_deliberation(edition, by=other, reason=" ")
    found = deliberations.reopen_deliberation(edition, by=other, reason="Un rang mal lu.")
    assert (found.closed_at, found.record, found.closings) == (None, None, 1)
    assert Event.objects.about(edition).named("reopen_deliberation").get().reason == "Un rang mal lu."
    decide(edition, organiser, "3", "2", "1", reason="Relu.")
    again = deliberations.close_deliberation(edition, by=other)
    assert again.closings == 2
    assert Document.objects.filter(kind="datathon.record").count() == 2, "the first minutes are kept"


def test_reopening_the_scoring_takes_another_person_and_blinds_the_jury_again() -> None:
    edition, organiser = deliberating()
    with pytest.raises(Unmet):
        deliberations.reopen_scoring(edition, by=organiser, reason="Un bulletin oublié.")
    deliberations.reopen_scoring(edition, by=make_organiser(edition), reason="Un bulletin oublié.")
    edition.refresh_from_db()
    assert (edition.state, panel_of(edition).is_open) == (phases.SCORING, True)
    assert (Deliberation.objects.count(), Outcome.objects.count()) == (0, 0)
    vote(teams_of(edition)[3], people(edition)[1], 5)
    deliberations.open_deliberation(edition, by=organiser)
    assert outcomes(edition)["D"] == (None, "5", 2)
    assert not Disclosure.objects.exists()


def test_no_ballot_moves_once_the_deliberation_is_open() -> None:
    edition, _ = deliberating()
    with pytest.raises(NotNow, match="close"):
        sheets.start(subject_of(teams_of(edition)[3]), by=people(edition)[1])


# ----------------------------------------------------------------------------------------------------------- publishing
AT = datetime(2026, 12, 10, 9, tzinfo=UTC)


def closed_and_recorded() -> tuple[Edition, Any]:
    edition, organiser = deliberating()
    found = close(edition, organiser)
    documents.make(found.record_id or "")
    edition.refresh_from_db()
    return edition, organiser


def test_publishing_waits_for_the_minutes() -> None:
    edition, organiser = deliberating()
    close(edition, organiser)
    with pytest.raises(Unmet, match="procès-verbal est en préparation"):
        publication.publish(edition, by=organiser)
    with pytest.raises(NotAllowed):
        publication.publish(edition, by=people(edition)[0])


def test_without_embargo_participants_are_told_at_once() -> None:
    edition, organiser = closed_and_recorded()
    publication.publish(edition, by=organiser, at=AT)
    edition.refresh_from_db()
    assert (edition.state, edition.shows_results(AT)) == (phases.PUBLISHED, True)
    assert Mail.objects.filter(kind="datathon.results").count() == 4
    keep_time()
    assert Mail.objects.filter(kind="datathon.results").count() == 4


def test_the_embargo_hides_results_then_mails_leave_once() -> None:
    edition, organiser = closed_and_recorded()
    until = AT + timedelta(hours=2)
    publication.publish(edition, by=organiser, embargo_until=until, at=AT)
    edition.refresh_from_db()
    assert (edition.shows_results(AT), edition.shows_results(until)) == (False, True)
    assert publication.announce_due(until - timedelta(seconds=1)) == 0
    assert not Mail.objects.filter(kind="datathon.results").exists()
    assert publication.announce_due(until) == 1
    assert publication.announce_due(until + timedelta(days=1)) == 0
    assert Mail.objects.filter(kind="datathon.results").count() == 4
    assert all("Équipe" not in one.text and "rang" not in one.text for one in Mail.objects.all())


def test_reopening_during_the_embargo_keeps_the_mails_in() -> None:
    edition, organiser = closed_and_recorded()
    publication.publish(edition, by=organiser, embargo_until=AT + timedelta(hours=2), at=AT)
    deliberations.reopen_deliberation(edition, by=make_organiser(edition), reason="Une erreur.")
    assert publication.announce_due(AT + timedelta(hours=3)) == 0
    edition.refresh_from_db()
    assert (edition.state, edition.published_at) == (phases.DELIBERATION, None)
    decide_as_proposed(edition, organiser)
    found = deliberations.close_deliberation(edition, by=organiser)
    documents.make(found.record_id or "")
    publication.publish(edition, by=organiser, at=AT + timedelta(hours=4))
    assert Mail.objects.filter(kind="datathon.results").count() == 4


def test_somebody_erased_or_without_a_team_is_not_written_to() -> None:
    edition, organiser = closed_and_recorded()
    first = edition.registrations.order_by("pk")[0]
    edition.registrations.filter(pk=first.pk).update(person=None, erased_at=AT, profile="", pitch="")
    publication.publish(edition, by=organiser, at=AT)
    assert Mail.objects.filter(kind="datathon.results").count() == 3
