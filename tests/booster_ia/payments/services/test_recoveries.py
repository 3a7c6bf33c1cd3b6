"""A repayment is decided on what the structure last wrote, and a signed order is given up by a second person."""

from decimal import Decimal

import pytest

from booster_ia.payments.recoveries import Recovery
from booster_ia.payments.services import recoveries
from normandata.procedure.errors import NotDone, ReasonMissing, Unmet
from tests.factories.organisations import MembershipFactory
from tests.factories.payments import (
    applicant_of,
    ask_balance,
    line,
    make_award,
    make_checker,
    make_lead,
    make_officer,
    pay,
    pay_advance,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


def said(refused: "pytest.ExceptionInfo[NotDone]") -> str:
    return " ".join(refused.value.messages).replace("\xa0", " ").replace("\u202f", " ")


@pytest.fixture
def heard() -> Recovery:
    """Make a repayment of 1 750 € whose letter was sent."""
    award = make_award()
    pay_advance(award, "6250.00")
    pay(ask_balance(award, line(amount="9000")))
    found = Recovery.objects.get()
    recoveries.notify(found, by=make_checker())
    return found


def test_whoever_signed_an_order_does_not_give_it_up(heard: Recovery) -> None:
    recoveries.observe(heard, observations="Observations.", by=applicant_of(heard.award))
    signer, officer = make_lead(), make_officer()
    recoveries.order(heard, answer="Rejetées.", by=signer)
    with pytest.raises(Unmet) as refused:
        recoveries.waive(heard, reason="Erreur.", by=signer)
    assert said(refused) == "Vous avez signé cet ordre : une autre personne peut l’abandonner."
    with pytest.raises(ReasonMissing):
        recoveries.waive(heard, reason=" ", by=officer)
    recoveries.waive(heard, reason="La créance est éteinte.", by=officer)
    found = Recovery.objects.get()
    assert (found.state, found.decided_by, found.amount) == ("waived", officer, Decimal(1750))


def test_nothing_is_decided_on_observations_that_were_not_read(heard: Recovery) -> None:
    read = heard.mark
    recoveries.observe(heard, observations="Une facture manquait.", by=applicant_of(heard.award))
    for gesture in (recoveries.order, recoveries.waive):
        with pytest.raises(Unmet) as refused:
            gesture(heard, by=make_lead(), seen=read, **({"reason": "Non."} if gesture is recoveries.waive else {}))
        assert said(refused) == (
            "La structure a envoyé des observations depuis que vous avez lu cette page : lisez-les avant de décider."
        )
    recoveries.order(heard, answer="Hors période.", by=make_lead(), seen=heard.mark)
    assert heard.state == "ordered"


def test_a_colleague_does_not_overwrite_observations_unread(heard: Recovery) -> None:
    first = applicant_of(heard.award)
    second = MembershipFactory(organisation=heard.award.organisation).user
    drawn = heard.mark
    recoveries.observe(heard, observations="Les premières.", by=first, seen=drawn)
    with pytest.raises(Unmet) as refused:
        recoveries.observe(heard, observations="Les secondes.", by=second, seen=drawn)
    assert said(refused).startswith(f"{first} a envoyé des observations à ")
    heard.refresh_from_db()
    assert (heard.observations, heard.observed_by) == ("Les premières.", first)
    recoveries.observe(heard, observations="Les secondes.", by=second, seen=heard.mark)
    assert heard.observations == "Les secondes."
