"""A maintenance in a real browser: an administrator announces it, a citizen reads it everywhere, it is taken back."""

from datetime import timedelta

import pytest
from django.utils import timezone

from normandata.accounts.models import Role
from normandata.ui.fields import typed_instant
from tests.factories.accounts import make_user_with

from .browser import Window, follow
from .conftest import Visit
from .test_examine import open_as

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("media", "quiet"),
]
TITLE = "Le portail sera fermé mardi soir"


def fill(window: Window, name: str, text: str) -> None:
    window.page.locator(f"[name={name}]").fill(text)


def test_a_maintenance_is_announced_read_and_taken_back(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("normandata.outbox.carrier.waiting", lambda: 0)
    desk = open_as(visit, make_user_with(Role.ADMINISTRATOR), "/exploitation/annonces/")
    desk.check()
    follow(desk.page.get_by_role("link", name="Annoncer"))
    desk.check()
    fill(desk, "title", TITLE)
    desk.refused_by_design.add(422)
    follow(desk.page.get_by_role("button", name="Publier l’annonce"))
    assert desk.page.locator("[name=title]").input_value() == TITLE
    desk.check()
    desk.choose("Maintenance")
    now = timezone.now()
    fill(desk, "text", "Enregistrez votre brouillon avant.")
    fill(desk, "starts_at", typed_instant(now + timedelta(days=2)))
    fill(desk, "ends_at", typed_instant(now + timedelta(days=2, hours=1)))
    fill(desk, "shown_from", typed_instant(now - timedelta(minutes=5)))
    follow(desk.page.get_by_role("button", name="Publier l’annonce"))
    desk.check()
    citizen = visit("/aide/", width=320, javascript=False)
    assert TITLE in citizen.page.locator(".nd-announcement").inner_text()
    citizen.check()
    follow(citizen.page.get_by_role("link", name="En savoir plus"))
    for width in (320, 375, 1280):
        citizen.widen(width)
        assert citizen.check() == "État du service"
    assert citizen.page.locator("main h3", has_text=TITLE).count() == 1
    assert citizen.context.cookies() == []
    follow(desk.page.get_by_role("button", name="Retirer"))
    desk.check()
    citizen.page.goto(citizen.page.url)
    assert citizen.page.get_by_text(TITLE).count() == 0


def test_the_pages_of_the_api_open_with_every_detail(visit: Visit) -> None:
    window = visit("/api/v1/", width=1280)
    for detail in window.page.locator("details").all():
        detail.evaluate("one => one.open = true")
    for width in (320, 1280):
        window.widen(width)
        assert window.check() == "L’API publique"
