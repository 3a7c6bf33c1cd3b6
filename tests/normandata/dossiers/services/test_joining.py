"""The Region answers who asks to join, where the organisation has no manager any more, and there alone."""

from collections.abc import Callable

import pytest

from normandata.accounts.models import Role, User
from normandata.dossiers import joining
from normandata.dossiers.models import Dossier
from normandata.dossiers.services import joining as gestures
from normandata.organisations import services as organisations
from normandata.organisations.models import Membership
from normandata.outbox.models import Message
from normandata.procedure.errors import NotAllowed, NotNow
from normandata.procedure.models import Event
from tests.factories.accounts import UserFactory, make_agent, make_user_with
from tests.factories.dossiers import make_dossier, make_draft
from tests.factories.organisations import MembershipFactory
from tests.threads import together

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))


@pytest.fixture
def dossier() -> Dossier:
    """A deposited dossier whose organisation its only manager has left."""
    manager = MembershipFactory(manager=True)
    made = make_dossier(by=manager.user, organisation=manager.organisation)
    organisations.leave(manager.organisation, by=manager.user)
    return made


@pytest.fixture
def asks(dossier: Dossier) -> Membership:
    found: Membership = MembershipFactory(
        user=UserFactory(name="Alix Martin"), organisation=dossier.organisation, requested=True
    )
    return found


def mails() -> list[tuple[str, str]]:
    rows = Message.objects.filter(handler="outbox.mail").order_by("created_at")
    return [(row.payload["to"], row.payload["text"]) for row in rows]


@pytest.mark.parametrize("role", [Role.AGENT, Role.LEAD_AGENT, Role.ADMINISTRATOR])
def test_who_is_accepted_becomes_the_manager_and_is_told(dossier: Dossier, asks: Membership, role: Role) -> None:
    by = make_user_with(role, "" if role is Role.ADMINISTRATOR else "diagnostic")
    Message.objects.all().delete()
    gestures.accept(dossier, asks, by=by)
    asks.refresh_from_db()
    assert (asks.role, asks.state, asks.accepted_by) == ("manager", "active", by)
    event = Event.objects.about(dossier.organisation).get()
    assert (event.name, event.by, event.reason) == ("accept_member", by, "")
    assert event.data == {"membership": asks.pk, "person": "Alix Martin"}
    ((to, text),) = mails()
    assert to == asks.user.email
    assert "Vous en êtes le référent" in text
    with pytest.raises(NotNow, match="de nouveau un référent"):
        gestures.accept(dossier, asks, by=by)


@pytest.mark.parametrize(
    ("reason", "said"), [("Inconnue de la structure", "Motif\u00a0: Inconnue de la structure\n"), ("", None)]
)
def test_a_refusal_says_its_reason_where_there_is_one(
    dossier: Dossier, asks: Membership, reason: str, said: str | None
) -> None:
    by = make_agent()
    Message.objects.all().delete()
    gestures.refuse(dossier, asks, by=by, reason=f" {reason} ")
    asks.refresh_from_db()
    assert (asks.state, asks.ended_by) == ("left", by)
    event = Event.objects.about(dossier.organisation).get()
    assert (event.name, event.by, event.reason) == ("refuse_member", by, reason)
    ((to, text),) = mails()
    assert to == asks.user.email
    assert "retenue par la Région" in text
    assert "/contact/" in text
    assert (said in text) if said else ("Motif" not in text)


def test_a_manager_s_own_answer_is_in_the_same_journal_and_names_no_region(dossier: Dossier, asks: Membership) -> None:
    manager = MembershipFactory(organisation=dossier.organisation, manager=True).user
    organisations.refuse_member(asks, by=manager)
    assert Event.objects.about(dossier.organisation).get().by == manager
    assert "retenue par la structure." in mails()[-1][1]
    assert "Région, qui" not in mails()[-1][1]


REFUSED: dict[str, Callable[[], User]] = {
    "auditor": lambda: make_user_with(Role.AUDITOR),
    "other scheme": lambda: make_agent("booster_ia"),
    "agent elsewhere who audits here": lambda: _also(make_agent("booster_ia"), Role.AUDITOR),
    "nobody": lambda: UserFactory(),
    "closed account": lambda: make_agent(is_active=False),
}


