"""The table of a procedure refuses what would never work."""

import pytest

from normandata.workflow.table import State, Transition, UnknownTransition, Workflow

STATES = {slug: State(slug, slug, slug, "agent") for slug in ("open", "closed")}
CLOSE = Transition("close", "Clore", ("open",), "closed")
NOTE = Transition("note", "Noter", ("open", "closed"))


def test_a_transition_is_found_by_its_name_and_listed_by_its_source() -> None:
    table = Workflow(STATES, (CLOSE, NOTE))
    assert table.find("close") is CLOSE
    assert table.out_of("open") == (CLOSE, NOTE)
    assert table.out_of("closed") == (NOTE,)
    with pytest.raises(UnknownTransition):
        table.find("reopen")


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ((CLOSE, CLOSE), "same name"),
        ((Transition("x", "X", ("open",), "gone"),), "unknown states: gone"),
        ((Transition("x", "X", ("gone",), "open"),), "unknown states: gone"),
        ((Transition("x", "X", ()),), "starts nowhere"),
    ],
)
def test_a_table_that_would_not_work_is_refused(rows: tuple[Transition, ...], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Workflow(STATES, rows)


def test_a_scheme_adds_its_rows_without_changing_the_shared_ones() -> None:
    shared = Workflow(STATES, (CLOSE,))
    assert shared.extended([NOTE]).transitions == (CLOSE, NOTE)
    assert shared.transitions == (CLOSE,)
    with pytest.raises(ValueError, match="same name"):
        shared.extended([CLOSE])
