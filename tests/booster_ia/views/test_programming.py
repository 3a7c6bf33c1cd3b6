"""The programming page, scenarios side by side, proposals read and validated: who opens them, what they say, flat."""

import uuid
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.db.models.signals import post_init
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from booster_ia import programming as reading
from booster_ia.awards import Proposal
from booster_ia.models import BoosterApplication
from booster_ia.programme import GRANT, Choice
from booster_ia.scenarios import Scenario
from booster_ia.services import programming
from booster_ia.waves import Wave
from normandata.accounts.models import Role, User
from normandata.dossiers.models import BulkJob, Dossier
from normandata.scoring.models import Panel, Subject
from normandata.scoring.services import conflicts
from tests.factories.accounts import make_user_with, sign_in
from tests.factories.booster_scoring import make_lead, make_scorer, open_wave
from tests.factories.committee import make_envelope
from tests.factories.programming import make_ranked, run, scorer_of
from tests.factories.waves import make_next_wave, make_wave

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


def text(response: Any) -> str:
    said = response.content.decode().replace("&nbsp;", " ").replace("\u00a0", " ").replace("\u202f", " ")
    return " ".join(said.split())


def url(wave: Wave, name: str = "programming", *args: Any) -> str:
    return reverse(f"booster_ia:{name}", args=[wave.pk, *args])


def opened(wave: Wave, panel: Panel, by: User, **choices: Choice) -> Scenario:
    found = reading.scored(panel, by).foreseen(reading.money_of(wave).available)
    return programming.open_scenario(
        wave, panel, found | {int(key[1:]): one for key, one in choices.items()}, key=uuid.uuid4(), by=by
    )


# ----------------------------------------------------------------------------------------------------------- who reads
def test_the_page_opens_when_the_panel_is_closed(client: Client, lead: User) -> None:
    scorer = make_scorer()
    panel = open_wave([scorer], 1, lead=lead)
    wave = Wave.objects.get(pk=panel.key)
    for person, status in ((lead, 403), (scorer, 403), (make_scorer(), 404)):
        sign_in(client, person)
        assert client.get(url(wave)).status_code == status
    assert client.get(url(make_next_wave())).status_code == 404


def test_who_reads_and_who_writes_once_it_is_closed(client: Client) -> None:
    wave, panel, _ = make_ranked(GRANTS, full=False)
    auditor = make_user_with(Role.AUDITOR, "booster_ia")
    for person, reads, writes in (
        (make_lead(), 200, 200),
        (scorer_of(panel), 200, 200),
        (auditor, 200, 404),
        (make_scorer(), 404, 404),
        (make_user_with(Role.ADMINISTRATOR), 404, 404),
    ):
        sign_in(client, person)
        assert client.get(url(wave)).status_code == reads
        assert client.get(url(wave, "proposals")).status_code == writes
    sign_in(client, auditor)
    assert "Nouveau scénario" not in text(client.get(url(wave)))


def test_what_a_conflict_closes_is_withheld_and_counted(client: Client, lead: User) -> None:
    wave, panel, dossiers = make_ranked(GRANTS, full=False)
    subject = Subject.objects.select_related("panel").get(panel=panel, key=str(dossiers[1].pk))
    conflicts.declare(lead, subject, by=lead, reason="Un parent y travaille.")
    said = text(client.get(url(wave)))
    assert "1 dossier vous est fermé par un conflit d’intérêts. Une autre personne le propose." in said
    assert [number for number in (one.number for one in dossiers) if str(number) in said] == [
        dossiers[0].number,
        dossiers[2].number,
    ]


# --------------------------------------------------------------------------------------------------------- what it says
def test_the_cut_line_stands_before_the_first_dossier_not_paid(client: Client, lead: User) -> None:
    make_envelope("30000.00")
    wave, _, dossiers = make_ranked(GRANTS, full=False)
    said = text(client.get(url(wave)))
    assert "2 subventions pour 24 999,99 € et 1 refus. Il resterait 5 000,01 €." in said
    assert "L’enveloppe ne paie plus : il reste 5 000,01 € et ce dossier demande 5 000,02 €." in said
    line = said.index("Ligne de coupure.")
    assert [said.index(f">{one.number}<") < line for one in dossiers] == [True, True, False]


def test_the_reserve_is_refused_with_its_score(client: Client, lead: User) -> None:
    make_envelope("30000.00")
    wave, _, _ = make_ranked(("9000.00", "8000.00"), totals=(60, 48), full=False)
    said = text(client.get(url(wave)))
    assert "Note de 48,00 sur 100, inférieure au plancher de 50." in said
    assert "1 subvention pour 9 000,00 € et 1 refus." in said


def test_without_an_envelope_the_page_says_so(client: Client, lead: User) -> None:
    wave, _, _ = make_ranked(GRANTS[:1], full=False)
    said = text(client.get(url(wave)))
    assert "Aucune enveloppe du Booster IA n’est ouverte pour cette année" in said
    assert "Ligne de coupure." not in said


