"""From the ranked wave to thirty validated proposals: one person proposes, another validates, five clicks; axe at 0."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from booster_ia.awards import Proposal
from booster_ia.scenarios import Scenario
from normandata.dossiers.models import Dossier
from normandata.dossiers.services import bulk
from normandata.outbox import services as outbox
from normandata.outbox.models import Message
from tests.factories.booster_scoring import make_lead
from tests.factories.committee import make_envelope
from tests.factories.programming import make_ranked, scorer_of

from .conftest import Visit
from .test_examine import check_at_each_width, open_as

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("media"),
]
THIRTY = ["10000.00"] * 28 + ["9000.00", "8000.00"]
"""28 × 10 000 + 9 000 = 289 000: an envelope of 290 000 does not pay the thirtieth."""


@pytest.fixture(autouse=True)
def _mails_stay_in_their_rows(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    monkeypatch.setattr("normandata.outbox.carrier.waiting", lambda: 0)
    return


def work() -> None:
    """Do what the worker does."""
    for pk in Message.objects.filter(handler=bulk.HANDLER, done_at=None).values_list("pk", flat=True):
        assert outbox.work(pk)


def test_thirty_dossiers_are_proposed_then_validated_by_another_in_five_clicks(visit: Visit) -> None:
    make_envelope("290000.00")
    wave, panel, dossiers = make_ranked(THIRTY)
    window = open_as(visit, make_lead(), f"/vagues/{wave.pk}/notation/classement/")
    window.follow("Programmer")
    window.press_on("Nouveau scénario")
    window.press_on("Proposer selon ce scénario")
    work()
    window.page.reload()
    expect(window.page.locator("#traitement")).to_contain_text("Fait : 30.")
    window.check()
    clicks = window.clicks
    other = open_as(visit, scorer_of(panel), f"/vagues/{wave.pk}/programmation/")
    other.follow("Lire les 30 propositions")
    check_at_each_width(other)
    other.press_on("Valider les 30 propositions")
    work()
    other.page.reload()
    expect(other.page.locator("#traitement")).to_contain_text("Fait : 30.")
    assert clicks + other.clicks <= 5
    assert Proposal.objects.filter(is_validated=True, kind="grant").count() == 29
    assert Proposal.objects.get(kind="refuse").dossier_id == dossiers[-1].pk
    other.go(f"/vagues/{wave.pk}/programmation/")
    other.check()


def test_a_scenario_is_changed_compared_and_no_dossier_moves(visit: Visit) -> None:
    make_envelope("30000.00")
    wave, _, dossiers = make_ranked(("12500.00", "12499.99", "5000.02"), full=False)
    window = open_as(visit, make_lead(), f"/vagues/{wave.pk}/programmation/")
    check_at_each_width(window)
    window.press_on("Nouveau scénario")
    check_at_each_width(window)
    last = dossiers[-1]
    window.page.get_by_label(f"Proposition, {last.number}").select_option("Subvention")
    amount = window.page.get_by_label(f"Montant, en euros, {last.number}")
    amount.fill("5 000,02 €")
    window.press_on("Enregistrer et recalculer")
    expect(window.page.locator(".nd-actionbar")).to_contain_text("L’enveloppe est dépassée : il manque 0,01 €")
    check_at_each_width(window)
    amount.fill("5 000,03")
    window.refused_by_design.add(422)
    window.press_on("Enregistrer et recalculer")
    expect(window.page.locator("#erreurs")).to_contain_text("le montant ne dépasse pas ce qui peut être accordé")
    expect(amount).to_have_value("5 000,03")
    check_at_each_width(window)
    amount.fill("5 000,01")
    window.press_on("Enregistrer et recalculer")
    expect(window.page.locator(".nd-actionbar")).to_contain_text("Il resterait 0,00 €")
    window.press_on("Copier ce scénario")
    window.page.get_by_label(f"Montant, en euros, {dossiers[0].number}").fill("12000")
    window.press_on("Enregistrer et recalculer")
    window.go(f"/vagues/{wave.pk}/programmation/")
    window.follow("Comparer")
    window.page.get_by_label("Premier scénario").select_option("Scénario 1")
    window.page.get_by_label("Second scénario").select_option("Scénario 1 (copie)")
    window.press_on("Comparer")
    expect(window.page.get_by_role("table", name="Ce qui diffère")).to_contain_text("12 000,00 €")
    check_at_each_width(window)
    assert Scenario.objects.count() == 2
    assert set(Dossier.objects.values_list("state", flat=True)) == {"review"}
