"""The list of organisations: one row a SIREN, found by number or name, in pages that follow one another."""

import pytest
from django.db import connection
from django.db.models.signals import post_init
from django.test.utils import CaptureQueriesContext

from normandata.accounts.models import Role, User
from normandata.organisations.models import Organisation
from normandata.portal.organisation import listing
from tests.factories.accounts import make_agent, make_user_with
from tests.factories.dossiers import make_draft
from tests.factories.organisations import OrganisationFactory, siret
from tests.factories.queue import make_row

pytestmark = pytest.mark.django_db


def names(user: User, search: str = "") -> list[str]:
    return [row.name for row in listing.page(user, search).rows]


def make_named(name: str, number: int = 0, establishment: int = 1, **fields: str) -> Organisation:
    numbered = {"siret": siret(number, establishment)} if number else {}
    return OrganisationFactory(name=name, **numbered, **fields)


@pytest.fixture
def agent() -> User:
    return make_agent()


def test_a_siren_is_one_row_whatever_its_establishments(agent: User) -> None:
    head, branch = make_named("Fonderie", 8001), make_named("Fonderie de Flers", 8001, 2, city="Flers")
    for organisation in (head, branch, branch):
        make_row(organisation=organisation, scheme="diagnostic")
    make_row(organisation=head, scheme="booster_ia")
    (row,) = listing.page(agent, "").rows
    assert (row.siren, row.name, row.city, row.dossiers) == (head.siren, "Fonderie", "Caen", 3)
    (row,) = listing.page(make_user_with(Role.AUDITOR), "").rows
    assert row.dossiers == 4
    # A search that only the branch answers shows the branch, with all that is read of the SIREN.
    (row,) = listing.page(agent, "flers").rows
    assert (row.name, row.city, row.dossiers) == ("Fonderie de Flers", "Flers", 3)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("", ["Atelier", "Élan d’Évreux", "Zéphyr"]),
        ("elan EVREUX", ["Élan d’Évreux"]),
        ("élan d'évreux", ["Élan d’Évreux"]),
        ("zep", ["Zéphyr"]),
        ("éphyr", []),
        (siret(8003)[:9], ["Élan d’Évreux"]),
        (siret(8003), ["Élan d’Évreux"]),
        (f"{siret(8003)[:3]} {siret(8003)[3:6]} {siret(8003)[6:9]}", ["Élan d’Évreux"]),
        (siret(8003) + "1", []),
        ("%", []),
    ],
)
def test_a_search_by_number_or_name_without_accents(agent: User, typed: str, found: list[str]) -> None:
    for number, name in ((8002, "Zéphyr"), (8003, "Élan d’Évreux"), (8004, "Atelier")):
        make_row(organisation=make_named(name, number))
    assert names(agent, listing.clean(typed)) == found


def test_what_one_does_not_read_is_not_there(agent: User) -> None:
    make_row(organisation=make_named("Ailleurs"), scheme="booster_ia")
    make_draft(organisation=make_named("En brouillon"))
    OrganisationFactory(name="Sans dossier")
    assert names(agent) == []
    assert names(make_agent("booster_ia")) == ["Ailleurs"]
    assert names(make_user_with(Role.JUROR, "datathon")) == []


def test_a_name_that_is_not_known_is_the_siret(agent: User) -> None:
    organisation = OrganisationFactory(pending=True)
    make_row(organisation=organisation)
    assert names(agent) == [organisation.label]


def test_pages_follow_one_another_both_ways(agent: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "PER_PAGE", 2)
    # Namesakes are told apart by their keys.
    for name in ("Bocage", "Atelier", "Bocage", "Bocage", "Côte"):
        make_row(organisation=make_named(name))
    first = listing.page(agent, "")
    second = listing.page(agent, "", after=first.after)
    third = listing.page(agent, "", after=second.after)
    shown = [[row.name for row in page.rows] for page in (first, second, third)]
    assert shown == [["Atelier", "Bocage"], ["Bocage", "Bocage"], ["Côte"]]
    assert len({row.siren for page in (first, second, third) for row in page.rows}) == 5
    assert (first.before, third.after) == ("", "")
    assert listing.page(agent, "", before=third.before) == second
    assert listing.page(agent, "", before=second.before).rows == first.rows


@pytest.mark.parametrize("token", ["zzz", "é" * 900, "\0", "W10:abc"])
def test_a_token_made_up_is_no_place(agent: User, token: str) -> None:
    make_row()
    assert listing.page(agent, "", after=token) == listing.page(agent, "", before=token) == listing.page(agent, "")


def test_a_search_is_cleaned() -> None:
    assert listing.clean("  fonderie\0 \n du  bocage ") == "fonderie du bocage"
    assert len(listing.clean("x" * 300)) == 100


def test_one_query_and_no_object_at_1_and_30_rows(agent: User) -> None:
    costs = []
    for rows in (1, 29):
        for _ in range(rows):
            make_row()
        made: list[type] = []
        count = lambda sender, made=made, **kwargs: made.append(sender)  # noqa: E731
        agent = User.objects.get(pk=agent.pk)
        _ = agent.assignments
        post_init.connect(count)
        try:
            with CaptureQueriesContext(connection) as queries:
                listed = listing.page(agent, "")
        finally:
            post_init.disconnect(count)
        costs.append((len(queries), made))
        assert len(listed.rows) == (1 if rows == 1 else 30)
    assert costs == [(1, []), (1, [])]
