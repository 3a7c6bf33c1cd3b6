"""The header of a signed-in person: the name of their space and its entries, by role."""

from typing import Any

import pytest
from django.http import HttpRequest
from django.test import RequestFactory

from normandata.accounts.models import Role, User
from normandata.portal.context import navigation
from tests.factories.accounts import UserFactory, make_user_with
from tests.factories.organisations import MembershipFactory

pytestmark = pytest.mark.django_db


def drawn(user: User, path: str = "/dossiers/") -> dict[str, Any]:
    request: HttpRequest = RequestFactory().get(path)
    request.user = user
    return navigation(request)


def labels(user: User) -> list[str]:
    return [item.label for item in drawn(user)["space_menu"]]


def test_a_member_has_the_space_of_the_organisation() -> None:
    user = MembershipFactory.create().user
    assert str(drawn(user)["space_name"]) == "Espace de la structure"
    assert labels(user) == ["Mes dossiers", "Ma structure", "Cœur expert", "Aide", "Mon compte"]


@pytest.mark.parametrize(
    ("role", "scheme", "name", "work"),
    [
        (Role.PROVIDER, "diagnostic", "Espace du prestataire", "Mes diagnostics"),
        (Role.EXPERT, "", "Espace de l’expert", "Mes avis"),
    ],
)
def test_an_outside_role_leads_to_its_own_work_and_to_no_dossier(role: Role, scheme: str, name: str, work: str) -> None:
    user = make_user_with(role, scheme)
    assert str(drawn(user)["space_name"]) == name
    assert labels(user) == [work, "Aide", "Mon compte"]


def test_an_expert_who_is_of_a_structure_keeps_its_dossiers() -> None:
    user = make_user_with(Role.EXPERT)
    MembershipFactory.create(user=user)
    assert labels(user) == ["Mes avis", "Mes dossiers", "Ma structure", "Cœur expert", "Aide", "Mon compte"]


def test_whoever_is_both_has_both_spaces_and_the_name_of_the_first() -> None:
    user = make_user_with(Role.EXPERT)
    user.role_assignments.create(role=Role.PROVIDER, scheme="diagnostic", scope="1")
    user = User.objects.get(pk=user.pk)
    assert str(drawn(user)["space_name"]) == "Espace du prestataire"
    assert labels(user) == ["Mes diagnostics", "Mes avis", "Aide", "Mon compte"]


def test_whoever_reads_dossiers_reads_the_directory_of_experts() -> None:
    assert labels(make_user_with(Role.AGENT, "booster_ia")) == [
        "File", "Structures", "Absences", "Experts", "Cœur expert", "Vagues", "Commission", "Paiements",
        "Indicateurs Booster IA",
        "Aide", "Mon compte",
    ]  # fmt: skip
    assert labels(make_user_with(Role.ACTION_PILOT)) == [
        "Mes actions", "Mes appels", "Indicateurs Feuille de route", "Aide", "Mon compte",
    ]  # fmt: skip
    assert labels(make_user_with(Role.AGENT, "roadmap")) == [
        "File", "Structures", "Absences", "Experts", "Cœur expert", "Indicateurs Feuille de route", "Aide",
        "Mon compte",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("roles", "name"),
    [
        ((Role.AGENT,), "Espace instruction"),
        ((Role.ORGANISER,), "Espace de l’organisateur"),
        ((Role.ACTION_PILOT,), "Espace du pilote"),
        ((Role.ACTION_PILOT, Role.LEAD_AGENT), "Espace instruction"),
        ((Role.ADMINISTRATOR, Role.JUROR), "Espace de l’administrateur"),
    ],
)
def test_a_space_of_the_region_is_named_by_its_first_role(roles: tuple[Role, ...], name: str) -> None:
    user = make_user_with(roles[0], "datathon", "datathon-2027")
    for role in roles[1:]:
        user.role_assignments.create(role=role)
    assert str(drawn(User.objects.get(pk=user.pk))["space_name"]) == name


def test_a_payments_officer_has_the_payments_alone() -> None:
    assert labels(make_user_with(Role.PAYMENTS_OFFICER, "booster_ia")) == ["Paiements", "Aide", "Mon compte"]


def test_without_a_role_nothing_is_read_twice(django_assert_num_queries) -> None:
    user = UserFactory.create()
    with django_assert_num_queries(2):
        shown = drawn(user)
        assert [item.label for item in shown["space_menu"]] == [
            "Mes dossiers",
            "Ma structure",
            "Cœur expert",
            "Aide",
            "Mon compte",
        ]
        assert str(shown["space_name"]) == "Espace de la structure"


@pytest.mark.parametrize(
    ("path", "current"),
    [
        ("/instruction/", ["File"]),
        ("/instruction/structures/", ["Structures"]),
        ("/instruction/structures/999000011/", ["Structures"]),
        ("/instruction/absences/", ["Absences"]),
        ("/aide/", ["Aide"]),
        ("/demonstration/", []),
    ],
)
def test_one_entry_is_current_the_closest(path: str, current: list[str]) -> None:
    menu = drawn(make_user_with(Role.AGENT, "diagnostic"), path)["space_menu"]
    assert [item.label for item in menu if item.is_current] == current
