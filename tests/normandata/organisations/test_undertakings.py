"""Undertakings: joined, merged, split, held."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.transaction import TransactionManagementError

from normandata.accounts.models import Role, User
from normandata.organisations import undertakings
from normandata.organisations.models import Kept, Organisation, Undertaking, UndertakingMember
from normandata.procedure.errors import NotAllowed, NotDone, NotNow, ReasonMissing
from normandata.procedure.models import Event
from tests.factories.accounts import make_agent, make_user_with
from tests.factories.organisations import OrganisationFactory, PersonFactory, siret
from tests.threads import together

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent() -> User:
    return make_agent()


def group(organisation: Organisation) -> list[str]:
    organisation.refresh_from_db()
    return sorted(organisation.undertaking.members.values_list("siren", flat=True))


def test_an_unknown_siren_joins(agent: User) -> None:
    firm, siren = OrganisationFactory(), siret(8000)[:9]
    written = f"{siren[:3]} {siren[3:6]} {siren[6:]}"
    assert undertakings.join(firm.undertaking, written, by=agent, reason=" Filiale. ") == firm.undertaking
    member = UndertakingMember.objects.get(siren=siren)
    assert (member.undertaking, member.reason) == (firm.undertaking, "Filiale.")
    event = Event.objects.about(firm.undertaking).get()
    assert (event.name, event.by, event.reason, event.data) == (
        "undertaking_joined", agent, "Filiale.", {"sirens": [siren]},
    )  # fmt: skip
    # Its establishment, registered later, is of the same undertaking.
    assert OrganisationFactory(siret=siret(8000)).undertaking == firm.undertaking


def test_a_siren_alone_elsewhere_joins_and_its_account_stays_as_history(agent: User) -> None:
    firm, lone = OrganisationFactory(), OrganisationFactory()
    old = lone.undertaking
    undertakings.join(firm.undertaking, lone.siren, by=agent, reason="Filiale.")
    assert group(lone) == sorted([firm.siren, lone.siren])
    assert lone.undertaking == firm.undertaking
    old.refresh_from_db()
    assert old.absorbed_by == firm.undertaking
    assert list(Undertaking.objects.current()) == [firm.undertaking]


def test_a_siren_with_others_elsewhere_is_refused_and_named(agent: User) -> None:
    firm, other, third = (OrganisationFactory() for _ in range(3))
    undertakings.join(other.undertaking, third.siren, by=agent, reason="Filiale.")
    with pytest.raises(NotDone) as refused:
        undertakings.join(firm.undertaking, third.siren, by=agent, reason="Filiale.")
    assert refused.value.messages[0].replace("\u00a0", " ") == (
        f"Le SIREN {third.written_siren} fait partie de « {other.undertaking} », avec {other.written_siren}. "
        "Regroupez les deux entreprises uniques, ou séparez-le d’abord."
    ).replace("\u00a0", " ")
    assert group(firm) == [firm.siren]


def test_a_siren_that_is_there_or_is_none_is_refused(agent: User) -> None:
    firm = OrganisationFactory()
    with pytest.raises(NotNow, match="fait déjà partie"):
        undertakings.join(firm.undertaking, firm.siren, by=agent, reason="Filiale.")
    for wrong in ("123456789", "99950", "", "²²²²²²²²²"):
        with pytest.raises(NotDone, match="n’est pas un SIREN"):
            undertakings.join(firm.undertaking, wrong, by=agent, reason="Filiale.")


def test_two_undertakings_become_one(agent: User) -> None:
    first, second, third = (OrganisationFactory() for _ in range(3))
    undertakings.merge(second.undertaking, third.undertaking, by=agent, reason="Même groupe.")
    second.refresh_from_db()
    old = second.undertaking
    assert undertakings.merge(first.undertaking, old, by=agent, reason="Rachat.") == first.undertaking
    assert group(third) == group(second) == sorted([first.siren, second.siren, third.siren])
    old.refresh_from_db()
    assert old.absorbed_by == first.undertaking
    assert [event.name for event in Event.objects.about(old)] == ["undertaking_merged", "undertaking_merged"]
    assert Event.objects.about(first.undertaking).get().data == {
        "sirens": sorted([second.siren, third.siren]), "from": old.pk,
    }  # fmt: skip


def test_a_merge_needs_two_that_stand(agent: User) -> None:
    first, second, third = (OrganisationFactory() for _ in range(3))
    with pytest.raises(NotDone, match="différentes"):
        undertakings.merge(first.undertaking, first.undertaking, by=agent, reason="Rachat.")
    old = second.undertaking
    undertakings.merge(first.undertaking, old, by=agent, reason="Rachat.")
    with pytest.raises(NotNow, match="entre-temps"):
        undertakings.merge(third.undertaking, old, by=agent, reason="Rachat.")


def test_a_siren_leaves_for_an_undertaking_of_its_own(agent: User) -> None:
    first, second = OrganisationFactory(), OrganisationFactory(name="Filiale d’essai")
    undertakings.merge(first.undertaking, second.undertaking, by=agent, reason="Rachat.")
    own = undertakings.split_off(second.siren, by=agent, reason="Cession.")
    assert (group(first), group(second), own.name) == ([first.siren], [second.siren], "Filiale d’essai")
    assert second.undertaking == own
    assert Event.objects.about(own).get().data == {"sirens": [second.siren], "from": first.undertaking.pk}
    with pytest.raises(NotDone, match="seul"):
        undertakings.split_off(second.siren, by=agent, reason="Encore.")
    with pytest.raises(NotDone, match="pas connu"):
        undertakings.split_off(siret(8000)[:9], by=agent, reason="Encore.")
    assert not UndertakingMember.objects.filter(siren=siret(8000)[:9]).exists()


def test_each_gesture_has_an_agent_and_a_reason(agent: User) -> None:
    first, second = OrganisationFactory(), OrganisationFactory()
    gestures: list[Callable[..., Any]] = [
        lambda **said: undertakings.join(first.undertaking, second.siren, **said),
        lambda **said: undertakings.merge(first.undertaking, second.undertaking, **said),
        lambda **said: undertakings.split_off(first.siren, **said),
    ]
    for gesture in gestures:
        for person in (PersonFactory(), make_user_with(Role.AUDITOR), make_user_with(Role.PROVIDER, "diagnostic")):
            with pytest.raises(NotAllowed):
                gesture(by=person, reason="Motif.")
        with pytest.raises(ReasonMissing):
            gesture(by=agent, reason=" ")
        with pytest.raises(NotDone, match="501 signes"):
            gesture(by=agent, reason="x" * 501)
    assert Event.objects.filter(name__startswith="undertaking").count() == 0


def test_an_undertaking_is_never_erased(agent: User) -> None:
    firm = OrganisationFactory()
    with pytest.raises(Kept):
        firm.undertaking.delete()
    with pytest.raises(Kept):
        Undertaking.objects.all().delete()


def test_an_undertaking_is_not_absorbed_by_itself() -> None:
    own = OrganisationFactory().undertaking
    with pytest.raises(IntegrityError, match="organisations_undertaking_absorbed_by_another"), transaction.atomic():
        Undertaking.objects.filter(pk=own.pk).update(absorbed_by=own)


def test_holding_makes_the_account_of_a_lone_siren_and_follows_mergers(agent: User) -> None:
    siren = siret(8000)[:9]
    with transaction.atomic():
        made = undertakings.hold(siren)
    assert list(made.members.values_list("siren", flat=True)) == [siren]
    firm = OrganisationFactory()
    undertakings.merge(firm.undertaking, made, by=agent, reason="Rachat.")
    with transaction.atomic():
        assert undertakings.hold(siren) == undertakings.hold(made) == undertakings.hold(firm) == firm.undertaking


@pytest.mark.django_db(transaction=True)
def test_nothing_is_held_outside_a_transaction() -> None:
    firm = OrganisationFactory()
    with pytest.raises(TransactionManagementError):
        undertakings.hold(firm)
    with pytest.raises(TransactionManagementError):
        undertakings.hold_both(firm, firm)


@pytest.mark.django_db(transaction=True)
def test_a_lone_siren_held_by_five_at_once_has_one_account() -> None:
    def hold() -> int:
        with transaction.atomic():
            return undertakings.hold(siret(8000)[:9]).pk

    assert len(set(together(*[hold] * 5))) == 1
    assert (Undertaking.objects.count(), UndertakingMember.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_two_merges_the_other_way_round_never_wait_for_each_other() -> None:
    agent = make_agent()
    for _ in range(10):
        first, second = OrganisationFactory(), OrganisationFactory()
        one, other = first.undertaking, second.undertaking
        results = together(
            lambda one=one, other=other: undertakings.merge(one, other, by=agent, reason="Rachat."),
            lambda one=one, other=other: undertakings.merge(other, one, by=agent, reason="Rachat."),
        )
        assert sorted(type(result).__name__ for result in results) == ["NotNow", "Undertaking"]
        assert group(first) == group(second) == sorted([first.siren, second.siren])
