"""Organisations and their members, fictitious: SIRETs of the 999 range, addresses in `exemple.invalid`."""

import hashlib
from datetime import timedelta
from typing import Any

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory
from stdnum import luhn

from normandata.accounts.models import User
from normandata.organisations.models import DirectoryState, MemberInvitation, Membership, Organisation
from normandata.organisations.services import undertaking_of


def siret(number: int, establishment: int = 1) -> str:
    """Return the valid SIRET of the fictitious company `number` (from 0 to 9 999), outside the fictitious register."""
    siren = f"9995{number:04d}"
    whole = f"{siren}{luhn.calc_check_digit(siren)}{establishment:04d}"
    return f"{whole}{luhn.calc_check_digit(whole)}"


class PersonFactory(DjangoModelFactory[User]):
    """An applicant, without a role."""

    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"membre{n}@exemple.invalid")
    name = factory.Sequence(lambda n: f"Personne Fictive {n}")

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, **kwargs: Any) -> User:
        return model_class.objects.create_user(*args, **kwargs)


class OrganisationFactory(DjangoModelFactory[Organisation]):
    """An enterprise of Caen, as the directory gives it."""

    class Meta:
        model = Organisation

    siret = factory.Sequence(siret)
    siren = factory.LazyAttribute(lambda o: o.siret[:9])
    undertaking = factory.LazyAttribute(lambda o: undertaking_of(o.siret[:9]))
    name = factory.Sequence(lambda n: f"Entreprise fictive {n}")
    legal_category = "5710"
    activity_code = "25.62B"
    activity_nomenclature = "NAF rév. 2"
    street = "1 rue de l’Exemple"
    postal_code = "14000"
    city = "Caen"
    insee_code = "14118"
    department = "14"
    epci_siren = "200065597"
    created_on = factory.LazyFunction(lambda: timezone.localdate().replace(year=2009, day=1))
    established_on = factory.SelfAttribute("created_on")
    staff_band = "12"
    seat_siret = factory.SelfAttribute("siret")
    seat_department = "14"
    is_seat = True
    directory_state = DirectoryState.FOUND
    fetched_at = factory.LazyFunction(timezone.now)
    source = "Annuaire fictif de démonstration"

    class Params:
        pending = factory.Trait(
            directory_state=DirectoryState.PENDING, fetched_at=None, name="", street="", postal_code="", city="",
            insee_code="", department="", epci_siren="", legal_category="", activity_code="", source="",
            activity_nomenclature="", created_on=None, established_on=None, staff_band="", seat_siret="",
            seat_department="", is_seat=None,
        )  # fmt: skip


class MembershipFactory(DjangoModelFactory[Membership]):
    """An active member."""

    class Meta:
        model = Membership

    user = factory.SubFactory(PersonFactory)
    organisation = factory.SubFactory(OrganisationFactory)
    role = Membership.Role.MEMBER
    state = Membership.State.ACTIVE
    joined_at = factory.LazyFunction(timezone.now)

    class Params:
        manager = factory.Trait(role=Membership.Role.MANAGER)
        requested = factory.Trait(state=Membership.State.REQUESTED, joined_at=None)
        left = factory.Trait(state=Membership.State.LEFT, left_at=factory.LazyFunction(timezone.now))


class MemberInvitationFactory(DjangoModelFactory[MemberInvitation]):
    """An invitation whose link is `token`."""

    class Meta:
        model = MemberInvitation

    class Params:
        token = factory.Sequence(lambda n: f"jeton-{n}")

    organisation = factory.SubFactory(OrganisationFactory)
    email = factory.Sequence(lambda n: f"invite{n}@exemple.invalid")
    invited_by = factory.SubFactory(PersonFactory)
    invited_at = factory.LazyFunction(timezone.now)
    expires_at = factory.LazyAttribute(lambda o: o.invited_at + timedelta(days=7))
    token_hash = factory.LazyAttribute(lambda o: hashlib.sha256(o.token.encode()).hexdigest())
