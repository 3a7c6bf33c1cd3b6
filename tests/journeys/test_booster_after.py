"""After a Booster IA project: its organisation tells what was reached, the Region notes, answers and counts."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from booster_ia.after import NetworkEntry, Outcome, Reply
from booster_ia.awards import Award
from normandata.accounts.models import User
from tests.factories.accounts import make_agent
from tests.factories.booster_after import applicant_of, make_award, make_reply, make_told
from tests.factories.waves import make_wave

from .applicant import signed_in
from .browser import Window, follow
from .conftest import Visit
from .test_examine import check_at_each_width, open_as

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("media")]


@pytest.fixture(autouse=True)
def _mails_stay_in_their_rows(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    monkeypatch.setattr("normandata.outbox.carrier.waiting", lambda: 0)
    return


@pytest.fixture
def award(_mails_stay_in_their_rows: None) -> Award:
    """A project that ended yesterday."""
    today = timezone.localdate()
    return make_award(
        wave=make_wave(),
        granted_on=today - timedelta(days=200),
        notified_on=today - timedelta(days=190),
        starts_on=today - timedelta(days=180),
        ends_on=today - timedelta(days=1),
    )


@pytest.fixture
def agent(_mails_stay_in_their_rows: None) -> User:
    return make_agent("booster_ia")


def fill(window: Window) -> None:
    page = window.page
    page.locator("#id_valeur1").fill("91,5")
    page.locator("#id_mot2").fill("Le déploiement est reporté.")
    page.locator("label[for=id_terme_0]").click()
    page.locator("#id_fini_le").fill(f"{timezone.localdate():%d/%m/%Y}")
    page.locator("label[for=id_communs_0]").click()
    page.locator("#id_communs_detail").fill("https://exemple.invalid/retour")
    page.locator("#id_appris").fill("Nos données étaient trop rares.")


def test_the_organisation_tells_what_was_reached(visit: Visit, award: Award) -> None:
    window = signed_in(visit, applicant_of(award), f"/dossiers/{award.dossier.key}/")
    check_at_each_width(window)
    follow(window.page.get_by_role("link", name="Remplir le bilan"))
    check_at_each_width(window)
    window.page.locator("#id_valeur1").fill("91,5")
    window.page.get_by_text("Enregistré à").wait_for()
    window.page.reload()
    assert window.page.locator("#id_valeur1").input_value() == "91,5"
    window.refused_by_design.add(422)
    window.press_on("Envoyer à la Région")
    check_at_each_width(window)
    assert "dites pourquoi elle n’a pas été mesurée" in window.page.content()
    fill(window)
    window.press_on("Envoyer à la Région")
    follow(window.page.get_by_role("link", name="Bilan du projet"))
    check_at_each_width(window)
    assert Outcome.objects.get().is_sent


def test_without_javascript_the_same_is_sent(visit: Visit, award: Award) -> None:
    path = f"/dossiers/{award.dossier.key}/bilan/"
    window = signed_in(visit, applicant_of(award), path, javascript=False, width=375)
    window.check()
    fill(window)
    window.press_on("Envoyer à la Région")
    assert Outcome.objects.get().is_sent


def test_the_region_notes_answers_and_counts(visit: Visit, award: Award, agent: User) -> None:
    make_told(award, on=timezone.localdate())
    other = make_award("association")
    make_reply(other, "proof", True, on=timezone.localdate())
    window = open_as(visit, agent, f"/instruction/{award.dossier.key}/")
    follow(window.page.get_by_role("link", name="Bilan, échange, retour d’expérience"))
    check_at_each_width(window)
    follow(window.page.get_by_role("link", name="Noter l’échange"))
    window.refused_by_design.add(422)
    window.press_on("Enregistrer")
    check_at_each_width(window)
    window.page.locator("#id_on").fill(f"{timezone.localdate():%d/%m/%Y}")
    window.page.locator("label[for=id_mode_1]").click()
    window.press_on("Enregistrer")
    follow(window.page.get_by_role("link", name="Répondre sur le retour d’expérience"))
    check_at_each_width(window)
    window.page.locator("label[for=id_is_yes_0]").click()
    window.page.locator("#id_link").fill("https://exemple.invalid/rex")
    window.press_on("Enregistrer")
    follow(window.page.get_by_role("link", name=f"Répondre pour {award.organisation.label}"))
    check_at_each_width(window)
    window.page.locator("label[for=id_is_new_0]").click()
    window.page.locator("#id_joined_on").fill(f"{timezone.localdate():%d/%m/%Y}")
    window.press_on("Enregistrer")
    check_at_each_width(window)
    assert (Reply.objects.filter(award=award).count(), NetworkEntry.objects.count()) == (1, 1)
    follow(window.page.get_by_role("link", name="Indicateurs Booster IA"))
    check_at_each_width(window)
    assert "1 structure nouvelle" in window.page.content().replace("\u00a0", " ").replace("&nbsp;", " ")
    with window.page.expect_download() as downloaded:
        window.page.get_by_role("link", name="Tous les dossiers, à ce jour, XLSX").click()
    assert downloaded.value.suggested_filename.endswith(".xlsx")
