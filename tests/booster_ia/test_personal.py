"""What keeps somebody's data of Booster IA: a payment that they asked for and that is not made."""

import pytest

from booster_ia import personal
from tests.factories.accounts import UserFactory
from tests.factories.payments import accept, applicant_of, ask_advance, give_account, make_award, pay

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media", "territories")]


def test_whoever_asked_for_a_payment_stays_until_it_is_made() -> None:
    award = make_award()
    give_account(award)
    person, request = applicant_of(award), ask_advance(award, "6000.00")
    said = [f"Un paiement du dossier {award.dossier.number} est en cours."]
    assert [one.what for one in personal.unpaid(person)] == said
    assert personal.unpaid(UserFactory()) == []
    accepted = accept(request)
    assert [one.what for one in personal.unpaid(person)] == said
    pay(accepted, number="2027-00001")
    assert personal.unpaid(person) == []
