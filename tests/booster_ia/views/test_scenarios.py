"""A scenario on its page: amounts typed with a comma, each fault by its field, two tabs, one job for two clicks."""

import uuid
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client

from booster_ia import programming as reading
from booster_ia.programme import GRANT, LATER, REFUSE, Choice
from booster_ia.scenarios import Scenario
from booster_ia.services import programming
from normandata.accounts.models import User
from normandata.dossiers.models import BulkJob, Dossier
from normandata.scoring.models import Panel
from tests.factories.accounts import sign_in
from tests.factories.booster_scoring import make_lead
from tests.factories.committee import make_envelope
from tests.factories.programming import make_ranked
from tests.factories.waves import make_next_wave

from .test_programming import opened, text, url

pytestmark = pytest.mark.django_db
GRANTS = ("12500.00", "12499.99", "5000.02")


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    with time_machine.travel("2026-11-23T09:00:00+01:00", tick=True):
        yield


@pytest.fixture
def lead(client: Client) -> User:
    return sign_in(client, make_lead())


@pytest.fixture
def ranked() -> tuple[Any, Panel, list[Dossier]]:
    make_envelope("30000.00")
    return make_ranked(GRANTS, full=False)


def sent(scenario: Scenario, *, wish: str = "enregistrer", **typed: str) -> dict[str, str]:
    """Write what the page of a scenario sends, as it is kept unless said otherwise."""
    data = {"name": scenario.name, "note": "", "revision": str(scenario.revision), "geste": wish}
    data["jeton"] = str(uuid.uuid4())
    for pk, choice in reading.chosen_in(scenario).items():
        data |= {f"kind_{pk}": choice.kind, f"reason_{pk}": choice.reason}
        data[f"amount_{pk}"] = f"{choice.amount or ''}".replace(".", ",")
    return data | typed


def test_a_scenario_is_made_and_opened(client: Client, lead: User, ranked: Any) -> None:
    wave, _, _ = ranked
    key = str(uuid.uuid4())
    first, second = (client.post(url(wave, "scenario_new"), {"jeton": key}) for _ in range(2))
    made = Scenario.objects.get()
    assert (first.status_code, first["Location"]) == (302, url(wave, "scenario", made.pk))
    assert second["Location"] == first["Location"], "a double click is one scenario"
    said = text(client.get(first["Location"]))
    assert "2 subventions pour 24 999,99 € et 1 refus. Il resterait 5 000,01 €." in " ".join(
        said.replace("<strong>", "").replace("</strong><br>", " ").split()
    )
    assert client.post(url(wave, "scenario_new"), {"jeton": "x"}).status_code == 404


@pytest.mark.parametrize("typed", ["12 000,50", "12000.5", "12 000,50 €"])
def test_an_amount_is_read_as_people_write_it(client: Client, lead: User, ranked: Any, typed: str) -> None:
    wave, panel, dossiers = ranked
    scenario = opened(wave, panel, lead)
    pk = dossiers[0].pk
    response = client.post(url(wave, "scenario", scenario.pk), sent(scenario, **{f"amount_{pk}": typed}))
    assert response.status_code == 302
    assert reading.chosen_in(scenario)[pk] == Choice(GRANT, Decimal("12000.50"))
    assert set(Dossier.objects.values_list("state", flat=True)) == {"review"}


@pytest.mark.parametrize(
    ("name", "typed", "sentence"),
    [
        ("amount", "12500,01", "Le montant ne dépasse pas ce qui peut être accordé : 12 500,00 €."),
        ("amount", "0", "Le montant proposé est supérieur à zéro."),
        ("amount", "douze", "Écrivez ce nombre en chiffres, par exemple 12 500,00."),
        ("amount", "", "Indiquez le montant, en euros."),
        ("kind", "autre", "Choisissez dans la liste."),
    ],
)
def test_a_fault_is_said_by_its_field_and_nothing_typed_is_lost(
    client: Client, lead: User, ranked: Any, name: str, typed: str, sentence: str
) -> None:
    wave, panel, dossiers = ranked
    scenario = opened(wave, panel, lead)
    pk, last = dossiers[0].pk, dossiers[2].pk
    more = {f"{name}_{pk}": typed, f"reason_{last}": "Un motif bien à nous.", "note": "Essai"}
    response = client.post(url(wave, "scenario", scenario.pk), sent(scenario, **more))
    said = text(response)
    assert response.status_code == 422
    beside = said[said.index(f'id="id_{name}_{pk}_error"') :]
    assert beside.index(sentence) < 200
    assert ("Un motif bien à nous." in said, f'value="{typed}"' in said or name == "kind" or not typed) == (True, True)
    assert reading.chosen_in(scenario)[pk] == Choice(GRANT, Decimal("12500.00"))


def test_a_refusal_says_why(client: Client, lead: User, ranked: Any) -> None:
    wave, panel, dossiers = ranked
    scenario = opened(wave, panel, lead)
    pk = dossiers[0].pk
    empty = {f"kind_{pk}": REFUSE, f"reason_{pk}": "  "}
    assert client.post(url(wave, "scenario", scenario.pk), sent(scenario, **empty)).status_code == 422
    client.post(url(wave, "scenario", scenario.pk), sent(scenario, **empty | {f"reason_{pk}": "Projet retiré."}))
    assert reading.chosen_in(scenario)[pk] == Choice(REFUSE, reason="Projet retiré.")
    assert "Crédits insuffisants" in text(client.get(url(wave, "scenario", scenario.pk))), "a reason is suggested"


