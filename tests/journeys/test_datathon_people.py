"""A participant on a phone: register, a team, a second person by code, four deliverables, the receipt; axe at 0."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from datathon import phases
from datathon.editions import Edition
from datathon.models import Deliverable, Registration, Team
from normandata.documents import services as documents
from normandata.documents.models import Document
from normandata.notifications.models import Mail
from tests.factories.accounts import UserFactory
from tests.factories.datathon import make_edition
from tests.normandata.documents.ordinary import pdf

from .applicant import signed_in
from .conftest import Visit
from .keyboard import active, choose, leave, press, skip_to_content, tab_to

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("media"),
]
PHONE = 375


@pytest.fixture(autouse=True)
def _work_stays_in_its_rows(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    monkeypatch.setattr("normandata.outbox.carrier.waiting", lambda: 0)
    return


def opened() -> Edition:
    today, now = timezone.localdate(), timezone.now()
    return make_edition(
        title="Datathon Normandie",
        opens_on=today - timedelta(days=5),
        registration_closes_on=today + timedelta(days=20),
        starts_on=today,
        teams_lock_on=today + timedelta(days=30),
        deliverables_due_at=now + timedelta(days=40),
        closing_at=now + timedelta(days=50),
    )


def test_from_the_registration_to_the_receipt_on_a_phone(visit: Visit, tmp_path: Path) -> None:
    edition = opened()
    first, second = UserFactory(name="Camille Exemple"), UserFactory(name="Lou Exemple")
    window = signed_in(visit, first, "/espace/", width=PHONE)
    window.go(f"/espace/datathon/{edition.slug}/inscription/")
    window.check()
    window.refused_by_design.add(422)
    window.press_on("M’inscrire")
    window.check()
    window.choose("Étudiant")
    window.choose("J’ai 18 ans ou plus")
    window.page.locator("label[for=id_accepts]").click()
    window.press_on("M’inscrire")
    window.check()
    window.follow("Trouver une équipe")
    window.check()
    window.follow("Créer une équipe")
    window.page.locator("[name=name]").fill("Les Bocages")
    window.check()
    window.press_on("Créer l’équipe")
    window.check()
    team = Team.objects.get()

    other = signed_in(visit, second, f"/espace/datathon/{edition.slug}/inscription/", width=PHONE)
    other.choose("Salarié")
    other.choose("J’ai 18 ans ou plus")
    other.page.locator("label[for=id_accepts]").click()
    other.press_on("M’inscrire")
    other.go(f"/espace/datathon/{edition.slug}/equipe/code/")
    other.refused_by_design.add(422)
    other.page.locator("[name=code]").fill("AAAA AAAA")
    other.press_on("Rejoindre l’équipe")
    other.check()
    other.page.locator("[name=code]").fill(team.code.lower())
    other.press_on("Rejoindre l’équipe")
    other.check()
    assert team.seats.count() == 2

    Edition.objects.update(state=phases.CHALLENGE)
    other.go(f"/espace/datathon/{edition.slug}/livrables/")
    other.check()
    (tmp_path / "presentation.pdf").write_bytes(pdf())
    slot = other.page.locator("#presentation")
    slot.get_by_label("Envoyer un fichier").set_input_files(tmp_path / "presentation.pdf")
    expect(slot.get_by_role("link", name="presentation.pdf")).to_be_visible(timeout=20_000)
    for name, address in (
        ("Code source", "https://forge.exemple.invalid/depot"),
        ("Documentation", "https://exemple.invalid/doc"),
    ):
        other.go(f"/espace/datathon/{edition.slug}/livrables/")
        other.follow(f"Donner une adresse : {name}")
        other.check()
        other.page.locator("[name=url]").fill(address)
        other.press_on("Remettre")
    other.follow("Écrire la liste")
    other.check()
    for cell, text in (
        ("title", "Arrêts de bus"),
        ("url", "https://data.exemple.invalid/arrets"),
        ("licence", "LO 2.0"),
    ):
        other.page.locator(f"[name=row0_{cell}]").fill(text)
    other.press_on("Remettre la liste")
    expect(other.page.locator("main")).to_contain_text("Tout ce qui est demandé est remis.")
    other.check()
    other.press_on("Établir le récépissé")
    other.check()
    document = Document.objects.get()
    documents.make(document.pk)
    with other.page.expect_download() as fetched:
        other.page.evaluate("location.reload()")
    assert fetched.value.suggested_filename == f"recepisse-livrables-{edition.slug}-{team.pk}.pdf"
    assert set(Deliverable.objects.values_list("kind", "version")) == {
        ("code", 1), ("data", 1), ("documentation", 1), ("presentation", 1),
    }  # fmt: skip
    assert Mail.objects.filter(kind="datathon.handed_in").count() == 8
    window.go("/espace/datathon/")
    expect(window.page.locator("main")).to_contain_text("Tout est remis.")
    window.check()


def test_the_registration_by_keyboard_alone(visit: Visit) -> None:
    edition = opened()
    window = signed_in(visit, UserFactory(), f"/espace/datathon/{edition.slug}/inscription/")
    skip_to_content(window)
    choose(window, "profile", "researcher")
    choose(window, "age", "majeur")
    tab_to(window, "name", "pitch")
    window.page.keyboard.type("Je fais des cartes.")
    tab_to(window, "name", "accepts")
    press(window, "Space")
    assert active(window, "name") == "accepts"
    leave(window, "M’inscrire")
    made = Registration.objects.get()
    assert (made.state, made.profile, made.pitch) == ("registered", "researcher", "Je fais des cartes.")
    window.check()
