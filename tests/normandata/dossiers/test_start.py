"""The first question: one of one's organisations, or a SIRET."""

import pytest

from normandata.dossiers.start import StartForm
from tests.factories.accounts import UserFactory
from tests.factories.organisations import MembershipFactory, OrganisationFactory

pytestmark = pytest.mark.django_db
SIRET = "99900001100018"


def test_without_organisation_the_siret_is_the_only_question() -> None:
    form = StartForm({"siret": "999 000 011 00018"}, user=UserFactory())
    assert "structure" not in form.fields
    assert form.is_valid()
    assert form.cleaned_data["siret"] == SIRET
    assert not StartForm({}, user=UserFactory()).is_valid()


def test_organisations_held_are_choices_and_those_left_are_not() -> None:
    user = UserFactory()
    held, asked, left = (OrganisationFactory(name=name) for name in ("Bbb", "Aaa", "Ccc"))
    MembershipFactory(user=user, organisation=held)
    MembershipFactory(user=user, organisation=asked, requested=True)
    MembershipFactory(user=user, organisation=left, left=True)
    choices = [value for value, _ in StartForm(user=user).fields["structure"].choices]  # type: ignore[attr-defined]
    assert choices == [asked.siret, held.siret, "autre"]
    form = StartForm({"structure": held.siret, "siret": "n’importe quoi"}, user=user)
    assert not form.is_valid()
    assert StartForm({"structure": left.siret}, user=user).errors["structure"]
    chosen = StartForm({"structure": held.siret, "siret": ""}, user=user)
    assert chosen.is_valid()
    assert chosen.cleaned_data["siret"] == held.siret


def test_another_structure_asks_for_its_siret() -> None:
    user = MembershipFactory().user
    form = StartForm({"structure": "autre", "siret": ""}, user=user)
    assert form.errors == {"siret": ["Indiquez le SIRET de l’établissement, 14 chiffres."]}
    assert StartForm({"structure": "autre", "siret": SIRET}, user=user).is_valid()