def test_scenarios_are_listed_and_compared(client: Client, lead: User) -> None:
    make_envelope("30000.00")
    wave, panel, dossiers = make_ranked(GRANTS, full=False)
    first = opened(wave, panel, lead)
    second = opened(wave, panel, lead, **{f"d{dossiers[0].pk}": Choice(GRANT, Decimal(12000))})
    said = text(client.get(url(wave)))
    assert ("24 999,99 €" in said, "24 499,99 €" in said) == (True, True)
    said = text(client.get(url(wave, "scenarios_compare"), {"a": first.pk, "b": second.pk}))
    table = said[said.index("Ce qui diffère") :]
    assert [number for number in (str(one.number) for one in dossiers) if number in table] == [dossiers[0].number]
    assert ("12 500,00 €" in table, "12 000,00 €" in table) == (True, True)
    same = text(client.get(url(wave, "scenarios_compare"), {"a": first.pk, "b": first.pk}))
    assert "Ces deux scénarios prévoient la même chose" in same
    assert client.get(url(wave, "scenarios_compare"), {"a": "x", "b": "0"}).status_code == 200


# ---------------------------------------------------------------------------------------------------------- validating
def pretend(dossiers: list[Dossier], by: User) -> None:
    """Write a proposal on light dossiers, as the gesture leaves it."""
    Dossier.objects.filter(pk__in=[one.pk for one in dossiers]).update(state="proposed", turn="validator")
    Proposal.objects.bulk_create(
        Proposal(dossier=one, kind="grant", amount=Decimal(9000), basis="HT", by=by) for one in dossiers
    )


@pytest.mark.usefixtures("media")
def test_a_second_person_reads_and_validates_all_at_once(client: Client) -> None:
    wave, panel, dossiers = make_ranked(GRANTS)
    lead, key = make_lead(), str(uuid.uuid4())
    scenario = opened(wave, panel, lead)
    programme = reading.programme_of(scenario, reading.scored(panel, lead), None)
    run(programming.propose(scenario, panel, programme, key=uuid.uuid4(), by=lead))
    other = sign_in(client, scorer_of(panel))
    said = text(client.get(url(wave)))
    assert "3 propositions attendent une seconde personne." in said
    said = text(client.get(url(wave, "proposals")))
    assert "3 propositions à lire, pour 30 000,01 € de subventions." in said
    ticked = {"jeton": key, "choix": list(Proposal.objects.values_list("pk", flat=True))}
    first, second = (client.post(url(wave, "proposals"), ticked) for _ in range(2))
    job = BulkJob.objects.get(action="booster_ia.validate")
    assert (first.status_code, first["Location"], second["Location"]) == (
        302,
        reverse("dossiers:bulk_job", args=[job.key]),
        first["Location"],
    )
    assert run(job) == [("done", "")] * 3
    assert client.post(url(wave, "proposals"), ticked)["Location"] == first["Location"]
    said = text(client.get(first["Location"]))
    assert "Valider les propositions : 3 dossiers" in said
    assert f'href="{url(wave)}"' in said
    assert {one.decided_by for one in Proposal.objects.all()} == {other}
    assert "Aucune proposition n’attend" in text(client.get(url(wave, "proposals")))
    assert [one.state for one in Dossier.objects.filter(pk__in=[one.pk for one in dossiers])] == ["proposed"] * 3


def test_nothing_ticked_and_a_key_used_elsewhere_are_said(client: Client, lead: User) -> None:
    wave, _, dossiers = make_ranked(GRANTS, full=False)
    pretend(dossiers, make_scorer())
    response = client.post(url(wave, "proposals"), {"jeton": str(uuid.uuid4())})
    assert (response.status_code, "Cochez au moins une proposition." in text(response)) == (422, True)
    keys = list(Proposal.objects.values_list("pk", flat=True))
    key = str(uuid.uuid4())
    client.post(url(wave, "proposals"), {"jeton": key, "choix": keys[:1]})
    response = client.post(url(wave, "proposals"), {"jeton": key, "choix": keys[1:]})
    assert (response.status_code, "a déjà lancé un autre traitement" in text(response)) == (409, True)
    assert client.post(url(wave, "proposals"), {"jeton": "x", "choix": keys}).status_code == 404


def test_ones_own_proposals_are_shown_without_a_box(client: Client, lead: User) -> None:
    wave, _, dossiers = make_ranked(GRANTS, full=False)
    pretend(dossiers[:1], lead)
    pretend(dossiers[1:], make_scorer())
    said = text(client.get(url(wave, "proposals")))
    assert (said.count('name="choix"'), said.count("À valider par une autre personne")) == (2, 1)
    assert "Valider les 2 propositions" in said


# ------------------------------------------------------------------------------------------------------------- costs
def cost(client: Client, address: str) -> tuple[int, int]:
    client.get(address)
    made: list[type] = []

    def count(sender: type, **_: Any) -> None:
        made.append(sender)

    post_init.connect(count, weak=False)
    with CaptureQueriesContext(connection) as captured:
        response = client.get(address)
    post_init.disconnect(count)
    assert response.status_code == 200
    return len(captured), len(made)


def test_every_page_costs_the_same_at_one_and_thirty(client: Client, lead: User) -> None:
    make_envelope("500000")
    make_envelope("500000", year=2027)
    found = []
    for count, wave in ((1, make_wave()), (30, make_next_wave())):
        _, panel, dossiers = make_ranked(["9000.00"] * count, totals=[60] * count, wave=wave, full=False)
        BoosterApplication.objects.filter(wave=wave).update(aid_regime="de_minimis")
        for _ in range(count):
            scenario = opened(wave, panel, lead)
        pages = [url(wave), url(wave, "scenario", scenario.pk)]
        costs = [cost(client, page) for page in pages]
        pretend(dossiers, make_scorer())
        costs += [cost(client, url(wave)), cost(client, url(wave, "proposals"))]
        found.append(costs)
    assert found[0] == found[1]
    assert max(queries for queries, _ in found[0]) <= 40
