"""All of one organisation: found by its name, read across schemes, left for a dossier and come back to, with axe."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.utils import timezone

from diagnostic.services import payments
from normandata.accounts.models import Role, User
from normandata.dossiers.models import Dossier
from normandata.dossiers.services import thread
from tests.factories.accounts import make_agent, make_user_with
from tests.factories.deminimis import make_aid
from tests.factories.diagnostic import make_delivered, make_market, make_reviewed
from tests.factories.organisations import MembershipFactory, OrganisationFactory
from tests.factories.queue import make_row

from .conftest import Visit
from .test_queue import open_as

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("media")]


@pytest.fixture(autouse=True)
def _nothing_leaves(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    monkeypatch.setattr("normandata.outbox.carrier.waiting", lambda: 0)
    return


@pytest.fixture
def auditor() -> User:
    return make_user_with(Role.AUDITOR)


@pytest.fixture
def dossier() -> Dossier:
    """A diagnostic that is paid, beside a request to the Booster IA, of an organisation of two establishments."""
    organisation = OrganisationFactory(name="Fonderie imaginaire d’Évreux")
    by = MembershipFactory(organisation=organisation, manager=True).user
    order = make_delivered(make_market(), dossier=make_reviewed(by=by, organisation=organisation), half_days=2)
    agent = make_agent()
    payments.certify(order.dossier, by=agent)
    payments.settle(order.dossier, invoice="F-1", amount=Decimal("540.00"), on=timezone.localdate(), by=agent)
    branch = OrganisationFactory(siret=f"{organisation.siren}00099", name="Fonderie imaginaire de Flers", is_seat=False)
    make_row(organisation=branch, scheme="booster_ia", amount="12500", since=datetime(2026, 11, 12, 8, tzinfo=UTC))
    make_aid(organisation, "2026-02-01", "12345.67")
    for number in range(22):
        thread.write(order.dossier, f"Mot numéro {number}.", by=agent, is_internal=True)
    return order.dossier


@pytest.mark.parametrize("width", [375, 1280])
def test_an_organisation_is_found_and_read_across_schemes(
    visit: Visit, auditor: User, dossier: Dossier, width: int
) -> None:
    make_row(organisation=OrganisationFactory(name="Une autre"))
    window = open_as(visit, auditor, "/instruction/structures/", width=width)
    page = window.page
    assert window.check() == "Structures"
    page.get_by_label("SIREN, SIRET ou nom").fill("evreux")
    window.press_on("Chercher une structure")
    assert page.locator("tbody tr").count() == 1
    window.check()
    window.follow("Fonderie imaginaire d’Évreux")
    assert window.check() == "Fonderie imaginaire d’Évreux"
    assert page.locator("h2").all_inner_texts()[:4] == ["Diagnostic", "Booster IA", "Argent", "Échanges"]
    window.follow("Aides de minimis")
    page.get_by_text("1 aide comptée sur 2").or_(page.get_by_text("2 aides comptées sur 2")).click()
    window.check()
    window.follow("Plus anciens")
    assert page.locator("[aria-label='Pages des échanges']").inner_text().startswith("Plus récents")
    window.check()
    window.follow(str(dossier.number), exact=True)
    assert window.path == f"/instruction/{dossier.key}/"
    window.follow("Tous dispositifs")
    assert window.title() == "Fonderie imaginaire d’Évreux"


def test_without_javascript_and_with_its_file(visit: Visit, auditor: User, dossier: Dossier) -> None:
    path = f"/instruction/structures/{dossier.organisation.siren}/"
    window = open_as(visit, auditor, path, width=1280, javascript=False)
    window.check_shape()
    with window.page.expect_download() as waited:
        window.page.get_by_role("link", name="Exporter la page (XLSX)").click()
    assert waited.value.suggested_filename == f"structure-{dossier.organisation.siren}-2026-11-23.xlsx"
