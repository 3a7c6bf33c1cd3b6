"""From a scored application to a grant: proposal, second person, committee, ledgers; each guard with its witness."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import time_machine
from django.db import IntegrityError, transaction

from booster_ia.awards import Award, Proposal
from booster_ia.partners import Partner
from booster_ia.services import decisions
from normandata.budgets.errors import NotEnough
from normandata.deminimis import declarations
from normandata.deminimis.models import Aid
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotNow, ReasonMissing, Unmet
from normandata.procedure.models import Event
from normandata.regulation.findings import Verdict
from tests.factories.booster import NO_AID, REGIME
from tests.factories.booster_scoring import make_scorer
from tests.factories.committee import (
    SessionFactory,
    decide,
    make_envelope,
    make_proposed,
    make_scored,
    put_on_agenda,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]
MINIMIS = {"regime": REGIME | {"regime": "de_minimis"}, "aides": NO_AID}


@pytest.fixture(autouse=True)
def _today() -> object:
    with time_machine.travel("2026-11-23T09:00:00+01:00", tick=True):
        yield


# ----------------------------------------------------------------------------------------------------------- proposing
def test_a_proposal_keeps_the_verdict_with_the_score_and_waits_for_a_second_person() -> None:
    [dossier] = make_scored()
    event = decisions.propose(dossier, amount=Decimal("12000.00"), rank=1, score="77", by=make_scorer())
    found = decisions.open_proposal(dossier)
    assert found is not None
    assert (found.kind, found.amount, found.basis, found.rank, found.score) == ("grant", Decimal(12000), "HT", 1, "77")
    assert (dossier.state, dossier.turn) == ("proposed", "validator")
    floor = next(one for one in Verdict.from_record(event.verdict).findings if one.rule == "booster_ia.floor")
    assert floor.outcome.value == "met"
    assert floor.message == "La note est de 77,00 sur 100\xa0; il faut au moins 50,00."
    assert dossier.verdict == event.verdict


@pytest.mark.parametrize(
    ("amount", "sentence"),
    [
        ("12499.99", "Le montant ne dépasse pas ce qui peut être accordé : 12 499,98 €."),  # half of 24 999.97 is .985
        ("0.00", "Le montant proposé est supérieur à zéro."),
    ],
)
def test_an_amount_out_of_bounds_is_refused(amount: str, sentence: str) -> None:
    [dossier] = make_scored()
    dossier.booster.grant = Decimal("12499.98")
    dossier.booster.save()
    with pytest.raises(Unmet) as refused:
        decisions.propose(dossier, amount=Decimal(amount), by=make_scorer())
    assert [one.replace("\xa0", " ").replace("\u202f", " ") for one in refused.value.messages] == [sentence]
    assert dossier.state == "review"


def test_a_partner_who_has_not_confirmed_blocks_the_proposal() -> None:
    [dossier] = make_scored()
    Partner.objects.filter(dossier=dossier).update(state="invited", confirmed_at=None, by_name="")
    with pytest.raises(Unmet):
        decisions.propose(dossier, amount=Decimal(1000), by=make_scorer())


def test_a_score_under_the_floor_blocks_a_grant_and_not_a_refusal() -> None:
    [dossier] = make_scored(marks=("10", "10", "10", "5", "5", "5"))
    with pytest.raises(Unmet) as refused:
        decisions.propose(dossier, amount=Decimal(1000), by=make_scorer())
    assert refused.value.messages == ("La note est inférieure au plancher : l’opération est inéligible.",)
    decisions.propose_refusal(dossier, reason="Note de 45 sur 100.", by=make_scorer())
    assert dossier.state == "proposed"


def test_who_proposed_does_not_validate() -> None:
    [dossier] = make_scored()
    proposer = make_scorer()
    decisions.propose(dossier, amount=Decimal(1000), by=proposer)
    with pytest.raises(Unmet) as refused:
        decisions.validate(dossier, by=proposer)
    assert refused.value.messages == ("Vous avez fait cette proposition : une autre personne la valide.",)
    decisions.validate(dossier, by=make_scorer())
    with pytest.raises(Unmet):
        decisions.validate(dossier, by=make_scorer())


def test_the_database_too_refuses_that_who_proposed_validates() -> None:
    [dossier] = make_scored()
    proposer = make_scorer()
    decisions.propose(dossier, amount=Decimal(1000), by=proposer)
    found = Proposal.objects.filter(dossier=dossier)
    with pytest.raises(IntegrityError), transaction.atomic():
        found.update(decided_by=proposer, decided_at=dossier.submitted_at, is_validated=True)


def test_a_proposal_sent_back_is_ended_and_another_may_be_made() -> None:
    [dossier] = make_scored()
    decisions.propose(dossier, amount=Decimal(1000), by=make_scorer())
    decisions.send_back(dossier, reason="Montant à revoir.", by=make_scorer())
    assert dossier.state == "review"
    decisions.propose(dossier, amount=Decimal(900), by=make_scorer())
    assert Proposal.objects.filter(dossier=dossier).count() == 2


def test_whoever_validated_a_proposal_does_not_open_it_again() -> None:
    [dossier] = make_scored()
    author, second = make_scorer(), make_scorer()
    decisions.propose(dossier, amount=Decimal(1000), by=author)
    decisions.validate(dossier, by=second)
    with pytest.raises(Unmet) as refused:
        decisions.send_back(dossier, reason="Je me suis trompé.", by=second)
    assert refused.value.messages == (
        "Vous avez validé cette proposition : une autre personne la renvoie à l’instruction.",
    )
    with pytest.raises(ReasonMissing):
        decisions.send_back(dossier, reason=" ", by=author)
    decisions.send_back(dossier, reason="Montant à revoir.", by=author)
    proposal = Proposal.objects.get(dossier=dossier)
    assert (dossier.state, proposal.is_validated, proposal.decided_by) == ("review", False, second)


# ------------------------------------------------------------------------------------------------------------ deciding
def test_a_grant_commits_the_money_and_keeps_its_terms() -> None:
    envelope = make_envelope("20000")
    [dossier] = make_scored()
    item = decide(put_on_agenda(make_proposed(dossier)), amount="12000.00")
    award = decisions.award_of(item.dossier)
    assert award is not None
    assert (award.amount, award.basis, award.rate, award.cap) == (Decimal(12000), "HT", Decimal(50), Decimal(12500))
    assert (award.eligible_expenses, award.deliberation) == (Decimal("24999.97"), "CP D 26-12-00")
    assert (award.ends_on, award.justify_by) == (date(2027, 5, 31), date(2027, 11, 30))
    envelope.refresh_from_db()
    assert (envelope.committed, envelope.free) == (Decimal(12000), Decimal(8000))
    assert (item.dossier.state, item.dossier.amount) == ("granted", Decimal(12000))


def test_a_grant_beyond_the_envelope_writes_nothing() -> None:
    envelope = make_envelope("11999.99")
    [dossier] = make_scored()
    item = put_on_agenda(make_proposed(dossier))
    with pytest.raises(NotEnough):
        decide(item, amount="12000.00")
    envelope.refresh_from_db()
    assert (envelope.committed, Award.objects.count()) == (0, 0)
    dossier.refresh_from_db()
    assert dossier.state == "scheduled"


def test_an_amount_above_what_may_be_granted_is_refused_at_the_session() -> None:
    make_envelope()
    [dossier] = make_scored()
    item = put_on_agenda(make_proposed(dossier))
    with pytest.raises(Unmet):
        decide(item, amount="12500.00")
    assert Award.objects.count() == 0


def test_an_undertakings_aid_is_counted_with_the_grant() -> None:
    make_envelope()
    [dossier] = make_scored(answers=MINIMIS)
    declarations.declare_section(dossier, "aides", by=None)
    decide(put_on_agenda(make_proposed(dossier)))
    aid = Aid.objects.get(about_kind="booster_ia.award")
    assert (aid.on, aid.amount) == (date(2026, 12, 14), Decimal("12499.99"))


def test_without_an_envelope_nothing_is_granted() -> None:
    [dossier] = make_scored()
    item = put_on_agenda(make_proposed(dossier))
    with pytest.raises(NotNow):
        decide(item)


def test_an_adjourned_dossier_goes_to_another_session_with_its_proposal() -> None:
    make_envelope()
    [dossier] = make_scored()
    item = decide(put_on_agenda(make_proposed(dossier)), "adjourned")
    assert item.dossier.state == "adjourned"
    again = put_on_agenda(item.dossier, SessionFactory(held_on=date(2027, 2, 8)))
    assert again.dossier.state == "scheduled"


def test_a_decision_undone_frees_its_money_and_may_be_made_again() -> None:
    envelope = make_envelope("20000")
    [dossier] = make_scored()
    item = decide(put_on_agenda(make_proposed(dossier)), amount="12000.00")
    item.applied_at = None
    item.save()
    procedure.fire(item.dossier, "undo_decision", by=None, reason="Erreur de saisie.", item=item)
    envelope.refresh_from_db()
    assert (envelope.committed, envelope.free) == (0, Decimal(20000))
    assert (item.dossier.state, decisions.award_of(item.dossier)) == ("scheduled", None)
    assert decisions.open_proposal(item.dossier) is not None


def test_a_decision_replays_its_verdict_word_for_word(tmp_path: Path) -> None:
    make_envelope()
    [dossier] = make_scored()
    item = decide(put_on_agenda(make_proposed(dossier)))
    event = Event.objects.about(item.dossier).named("grant").get()
    assert Verdict.from_record(event.verdict).as_record() == event.verdict
    assert event.verdict == item.dossier.verdict


def test_the_database_refuses_a_grant_without_an_amount() -> None:
    [dossier] = make_scored()
    decisions.propose(dossier, amount=Decimal(1000), by=make_scorer())
    found = Proposal.objects.filter(dossier=dossier)
    for amount in (None, Decimal(0)):
        with pytest.raises(IntegrityError), transaction.atomic():
            found.update(amount=amount)
