from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.db.models.signals import post_init
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from normandata.accounts.models import User
from normandata.dossiers import queue
from normandata.dossiers.filters import SORTS, Desk, Filters
from normandata.dossiers.models import Dossier
from normandata.dossiers.states import STATES
from tests.factories.accounts import make_agent
from tests.factories.organisations import OrganisationFactory
from tests.factories.queue import make_row

T0 = datetime(2026, 9, 1, 8, tzinfo=UTC)
SMALL = 4


def walk(filters: Filters) -> list[list[int]]:
    """Read every page onwards, from the first."""
    pages, token = [], ""
    for _ in range(60):
        page = queue.page(filters, after=token)
        pages.append([row["pk"] for row in page.rows])
        token = page.after
        if not token:
            return pages
    raise AssertionError("the pages never end")


def walk_back(filters: Filters) -> list[list[int]]:
    """Read every page backwards, from the last; gives them in order."""
    page = queue.page(filters)
    while page.after:
        page = queue.page(filters, after=page.after)
    pages = [[row["pk"] for row in page.rows]]
    for _ in range(60):
        if not page.before:
            return pages[::-1]
        page = queue.page(filters, before=page.before)
        pages.append([row["pk"] for row in page.rows])
    raise AssertionError("the pages never end")


def naive(rows: list[Dossier], sort: str, is_reversed: bool) -> list[int]:
    """Sort everything in memory: the value, then the identifier; what has no value comes last."""
    value = {
        "attente": lambda one: one.turn_since,
        "numero": lambda one: one.number,
        "structure": lambda one: one.organisation.search_name,
        "dispositif": lambda one: one.scheme,
        "etat": lambda one: list(STATES).index(one.state),
        "montant": lambda one: one.amount,
        "depot": lambda one: one.submitted_at,
    }[sort]
    full = sorted((one for one in rows if value(one) is not None), key=lambda one: (value(one), one.pk))
    empty = sorted((one for one in rows if value(one) is None), key=lambda one: one.pk)
    ordered = full[::-1] + empty[::-1] if is_reversed else full + empty
    return [one.pk for one in ordered]


ROWS = st.lists(
    st.tuples(
        st.integers(0, 3),  # days: ties are many
        st.sampled_from([None, Decimal("0.00"), Decimal("5400.00"), Decimal("5400.50")]),
        st.sampled_from(["submitted", "review", "incomplete", "adjourned"]),
        st.sampled_from(["aa", "ab", "b"]),
    ),
    max_size=18,
)


class TestKeyset(TestCase):
    """Pages by keyset against a sort in memory, on made-up data full of ties and of holes."""

    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(rows=ROWS, sort=st.sampled_from(list(SORTS)), is_reversed=st.booleans())
    def test_pages_hold_every_row_once_in_order_both_ways(
        self, rows: list[tuple[int, Any, str, str]], sort: str, is_reversed: bool
    ) -> None:
        agent, made = make_agent(), []
        for days, amount, state, name in rows:
            made.append(
                make_row(
                    owner=agent, state=state, amount=amount, since=T0 + timedelta(days=days),
                    organisation=OrganisationFactory(name=name),
                )
            )  # fmt: skip
        filters = Filters.read(f"tri={'-' if is_reversed else ''}{sort}", Desk.of(agent))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(queue, "PER_PAGE", SMALL)
            onwards, backwards = walk(filters), walk_back(filters)
            expected = naive(made, sort, is_reversed)
            assert [pk for page in onwards for pk in page] == expected
            assert [pk for page in backwards for pk in page] == expected
            self._check_neighbours(agent, filters, made, expected)

    def _check_neighbours(self, agent: User, filters: Filters, made: list[Dossier], expected: list[int]) -> None:
        keys = {one.pk: one.key for one in made}
        for one in made[:3]:
            at = expected.index(one.pk)
            said = queue.neighbours(agent, filters.encoded, Dossier.objects.get(pk=one.pk))
            assert (said.position, said.total_label) == (at + 1, str(len(made)))
            assert said.next_key == (keys[expected[at + 1]] if at + 1 < len(expected) else None)
            assert said.previous_key == (keys[expected[at - 1]] if at else None)


@pytest.fixture
def agent(db: None) -> User:
    return make_agent(name="Sacha Petit")


