"""Who reads which opinion: nothing tells an organisation of a confidential one; one query, at 1 and 30 opinions."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.db.models.signals import post_init
from django.template.loader import render_to_string

from normandata.accounts.models import Role, User
from normandata.dossiers import permissions
from normandata.dossiers.models import Dossier
from normandata.experts import reading
from normandata.experts.models import Opinion
from normandata.experts.services import opinions
from tests.factories.accounts import UserFactory, make_agent, make_user_with
from tests.factories.dossiers import make_dossier
from tests.factories.experts import TEXT, make_expert, make_given, make_opinion, person_of
from tests.factories.organisations import MembershipFactory

pytestmark = pytest.mark.django_db


@contextmanager
def objects_made() -> Iterator[list[type]]:
    made: list[type] = []

    def count(sender: type, **kwargs: Any) -> None:
        made.append(sender)

    post_init.connect(count)
    try:
        yield made
    finally:
        post_init.disconnect(count)


def seen(dossier: Dossier, user: User) -> list[str]:
    return [one.opinion.question for one in reading.opinions_of(dossier, user).shown]


@pytest.fixture
def dossier() -> Dossier:
    """One of each: asked and given, confidential and shared."""
    dossier = make_dossier()
    for sharing in (True, False):
        make_opinion(dossier, is_confidential=sharing, question=f"asked {sharing}")
        make_given(dossier, is_confidential=sharing, question=f"given {sharing}")
    return dossier


def test_agents_read_all_and_the_organisation_what_is_shared_and_given(dossier: Dossier) -> None:
    everything = ["given False", "asked False", "given True", "asked True"]
    for role in (Role.AGENT, Role.LEAD_AGENT, Role.AUDITOR):
        assert seen(dossier, make_user_with(role, "diagnostic")) == everything
    assert seen(dossier, dossier.created_by) == ["given False"]
    expert = person_of(Opinion.objects.filter(question="given True")[0].expert)
    for person in (make_agent("booster_ia"), UserFactory(), expert, make_user_with(Role.PROVIDER, "diagnostic")):
        assert seen(dossier, person) == []


def test_an_agent_who_is_of_the_organisation_reads_as_it_does(dossier: Dossier) -> None:
    agent = make_agent()
    MembershipFactory(user=agent, organisation=dossier.organisation)
    assert seen(dossier, agent) == ["given False"]


def test_only_who_examines_is_offered_gestures(dossier: Dossier) -> None:
    agent, auditor = make_agent(), make_user_with(Role.AUDITOR, "diagnostic")
    offered = reading.opinions_of(dossier, agent)
    assert [one.can_manage for one in offered.shown] == [False, True, False, True]
    assert offered.ask_url == f"/instruction/{dossier.key}/avis/demander/"
    read = reading.opinions_of(dossier, auditor)
    assert (read.ask_url, any(one.can_manage for one in read.shown), bool(read.page_url)) == ("", False, True)
    theirs = reading.opinions_of(dossier, dossier.created_by)
    assert (theirs.ask_url, theirs.page_url) == ("", "")


def drawn(dossier: Dossier, user: User) -> str:
    return render_to_string(
        "experts/opinions.html", {"opinions": reading.opinions_of(dossier, user), "dossier": dossier}
    )


def test_the_organisation_s_page_is_the_same_with_and_without_confidential_opinions() -> None:
    """A witness: byte for byte, whatever was asked, given, declined or cancelled in confidence."""
    with_some, without = make_dossier(), make_dossier()
    secret = "secret-du-témoin"
    make_given(with_some, is_confidential=True, text=secret, question=secret)
    opinions.decline(expert_declines := make_opinion(with_some), by=person_of(expert_declines.expert), reason=secret)
    opinions.cancel(make_opinion(with_some, is_confidential=False, question=secret), by=make_agent(), reason=secret)
    assert drawn(with_some, with_some.created_by) == drawn(without, without.created_by)
    assert drawn(with_some, with_some.created_by).strip() == ""
    assert secret in drawn(with_some, make_agent())
    # The witness: were it shared, it would show.
    make_given(with_some, is_confidential=False, text=secret)
    assert secret in drawn(with_some, with_some.created_by)


@pytest.mark.parametrize("side", ["agent", "applicant"])
def test_reading_costs_one_query_at_1_and_30_opinions(django_assert_num_queries: Any, side: str) -> None:
    made = []
    for count in (1, 30):
        dossier = make_dossier()
        for _ in range(count):
            make_given(dossier, is_confidential=False)
        agent = make_agent() if side == "agent" else dossier.created_by
        permissions.can_read_as_region(agent, dossier)  # remembers roles and closed dossiers, as the page has done
        with objects_made() as listed, django_assert_num_queries(1):
            assert len(reading.opinions_of(dossier, agent).shown) == count
            drawn_rows = len(listed)
        made.append(drawn_rows / count)
    assert made[0] == made[1]


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (1, "Votre avis est attendu le 16 octobre 2026 au plus tard, dans 15 jours."),
        (15, "Votre avis est attendu le 16 octobre 2026 au plus tard, dans 1 jour."),
        (16, "Votre avis est attendu le 16 octobre 2026 au plus tard, aujourd’hui."),
    ],
)
def test_the_expert_reads_what_is_expected(day: int, said: str) -> None:
    opinion = make_opinion()
    with time_machine.travel(datetime(2026, 10, day, 20, tzinfo=UTC), tick=False):
        assert reading.expected(opinion).replace("\u00a0", " ") == said


def test_every_state_has_its_sentences() -> None:
    opinion = make_given()
    assert reading.sentence(opinion).replace("\u00a0", " ") == "Rendu le 1er octobre 2026."
    assert reading.expected(opinion).replace("\u00a0", " ") == "Vous avez rendu votre avis le 1er octobre 2026."
    assert reading.answer_of(opinion) == TEXT
    conflict = make_opinion(expert=make_expert())
    opinions.declare_conflict(conflict, by=person_of(conflict.expert))
    assert reading.sentence(conflict).startswith("Lien d’intérêts déclaré le 1er")
    assert reading.expected(conflict).startswith("Vous avez déclaré un lien d’intérêts le 1er")