def test_what_cannot_be_granted_is_not_offered(client: Client, lead: User) -> None:
    wave, panel, dossiers = make_ranked(("9000.00", "8000.00"), totals=(60, 48), full=False)
    scenario = opened(wave, panel, lead)
    pk = dossiers[1].pk
    wish = sent(scenario, **{f"kind_{pk}": GRANT, f"amount_{pk}": "1"})
    assert client.post(url(wave, "scenario", scenario.pk), wish).status_code == 422
    assert reading.chosen_in(scenario)[pk].kind == REFUSE


def test_two_tabs_never_overwrite_and_both_are_shown(client: Client, lead: User, ranked: Any) -> None:
    wave, panel, dossiers = ranked
    scenario = opened(wave, panel, lead)
    address, pk = url(wave, "scenario", scenario.pk), dossiers[0].pk
    mine, theirs = (sent(scenario, **{f"amount_{pk}": amount}) for amount in ("11000", "10000"))
    assert client.post(address, theirs).status_code == 302
    response = client.post(address, mine)
    said = text(response)
    assert (response.status_code, 'value="11000"' in said) == (409, True)
    assert "L’autre page a enregistré : <strong>10 000,00 €</strong>" in said
    assert reading.chosen_in(scenario)[pk].amount == Decimal(10000)
    assert client.post(address, mine | {"revision": "2"}).status_code == 302, "sent again, it is kept knowingly"
    assert reading.chosen_in(scenario)[pk].amount == Decimal(11000)


def test_proposing_keeps_what_is_typed_and_a_double_click_is_one_job(client: Client, lead: User, ranked: Any) -> None:
    wave, panel, dossiers = ranked
    scenario = opened(wave, panel, lead)
    wish = sent(scenario, wish="proposer", **{f"amount_{dossiers[0].pk}": "12 000,00"})
    first, second = (client.post(url(wave, "scenario", scenario.pk), wish) for _ in range(2))
    job = BulkJob.objects.get()
    assert (first.status_code, second["Location"]) == (302, first["Location"])
    assert {pk: row["amount"] for pk, row in job.values["rows"].items()} == {
        str(dossiers[0].pk): "12000.00",
        str(dossiers[1].pk): "12499.99",
        str(dossiers[2].pk): None,
    }
    assert "Proposer à la Commission permanente : 3 dossiers" in text(client.get(first["Location"]))


def test_more_than_the_envelope_is_not_proposed(client: Client, lead: User, ranked: Any) -> None:
    wave, panel, dossiers = ranked
    scenario = opened(wave, panel, lead)
    pk = dossiers[2].pk
    wish = sent(scenario, wish="proposer", **{f"kind_{pk}": GRANT, f"amount_{pk}": "5000,02"})
    response = client.post(url(wave, "scenario", scenario.pk), wish)
    assert response.status_code == 422
    assert "Ce scénario dépasse de 0,01 € ce que l’enveloppe peut encore payer." in text(response)
    assert not BulkJob.objects.exists()


def test_nothing_to_propose_is_said(client: Client, lead: User) -> None:
    wave, panel, [dossier] = make_ranked(GRANTS[:1], full=False)
    scenario = opened(wave, panel, lead)
    wish = sent(scenario, wish="proposer", **{f"kind_{dossier.pk}": LATER})
    response = client.post(url(wave, "scenario", scenario.pk), wish)
    assert (response.status_code, "Ce scénario ne propose rien" in text(response)) == (422, True)


def test_a_name_is_given_and_taken_once(client: Client, lead: User, ranked: Any) -> None:
    wave, panel, _ = ranked
    opened(wave, panel, lead)
    second = opened(wave, panel, lead)
    for name, sentence in (("", "Donnez un nom à ce scénario."), ("Scénario 1", programming.NAME_TAKEN)):
        response = client.post(url(wave, "scenario", second.pk), sent(second, name=name))
        assert (response.status_code, sentence in text(response)) == (422, True)


def test_a_scenario_is_copied_and_deleted(client: Client, lead: User, ranked: Any) -> None:
    wave, panel, _ = ranked
    scenario = opened(wave, panel, lead)
    copied = client.post(url(wave, "scenario_copy", scenario.pk), {"jeton": str(uuid.uuid4())})
    assert copied["Location"] == url(wave, "scenario", Scenario.objects.get(name="Scénario 1 (copie)").pk)
    assert "Supprimer le scénario" in text(client.get(url(wave, "scenario_delete", scenario.pk)))
    assert client.post(url(wave, "scenario_delete", scenario.pk))["Location"] == url(wave)
    assert list(Scenario.objects.values_list("name", flat=True)) == ["Scénario 1 (copie)"]
    assert client.get(url(wave, "scenario", scenario.pk)).status_code == 404


def test_a_scenario_is_found_in_its_own_wave_only(client: Client, lead: User, ranked: Any) -> None:
    wave, panel, _ = ranked
    scenario = opened(wave, panel, lead)
    other, _, _ = make_ranked(GRANTS[:1], wave=make_next_wave(), full=False)
    assert client.get(url(other, "scenario", scenario.pk)).status_code == 404
