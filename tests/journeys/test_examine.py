"""J4 on the agents' side and J12: a dossier read, a piece asked for, a lost mail traced, with axe at each step."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from normandata.accounts.models import Role, User
from normandata.dossiers.models import Attachment, Correction, Dossier, Reading
from normandata.notifications.models import Mail
from normandata.organisations.models import Membership
from normandata.outbox.models import Message, State
from tests.factories.accounts import PASSWORD, UserFactory, make_user_with, totp_code
from tests.factories.documents import UploadFactory
from tests.factories.dossiers import FIRM, make_deposit, make_draft
from tests.factories.organisations import MembershipFactory

from .browser import Window, follow
from .conftest import Visit

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("media"),
]
TRADE = {**FIRM, "situation": {"creation": "12/05/2009", "activite": "trade"}}
DEPOSITED = datetime(2026, 11, 12, 8, 14, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _mails_stay_in_their_rows(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    monkeypatch.setattr("normandata.outbox.carrier.waiting", lambda: 0)
    return


@pytest.fixture
def dossier(_mails_stay_in_their_rows: None) -> Dossier:
    draft = make_draft(answers=TRADE)
    Attachment.objects.create(
        dossier=draft,
        piece="complement",
        upload=UploadFactory(uploaded_by=draft.created_by, name="Organigramme du groupe.pdf"),
        added_by=draft.created_by,
        added_at=DEPOSITED,
    )
    return make_deposit(draft, at=DEPOSITED).dossier


WORDS_ON_SEVERAL_LINES = """cell => [...cell.childNodes].filter(node => {
    const range = document.createRange();
    range.selectNode(node);
    return node.nodeType === Node.TEXT_NODE && range.getClientRects().length > 1;
}).map(node => node.textContent)"""


def open_as(visit: Visit, person: User, path: str, *, width: int = 1280) -> Window:
    """Sign in with the second factor and arrive on a page."""
    code = totp_code(person)
    window = visit(f"/connexion/?next={path}", width=width)
    window.page.locator("[name=login]").fill(person.email)
    window.page.locator("[name=password]").fill(PASSWORD)
    window.press_on("Se connecter")
    window.page.locator("[name=code]").fill(code)
    window.press_on("Se connecter")
    assert window.path == path
    window.clicks = 0
    return window


def check_at_each_width(window: Window) -> None:
    for width in (375, 1280):
        window.widen(width)
        window.check()


@pytest.mark.parametrize("width", [375, 1280])
def test_an_agent_reads_asks_assigns_and_cancels(visit: Visit, dossier: Dossier, width: int) -> None:
    agent = make_user_with(Role.AGENT, "diagnostic", email="agent@exemple.invalid", name="Sacha Petit")
    make_user_with(Role.AGENT, "diagnostic", email="collegue@exemple.invalid", name="Alix Martin")
    window = open_as(visit, agent, f"/instruction/{dossier.key}/", width=width)
    page = window.page
    assert window.check() == dossier.organisation.label

    page.get_by_label("Sans objet").check()
    page.get_by_label("Motif, versé au journal").fill("Deux tiers d’usinage")
    window.press_on("Enregistrer cette lecture : Activité")
    window.check()
    assert "Deux tiers d’usinage" in page.locator("main").inner_text()
    assert Reading.objects.get().outcome == "not_applicable"

    window.press_on("Accepter Organigramme du groupe.pdf")
    assert "Organigramme du groupe.pdf est accepté." in page.locator("[role=status]").first.inner_text()

    follow(page.get_by_role("link", name="Demander une pièce"))
    assert window.check() == "Demander une pièce"
    window.press_on("Envoyer la demande")
    assert "Cochez au moins une pièce" in page.locator("[role=alert]").inner_text()
    window.refused_by_design.add(422)
    window.complaints.clear()
    window.check()
    page.get_by_label("Demande signée", exact=True).check()
    page.get_by_label("Ce qui est attendu : Demande signée").fill("Le pouvoir de la gérante")
    window.press_on("Voir le courriel")
    window.check()
    assert "Le pouvoir de la gérante" in page.locator("#apercu").locator("xpath=../..").inner_text()
    window.press_on("Envoyer la demande")
    window.check()
    assert "Pas encore arrivé" in page.locator("main").inner_text()
    assert Mail.objects.filter(kind="dossiers.correction_asked").count() == 1

    follow(page.get_by_role("link", name="Confier à quelqu’un"))
    window.check()
    page.get_by_label("Responsable").select_option("Alix Martin")
    page.get_by_label("Suppléance").select_option("Sacha Petit")
    window.press_on("Confier ce dossier")
    assert "Responsable : Alix Martin, suppléance : Sacha Petit." in text_of(window)

    follow(page.get_by_role("link", name="Annuler la demande").first)
    window.check()
    page.get_by_label("Motif, versé au journal").fill("Pouvoir retrouvé")
    window.press_on("Annuler la demande")
    assert Correction.objects.get().state == "cancelled"
    for tab in ("Échanges", "Toute la structure", "Courriels et documents", "Journal"):
        follow(page.get_by_role("link", name=re.compile(f"^{tab}")).first)
        page.wait_for_load_state()
        check_at_each_width(window)
        window.widen(width)
    page.locator("details summary").first.click()
    window.check()


def text_of(window: Window) -> str:
    return re.sub(r"\s+", " ", window.page.locator("main").inner_text())


def test_an_operator_traces_a_lost_mail_in_two_clicks(visit: Visit, dossier: Dossier) -> None:
    person = make_user_with(Role.ADMINISTRATOR, email="exploitation@exemple.invalid", name="Alix Martin")
    mail = Mail.objects.get()
    Message.objects.filter(key=str(mail.pk)).update(
        state=State.FAILED, attempts=3, error="smtplib.SMTPRecipientsRefused: refused"
    )
    window = open_as(visit, person, "/exploitation/")
    check_at_each_width(window)
    window.page.get_by_label("Numéro de dossier, adresse, SIRET ou nom").fill(dossier.number or "")
    window.press_on("Chercher un envoi")
    said = text_of(window)
    assert "En échec Abandonné après 3 essais. Le serveur de courriel refuse cette adresse." in said
    assert window.clicks == 1
    window.press_on(f"Envoyer de nouveau à {mail.address} : {mail.subject}")
    assert window.clicks == 2
    assert Message.objects.get(key=str(mail.pk)).state == State.PENDING
    check_at_each_width(window)


@pytest.mark.parametrize("width", [375, 1280])
def test_an_agent_answers_who_asks_to_join_where_no_manager_is_left(visit: Visit, dossier: Dossier, width: int) -> None:
    organisation = dossier.organisation
    Membership.objects.filter(organisation=organisation).update(state="left", left_at=DEPOSITED)
    for name in ("Alix Martin", "Morgan Lefèvre"):
        email = f"{name.split()[0].lower()}.une-adresse-plutot-longue@exemple.invalid"
        MembershipFactory(user=UserFactory(name=name, email=email), organisation=organisation, requested=True)
    agent = make_user_with(Role.AGENT, "diagnostic", email="agent@exemple.invalid", name="Sacha Petit")
    window = open_as(visit, agent, f"/instruction/{dossier.key}/structure/", width=width)
    window.check()
    follow(window.page.get_by_role("link", name="Refuser Morgan Lefèvre"))
    assert window.check() == "Refuser le rattachement de Morgan Lefèvre"
    window.page.get_by_label("Motif (facultatif)").fill("Inconnue de la structure")
    window.press_on("Refuser la demande")
    window.check()
    window.press_on("Accepter Alix Martin")
    window.check()
    assert "Alix Martin est maintenant le référent de la structure." in text_of(window)
    assert "Motif : Inconnue de la structure" in text_of(window).replace("\u00a0", " ")
    assert Membership.objects.managers().get(organisation=organisation).user.name == "Alix Martin"


@pytest.mark.parametrize("width", [320, 375, 768, 1280])
def test_a_long_address_is_read_whole_among_the_mails(visit: Visit, dossier: Dossier, width: int) -> None:
    long = "direction-financiere.et-des-systemes@biscuiterie-demonstration.exemple"
    Mail.objects.update(address=long)
    agent = make_user_with(Role.AGENT, "diagnostic", email="agent@exemple.invalid")
    window = open_as(visit, agent, f"/instruction/{dossier.key}/courriels/", width=width)
    window.check()
    cell = window.page.locator("td", has_text=long)
    assert cell.evaluate("cell => cell.scrollWidth <= cell.clientWidth")
    assert cell.evaluate(WORDS_ON_SEVERAL_LINES) == []
    box = cell.bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= width
    table = window.page.locator(".nd-table").first
    assert table.evaluate("table => table.scrollWidth <= table.clientWidth")
