"""From the proposal to the notification: one agent proposes, another decides, orders and notifies; axe at each page."""

import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from diagnostic.orders import Order, Proposal
from diagnostic.services import reports
from normandata.accounts.models import Role, User
from normandata.budgets.models import Envelope
from normandata.dossiers.models import Dossier
from normandata.notifications.models import Mail
from tests.factories.accounts import make_user_with
from tests.factories.diagnostic import (
    make_company,
    make_delivered,
    make_market,
    make_provider,
    make_reviewed,
    make_signatory,
    make_started,
    write_report,
)

from .browser import follow
from .conftest import Visit
from .test_examine import check_at_each_width, open_as, text_of

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("media"),
]
DEPOSITED = datetime(2026, 11, 12, 8, 14, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _mails_stay_in_their_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    monkeypatch.setattr("normandata.outbox.carrier.waiting", lambda: 0)


@pytest.fixture
def dossier(_mails_stay_in_their_rows: None) -> Dossier:
    make_signatory()
    alpha, beta = make_company("Atelier Alpha"), make_company("Bureau Bêta")
    make_market(alpha, beta)
    make_provider(alpha)
    return make_reviewed(at=DEPOSITED)


def agent(name: str, role: Role = Role.AGENT) -> User:
    return make_user_with(role, "diagnostic", email=f"{name.split()[0].lower()}@exemple.invalid", name=name)


@pytest.mark.parametrize("width", [375, 1280])
def test_one_proposes_another_selects_orders_and_notifies(visit: Visit, dossier: Dossier, width: int) -> None:
    address = f"/instruction/{dossier.key}/"
    first = open_as(visit, agent("Sacha Petit"), address, width=width)
    first.check()
    assert "Après cette décision, il reste 44 600,00 € TTC." in text_of(first)
    first.follow("Proposer la sélection", exact=True)
    assert first.check() == "Proposer la sélection"
    first.page.get_by_label("Durée").select_option("8")
    first.press_on("Voir le prix de cette durée")
    first.check()
    # 4 days × 900 × 1.20
    assert "4 jours × 900,00 € HT + TVA 20 % = 4 320,00 € TTC" in text_of(first)
    first.choose("Bureau Bêta")
    first.refused_by_design.add(422)
    first.press_on("Proposer la sélection")
    first.complaints.clear()
    assert "dites pourquoi ce prestataire" in first.page.locator("[role=alert]").inner_text()
    first.check()
    first.choose("Atelier Alpha")
    first.press_on("Proposer la sélection")
    first.check()
    assert Proposal.objects.get().half_days == 8
    first.follow("Décider la sélection", exact=True)
    first.check()
    assert "une autre personne la décide" in text_of(first)
    assert first.page.get_by_role("button", name=re.compile("^Sélectionner")).count() == 0

    second = open_as(visit, agent("Alix Martin"), address, width=width)
    second.follow("Décider la sélection", exact=True)
    assert second.check() == "Décider la sélection"
    second.press_on("Sélectionner et réserver 4 320,00 €")
    second.check()
    envelope = Envelope.objects.get()
    assert (envelope.reserved, envelope.free) == (Decimal("4320.00"), Decimal("45680.00"))
    second.follow("Éditer le bon de commande", exact=True)
    assert second.check() == "Éditer le bon de commande"
    second.press_on("Éditer le bon de commande de 4 320,00 €")
    second.check()
    assert "Bon de commande BC-2026-0001" in text_of(second)
    second.follow("Notifier la sélection", exact=True)
    assert second.check() == "Notifier la sélection"
    assert "au plus tard le 23 février 2027" in text_of(second)
    second.press_on(f"Notifier la sélection de {dossier.organisation.label}")
    second.check()
    envelope.refresh_from_db()
    assert (envelope.reserved, envelope.committed) == (Decimal("0.00"), Decimal("4320.00"))
    assert Order.objects.get().start_by == datetime(2027, 2, 23, tzinfo=UTC).date()
    assert "Atelier Alpha" in Mail.objects.filter(kind="diagnostic.selected").latest("pk").text
    for link in ("Annuler la commande", "Constater la caducité"):
        second.go(address)
        second.follow(link, exact=True)
        assert second.check() == link


def test_a_refusal_is_read_before_it_leaves(visit: Visit, dossier: Dossier) -> None:
    address = f"/instruction/{dossier.key}/"
    first = open_as(visit, agent("Sacha Petit"), address)
    first.follow("Proposer un refus", exact=True)
    check_at_each_width(first)
    first.page.get_by_label("Motif, donné dans la lettre").fill("Le projet est déjà financé.")
    first.press_on("Voir la lettre et le courriel")
    check_at_each_width(first)
    first.press_on("Proposer le refus")
    check_at_each_width(first)
    second = open_as(visit, agent("Alix Martin"), address)
    second.follow("Décider le refus", exact=True)
    check_at_each_width(second)
    second.press_on("Refuser la demande")
    check_at_each_width(second)
    assert Mail.objects.filter(kind="diagnostic.refused").exists()


def test_a_report_is_read_accepted_and_paid(visit: Visit, dossier: Dossier) -> None:
    market = make_market(make_company("Atelier Gamma"), starts_on=DEPOSITED.date().replace(year=2025))
    order = make_started(market)
    provider = make_provider(order.company)
    write_report(order, by=provider)
    reports.submit(order.dossier, by=provider)
    window = open_as(visit, agent("Sacha Petit"), f"/instruction/{order.dossier.key}/")
    check_at_each_width(window)
    window.follow("Lire le rapport pour l’accepter", exact=True)
    check_at_each_width(window)
    window.follow("Demander des changements", exact=True)
    check_at_each_width(window)
    window.go(f"/instruction/{order.dossier.key}/diagnostic/rapport/")
    check_at_each_width(window)
    window.go(f"/instruction/{order.dossier.key}/diagnostic/rapport/accepter/")
    window.press_on("Accepter le rapport")
    check_at_each_width(window)

    done = make_delivered(market)
    window.go(f"/instruction/{done.dossier.key}/")
    window.follow("Constater le service fait", exact=True)
    check_at_each_width(window)
    window.press_on("Constater le service fait")
    window.follow("Enregistrer la facture", exact=True)
    check_at_each_width(window)
    window.page.get_by_label("Numéro de la facture").fill("F-2026-12")
    window.page.get_by_label("Date de la facture").fill("23/11/2026")
    window.press_on("Enregistrer la facture et clore")
    check_at_each_width(window)
    assert "F-2026-12, 540,00 € TTC" in text_of(window)


def test_a_lead_agent_looks_after_the_market_and_the_envelope(visit: Visit, dossier: Dossier) -> None:
    window = open_as(visit, agent("Alix Martin", Role.LEAD_AGENT), "/marche/")
    check_at_each_width(window)
    page = window.page
    window.follow("Nouveau marché", exact=True)
    check_at_each_width(window)
    window.refused_by_design.add(422)
    page.get_by_label("Prix d’une journée, en euros HT").fill("-1")
    window.press_on("Enregistrer le marché")
    window.complaints.clear()
    assert "Le prix d’une journée est supérieur à zéro." in page.locator("main").inner_text()
    check_at_each_width(window)
    window.go("/marche/")
    follow(page.locator("tbody th a").first)
    page.wait_for_load_state()
    check_at_each_width(window)
    for link in ("Modifier", "Ajouter un acte", "Ajouter un membre", "Retirer Atelier Alpha"):
        window.follow(link, exact=True)
        check_at_each_width(window)
        page.go_back()
    window.go("/marche/")
    window.follow("Atelier Alpha", exact=True)
    check_at_each_width(window)
    window.follow("Déclarer un conflit", exact=True)
    page.get_by_label("SIREN de la structure").fill("999 000 011")
    page.get_by_label("Motif").fill("Filiale commune")
    window.press_on("Déclarer le conflit")
    check_at_each_width(window)
    window.go("/marche/")
    follow(page.locator("section[aria-labelledby=enveloppes] li a").first)
    page.wait_for_load_state()
    check_at_each_width(window)
    window.follow("Voter des crédits", exact=True)
    page.get_by_label("Montant, en euros").fill("10 000,00")
    page.get_by_label("Délibération", exact=True).fill("CP D 26-11-03")
    page.get_by_label("Date de la délibération").fill("12/11/2026")
    window.press_on("Inscrire le vote")
    check_at_each_width(window)
    assert Envelope.objects.get().voted == Decimal("60000.00")