def test_a_page_after_then_before_is_the_same_page(agent: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "PER_PAGE", SMALL)
    for day in range(10):
        make_row(owner=agent, since=T0 + timedelta(days=day // 3))
    filters = Filters.read("", Desk.of(agent))
    first = queue.page(filters)
    second = queue.page(filters, after=first.after)
    assert queue.page(filters, before=second.before).rows == first.rows
    assert (first.before, bool(second.before), bool(second.after)) == ("", True, True)
    assert queue.counts(agent, {"<": queue.ahead_of(filters, second.rows[0])}) == {"<": SMALL}


@pytest.mark.parametrize("broken", ["x", "", "WzEsMl0", "a:b", "%00", "é" * 50])
def test_a_made_up_token_is_the_first_page(broken: str, agent: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "PER_PAGE", SMALL)
    for _ in range(9):
        make_row(owner=agent)
    filters = Filters.read("", Desk.of(agent))
    first = queue.page(filters)
    assert queue.page(filters, after=broken).rows == queue.page(filters, before=broken).rows == first.rows
    tampered = ("A" if first.after[0] != "A" else "B") + first.after[1:]
    assert queue.page(filters, after=tampered).rows == first.rows


def test_a_token_of_another_order_is_the_first_page(agent: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "PER_PAGE", SMALL)
    for _ in range(9):
        make_row(owner=agent)
    desk = Desk.of(agent)
    token = queue.page(Filters.read("", desk)).after
    for tri in ("-attente", "montant", "etat"):
        filters = Filters.read(f"tri={tri}", desk)
        assert queue.page(filters, after=token).rows == queue.page(filters).rows


def test_a_page_is_one_query_and_no_instance_at_1_and_30_rows(agent: User) -> None:
    filters = Filters.read("", Desk.of(agent))
    costs = []
    for rows in (1, 29):
        for _ in range(rows):
            make_row(owner=agent)
        made: list[type] = []
        count = lambda sender, made=made, **kwargs: made.append(sender)  # noqa: E731
        post_init.connect(count)
        try:
            with CaptureQueriesContext(connection) as queries:
                page = queue.page(filters)
        finally:
            post_init.disconnect(count)
        costs.append((len(queries), len(made), len(page.rows)))
    assert costs == [(1, 0, 1), (1, 0, 30)]


def test_counts_stop_at_a_thousand(agent: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "MOST", 3)
    for _ in range(6):
        make_row(owner=agent)
    with CaptureQueriesContext(connection) as queries:
        said = queue.counts(agent, {"a": Dossier.objects.all(), "b": Dossier.objects.filter(state="closed")})
    assert (said, len(queries)) == ({"a": 4, "b": 0}, 1)
    assert queue.label(4) == "plus de 3"


def test_neighbours_take_three_queries_at_most(agent: User) -> None:
    rows = [make_row(owner=agent, since=T0 + timedelta(days=day)) for day in range(5)]
    dossier = Dossier.objects.select_related("organisation").get(pk=rows[2].pk)
    user = User.objects.get(pk=agent.pk)
    with CaptureQueriesContext(connection) as queries:
        said = queue.neighbours(user, "", dossier)
    assert len(queries) <= 3
    assert (said.position, said.previous_key, said.next_key) == (3, rows[1].key, rows[3].key)


def test_a_dossier_that_left_the_queue_leads_to_the_first_one_left(agent: User) -> None:
    rows = [make_row(owner=agent, waited=9 - day) for day in range(3)]
    dossier = rows[1]
    dossier.state, dossier.turn, dossier.turn_since = "incomplete", "applicant", rows[2].turn_since + timedelta(days=7)
    dossier.save()
    said = queue.neighbours(agent, "tour=vous", dossier)
    assert (said.position, said.total_label, said.next_key) == (None, "2", rows[0].key)
    assert queue.neighbours(agent, "%FF&q=%00", dossier).next_key


def test_the_oldest_and_the_next_deadline(agent: User) -> None:
    assert queue.oldest(Filters.read("tour=vous", Desk.of(agent))) is None
    assert queue.next_deadline(Desk.of(agent)) is None
    soon = datetime.now(UTC).date() + timedelta(days=5)
    make_row(owner=agent, waited=2)
    old = make_row(owner=agent, waited=8, refused_by_silence_on=soon)
    assert queue.oldest(Filters.read("tour=vous", Desk.of(agent))) == old.key
    assert queue.next_deadline(Desk.of(agent)) == soon
