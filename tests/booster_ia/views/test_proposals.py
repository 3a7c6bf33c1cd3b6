"""A proposal on one dossier: amount, preview, refusal, a second person; nothing typed is lost, no tab overwrites."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from booster_ia.awards import Proposal
from booster_ia.services import decisions
from normandata.accounts.models import User
from normandata.dossiers.models import Dossier
from normandata.scoring.models import Panel
from tests.factories.accounts import sign_in
from tests.factories.booster_scoring import make_scorer
from tests.factories.committee import decide, make_envelope, make_proposed, put_on_agenda
from tests.factories.programming import make_ranked, scorer_of
from tests.factories.waves import make_wave

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    with time_machine.travel("2026-11-23T09:00:00+01:00", tick=True):
        yield


@pytest.fixture
def ranked() -> tuple[Panel, Dossier]:
    make_envelope("30000.00")
    _, panel, [dossier] = make_ranked(["12500.00"], totals=[77])
    return panel, dossier


@pytest.fixture
def agent(client: Client, ranked: Any) -> User:
    return sign_in(client, scorer_of(ranked[0]))


def text(response: Any) -> str:
    said = response.content.decode().replace("&nbsp;", " ").replace("\u00a0", " ").replace("\u202f", " ")
    return " ".join(said.split())


def url(dossier: Dossier, name: str) -> str:
    return reverse(f"booster_ia:{name}", args=[dossier.key])


def seen(client: Client, dossier: Dossier, name: str) -> str:
    """Return what the page of a gesture shows of the state it was drawn on."""
    return str(client.get(url(dossier, name)).context["form"].initial["seen"])


def test_a_grant_is_proposed_from_its_page(client: Client, agent: User, ranked: Any) -> None:
    _, dossier = ranked
    said = text(client.get(url(dossier, "propose")))
    assert 'value="12 500,00"' in said
    assert "Au plus 12 500,00 € aujourd’hui." in said
    assert "Après cette décision, il reste 17 500,00 € HT." in said
    typed = {"amount": "12 000,50", "reason": "Solide.", "seen": seen(client, dossier, "propose"), "geste": "proposer"}
    response = client.post(url(dossier, "propose"), typed)
    assert response["Location"] == reverse("dossiers:examine", args=[dossier.key])
    found = Proposal.objects.get()
    assert (found.amount, found.reason, found.by, found.rank, found.score) == (
        Decimal("12000.50"), "Solide.", agent, 1, "77,00",
    )  # fmt: skip
    assert client.post(url(dossier, "propose"), typed).status_code == 409
    assert Proposal.objects.count() == 1


def test_an_amount_shows_what_it_leaves_before_anything_is_proposed(client: Client, agent: User, ranked: Any) -> None:
    _, dossier = ranked
    typed = {"amount": "5000", "seen": seen(client, dossier, "propose"), "geste": "apercu"}
    said = text(client.post(url(dossier, "propose"), typed))
    assert "Après cette décision, il reste 25 000,00 € HT." in said
    assert not Proposal.objects.exists()


@pytest.mark.parametrize(
    ("amount", "sentence"),
    [
        ("12500,01", "Le montant ne dépasse pas ce qui peut être accordé : 12 500,00 €."),
        ("0", "Le montant proposé est supérieur à zéro."),
        ("", "Indiquez le montant, en euros."),
    ],
)
def test_an_amount_out_of_bounds_is_said_by_its_field(
    client: Client, agent: User, ranked: Any, amount: str, sentence: str
) -> None:
    _, dossier = ranked
    typed = {"amount": amount, "reason": "Un mot.", "seen": seen(client, dossier, "propose"), "geste": "proposer"}
    response = client.post(url(dossier, "propose"), typed)
    said = text(response)
    assert response.status_code == 422
    assert said[said.index('id="id_amount_error"') :].index(sentence) < 200
    assert "Un mot." in said
    assert not Proposal.objects.exists()


def test_a_tab_drawn_before_a_colleague_s_gesture_is_refused(client: Client, agent: User, ranked: Any) -> None:
    _, dossier = ranked
    old = seen(client, dossier, "propose")
    other = make_scorer()
    decisions.propose(dossier, amount=Decimal(1000), by=other)
    decisions.send_back(dossier, reason="À revoir.", by=other)
    response = client.post(url(dossier, "propose"), {"amount": "5000", "seen": old, "geste": "proposer"})
    assert response.status_code == 409
    assert Proposal.objects.filter(ended_at=None).count() == 0


def test_what_is_wanting_is_said_and_nothing_typed_is_lost(client: Client, agent: User, ranked: Any) -> None:
    _, dossier = ranked
    dossier.partners.update(state="invited", confirmed_at=None, by_name="")
    typed = {"amount": "5000", "reason": "Solide.", "seen": seen(client, dossier, "propose"), "geste": "proposer"}
    response = client.post(url(dossier, "propose"), typed)
    assert (response.status_code, 'value="5000"' in text(response)) == (422, True)
    assert "participation" in text(response)


def test_a_refusal_under_the_floor_is_suggested_to_who_reads_the_score(client: Client) -> None:
    _, panel, [dossier] = make_ranked(["9000.00"], totals=[48])
    reason = "Note de 48,00 sur 100, inférieure au plancher de 50."
    sign_in(client, make_scorer())
    assert reason not in text(client.get(url(dossier, "propose_refusal")))
    agent = sign_in(client, scorer_of(panel))
    assert reason in text(client.get(url(dossier, "propose_refusal")))
    data = {"seen": seen(client, dossier, "propose_refusal"), "geste": "proposer"}
    assert client.post(url(dossier, "propose_refusal"), data).status_code == 422
    assert client.post(url(dossier, "propose_refusal"), data | {"reason": reason}).status_code == 302
    found = Proposal.objects.get()
    assert (found.kind, found.reason, found.rank, found.score, found.by) == ("refuse", reason, None, "48,00", agent)


def test_another_person_validates(client: Client, agent: User, ranked: Any) -> None:
    _, dossier = ranked
    decisions.propose(dossier, amount=Decimal("12000.00"), by=make_scorer(name="Ange Petit"))
    said = text(client.get(url(dossier, "decide")))
    assert ("Valider 12 000,00 €" in said, "Ange Petit" in said) == (True, True)
    data = {"seen": seen(client, dossier, "decide"), "geste": "validate"}
    assert client.post(url(dossier, "decide"), data).status_code == 302
    assert (Proposal.objects.get().decided_by, Proposal.objects.get().is_validated) == (agent, True)
    assert client.post(url(dossier, "decide"), data).status_code == 409


def test_who_proposed_is_told_and_has_no_button(client: Client, agent: User, ranked: Any) -> None:
    _, dossier = ranked
    decisions.propose(dossier, amount=Decimal("12000.00"), by=agent)
    said = text(client.get(url(dossier, "decide")))
    assert ("une autre personne la valide." in said, 'value="validate"' in said) == (True, False)
    response = client.post(url(dossier, "decide"), {"seen": seen(client, dossier, "decide"), "geste": "validate"})
    assert response.status_code == 422
    assert "Vous avez fait cette proposition : une autre personne la valide." in text(response)
    assert not Proposal.objects.get().is_validated


def test_sending_back_takes_a_reason(client: Client, agent: User, ranked: Any) -> None:
    _, dossier = ranked
    decisions.propose(dossier, amount=Decimal("12000.00"), by=make_scorer())
    data = {"seen": seen(client, dossier, "decide"), "geste": "send_back"}
    assert client.post(url(dossier, "decide"), data).status_code == 422
    assert client.post(url(dossier, "decide"), data | {"reason": "Montant à revoir."}).status_code == 302
    dossier.refresh_from_db()
    assert (dossier.state, Proposal.objects.get().ended_at is None) == ("review", False)


def test_the_page_of_the_dossier_shows_the_proposal_then_the_session_then_the_decision(
    client: Client, agent: User, ranked: Any
) -> None:
    _, dossier = ranked
    page = reverse("dossiers:examine", args=[dossier.key])
    decisions.propose(dossier, amount=Decimal("12000.00"), by=make_scorer(name="Ange Petit"))
    said = text(client.get(page))
    assert "Une personne autre que son auteur la valide ou la renvoie." in said
    assert ("Subvention proposée" in said, "Examiner la proposition" in said) == (True, True)
    decisions.validate(dossier, by=agent)
    assert "Validée : elle attend une séance de la Commission permanente." in text(client.get(page))
    item = put_on_agenda(dossier)
    assert "Commission permanente du 14 décembre 2026" in text(client.get(page))
    decide(item, amount="11000.00")
    said = text(client.get(page))
    assert ("Accordé : 11 000,00 € HT" in said, "CP D 26-12-00" in said) == (True, True)


def test_the_page_costs_the_same_whatever_else_is_proposed(client: Client, agent: User) -> None:
    dossier = make_proposed(Dossier.objects.get())
    page, costs = reverse("dossiers:examine", args=[dossier.key]), []
    client.get(page)
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            client.get(page)
        costs.append(len(queries))
        if len(costs) == 1:
            wave = make_wave(year=2025, closing_on=date(2026, 9, 29))
            for other in make_ranked(["9000.00"] * 3, wave=wave)[2]:
                make_proposed(other)
    assert costs[0] == costs[1]
    assert costs[0] <= 25
