"""An applicant at the counter: signed in, member of one organisation."""

from pathlib import Path

import pytest
from django.test import Client

from normandata.accounts.models import User
from normandata.organisations.models import Organisation
from tests.factories.accounts import UserFactory, sign_in
from tests.factories.organisations import MembershipFactory, OrganisationFactory


@pytest.fixture
def organisation(db: None) -> Organisation:
    return OrganisationFactory(name="Fonderie d’essai")


@pytest.fixture
def applicant(client: Client, organisation: Organisation) -> User:
    """A member of the organisation, whose session is the test client's."""
    user: User = sign_in(client, UserFactory(name="Camille Exemple"))
    MembershipFactory(user=user, organisation=organisation, manager=True)
    return user


@pytest.fixture
def kept(media: Path) -> Path:
    """The folder where files are kept."""
    media.mkdir(parents=True, exist_ok=True)
    return media
