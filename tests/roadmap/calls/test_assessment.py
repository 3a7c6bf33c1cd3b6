"""The counts of a call equal those made by hand; the history's are those that the Region published."""

import pytest

from normandata.procedure import services as procedure
from roadmap.calls import assessment
from roadmap.calls.assessment import Assessment, Line
from roadmap.calls.models import Call
from tests.factories.calls import copies, make_call, make_proposal, make_proposal_draft
from tests.normandata.scoring.test_costs import cost

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


def counted(call: Call) -> tuple[dict[str, int], dict[str, int], dict[str, int], int]:
    found = assessment.of_call(call)
    scales = {line.label: line.count for line in found.scales if line.count}
    themes = {line.label: line.count for line in found.themes}
    return scales, themes, {code: count for code, count in found.departments.items() if count}, found.outside


def test_each_proposal_counts_once_by_scale_and_theme_and_in_each_of_its_departments() -> None:
    call = make_call()
    make_proposal(call, theme=0, scale=0, places=("14",), public=True)
    make_proposal(call, theme=0, scale=4, places=("14", "50", "61"), public=True)
    make_proposal(call, theme=1, scale=4, places=("76", "hors"))
    make_proposal(call, theme=1, scale=5, places=("hors",))
    assert counted(call) == (
        {"Communale": 1, "Régionale": 2, "Nationale ou européenne": 1},
        {"Mobilité": 2, "Santé": 2, "Énergie": 0},
        {"14": 2, "50": 1, "61": 1, "76": 1},
        2,
    )
    found = assessment.of_call(call)
    assert (found.total, found.from_public, found.from_others) == (4, 2, 2)
    assert (found.themes_left, found.scales_left, found.is_placed_once) == (0, 0, False)


def test_drafts_withdrawn_proposals_and_other_calls_do_not_count() -> None:
    call, other = make_call(), make_call()
    kept = make_proposal(call, places=("27",))
    gone = make_proposal(call, places=("27",), public=True)
    procedure.fire(gone.dossier, "withdraw", by=gone.dossier.created_by)
    make_proposal_draft(call)
    make_proposal(other)
    found = assessment.of_call(call)
    assert (found.total, found.from_public, dict(found.departments)["27"]) == (1, 0, 1)
    assert call.proposals.live().get() == kept


def test_a_call_that_received_nothing_counts_nothing() -> None:
    call = make_call()
    found = assessment.of_call(call)
    assert found == Assessment(
        total=0,
        from_public=0,
        scales=tuple(Line(one.label, 0) for one in call.scales),
        themes=(Line("Mobilité", 0), Line("Santé", 0), Line("Énergie", 0)),
        departments={"14": 0, "27": 0, "50": 0, "61": 0, "76": 0},
        outside=0,
    )


def test_it_costs_the_same_for_1_and_30_proposals() -> None:
    one, many = make_call(), make_call()
    make_proposal(one)
    copies(make_proposal(many, places=("14", "76")), 29)
    assert assessment.of_call(many).total == 30
    first = cost(lambda: assessment.of_call(one))
    assert first == cost(lambda: assessment.of_call(many)) == (3, 0)
