"""J9: thirty dossiers from the waiting list to a validated session and its letters, by two people; axe at 0."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from booster_ia.agreements import DecisionLetter
from booster_ia.awards import Award
from normandata.budgets.models import Envelope
from normandata.committee.models import Recusal, Session
from normandata.dossiers.letters import Letter
from normandata.dossiers.models import Dossier
from normandata.dossiers.services import bulk
from normandata.notifications.models import Mail
from normandata.outbox import services as outbox
from normandata.outbox.models import Message
from tests.factories.committee import make_clerk, make_envelope
from tests.factories.letters import make_signatory
from tests.factories.sessions import make_lead, make_waiting

from .browser import Window
from .conftest import Visit
from .test_examine import open_as

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("media"),
]
COUNT, REFUSALS = 30, 2


@pytest.fixture(autouse=True)
def _work_stays_in_its_rows(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    monkeypatch.setattr("normandata.outbox.carrier.waiting", lambda: 0)
    return


def prepared(amount: str = "300000") -> list[Dossier]:
    make_envelope(amount)
    return make_waiting(COUNT, refusals=REFUSALS)


def fill(window: Window, name: str, text: str) -> None:
    window.page.locator(f"[name={name}]").fill(text)


def test_thirty_dossiers_from_the_waiting_list_to_their_letters(visit: Visit) -> None:
    dossiers = prepared()
    make_signatory()
    clerk, lead = make_clerk(name="Camille Greffe"), make_lead(name="Lou Chef")
    window = open_as(visit, clerk, "/commission/")
    window.check()
    window.follow("Nouvelle séance")
    fill(window, "held_on", "23/11/2026")
    fill(window, "place", "Hôtel de Région, Caen")
    window.check()
    window.press_on("Ouvrir la séance")
    session = Session.objects.get()
    assert window.path == f"/commission/{session.pk}/"
    window.check()
    window.press_on(f"Inscrire les {COUNT} dossiers")
    expect(window.page.get_by_role("status")).to_contain_text("30 dossiers inscrits à l’ordre du jour.")
    expect(window.page.locator(".nd-after")).to_contain_text("Après cette séance, il reste 20 000,00 € HT.")
    window.check()
    window.press_on("Arrêter l’ordre du jour")
    window.check()
    window.follow("Saisir les résultats")
    window.check()
    fill(window, "deliberation_number", "CP D 26-11-41")
    for name, count in (("pour", "40"), ("contre", "2"), ("abstentions", "1")):
        fill(window, name, count)
    # One exception, typed by hand: a smaller grant, and somebody who withdrew.
    item = session.items.get(dossier=dossiers[2])
    window.clicks += 1
    window.page.get_by_text(f"Autre décision, vote ou déport pour {dossiers[2].number}").click()
    fill(window, f"p{item.pk}_montant", "8 750,50")
    fill(window, f"p{item.pk}_motif", "Une partie du matériel est déjà financée.")
    fill(window, f"p{item.pk}_deports", "Dominique Exemple (adjointe au maire)")
    window.check()
    window.press_on("Envoyer à la validation")
    window.check()
    clerks = window.clicks
    assert clerks == 7

    window = open_as(visit, lead, f"/commission/{session.pk}/validation/")
    expect(window.page.locator("main")).to_contain_text("278 750,50 €")
    expect(window.page.locator("main")).to_contain_text("Dominique Exemple (adjointe au maire)")
    window.check()
    window.press_on("Valider la séance")
    window.check()
    assert window.clicks == 1
    session.refresh_from_db()
    assert (session.state, session.recorded_by, session.validated_by) == ("validated", clerk, lead)
    assert str(Envelope.objects.get().committed) == "278750.50"
    assert (Award.objects.count(), Recusal.objects.count()) == (28, 1)
    assert Mail.objects.filter(kind__in=["committee.tabled", "committee.recorded"], address=lead.email).count() == 2

    window.go("/vagues/")
    window.follow("Lettres à envoyer")
    window.check()
    window.press_on("Relire les lettres cochées")
    window.check()
    window.press_on(f"Envoyer les {COUNT} lettres")
    for message in Message.objects.filter(handler=bulk.HANDLER):
        assert outbox.work(message.pk)
    expect(window.page.get_by_role("status")).to_contain_text(f"Fait : {COUNT}.")
    window.check()
    assert (DecisionLetter.objects.count(), Letter.objects.filter(is_contestable=True).count()) == (COUNT, COUNT)
    assert clerks + window.clicks <= 15, "J9, the two people's clicks together"


def test_the_same_on_a_phone_with_its_refusals(visit: Visit) -> None:
    dossiers = prepared("55000")
    clerk = make_clerk()
    window = open_as(visit, clerk, "/commission/", width=375)
    window.check()
    window.follow("Nouvelle séance")
    fill(window, "held_on", "23 novembre 2026")
    window.press_on("Ouvrir la séance")
    window.check()
    window.press_on(f"Inscrire les {COUNT} dossiers")
    expect(window.page.locator(".nd-cut")).to_contain_text("Le disponible s’arrête ici : 55 000,00 € HT.")
    window.check()
    window.refused_by_design.add(422)
    window.press_on("Arrêter l’ordre du jour")
    expect(window.page.get_by_role("alert")).to_contain_text("il manque 225 000,00 € HT")
    window.check()
    Envelope.objects.update(voted="300000.00")
    window.press_on("Arrêter l’ordre du jour")
    window.follow("Saisir les résultats")
    window.check()
    item = Session.objects.get().items.get(dossier=dossiers[4])
    window.page.get_by_text(f"Autre décision, vote ou déport pour {dossiers[4].number}").click()
    fill(window, "deliberation_number", "CP D 26-11-41")
    fill(window, f"p{item.pk}_montant", "12 500,01")
    window.press_on("Envoyer à la validation")
    field = window.page.locator(f"[name=p{item.pk}_montant]")
    assert field.input_value() == "12 500,01", "what was typed stays"
    expect(window.page.locator(f"#id_p{item.pk}_montant_error")).to_contain_text("Au plus 12 499,99 €")
    expect(window.page.locator(f"#id_p{item.pk}_motif_error")).to_contain_text("Dites pourquoi")
    window.check()
    field.fill("")
    window.press_on("Envoyer à la validation")
    assert Session.objects.get().state == "recorded"
    window.check()
