"""What the rows of the room must always be, and how they are found."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from normandata.organisations.models import MemberInvitation, Membership, Organisation, UndertakingMember
from normandata.organisations.services import undertaking_of
from tests.factories.organisations import (
    MemberInvitationFactory,
    MembershipFactory,
    OrganisationFactory,
    PersonFactory,
    siret,
)

pytestmark = pytest.mark.django_db


def found(text: str) -> list[str]:
    return sorted(organisation.name for organisation in Organisation.objects.matching(text))


def test_an_organisation_is_found_by_number_and_by_name_without_accents() -> None:
    OrganisationFactory(siret=siret(1), name="Fonderie de l’Étoile", sigle="FDE")
    OrganisationFactory(siret=siret(1, 2), name="Fonderie annexe")
    OrganisationFactory(siret=siret(2), name="Mairie de Saint-Lô")
    number = siret(1)
    assert found(number) == found(f"{number[:3]} {number[3:6]} {number[6:9]} {number[9:]}") == ["Fonderie de l’Étoile"]
    assert found(number[:9]) == found(f"{number[:3]} {number[3:6]} {number[6:9]}") == [
        "Fonderie annexe", "Fonderie de l’Étoile",
    ]  # fmt: skip
    assert found("etoile fond") == ["Fonderie de l’Étoile"]
    assert found("fde") == ["Fonderie de l’Étoile"]
    assert found("st lo") == ["Mairie de Saint-Lô"]
    assert found("onderie") == found("") == found("  ") == found(number + "1") == []


def test_a_name_changed_in_place_is_found_again() -> None:
    organisation = OrganisationFactory(name="Avant")
    organisation.name = "Après"
    organisation.save(update_fields=["name"])
    assert found("apres") == ["Après"]


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"siren": "999000000"}, "organisations_siret_holds_siren"),
        ({"siret": "9995000", "siren": "9995000"}, "organisations_siret_holds_siren"),
        ({"directory_state": "lost"}, "organisations_directory_state_known"),
        ({"fetched_at": None}, "organisations_answered_is_dated"),
        ({"directory_state": "unknown", "fetched_at": None}, "organisations_answered_is_dated"),
        ({"directory_state": "pending"}, "organisations_pending_never_answered"),
        ({"directory_state": "declared"}, "organisations_declared_is_dated"),
        ({"closed_on": "2020-01-01"}, "organisations_closed_is_dated"),
    ],
)
def test_an_organisation_that_contradicts_itself_is_refused(changes: dict[str, Any], constraint: str) -> None:
    organisation = OrganisationFactory()
    for name, value in changes.items():
        setattr(organisation, name, value)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        organisation.save()
    with pytest.raises(ValidationError):
        organisation.validate_constraints()


def test_a_siret_has_one_row() -> None:
    organisation = OrganisationFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        OrganisationFactory(siret=organisation.siret)


def test_a_person_has_one_live_membership_and_may_come_back() -> None:
    gone = MembershipFactory(left=True)
    MembershipFactory(user=gone.user, organisation=gone.organisation)
    with pytest.raises(IntegrityError, match=r"organisations_member_once|user_id"), transaction.atomic():
        MembershipFactory(user=gone.user, organisation=gone.organisation, requested=True)


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"role": "boss"}, "organisations_member_known"),
        ({"state": "asleep"}, "organisations_member_"),
        ({"joined_at": None}, "organisations_member_joined_iff_active"),
        ({"state": "requested"}, "organisations_member_joined_iff_active"),
        ({"state": "requested", "joined_at": None, "role": "manager"}, "organisations_member_joined_iff_active"),
        ({"state": "left"}, "organisations_member_left_iff_dated"),
        ({"left_at": timezone.now()}, "organisations_member_left_iff_dated"),
    ],
)
def test_a_membership_that_contradicts_itself_is_refused(changes: dict[str, Any], constraint: str) -> None:
    membership = MembershipFactory()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Membership.objects.filter(pk=membership.pk).update(**changes)


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"email": "A@exemple.invalid"}, "organisations_invitation_written"),
        ({"role": "boss"}, "organisations_invitation_written"),
        ({"expires_at": timezone.now().replace(year=2020, day=1)}, "organisations_invitation_lasts"),
        ({"accepted_at": timezone.now(), "cancelled_at": timezone.now()}, "organisations_invitation_one_end"),
    ],
)
def test_an_invitation_that_contradicts_itself_is_refused(changes: dict[str, Any], constraint: str) -> None:
    invitation = MemberInvitationFactory()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        MemberInvitation.objects.filter(pk=invitation.pk).update(**changes)


def test_an_address_is_invited_once_at_a_time() -> None:
    first = MemberInvitationFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        MemberInvitationFactory(organisation=first.organisation, email=first.email)
    MemberInvitation.objects.update(cancelled_at=timezone.now())
    MemberInvitationFactory(organisation=first.organisation, email=first.email)


def test_a_siren_belongs_to_one_undertaking() -> None:
    first = OrganisationFactory(siret=siret(7))
    second = OrganisationFactory(siret=siret(7, 2))
    other = OrganisationFactory(siret=siret(8))
    assert first.undertaking == second.undertaking == undertaking_of(siret(7)[:9]) != other.undertaking
    with pytest.raises(IntegrityError), transaction.atomic():
        UndertakingMember.objects.create(undertaking=other.undertaking, siren=first.siren)
    with pytest.raises(IntegrityError, match="organisations_undertaking_siren"), transaction.atomic():
        UndertakingMember.objects.create(undertaking=other.undertaking, siren="99")


def test_of_keeps_the_active_members_organisations() -> None:
    person = PersonFactory()
    mine = MembershipFactory(user=person).organisation
    MembershipFactory(user=person, requested=True)
    MembershipFactory(user=person, left=True)
    assert list(Organisation.objects.of(person)) == [mine]
    person.is_active = False
    person.save()
    assert list(Organisation.objects.of(person)) == []