def _also(user: User, role: Role) -> User:
    user.role_assignments.create(role=role)
    return user


@pytest.mark.parametrize("who", REFUSED)
def test_others_answer_nothing(dossier: Dossier, asks: Membership, who: str) -> None:
    by = REFUSED[who]()
    for gesture in (gestures.accept, gestures.refuse):
        with pytest.raises(NotAllowed):
            gesture(dossier, asks, by=by)
    asks.refresh_from_db()
    assert (asks.state, Event.objects.about(dossier.organisation).count()) == ("requested", 0)
    assert not joining.people(dossier, by).may_settle


def test_where_a_manager_is_left_the_region_answers_nothing(dossier: Dossier, asks: Membership) -> None:
    by = make_agent()
    assert joining.people(dossier, by).may_settle
    MembershipFactory(organisation=dossier.organisation, manager=True)
    assert not joining.people(dossier, by).may_settle
    for gesture in (gestures.accept, gestures.refuse):
        with pytest.raises(NotNow, match="de nouveau un référent"):
            gesture(dossier, asks, by=by)


def test_a_manager_whose_account_is_closed_is_no_manager(dossier: Dossier, asks: Membership) -> None:
    MembershipFactory(organisation=dossier.organisation, manager=True, user=UserFactory(is_active=False))
    gestures.accept(dossier, asks, by=make_agent())
    asks.refresh_from_db()
    assert asks.is_active_manager


def test_another_organisation_s_request_is_not_answered_from_here(dossier: Dossier) -> None:
    elsewhere = MembershipFactory(requested=True)
    for gesture in (gestures.accept, gestures.refuse):
        with pytest.raises(NotAllowed):
            gesture(dossier, elsewhere, by=make_agent())


def test_a_draft_gives_no_right() -> None:
    draft = make_draft()
    Membership.objects.update(role="member")
    asks = MembershipFactory(organisation=draft.organisation, requested=True)
    with pytest.raises(NotAllowed):
        gestures.accept(draft, asks, by=make_user_with(Role.ADMINISTRATOR))


def test_nobody_answers_one_s_own_request(dossier: Dossier) -> None:
    by = make_agent()
    asks = MembershipFactory(user=by, organisation=dossier.organisation, requested=True)
    for gesture in (gestures.accept, gestures.refuse):
        with pytest.raises(NotAllowed, match="un collègue"):
            gesture(dossier, asks, by=by)


def test_a_request_withdrawn_meanwhile_is_said(dossier: Dossier, asks: Membership) -> None:
    organisations.leave(dossier.organisation, by=asks.user)
    with pytest.raises(NotNow, match="retirée"):
        gestures.accept(dossier, asks, by=make_agent())


@pytest.mark.django_db(transaction=True)
def test_two_agents_who_accept_two_people_at_once_name_one_manager(dossier: Dossier, asks: Membership) -> None:
    other = MembershipFactory(organisation=dossier.organisation, requested=True)
    agents = make_agent(), make_agent()
    results = together(
        lambda: gestures.accept(Dossier.objects.get(pk=dossier.pk), asks, by=agents[0]),
        lambda: gestures.accept(Dossier.objects.get(pk=dossier.pk), other, by=agents[1]),
    )
    assert sorted(type(result).__name__ for result in results) == ["Membership", "NotNow"]
    assert Membership.objects.managers().filter(organisation=dossier.organisation).count() == 1
    assert Membership.objects.requested().filter(organisation=dossier.organisation).count() == 1


def test_the_depositor_who_only_asked_to_join_is_seen() -> None:
    manager = MembershipFactory(manager=True)
    asks = MembershipFactory(organisation=manager.organisation, requested=True)
    for by, is_confirmed in ((asks.user, False), (manager.user, True)):
        dossier = make_dossier(by=by, organisation=manager.organisation)
        assert joining.people(dossier, make_agent()).is_depositor_confirmed is is_confirmed
