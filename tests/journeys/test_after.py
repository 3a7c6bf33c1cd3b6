"""After the diagnostic: the structure reads and answers, again six months later; the Region counts."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from diagnostic.evaluation import Evaluation, FollowUp
from diagnostic.orders import Order
from normandata.accounts.models import Role, User
from normandata.documents.models import Document
from normandata.dossiers.models import Letter
from normandata.dossiers.services import letters
from tests.factories.accounts import make_user_with
from tests.factories.after import make_life, make_request
from tests.factories.diagnostic import make_company, make_market, make_signatory

from .applicant import signed_in
from .browser import Window, follow
from .conftest import Visit
from .test_examine import check_at_each_width, open_as

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("media")]
ANSWERS = ("clarte_0", "utilite_1", "ecoute_0", "duree_0", "actions_0", "actions_5", "recommande_0")


@pytest.fixture(autouse=True)
def _mails_stay_in_their_rows(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    monkeypatch.setattr("normandata.outbox.carrier.waiting", lambda: 0)
    return


@pytest.fixture
def order(_mails_stay_in_their_rows: None, media: Path) -> Order:
    """A report handed over eight days ago, another seven months ago, and the letter of the first one."""
    market = make_market(make_company("Atelier des données d’essai"))
    make_life(
        market=market, dossier=make_request("local_authority", on=date(2026, 3, 9)), delivered_on=date(2026, 4, 20)
    )
    order = make_life(market=market, delivered_on=timezone.localdate() - timedelta(days=8))
    make_signatory()
    sent = letters.send(
        order.dossier,
        "diagnostic.selection",
        title="Notification de la sélection",
        filename="notification.pdf",
        record={},
        at=datetime(2026, 10, 12, 8, tzinfo=UTC),
    )
    sent.document.file.save("", ContentFile(b"%PDF-1.7\n"), save=False)
    sent.document.state, sent.document.sha256, sent.document.size = Document.State.READY, "0" * 64, 9
    sent.document.ready_at = timezone.now()
    sent.document.save()
    return order


@pytest.fixture
def agent(_mails_stay_in_their_rows: None) -> User:
    return make_user_with(Role.AGENT, "diagnostic")


def tick(window: Window, name: str) -> None:
    window.page.locator(f"label[for=id_{name}]").click()


def fill(window: Window) -> None:
    for name in ANSWERS:
        tick(window, name)
    window.page.locator("#id_appris").fill("Nos machines savent parler.")


def test_the_structure_answers_its_questionnaire(visit: Visit, order: Order) -> None:
    window = signed_in(visit, order.dossier.created_by, f"/dossiers/{order.dossier.key}/")
    check_at_each_width(window)
    follow(window.page.get_by_role("link", name="Remplir le questionnaire d’évaluation"))
    check_at_each_width(window)
    fill(window)
    window.page.get_by_text("Enregistré à").wait_for()
    window.page.reload()  # what was typed is there again, whoever saved it
    assert window.page.locator("#id_appris").input_value() == "Nos machines savent parler."
    window.page.locator("#id_recommande_0").evaluate("control => { control.checked = false }")
    window.refused_by_design.add(422)
    window.press_on("Envoyer à la Région")
    assert window.page.locator(".nd-errors, .nd-summary, [role=alert]").count() >= 1
    check_at_each_width(window)
    tick(window, "recommande_0")
    window.page.locator("#accord").check()
    window.press_on("Envoyer à la Région")
    follow(window.page.get_by_role("link", name="Questionnaire d’évaluation"))
    check_at_each_width(window)
    kept = Evaluation.objects.get(order=order)
    assert (kept.is_sent, kept.may_be_named) == (True, True)
    window.press_on("Retirer notre accord")
    assert not Evaluation.objects.get(order=order).may_be_named


def test_without_javascript_the_same_is_sent(visit: Visit, order: Order) -> None:
    path = f"/dossiers/{order.dossier.key}/questionnaire/"
    window = signed_in(visit, order.dossier.created_by, path, javascript=False, width=375)
    window.check()
    window.page.locator("#id_appris").fill("Nos")
    window.press_on("Enregistrer")
    assert window.page.locator("#id_appris").input_value() == "Nos"
    fill(window)
    window.press_on("Envoyer à la Région")
    assert Evaluation.objects.get(order=order).is_sent


def test_six_months_later(visit: Visit, order: Order) -> None:
    old = Order.objects.exclude(pk=order.pk).get()
    window = signed_in(visit, old.dossier.created_by, f"/dossiers/{old.dossier.key}/")
    follow(window.page.get_by_role("link", name="Dire ce que vous avez fait depuis"))
    check_at_each_width(window)
    tick(window, "has_acted_0")
    window.refused_by_design.add(422)
    window.press_on("Envoyer ma réponse")
    assert "Cochez au moins une action." in window.page.content()
    check_at_each_width(window)
    tick(window, "actions_5")
    window.press_on("Envoyer ma réponse")
    assert FollowUp.objects.get(order=old).has_acted


def test_the_region_reads_letters_answers_and_figures(visit: Visit, order: Order, agent: User) -> None:
    key = order.dossier.key
    window = open_as(visit, agent, f"/instruction/{key}/lettres/")
    check_at_each_width(window)
    follow(window.page.get_by_role("link", name="Indiquer la date"))
    window.page.locator("#id_day").fill("01/10/2026")
    window.refused_by_design.add(422)
    window.press_on("Enregistrer cette date")
    assert "La lettre est partie le" in window.page.content()
    check_at_each_width(window)
    window.page.locator("#id_day").fill("15/10/2026")
    window.press_on("Enregistrer cette date")
    assert Letter.objects.get().posted_on == date(2026, 10, 15)
    for path in (f"/instruction/{key}/evaluation/", "/instruction/indicateurs/diagnostic/"):
        window.go(path)
        check_at_each_width(window)
    window.page.get_by_label("Faits connus au").fill("30/06/2026")
    window.press_on("Afficher")
    assert "1 diagnostic réalisé" in window.page.content().replace("\u00a0", " ").replace("&nbsp;", " ")
    with window.page.expect_download() as downloaded:
        window.page.get_by_role("link", name="Tous les dossiers, à ce jour, XLSX").click()
    assert downloaded.value.suggested_filename.endswith(".xlsx")
