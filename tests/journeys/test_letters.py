"""J2: thirty letters read and sent in one batch in four clicks; one read by its structure, its convention signed."""

from collections.abc import Iterator
from datetime import date

import pytest
from playwright.sync_api import expect

from booster_ia.agreements import DecisionLetter
from booster_ia.services import notification
from normandata.committee.models import Session
from normandata.documents import services as documents
from normandata.dossiers.letters import Letter
from normandata.dossiers.models import BulkJob
from normandata.dossiers.services import bulk
from normandata.organisations.models import Membership
from normandata.outbox import services as outbox
from normandata.outbox.models import Message
from tests.factories.booster_scoring import make_scorer
from tests.factories.committee import SessionFactory
from tests.factories.letters import agreement_of, make_light, make_signatory
from tests.factories.waves import make_wave

from .applicant import signed_in
from .conftest import Visit
from .test_examine import check_at_each_width, open_as

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("media")]


@pytest.fixture(autouse=True)
def _nothing_leaves_by_itself(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    monkeypatch.setattr("normandata.outbox.carrier.waiting", lambda: 0)
    return


def session() -> Session:
    found: Session = SessionFactory(
        held_on=date(2026, 11, 16), deliberation_number="CP D 26-11-7", executory_on=date(2026, 11, 20)
    )
    return found


def test_thirty_letters_are_read_and_sent_in_four_clicks(visit: Visit) -> None:
    make_signatory()
    make_wave()
    held = session()
    for outcome, count in (("granted", 18), ("refused", 10), ("adjourned", 2)):
        make_light(count, outcome=outcome, session=held)
    window = open_as(visit, make_scorer(), "/vagues/")
    window.follow("Lettres à envoyer")
    check_at_each_width(window)
    window.press_on("Relire les lettres cochées")
    assert window.title() == "Relire 30 lettres avant de les envoyer"
    check_at_each_width(window)
    window.page.locator("summary").first.click()
    expect(window.page.locator("details").first).to_contain_text("Voies et délais de recours.")
    check_at_each_width(window)
    window.press_on("Envoyer les 30 lettres")
    assert window.clicks <= 4
    job = BulkJob.objects.get()
    assert window.path == f"/instruction/lettres/{job.key}/"
    expect(window.page.get_by_role("status")).to_contain_text("0 sur 30 lettres traitées.")
    check_at_each_width(window)
    for message in Message.objects.filter(handler=bulk.HANDLER):
        assert outbox.work(message.pk)
    expect(window.page.get_by_role("status")).to_contain_text("Fait : 30.")
    check_at_each_width(window)
    assert (DecisionLetter.objects.count(), Letter.objects.count()) == (30, 48)
    window.follow("Lettres à envoyer")
    expect(window.page.locator("main")).to_contain_text("Aucune lettre n’attend d’être envoyée.")


def test_a_letter_is_read_and_its_convention_signed_on_a_phone(visit: Visit) -> None:
    make_signatory()
    [dossier] = make_light(1, outcome="granted", session=session())
    notification.tell(dossier, by=make_scorer())
    for letter in dossier.letters.all():
        documents.make(letter.document_id)
    member = Membership.objects.active().filter(organisation=dossier.organisation)[0].user
    window = signed_in(visit, member, f"/dossiers/{dossier.key}/", width=375)
    window.check()
    with window.page.expect_download() as started:
        window.page.get_by_role("link", name="Notification de subvention").click()
    assert started.value.suggested_filename == f"notification-{dossier.number}.pdf"
    read = Letter.objects.get(kind="booster_ia.award")
    assert (read.read_by, read.contestable_until) == (member, date(2027, 1, 24))
    window.follow("Lire et signer la convention")
    check_at_each_width(window)
    window.widen(375)
    window.refused_by_design.add(422)
    window.press_on("Signer la convention")
    expect(window.page.locator("main")).to_contain_text("Indiquez la fonction de cette personne.")
    window.check()
    window.page.get_by_label("Vos nom et prénom").fill("Dominique Exemple")
    window.page.get_by_label("Votre fonction").fill("Gérante")
    for sentence in ("Je suis la personne habilitée à engager la structure.", "J’ai lu la convention"):
        window.page.locator("label", has_text=sentence).click()
    window.press_on("Signer la convention")
    expect(window.page.locator("main")).to_contain_text("Vous avez signé la convention.")
    window.check()
    assert agreement_of(dossier).signed_name == "Dominique Exemple"
