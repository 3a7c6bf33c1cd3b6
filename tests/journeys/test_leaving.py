"""Leaving: a request is withdrawn, a draft erased, each after a page that asks; axe at each step."""

import pytest

from normandata.dossiers.models import Dossier
from tests.factories.accounts import UserFactory
from tests.factories.dossiers import make_deposit, make_draft
from tests.factories.organisations import MembershipFactory

from .applicant import signed_in
from .browser import follow
from .conftest import Visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("media")]


@pytest.fixture(autouse=True)
def _mails_stay_in_their_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))


@pytest.mark.parametrize(("width", "javascript"), [(320, True), (1280, True), (375, False)])
def test_a_request_is_withdrawn_and_a_draft_erased(visit: Visit, width: int, javascript: bool) -> None:
    membership = MembershipFactory(user=UserFactory())
    made = {"by": membership.user, "organisation": membership.organisation}
    sent, draft = make_deposit(**made).dossier, make_draft(**made)
    window = signed_in(visit, membership.user, f"/dossiers/{sent.key}/", width=width, javascript=javascript)
    follow(window.page.get_by_role("link", name="Retirer").first)
    assert window.check() == f"Retirer la demande {sent.number} ?"
    follow(window.page.get_by_role("link", name="Garder la demande"))
    window.check()
    follow(window.page.get_by_role("link", name="Retirer").first)
    window.press_on("Retirer la demande")
    window.check()
    sent.refresh_from_db()
    assert sent.state == "withdrawn"
    window.go(f"/dossiers/{draft.key}/")
    window.check()
    follow(window.page.get_by_role("link", name="Effacer ce brouillon"))
    assert window.check() == "Effacer ce brouillon ?"
    window.press_on("Effacer le brouillon")
    window.check()
    assert list(Dossier.objects.all()) == [sent]
