"""Who an organisation is, and what it holds, to one reader."""

from datetime import date

import pytest
from django.utils import timezone

from normandata.accounts.models import User
from normandata.organisations.models import Organisation
from normandata.portal.organisation import sheet
from normandata.portal.organisation.sheet import Establishment, Held, Relative
from tests.factories.accounts import make_agent, make_user_with
from tests.factories.deminimis import make_declaration, make_group
from tests.factories.organisations import MembershipFactory, OrganisationFactory, siret
from tests.factories.queue import make_row

pytestmark = pytest.mark.django_db


@pytest.fixture
def auditor() -> User:
    return make_user_with("auditor")


@pytest.fixture
def head() -> Organisation:
    return OrganisationFactory(siret=siret(8100), name="Fonderie", is_seat=True)


@pytest.fixture
def branch(head: Organisation) -> Organisation:
    return OrganisationFactory(siret=siret(8100, 2), name="Fonderie de Flers", city="Flers", is_seat=False)


def read(user: User, organisation: Organisation) -> list[Held]:
    return sheet.held(sheet.dossiers_of(user, organisation.siren))


def test_dossiers_come_by_scheme_the_newest_first(auditor: User, head: Organisation, branch: Organisation) -> None:
    proof = make_row(organisation=branch, scheme="booster_ia", waited=1)
    old = make_row(organisation=head, waited=9, amount="5400", complete_on=date(2026, 11, 20))
    closed = make_row(organisation=head, waited=3, state="closed")
    found = read(auditor, head)
    assert [(label, [one.pk for one in some]) for label, some in sheet.by_scheme(found)] == [
        ("Diagnostic", [closed.pk, old.pk]),
        ("Booster IA", [proof.pk]),
    ]
    said = [(one.amount.replace("\u00a0", " "), one.waits.replace("\u00a0", " "), one.complete_on) for one in found]
    assert said == [
        ("–", "–", None),
        ("5 400,00 € ht", "Agent, 9 jours", date(2026, 11, 20)),
        ("à calculer", "Agent, 1 jour", None),
    ]
    assert [one.siret for one in found] == [head.written_siret, head.written_siret, branch.written_siret]


def test_the_seat_names_the_organisation_or_whoever_deposited_last(
    auditor: User, head: Organisation, branch: Organisation
) -> None:
    other = OrganisationFactory(siret=siret(8100, 3), name="Fonderie d’Argentan", is_seat=None)
    make_row(organisation=branch, waited=2)
    make_row(organisation=other, waited=1)
    # The seat is not read of: it has no dossier here.
    assert sheet.main(read(auditor, head)) == branch
    Organisation.objects.filter(pk=other.pk).update(is_seat=False)
    assert sheet.main(read(auditor, head)) == other
    make_row(organisation=head, waited=30)
    assert sheet.main(read(auditor, head)) == head


def test_only_the_establishments_that_are_read_are_named(head: Organisation, branch: Organisation) -> None:
    for scheme in ("diagnostic", "diagnostic", "booster_ia"):
        make_row(organisation=head if scheme == "diagnostic" else branch, scheme=scheme)
    found = read(make_agent(), head)
    assert sheet.establishments(found) == [Establishment(head.written_siret, "Fonderie", "Caen", 2)]
    assert sheet.establishments(read(make_user_with("auditor"), head)) == [
        Establishment(head.written_siret, "Fonderie", "Caen", 2),
        Establishment(branch.written_siret, "Fonderie de Flers", "Flers", 1),
    ]


def test_active_members_alone_are_people_of_the_organisation(auditor: User, head: Organisation) -> None:
    make_row(organisation=head)
    manager = MembershipFactory(organisation=head, manager=True)
    unnamed = MembershipFactory(organisation=head, user__name="")
    MembershipFactory(organisation=head, requested=True)
    MembershipFactory(organisation=head, left=True)
    MembershipFactory(organisation=head, user__is_active=False)
    assert [(one.name, one.role, one.since, one.siret) for one in sheet.people(read(auditor, head))] == [
        (manager.user.name, "référent", timezone.now(), head.written_siret),
        (unnamed.user.email, "membre", timezone.now(), head.written_siret),
    ]


def test_the_others_of_the_undertaking(auditor: User) -> None:
    first, second, third = make_group(3)
    make_row(organisation=first)
    make_row(organisation=second, scheme="booster_ia")
    others = sorted((second, third), key=lambda one: one.siren)
    assert sheet.relatives(make_agent(), first.siren) == [Relative(one.siren) for one in others]
    assert sheet.relatives(auditor, first.siren) == [
        Relative(one.siren, second.name if one == second else "") for one in others
    ]
    assert sheet.relatives(auditor, OrganisationFactory().siren) == []


def test_the_account_is_that_of_the_undertaking(auditor: User) -> None:
    first, second = make_group(2)
    dossier = make_row(organisation=second)
    make_declaration(second, ("2026-03-01", "5000"), dossier=dossier)
    standing, declaring = sheet.minimis(first.siren)
    assert ([line.amount for line in standing.lines], declaring) == ([5000], (dossier.pk,))
    assert standing.on == date(2026, 11, 23)
