"""The provider's space over HTTP: contact, commitment, start, half-days, delivery; nobody else's diagnostics."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from diagnostic.market import Market
from diagnostic.orders import Order, Session
from diagnostic.services import orders, reports
from normandata.accounts.models import Role, User
from normandata.documents import services as documents
from normandata.procedure import services as procedure
from normandata.procedure.models import Event
from tests.factories.accounts import make_agent, make_user_with, sign_in
from tests.factories.diagnostic import (
    fresh,
    make_accepted,
    make_company,
    make_market,
    make_notified,
    make_provider,
    make_started,
    write_report,
)
from tests.factories.organisations import MembershipFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]
NOW = datetime(2026, 10, 2, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def market() -> Market:
    return make_market()


@pytest.fixture
def provider(client: Client, market: Market) -> User:
    holder = market.holders.get()
    return sign_in(client, make_provider(holder.company))


def url(order: Order, name: str, *args: Any) -> str:
    return reverse(f"diagnostic:{name}", args=[order.dossier.key, *args])


def text(response: Any) -> str:
    return str(response.content.decode()).replace("\u00a0", " ").replace("&nbsp;", " ")


# ------------------------------------------------------------------------------------------------------------- the list
def test_signing_in_leads_a_provider_to_its_diagnostics(client: Client, provider: User, market: Market) -> None:
    home = client.get(reverse("dossiers:home"))
    assert home.headers["Location"] == "/prestataire/"
    shown = text(client.get("/prestataire/"))
    assert "Aucun diagnostic ne vous est confié" in shown
    assert "Espace du prestataire" in shown
    assert "Mes dossiers" not in shown
    MembershipFactory(user=provider)
    assert "Mes dossiers" in text(client.get("/prestataire/"))


def test_somebody_else_is_led_to_their_dossiers(client: Client) -> None:
    membership: Any = MembershipFactory()
    sign_in(client, membership.user)
    assert client.get(reverse("dossiers:home")).headers["Location"] == "/dossiers/"
    assert client.get("/prestataire/").status_code == 404
    assert "Espace de la structure" in text(client.get("/dossiers/"))


def test_cards_cost_the_same_at_one_and_at_thirty(client: Client, provider: User, market: Market) -> None:
    make_notified(market, half_days=1)
    client.get("/prestataire/")
    with CaptureQueriesContext(connection) as one:
        assert "1 diagnostic, 1 vous attend" in text(client.get("/prestataire/")).replace("<strong>", "")
    for _ in range(29):
        make_notified(market, half_days=1)
    with CaptureQueriesContext(connection) as thirty:
        shown = text(client.get("/prestataire/"))
    assert shown.count("nd-card") == 30
    assert "30 diagnostics, 30 vous attendent" in shown.replace("<strong>", "")
    assert len(thirty) == len(one) <= 8


def test_a_thirty_first_is_on_the_next_page(client: Client, provider: User, market: Market) -> None:
    for _ in range(31):
        make_notified(market, half_days=1)
    assert text(client.get("/prestataire/")).count("nd-card") == 30
    assert text(client.get("/prestataire/?page=2")).count("nd-card") == 1


# ------------------------------------------------------------------------------------------------------- one diagnostic
def test_a_diagnostic_shows_whom_to_call_and_what_is_expected(client: Client, provider: User, market: Market) -> None:
    order = make_notified(market)
    shown = text(client.get(url(order, "mission")))
    for said in (
        "Camille Exemple",
        "camille@exemple.invalid",
        "02 31 00 00 01",
        "Prévoir les pannes des machines.",
        "5 400,00 € TTC",
        "Le PDF se prépare",
        "garantir la confidentialité des informations",
    ):
        assert said in shown, said


def test_the_purchase_order_is_sent_once_made(client: Client, provider: User, market: Market) -> None:
    order = make_notified(market)
    assert client.get(url(order, "purchase_order")).status_code == 404
    letter = order.dossier.letters.get(kind="diagnostic.purchase_order")
    documents.make(letter.document.pk)
    answer = client.get(url(order, "purchase_order"))
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/pdf")
    assert b"".join(answer.streaming_content).startswith(b"%PDF")  # type: ignore[attr-defined]
    assert f"{order.number} (PDF)" in text(client.get(url(order, "mission")))


def test_another_company_finds_nothing(client: Client, market: Market) -> None:
    order = make_started(market)
    session = orders.note_session(order, on=timezone.localdate(), half_days=1, what="", by=make_provider(order.company))
    sign_in(client, make_provider(make_company()))
    for name in ("mission", "purchase_order", "report", "report_preview", "report_file"):
        assert client.get(url(order, name)).status_code == 404, name
    for name in ("promise", "start", "note_session", "deliver", "report_submit", "report_attach"):
        assert client.post(url(order, name)).status_code == 404, name
    assert client.post(url(order, "erase_session", session.pk)).status_code == 404
    assert client.post(url(order, "report_part", "ia"), {"text": "x"}).status_code == 404
    assert Session.objects.count() == 1


def test_a_role_without_a_company_opens_no_diagnostic(client: Client, market: Market) -> None:
    order = make_notified(market)
    sign_in(client, make_user_with(Role.PROVIDER, "diagnostic"))
    assert "Aucun diagnostic" in text(client.get("/prestataire/"))
    assert client.get(url(order, "mission")).status_code == 404


# --------------------------------------------------------------------------------------------------- starting, noting
def test_one_commits_then_starts(client: Client, provider: User, market: Market) -> None:
    order = make_notified(market)
    early = client.post(url(order, "start"), {"on": "02/10/2026"})
    assert early.status_code == 422
    assert "Signez d’abord l’engagement de confidentialité." in text(early)
    assert client.post(url(order, "promise")).status_code == 302
    assert client.post(url(order, "promise")).status_code == 302
    assert Event.objects.filter(name="confidentiality").count() == 1
    page = client.post(url(order, "start"), {"on": "03/10/2026"})
    assert page.status_code == 422
    assert "La date de démarrage est passée ou du jour" in text(page)
    assert 'value="03/10/2026"' in text(page)
    assert client.post(url(order, "start"), {"on": "2 octobre 2026"}).status_code == 302
    again = fresh(order)
    assert (again.dossier.state, str(again.started_on), again.confidential_by) == (
        "in_progress",
        "2026-10-02",
        provider,
    )
    late = client.post(url(order, "start"), {"on": "02/10/2026"}, follow=True)
    assert late.status_code == 422
    assert "L’état a changé entre-temps" in text(late)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"on": "", "half_days": "1"}, "Indiquez la date."),
        ({"on": "31/02/2026", "half_days": "1"}, "Cette date n’existe pas dans le calendrier."),
        ({"on": "02/10/2026", "half_days": ""}, "Choisissez la durée."),
        ({"on": "02/10/2026", "half_days": "3"}, "Choisissez la durée."),
        ({"on": "03/10/2026", "half_days": "1"}, "Notez une date entre le démarrage et aujourd’hui."),
        ({"on": "01/10/2026", "half_days": "2"}, "Notez une date entre le démarrage et aujourd’hui."),
        ({"on": "02/10/2026", "half_days": "1", "what": "x" * 301}, "300"),
    ],
)
def test_a_wrong_line_is_refused_next_to_its_field(
    client: Client, provider: User, market: Market, typed: dict[str, str], said: str
) -> None:
    order = make_started(market)
    page = client.post(url(order, "note_session"), typed)
    assert page.status_code == 422
    assert said in text(page)
    assert Session.objects.count() == 0


def test_half_days_are_noted_erased_and_never_exceed_the_order(client: Client, provider: User, market: Market) -> None:
    order = make_started(market, half_days=3)
    address = url(order, "note_session")
    with time_machine.travel(NOW + timedelta(days=3), tick=False):
        sign_in(client, provider)
        for on, half_days in (("02/10/2026", "2"), ("03/10/2026", "1")):
            assert client.post(address, {"on": on, "half_days": half_days, "what": "Entretiens"}).status_code == 302
        assert "1,5 jour noté sur 1,5" in text(client.get(url(order, "mission")))
        twice = client.post(address, {"on": "02/10/2026", "half_days": "1"})
        assert "Le 2 octobre 2026 est déjà noté" in text(twice)
        beyond = client.post(address, {"on": "04/10/2026", "half_days": "1"})
        assert beyond.status_code == 422
        assert "La commande est de 1,5 jour : il ne reste rien à noter." in text(beyond)
        line = order.sessions.get(half_days=2)
        assert client.post(url(order, "erase_session", line.pk)).status_code == 302
        assert client.post(url(order, "erase_session", line.pk)).status_code == 404
    assert fresh(order).half_days_done == 1


def test_a_line_of_another_order_is_not_erased(client: Client, provider: User, market: Market) -> None:
    mine, other = make_started(market, half_days=2), make_started(market, half_days=2)
    line = orders.note_session(other, on=timezone.localdate(), half_days=1, what="", by=provider)
    assert client.post(url(mine, "erase_session", line.pk)).status_code == 404
    assert Session.objects.count() == 1


# -------------------------------------------------------------------------------------------------------- handing over
def test_a_report_is_presented_then_handed_over(client: Client, provider: User, market: Market) -> None:
    order = make_accepted(market)
    assert "Remettre le rapport à la structure" in text(client.get(url(order, "mission")))
    early = client.post(url(order, "deliver"), {"presented_on": "01/10/2026"})
    assert early.status_code == 422
    assert "la présentation vient après" in text(early)
    assert client.post(url(order, "deliver"), {"presented_on": ""}).status_code == 422
    assert client.post(url(order, "deliver"), {"presented_on": "02/10/2026"}).status_code == 302
    again = fresh(order)
    assert (again.dossier.state, str(again.presented_on), str(again.delivered_on)) == (
        "delivered",
        "2026-10-02",
        "2026-10-02",
    )
    assert "Présenté le 2 octobre 2026, remis le 2 octobre 2026" in text(client.get(url(order, "mission")))


def test_a_pdf_that_is_being_made_is_said_and_waited_for(client: Client, provider: User, market: Market) -> None:
    order = make_started(market)
    write_report(order, by=provider)
    reports.submit(order.dossier, by=provider)
    procedure.fire(order.dossier, "accept_report", by=make_agent())
    assert "Le PDF se prépare" in text(client.get(url(order, "mission")))
    page = client.post(url(order, "deliver"), {"presented_on": "02/10/2026"})
    assert page.status_code == 422
    assert "Le PDF du rapport se prépare" in text(page)


def test_a_cancelled_order_shows_why_and_nothing_more(client: Client, provider: User, market: Market) -> None:
    order = make_started(market)
    orders.cancel(order.dossier, reason="La structure a renoncé.", by=make_agent())
    page = text(client.get(url(order, "mission")))
    assert "Cette commande est annulée" in page
    assert "La structure a renoncé." in page
    assert "camille@exemple.invalid" not in page
    for name in ("promise", "start", "note_session", "deliver", "report_submit"):
        assert client.post(url(order, name)).status_code == 404, name
    for name in ("report", "purchase_order", "report_file"):
        assert client.get(url(order, name)).status_code == 404, name
