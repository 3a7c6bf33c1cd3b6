"""Splitting an undertaking: its aids follow the activity, to the cent, and nothing is made or lost."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from normandata.accounts.models import User
from normandata.deminimis import granting, reckoning
from normandata.deminimis.account import assess_for, read
from normandata.deminimis.errors import CeilingExceeded, DeclarationMissing, KeyTaken
from normandata.deminimis.models import Aid
from normandata.deminimis.regrouping import Share, share, split
from normandata.organisations import undertakings
from normandata.organisations.models import Organisation
from normandata.procedure.errors import NotAllowed, NotDone, ReasonMissing
from normandata.procedure.models import Event
from tests.factories.accounts import make_agent
from tests.factories.deminimis import make_aid, make_declaration, make_group
from tests.factories.organisations import OrganisationFactory, PersonFactory

pytestmark = pytest.mark.django_db
ON = date(2026, 6, 15)
DAY = date(2025, 1, 10)


@pytest.fixture
def agent() -> User:
    return make_agent()


def room(organisation: Organisation) -> Decimal | None:
    return assess_for(organisation, on=ON, amount=None).room


def held(organisation: Organisation) -> Decimal:
    return reckoning.total(read(organisation).lines)


def test_merging_adds_all_earlier_aid(agent: User) -> None:
    first, second = OrganisationFactory(), OrganisationFactory()
    for each, amount in ((first, 180_000), (second, 110_000)):
        make_declaration(each)
        make_aid(each, "2025-01-10", amount)
    undertakings.merge(first.undertaking, second.undertaking, by=agent, reason="Rachat.")
    assert (room(first), room(second)) == (10_000, 10_000)
    with pytest.raises(CeilingExceeded) as refused:
        granting.grant(second, on=ON, amount=Decimal("10000.01"), about=second, key="k", by=None)
    assert refused.value.room == 10_000
    granting.grant(second, on=ON, amount=Decimal(10_000), about=second, key="k", by=None)
    assert (room(first), room(second)) == (0, 0)


def test_what_the_other_received_is_unknown_until_a_declaration_covers_it(agent: User) -> None:
    first, second = OrganisationFactory(), OrganisationFactory()
    said = make_declaration(first)
    undertakings.merge(second.undertaking, first.undertaking, by=agent, reason="Rachat.")
    written = second.written_siren
    with pytest.raises(DeclarationMissing, match=f"ne couvre ces SIREN de l’entreprise unique\u00a0: {written}."):
        granting.grant(first, on=ON, amount=Decimal(1), about=first, key="k", by=None)
    make_declaration(first, dossier=said.dossier, version=2)
    assert (room(first), room(second)) == (300_000, 300_000)


def test_a_siren_that_the_declaration_named_is_covered_when_it_joins(agent: User) -> None:
    first, second = OrganisationFactory(), OrganisationFactory()
    make_declaration(first, ("2025-01-10", 1_000), group=[second.siren])
    undertakings.join(first.undertaking, second.siren, by=agent, reason="Filiale déclarée.")
    assert (room(first), room(second)) == (299_000, 299_000)


def test_a_merger_that_exceeds_takes_nothing_back(agent: User) -> None:
    first, second = OrganisationFactory(), OrganisationFactory()
    for each in (first, second):
        make_declaration(each)
        make_aid(each, "2025-01-10", 200_000)
    undertakings.merge(first.undertaking, second.undertaking, by=agent, reason="Rachat.")
    assert (held(first), room(first)) == (400_000, 0)


def test_a_siren_leaves_with_the_aids_it_was_granted(agent: User) -> None:
    first, second = make_group(2)
    for each in (first, second):
        make_declaration(each)
    make_aid(first, "2025-01-10", 100_000)
    make_aid(second, "2025-01-10", 70_000)
    own = split(second.siren, by=agent, reason="Cession.", key="s")
    second.refresh_from_db()
    assert second.undertaking == own
    assert (held(first), held(second)) == (100_000, 70_000)
    assert Aid.objects.filter(source="adjustment").count() == 0


def test_what_the_other_activity_used_follows_it(agent: User) -> None:
    # 100 000 granted to the first, of which the second's activity used 33 333.33; 70 000 to the second, 10 000 stay.
    first, second = make_group(2)
    for each in (first, second):
        make_declaration(each)
    make_aid(first, "2025-01-10", 100_000)
    make_aid(second, "2025-02-01", 70_000)
    shares = [
        Share(DAY, Decimal("33333.33"), giver=first.siren, taker=second.siren),
        Share(date(2025, 2, 1), Decimal(10_000), giver=second.siren, taker=first.siren),
    ]
    own = split(second.siren, shares=shares, by=agent, reason="Cession de l’atelier.", key="s")
    assert (held(first), held(second)) == (Decimal("76666.67"), Decimal("93333.33"))
    assert (room(first), room(second)) == (Decimal("223333.33"), Decimal("206666.67"))
    moved = Aid.objects.filter(source="adjustment").order_by("pk")
    assert [(aid.amount, aid.on, aid.reason, aid.by) for aid in moved] == [
        (Decimal("-33333.33"), DAY, "Cession de l’atelier.", agent),
        (Decimal("33333.33"), DAY, "Cession de l’atelier.", agent),
        (Decimal("-10000.00"), date(2025, 2, 1), "Cession de l’atelier.", agent),
        (Decimal("10000.00"), date(2025, 2, 1), "Cession de l’atelier.", agent),
    ]
    assert sum(aid.amount for aid in moved) == 0
    names = [event.name for event in Event.objects.about(own).order_by("pk")]
    assert names == ["undertaking_split", "de_minimis_shared", "de_minimis_shared"]


def test_a_share_leaves_the_window_with_its_aid(agent: User) -> None:
    first, second = make_group(2)
    for each in (first, second):
        make_declaration(each)
    make_aid(first, "2025-01-10", 100_000)
    moved = [Share(DAY, Decimal(40_000), giver=first.siren, taker=second.siren)]
    split(second.siren, shares=moved, by=agent, reason="Cession.", key="s")
    after = date(2028, 1, 11)
    assert [assess_for(each, on=after, amount=None).room for each in (first, second)] == [300_000, 300_000]


@pytest.mark.parametrize("amount", ["100000.01", "0", "-1", "0.001"])
def test_a_share_is_of_what_is_held_that_day(agent: User, amount: str) -> None:
    first, second = make_group(2)
    make_aid(first, "2025-01-10", 100_000)
    make_aid(second, "2025-01-10", 100_000)
    make_aid(first, "2025-01-11", 100_000)
    wrong = [Share(DAY, Decimal(amount), giver=first.siren, taker=second.siren)]
    with pytest.raises(NotDone):
        split(second.siren, shares=wrong, by=agent, reason="Cession.", key="s")
    second.refresh_from_db()
    assert second.undertaking == first.undertaking
    assert Aid.objects.filter(source="adjustment").count() == 0


def test_what_was_declared_is_declared_again_not_shared(agent: User) -> None:
    first, second = make_group(2)
    make_declaration(first, ("2025-01-10", 50_000))
    wrong = [Share(DAY, Decimal(1), giver=first.siren, taker=second.siren)]
    with pytest.raises(NotDone, match="ne tient que 0,00"):
        split(second.siren, shares=wrong, by=agent, reason="Cession.", key="s")
    split(second.siren, by=agent, reason="Cession.", key="s")
    # The first keeps it all, the second has not declared any more: unknown, and not zero.
    assert (room(first), room(second)) == (250_000, None)


def test_shares_are_between_the_one_that_leaves_and_one_that_stays(agent: User) -> None:
    first, second, third = make_group(3)
    stranger = OrganisationFactory()
    make_aid(first, "2025-01-10", 100)
    for giver, taker in ((first, third), (first, stranger), (stranger, second)):
        wrong = [Share(DAY, Decimal(1), giver=giver.siren, taker=taker.siren)]
        with pytest.raises(NotDone, match="du SIREN qui part"):
            split(second.siren, shares=wrong, by=agent, reason="Cession.", key="s")


def test_a_share_is_written_once_and_undone_the_other_way(agent: User) -> None:
    first, second = make_group(2)
    make_declaration(first)
    aid = granting.grant(first, on=DAY, amount=Decimal(1_000), about=first, key="octroi", by=agent)
    split(second.siren, by=agent, reason="Cession.", key="s")
    part = Share(DAY, Decimal(400), giver=first.siren, taker=second.siren)
    said: dict[str, Any] = {"by": agent, "reason": "Part de l’atelier.", "key": "p"}
    halves = share(part, **said)
    assert share(part, **said) == halves
    assert (held(first), held(second)) == (600, 400)
    with pytest.raises(KeyTaken):
        share(Share(DAY, Decimal(300), giver=first.siren, taker=second.siren), **said)
    with pytest.raises(NotDone, match="sens inverse"):
        granting.reverse(aid, by=agent, reason="Annulé.", key="retour")
    share(Share(DAY, Decimal(400), giver=second.siren, taker=first.siren), **(said | {"key": "q"}))
    assert (held(first), held(second)) == (1_000, 0)
    granting.reverse(aid, by=agent, reason="Annulé.", key="retour")
    assert (held(first), held(second)) == (0, 0)


def test_a_share_has_an_agent_a_reason_and_two_sirens(agent: User) -> None:
    first, second = make_group(2)
    make_aid(first, "2025-01-10", 100)
    part = Share(DAY, Decimal(1), giver=first.siren, taker=second.siren)
    with pytest.raises(NotAllowed):
        share(part, by=PersonFactory(), reason="Motif.", key="p")
    with pytest.raises(ReasonMissing):
        share(part, by=agent, reason=" ", key="p")
    with pytest.raises(NotDone, match="deux SIREN différents"):
        share(Share(DAY, Decimal(1), giver=first.siren, taker=first.siren), by=agent, reason="Motif.", key="p")
