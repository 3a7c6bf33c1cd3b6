"""Nothing open or unpaid is erased: what prevents it, room by room, and what no longer does."""

from datetime import date

import pytest
from django.utils import timezone

from booster_ia.payments.bank import BankDetails
from booster_ia.payments.requests import PaymentRequest
from diagnostic.services import payments as invoices
from normandata.accounts.models import Role, User
from normandata.budgets import services as budgets
from normandata.documents.models import Upload
from normandata.dossiers.models import Dossier
from normandata.notifications.models import Mail
from normandata.privacy import registry
from normandata.rights import emptying
from normandata.rights.services import erasure
from roadmap.calls.models import Call
from tests.factories.accounts import UserFactory, make_user_with
from tests.factories.calls import make_answered, make_call
from tests.factories.diagnostic import fresh, make_delivered, make_market, make_order
from tests.factories.organisations import MembershipFactory
from tests.factories.payments import applicant_of, ask_advance, give_account, make_award, pay_advance
from tests.normandata.rights import canaries
from tests.normandata.rights.canaries import EMAIL, NAME

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media", "kept_apart", "quiet")]
LATER = date(2099, 1, 1)


def obstacles(person: User) -> list[str]:
    return [one.what for one in registry.obstacles(person)]


def finish(dossier: Dossier, state: str = "closed") -> None:
    """Take a dossier out of what is open, without paying anything."""
    Dossier.objects.filter(pk=dossier.pk).update(state=state, turn="nobody")
    dossier.refresh_from_db()


# --------------------------------------------------------------------------------------------------------- diagnostics
def test_a_diagnostic_ordered_and_not_paid_prevents_it_once_its_dossier_is_no_longer_open() -> None:
    order = make_order(make_market())
    person = order.dossier.created_by
    assert person is not None
    finish(order.dossier)
    assert obstacles(person) == [
        f"Le diagnostic du dossier {order.dossier.number} est commandé et n’est pas encore payé."
    ]
    assert obstacles(UserFactory()) == []
    with pytest.raises(erasure.Prevented):
        erasure.erase(person, by=person)
    budgets.release(order.market.envelope, order, key="test", by=None, reason="Sans suite.")
    assert obstacles(person) == []


def test_whoever_carried_out_a_diagnostic_waits_for_its_payment() -> None:
    order = make_delivered(make_market())
    provider = order.confidential_by
    assert provider is not None
    said = f"Le diagnostic du dossier {order.dossier.number} est commandé et n’est pas encore payé."
    assert said in obstacles(provider)
    agent = make_user_with(Role.AGENT, "diagnostic")
    invoices.certify(order.dossier, by=agent)
    assert said in obstacles(provider)
    done = fresh(order).price_of(fresh(order).half_days_done).ttc
    invoices.settle(order.dossier, invoice="F-1", amount=done, on=timezone.localdate(), by=agent)
    assert said not in obstacles(provider)


# --------------------------------------------------------------------------------------------------------------- calls
def test_a_call_whose_assessment_is_to_come_keeps_its_proposals_and_whoever_made_them() -> None:
    call = make_call()
    proposal = make_answered(call)
    dossier, person = proposal.dossier, proposal.dossier.created_by
    assert person is not None
    said = f"Le bilan de l’appel « {call.title} » n’est pas publié."
    for state in ("open", "closed"):
        Call.objects.filter(pk=call.pk).update(state=state)
        assert obstacles(person) == [said]
        assert registry.guarded(dossier, LATER) == [said]
    Call.objects.filter(pk=call.pk).update(state="published")
    assert obstacles(person) == []
    assert registry.guarded(dossier, LATER) == []


# ------------------------------------------------------------------------------------------------------- bank details
@pytest.fixture
def holder() -> User:
    found: User = UserFactory(email=EMAIL, name=NAME)
    return found


@pytest.mark.parametrize("said", ["Zoé Canarix", "MME CANARIX ZOE", "Canarix  Zoé, entreprise individuelle"])
def test_an_account_in_ones_own_name_is_masked_once_nothing_is_to_be_paid_on_it(holder: User, said: str) -> None:
    award = make_award()
    MembershipFactory(user=holder, organisation=award.organisation)
    account = give_account(award)
    BankDetails.objects.filter(pk=account.pk).update(holder=said)
    assert obstacles(holder) == [f"Le compte à créditer de {award.organisation.label} est à votre nom."]
    with pytest.raises(erasure.Prevented):
        erasure.erase(holder, by=holder)
    account.refresh_from_db()
    assert (account.holder, account.replaced_at) == (said, None)
    finish(award.dossier)
    before = account.iban
    erasure.erase(holder, by=holder)
    account.refresh_from_db()
    assert account.iban == f"{before[:4]}••••{before[-3:]}"
    assert not canaries.sings(account.holder)
    assert account.replaced_at is not None
    assert account.proof.file
    assert canaries.found_in_tables() == []


def test_the_account_of_somebody_elses_structure_is_not_touched(holder: User) -> None:
    award = make_award()
    account = give_account(award)
    BankDetails.objects.filter(pk=account.pk).update(holder="Canarix Zoé")
    UserFactory(name="Canarix Zoé")
    erasure.erase(holder, by=holder)
    account.refresh_from_db()
    assert (account.holder, account.replaced_at, "•" in account.iban) == ("Canarix Zoé", None, False)


def test_a_payment_under_way_is_said_to_whoever_asked_for_it() -> None:
    award = make_award()
    give_account(award)
    ask_advance(award, "1000.00")
    assert f"Un paiement du dossier {award.dossier.number} est en cours." in obstacles(applicant_of(award))


def test_bank_details_go_with_the_last_dossier_they_were_for(holder: User) -> None:
    """Two dossiers of one structure, one account: it stays as long as one of the two may still use it."""
    first = make_award()
    second = make_award(organisation=first.organisation)
    account = give_account(first)
    pay_advance(first, "1000.00")
    emptying.empty(second.dossier, by=None)
    account.refresh_from_db()
    assert (account.holder, account.replaced_at) == ("Entreprise fictive", None)
    emptying.empty(first.dossier, by=None)
    account.refresh_from_db()
    assert (account.holder, account.iban, account.bic) == ("Éliminé", "Éliminé", "Éliminé")
    assert account.replaced_at is not None
    account.proof.refresh_from_db()
    assert (account.proof.state, account.proof.file.name) == (Upload.State.ERASED, "")
    assert {one.text for one in Mail.objects.about(first.dossier)} == {"Éliminé"}
    assert PaymentRequest.objects.get(award=first).bank == account
