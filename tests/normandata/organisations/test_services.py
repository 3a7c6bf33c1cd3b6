"""Registering, refreshing, declaring: the directory asked outside any transaction, everything written or nothing."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from normandata.organisations import directory, handlers, hooks, services
from normandata.organisations.directory import DirectoryDown, NotListed
from normandata.organisations.models import Membership, Organisation, Undertaking, UndertakingMember
from normandata.organisations.services import Declaration
from normandata.outbox.models import Message
from normandata.procedure.errors import NotAllowed, NotNow
from tests.factories.organisations import MembershipFactory, OrganisationFactory, PersonFactory, siret
from tests.threads import together

pytestmark = pytest.mark.django_db(transaction=True)
SIRET = "99900001100018"
UNLISTED = siret(9001)
ELSEWHERE = "73282932000074"
TYPED = Declaration(name="Atelier tapé", street="2 rue tapée", postal_code="14100", city="Lisieux")


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    monkeypatch.setattr(hooks, "_listeners", [])
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], None]:
    """Make the directory answer a record, or raise."""

    def install(answer: Any) -> None:
        def find(siret: str, *, fresh: bool = False) -> Any:
            assert not connection.in_atomic_block
            if isinstance(answer, type):
                raise answer(siret)
            return answer

        monkeypatch.setattr(directory, "find", find)

    return install


def refreshes() -> list[tuple[str | None, Any]]:
    return list(Message.objects.filter(handler=services.REFRESH).order_by("due_at").values_list("key", "payload"))


def test_a_found_organisation_is_registered_and_its_author_manages_it() -> None:
    person = PersonFactory()
    done = services.register(SIRET, by=person)
    organisation = Organisation.objects.get()
    assert (done.organisation, done.state) == (organisation, "found")
    assert (organisation.name, organisation.siren, organisation.department) == (
        "Ateliers fictifs de la Seine", "999000011", "76",
    )  # fmt: skip
    assert organisation.undertaking.name == organisation.name
    assert list(UndertakingMember.objects.values_list("siren", flat=True)) == ["999000011"]
    assert (done.membership.role, done.membership.state) == ("manager", "active")
    assert refreshes() == []


def test_registering_twice_is_once_and_the_next_person_asks() -> None:
    first, second = PersonFactory(), PersonFactory()
    one = services.register(SIRET, by=first)
    assert services.register(SIRET, by=first).membership == one.membership
    other = services.register(SIRET, by=second).membership
    assert (other.role, other.state) == ("member", "requested")
    assert services.register(SIRET, by=second).membership == other
    mails = Message.objects.filter(handler="outbox.mail")
    assert [mail.payload["to"] for mail in mails] == [first.email]


def test_two_people_at_once_make_one_organisation_and_one_manager() -> None:
    people = [PersonFactory() for _ in range(6)]
    results = together(*(lambda person=person: services.register(SIRET, by=person) for person in people))
    assert [type(result).__name__ for result in results] == ["Registration"] * 6
    assert (Organisation.objects.count(), Undertaking.objects.count()) == (1, 1)
    assert sorted(Membership.objects.values_list("role", "state")) == [
        ("manager", "active"), *[("member", "requested")] * 5,
    ]  # fmt: skip


def test_one_person_clicking_twice_at_once_is_one_membership() -> None:
    person = PersonFactory()
    results = together(*[lambda: services.register(SIRET, by=person)] * 4)
    assert len({result.membership.pk for result in results}) == 1
    assert Membership.objects.count() == 1


def test_a_siren_asked_at_once_makes_one_undertaking() -> None:
    results = together(*[lambda: services.undertaking_of("999000011")] * 5)
    assert len({result.pk for result in results}) == 1
    assert (Undertaking.objects.count(), UndertakingMember.objects.count()) == (1, 1)


def test_the_directory_being_down_never_blocks() -> None:
    done = services.register(ELSEWHERE, by=PersonFactory())
    assert (done.state, done.organisation.label, done.membership.role) == (
        "pending", "Structure 732\u00a0829\u00a0320\u00a000074", "manager",
    )  # fmt: skip
    assert refreshes() == [(f"{ELSEWHERE}:1", {"siret": ELSEWHERE, "attempt": 1})]
    assert Message.objects.get().due_at > timezone.now()


@pytest.mark.usefixtures("territories")
def test_what_was_typed_meanwhile_is_kept_and_located() -> None:
    person = PersonFactory()
    done = services.register(ELSEWHERE, by=person, declaration=TYPED)
    organisation = Organisation.objects.get()
    assert done.state == "declared"
    assert (organisation.name, organisation.insee_code, organisation.department, organisation.epci_siren) == (
        "Atelier tapé", "14366", "14", "200069532",
    )  # fmt: skip
    assert (organisation.declared_by, organisation.fetched_at, organisation.is_confirmed) == (person, None, False)
    assert len(refreshes()) == 1


def test_an_unlisted_number_is_kept_to_review() -> None:
    done = services.register(UNLISTED, by=PersonFactory(), declaration=TYPED)
    assert done.state == "declared"
    assert done.organisation.fetched_at is not None
    assert Message.objects.get().due_at > timezone.now() + timedelta(hours=23)
    assert services.register(siret(9001, 2), by=PersonFactory()).state == "unknown"


def test_what_was_typed_yields_to_the_directory() -> None:
    done = services.register(SIRET, by=PersonFactory(), declaration=TYPED)
    assert (done.state, done.organisation.name, done.organisation.declared) == (
        "found", "Ateliers fictifs de la Seine", {},
    )  # fmt: skip


def test_a_closed_company_is_refused_and_nothing_stays() -> None:
    with pytest.raises(NotNow, match="fermé"):
        services.register("99900032600010", by=PersonFactory())
    assert (Organisation.objects.count(), Undertaking.objects.count(), Membership.objects.count()) == (0, 0, 0)


def test_a_wrong_number_is_refused() -> None:
    with pytest.raises(ValueError, match="75"):
        services.register("73282932000075", by=PersonFactory())


def test_a_failure_half_way_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(services, "enter", fail)
    with pytest.raises(RuntimeError):
        services.register(ELSEWHERE, by=PersonFactory(), declaration=TYPED)
    counts = [model.objects.count() for model in (Organisation, Undertaking, UndertakingMember, Membership, Message)]
    assert counts == [0, 0, 0, 0, 0]


def test_a_hidden_identity_is_completed_by_hand_and_survives_a_refresh() -> None:
    person = PersonFactory()
    organisation = services.register("99900033400014", by=person, declaration=TYPED).organisation
    assert (organisation.name, organisation.street, organisation.city) == ("Atelier tapé", "2 rue tapée", "Avranches")
    assert (organisation.directory_state, organisation.department) == ("found", "50")
    again = services.refresh(organisation)
    assert (again.name, again.street, again.city, again.department) == (
        "Atelier tapé", "2 rue tapée", "Avranches", "50",
    )  # fmt: skip


def test_a_later_answer_replaces_what_was_typed_and_tells_the_hooks(answers: Callable[[Any], None]) -> None:
    heard: list[tuple[str, bool]] = []
    hooks.on_refresh(lambda organisation: heard.append((organisation.name, connection.in_atomic_block)))
    record = directory.find(SIRET)
    answers(DirectoryDown)
    organisation = services.register(SIRET, by=PersonFactory(), declaration=TYPED).organisation
    assert organisation.name == "Atelier tapé"
    with pytest.raises(DirectoryDown):
        services.refresh(organisation)
    answers(record)
    again = services.refresh(organisation)
    assert (again.name, again.directory_state, again.declared) == ("Ateliers fictifs de la Seine", "found", {})
    assert heard == [("Ateliers fictifs de la Seine", True)]


def test_a_hook_that_fails_undoes_the_refresh(answers: Callable[[Any], None]) -> None:
    record = directory.find(SIRET)
    answers(DirectoryDown)
    organisation = services.register(SIRET, by=PersonFactory()).organisation

    def fail(organisation: Organisation) -> None:
        raise RuntimeError

    hooks.on_refresh(fail)
    hooks.on_refresh(fail)
    assert hooks._listeners == [fail]
    answers(record)
    with pytest.raises(RuntimeError):
        services.refresh(organisation)
    organisation.refresh_from_db()
    assert organisation.directory_state == "pending"


def test_the_directory_is_asked_again_until_it_answers(answers: Callable[[Any], None]) -> None:
    record = directory.find(SIRET)
    answers(DirectoryDown)
    organisation = services.register(SIRET, by=PersonFactory()).organisation
    first = Message.objects.get()
    handlers.refresh(first)
    handlers.refresh(first)
    assert [key for key, _ in refreshes()] == [f"{SIRET}:1", f"{SIRET}:2"]
    second = Message.objects.get(key=f"{SIRET}:2")
    assert second.due_at - timezone.now() > timedelta(minutes=4)
    answers(record)
    handlers.refresh(second)
    organisation.refresh_from_db()
    assert (organisation.directory_state, organisation.fetch_tries, len(refreshes())) == ("found", 2, 2)


def test_an_unlisted_number_is_asked_for_a_month_then_left(answers: Callable[[Any], None]) -> None:
    answers(NotListed)
    services.register(SIRET, by=PersonFactory())
    for attempt in range(1, 40):
        services.fetch_again(SIRET, attempt)
    assert len(refreshes()) == 30


def test_an_organisation_once_found_is_not_forgotten(answers: Callable[[Any], None]) -> None:
    organisation = OrganisationFactory()
    answers(NotListed)
    assert services.refresh(organisation).directory_state == "found"


def test_only_a_manager_describes_and_only_what_the_directory_does_not_say() -> None:
    member = MembershipFactory(organisation=OrganisationFactory(pending=True))
    typed = {"name": "Nom", "street": "", "postal_code": "76000", "city": "Rouen"}
    for person in (member.user, PersonFactory()):
        with pytest.raises(NotAllowed):
            services.declare(member.organisation, **typed, by=person)
    manager = MembershipFactory(organisation=member.organisation, manager=True).user
    declared = services.declare(member.organisation, **typed, by=manager)
    assert (declared.name, declared.department, declared.directory_state) == ("Nom", "76", "declared")
    found = MembershipFactory(manager=True)
    with pytest.raises(NotNow):
        services.declare(found.organisation, **typed, by=found.user)


@pytest.mark.parametrize(("code", "department"), [("20090", "2A"), ("20200", "2B"), ("97410", "974"), ("75001", "75")])
def test_a_postal_code_gives_a_department(code: str, department: str) -> None:
    assert services._department(code) == department
