"""Members: who may do what, once however often it is clicked, and never without a manager."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from normandata.accounts.models import Role, RoleAssignment, User
from normandata.organisations import permissions, services
from normandata.organisations.models import MemberInvitation, Membership, Organisation
from normandata.outbox.models import Message
from normandata.procedure.errors import NotAllowed, NotNow
from tests.factories.organisations import (
    MemberInvitationFactory,
    MembershipFactory,
    OrganisationFactory,
    PersonFactory,
)
from tests.threads import together

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    return iter([None])


@pytest.fixture
def organisation() -> Organisation:
    return OrganisationFactory()


@pytest.fixture
def manager(organisation: Organisation) -> User:
    return MembershipFactory(organisation=organisation, manager=True).user


def mails() -> list[tuple[str, str]]:
    rows = Message.objects.filter(handler__in=["outbox.mail", "outbox.secret_mail"]).order_by("created_at")
    return [(row.payload["to"], row.payload["text"]) for row in rows]


def state(membership: Membership) -> tuple[str, str]:
    membership.refresh_from_db()
    return membership.role, membership.state


def test_a_right_withdrawn_bites_at_once(organisation: Organisation, manager: User) -> None:
    member = MembershipFactory(organisation=organisation)
    asks = MembershipFactory(organisation=organisation, requested=True)
    is_both = [(permissions.is_member(user, organisation), permissions.is_manager(user, organisation))
               for user in (manager, member.user, asks.user, PersonFactory())]  # fmt: skip
    assert is_both == [(True, True), (True, False), (False, False), (False, False)]
    services.remove_member(member, by=manager)
    assert not permissions.is_member(member.user, organisation)
    manager.is_active = False
    assert not permissions.is_manager(manager, organisation)


def gestures(member: Membership, asks: Membership, invitation: MemberInvitation) -> list[Callable[[User], Any]]:
    return [
        lambda by: services.accept_member(asks, by=by),
        lambda by: services.refuse_member(asks, by=by),
        lambda by: services.change_role(member, "manager", by=by),
        lambda by: services.remove_member(member, by=by),
        lambda by: services.invite_member(member.organisation, "x@exemple.invalid", "member", by=by),
        lambda by: services.resend_invitation(invitation, by=by),
        lambda by: services.cancel_invitation(invitation, by=by),
    ]


def test_only_a_manager_of_this_organisation_does_it(organisation: Organisation, manager: User) -> None:
    member = MembershipFactory(organisation=organisation)
    asks = MembershipFactory(organisation=organisation, requested=True)
    invitation = MemberInvitationFactory(organisation=organisation, invited_by=manager)
    stranger = MembershipFactory(manager=True).user
    agent = PersonFactory()
    RoleAssignment.objects.create(user=agent, role=Role.AGENT)
    before = list(Membership.objects.values()) + list(MemberInvitation.objects.values())
    for gesture in gestures(member, asks, invitation):
        for person in (member.user, asks.user, stranger, agent):
            with pytest.raises(NotAllowed):
                gesture(person)
    assert list(Membership.objects.values()) + list(MemberInvitation.objects.values()) == before
    assert mails() == []


def test_a_request_is_accepted_once(organisation: Organisation, manager: User) -> None:
    asks = MembershipFactory(organisation=organisation, requested=True)
    for _ in range(2):
        services.accept_member(asks, by=manager)
    assert state(asks) == ("member", "active")
    assert asks.accepted_by == manager
    assert [to for to, _ in mails()] == [asks.user.email]
    with pytest.raises(NotNow):
        services.refuse_member(asks, by=manager)


def test_a_request_is_refused_once_and_can_be_made_again(organisation: Organisation, manager: User) -> None:
    asks = MembershipFactory(organisation=organisation, requested=True)
    for _ in range(2):
        services.refuse_member(asks, by=manager)
    assert state(asks) == ("member", "left")
    assert asks.ended_by == manager
    with pytest.raises(NotNow):
        services.accept_member(asks, by=manager)
    assert services.request_membership(organisation, by=asks.user).state == "requested"


def test_where_no_manager_is_left_the_region_answers_and_a_stranger_gets_nothing(organisation: Organisation) -> None:
    MembershipFactory(organisation=organisation, manager=True, left=True)
    asks = services.request_membership(organisation, by=PersonFactory())
    assert asks.state == "requested"
    agent = PersonFactory()
    with pytest.raises(NotAllowed):
        services.accept_member(asks, by=agent)
    RoleAssignment.objects.create(user=agent, role=Role.AGENT)
    services.accept_member(asks, by=User.objects.get(pk=agent.pk))
    assert state(asks) == ("manager", "active")


def test_the_last_manager_names_a_successor(organisation: Organisation, manager: User) -> None:
    member = MembershipFactory(organisation=organisation)
    asks = MembershipFactory(organisation=organisation, requested=True)
    mine = Membership.objects.get(user=manager)
    for wrong in (None, asks, mine, MembershipFactory()):
        with pytest.raises(NotNow, match="seul référent"):
            services.leave(organisation, by=manager, successor=wrong)
    with pytest.raises(NotNow, match="seul référent"):
        services.change_role(mine, "member", by=manager)
    services.leave(organisation, by=manager, successor=member)
    assert services.leave(organisation, by=manager) is None
    assert (state(mine), state(member)) == (("manager", "left"), ("manager", "active"))
    assert mine.ended_by == manager


def test_the_only_member_may_leave_and_a_request_may_be_withdrawn(organisation: Organisation, manager: User) -> None:
    asks = MembershipFactory(organisation=organisation, requested=True)
    services.leave(organisation, by=asks.user)
    services.leave(organisation, by=manager)
    assert set(Membership.objects.values_list("state", flat=True)) == {"left"}


def test_two_managers_leaving_at_once_leave_one() -> None:
    for _ in range(10):
        organisation = OrganisationFactory()
        managers = [MembershipFactory(organisation=organisation, manager=True).user for _ in range(4)]
        MembershipFactory(organisation=organisation)
        results = together(*(lambda user=user, place=organisation: services.leave(place, by=user) for user in managers))
        assert sorted(type(result).__name__ for result in results) == [*["Membership"] * 3, "NotNow"]
        assert Membership.objects.managers().filter(organisation=organisation).count() == 1


def test_a_manager_does_not_remove_oneself_and_a_removal_is_once(organisation: Organisation, manager: User) -> None:
    member = MembershipFactory(organisation=organisation)
    with pytest.raises(NotNow):
        services.remove_member(Membership.objects.get(user=manager), by=manager)
    for _ in range(2):
        services.remove_member(member, by=manager)
    assert state(member) == ("member", "left")
    assert len(mails()) == 1


# ------------------------------------------------------------------------------------------------- invitations
def token_of(mail: tuple[str, str]) -> str:
    return mail[1].split("/structures/invitation/")[1].split("/")[0]


def test_an_invitation_is_sent_once_and_only_its_hash_is_kept(organisation: Organisation, manager: User) -> None:
    for _ in range(2):
        services.invite_member(organisation, " Elle@Exemple.invalid ", "member", by=manager)
    invitation = MemberInvitation.objects.get()
    [mail] = mails()
    assert mail[0] == invitation.email == "elle@exemple.invalid"
    token = token_of(mail)
    assert token not in str(MemberInvitation.objects.values())
    assert Message.objects.get().handler == "outbox.secret_mail"
    assert services.find_invitation(token) == invitation
    assert services.find_invitation("autre") is None
    assert invitation.expires_at - invitation.invited_at == timedelta(days=7)


def test_an_invitation_serves_its_address_once(organisation: Organisation, manager: User) -> None:
    invitation = MemberInvitationFactory(organisation=organisation, invited_by=manager, role="manager")
    with pytest.raises(NotAllowed):
        services.accept_invitation(invitation, by=PersonFactory())
    person = PersonFactory(email=invitation.email)
    first = services.accept_invitation(invitation, by=person)
    assert services.accept_invitation(invitation, by=person) == first
    assert state(first) == ("manager", "active")
    assert first.accepted_by == manager
    services.leave(organisation, by=person)
    with pytest.raises(NotNow):
        services.accept_invitation(invitation, by=person)


def test_an_invitation_answers_a_request_and_never_lowers_a_role(organisation: Organisation, manager: User) -> None:
    asks = MembershipFactory(organisation=organisation, requested=True)
    invitation = MemberInvitationFactory(organisation=organisation, invited_by=manager, email=asks.user.email)
    assert services.accept_invitation(invitation, by=asks.user) == asks
    other = MembershipFactory(organisation=organisation, manager=True)
    late = MemberInvitationFactory(organisation=organisation, invited_by=manager, email=other.user.email)
    services.accept_invitation(late, by=other.user)
    assert (state(asks), state(other)) == (("member", "active"), ("manager", "active"))


@pytest.mark.parametrize("end", ["expired", "cancelled", "inviter removed", "inviter demoted", "inviter closed"])
def test_an_invitation_that_is_over_opens_nothing(organisation: Organisation, manager: User, end: str) -> None:
    invitation = MemberInvitationFactory(organisation=organisation, invited_by=manager)
    person = PersonFactory(email=invitation.email)
    chief = MembershipFactory(organisation=organisation, manager=True).user
    mine = Membership.objects.get(user=manager)
    if end == "expired":
        long_ago = timezone.now() - timedelta(days=8)
        MemberInvitation.objects.update(invited_at=long_ago, expires_at=long_ago + timedelta(days=7))
    elif end == "cancelled":
        services.cancel_invitation(invitation, by=manager)
    elif end == "inviter removed":
        services.remove_member(mine, by=chief)
    elif end == "inviter demoted":
        services.change_role(mine, "member", by=chief)
    else:
        User.objects.filter(pk=manager.pk).update(is_active=False)
    with pytest.raises(NotNow):
        services.accept_invitation(invitation, by=person)
    assert not permissions.is_member(person, organisation)


def test_a_new_link_replaces_the_former(organisation: Organisation, manager: User) -> None:
    invitation = services.invite_member(organisation, "elle@exemple.invalid", "member", by=manager)
    services.resend_invitation(invitation, by=manager)
    old, new = (token_of(mail) for mail in mails())
    assert (services.find_invitation(old), services.find_invitation(new)) == (None, invitation)


def test_a_member_is_not_invited_again(organisation: Organisation, manager: User) -> None:
    with pytest.raises(NotNow):
        services.invite_member(organisation, manager.email.upper(), "member", by=manager)


def test_an_address_gets_three_mails_an_hour_whoever_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    managers = [MembershipFactory(manager=True) for _ in range(5)]
    results = together(*(
        lambda one=one: services.invite_member(one.organisation, "elle@exemple.invalid", "member", by=one.user)
        for one in managers
    ))  # fmt: skip
    assert sorted(type(result).__name__ for result in results) == ["MemberInvitation"] * 3 + ["NotNow"] * 2
    assert (len(mails()), MemberInvitation.objects.count()) == (3, 3)
    invitation = MemberInvitation.objects.first()
    assert invitation is not None
    before = invitation.token_hash
    with pytest.raises(NotNow, match="trois courriels"):
        services.resend_invitation(invitation, by=invitation.invited_by)
    invitation.refresh_from_db()
    assert invitation.token_hash == before
    later = timezone.now() + timedelta(hours=1, seconds=1)
    monkeypatch.setattr("normandata.organisations.mails.timezone.now", lambda: later)
    services.resend_invitation(invitation, by=invitation.invited_by)
    assert len(mails()) == 4


def test_requests_do_not_bomb_the_manager(organisation: Organisation, manager: User) -> None:
    for _ in range(6):
        services.request_membership(organisation, by=PersonFactory())
    assert [to for to, _ in mails()] == [manager.email] * 3
