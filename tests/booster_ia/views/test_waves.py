"""The pages of the waves: who reads, who writes, what a refusal keeps, and their cost at one and thirty dossiers."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from booster_ia.models import BoosterApplication
from booster_ia.waves import Wave
from normandata.accounts.models import Role
from normandata.procedure.models import Event
from tests.factories.accounts import UserFactory, make_agent, make_user_with, sign_in
from tests.factories.waves import make_application, make_next_wave, make_wave

pytestmark = pytest.mark.django_db
TYPED = {
    "year": "2026",
    "number": "2",
    "opens_on": "01/06/2026",
    "closing_on": "30 septembre 2026",
    "instruction_from": "01/10/2026",
    "scoring_closes_on": "06/11/2026",
    "instruction_to": "15/11/2026",
    "committee_on": "14/12/2026",
}


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))


@pytest.fixture
def lead(client: Client) -> Client:
    sign_in(client, make_user_with(Role.LEAD_AGENT, "booster_ia"))
    return client


def text(response: Any) -> str:
    return " ".join(response.content.decode().replace("\u00a0", " ").replace("&nbsp;", " ").split())


def put_in(wave: Wave, count: int) -> None:
    for _ in range(count):
        BoosterApplication.objects.filter(pk=make_application().pk).update(wave=wave, wave_reason="Essai")


def test_a_wave_is_written_then_read(lead: Client) -> None:
    response = lead.post(reverse("booster_ia:wave_new"), TYPED)
    assert (response.status_code, response.headers["Location"]) == (302, reverse("booster_ia:waves"))
    wave = Wave.objects.get()
    assert (wave.closing_on, wave.committee_on) == (date(2026, 9, 30), date(2026, 12, 14))
    assert "30 septembre 2026" in text(lead.get(reverse("booster_ia:waves")))
    page = text(lead.get(reverse("booster_ia:wave", args=[wave.pk])))
    assert "du 1er octobre 2026 au 15 novembre 2026" in page
    assert "Vague enregistrée" in page


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"committee_on": "14/10/2026"}, "La Commission permanente se réunit après l’instruction."),
        ({"closing_on": "31/02/2026"}, "Clôture des dépôts : cette date n’existe pas dans le calendrier."),
        ({"number": ""}, "choisissez une des 2 vagues de l’année."),
        ({"year": "40000"}, "Année"),
    ],
)
def test_what_is_wrong_is_said_and_kept(lead: Client, typed: dict[str, str], message: str) -> None:
    response = lead.post(reverse("booster_ia:wave_new"), TYPED | typed)
    assert (response.status_code, Wave.objects.count()) == (422, 0)
    assert message in text(response)
    assert 'value="30 septembre 2026"' in text(response) or "closing_on" in typed


def test_the_days_of_a_wave_with_dossiers_do_not_change_in_silence(lead: Client) -> None:
    wave = make_wave()
    put_in(wave, 2)
    address = reverse("booster_ia:wave_edit", args=[wave.pk])
    assert "2 dossiers sont dans cette vague." in text(lead.get(address))
    changed = TYPED | {"committee_on": "21/12/2026"}
    response = lead.post(address, changed)
    assert (response.status_code, Wave.objects.get().committee_on) == (422, date(2026, 12, 14))
    assert "dites pourquoi ses dates changent." in text(response)
    lead.post(address, changed | {"reason": "La séance est déplacée."})
    assert Wave.objects.get().committee_on == date(2026, 12, 21)
    page = text(lead.get(reverse("booster_ia:wave", args=[wave.pk])))
    assert "(Commission permanente : 14 décembre 2026 → 21 décembre 2026)" in page
    assert "La séance est déplacée." in page
    assert Event.objects.about(wave).count() == 1


def test_a_closing_day_that_leaves_a_dossier_out_is_refused_beside_its_field(lead: Client) -> None:
    wave = make_wave()
    put_in(wave, 1)
    response = lead.post(
        reverse("booster_ia:wave_edit", args=[wave.pk]), TYPED | {"closing_on": "15/09/2026", "reason": "Essai"}
    )
    assert response.status_code == 422
    assert "Clôture des dépôts : 1 dossier de cette vague serait complet après ce jour" in text(response)


@pytest.mark.parametrize(
    ("role", "scheme", "reads", "writes"),
    [
        (Role.LEAD_AGENT, "booster_ia", 200, 200),
        (Role.ADMINISTRATOR, "", 200, 200),
        (Role.AGENT, "booster_ia", 200, 404),
        (Role.AUDITOR, "booster_ia", 200, 404),
        (Role.LEAD_AGENT, "diagnostic", 404, 404),
    ],
)
def test_who_reads_and_who_writes(client: Client, role: str, scheme: str, reads: int, writes: int) -> None:
    wave = make_wave()
    sign_in(client, make_user_with(role, scheme))
    for name, args, expected in (
        ("waves", [], reads),
        ("wave", [wave.pk], reads),
        ("wave_new", [], writes),
        ("wave_edit", [wave.pk], writes),
    ):
        assert client.get(reverse(f"booster_ia:{name}", args=args)).status_code == expected
    if writes == 404:
        assert client.post(reverse("booster_ia:wave_new"), TYPED).status_code == 404
        assert Wave.objects.count() == 1


def test_the_last_to_close_comes_first(lead: Client) -> None:
    make_wave()
    make_next_wave()
    page = text(lead.get(reverse("booster_ia:waves")))
    assert 0 < page.index("1re vague 2027") < page.index("2e vague 2026")


def test_an_applicant_sees_no_wave_page(client: Client) -> None:
    sign_in(client, UserFactory())
    assert client.get(reverse("booster_ia:waves")).status_code == 404


def test_the_pages_cost_the_same_at_one_and_thirty_dossiers(client: Client) -> None:
    sign_in(client, make_agent("booster_ia"))
    wave = make_wave()
    client.get(reverse("booster_ia:waves"))
    spent = []
    for more in (1, 29):
        put_in(wave, more)
        for address in (reverse("booster_ia:waves"), reverse("booster_ia:wave", args=[wave.pk])):
            with CaptureQueriesContext(connection) as queries:
                assert client.get(address).status_code == 200
            spent.append(len(queries))
    assert spent[:2] == spent[2:]
    assert max(spent) <= 10
