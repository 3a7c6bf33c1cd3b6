"""What the organisation reads: the calendar of its wave on its page and its card, its partners, never an average."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from booster_ia import space
from booster_ia.models import BoosterApplication
from booster_ia.partners import Partner
from booster_ia.services import meetings, partners
from normandata.accounts.models import User
from normandata.dossiers.models import Dossier
from normandata.procedure import services as procedure
from tests.factories.accounts import make_agent, sign_in
from tests.factories.booster import make_booster, make_booster_draft
from tests.factories.waves import make_application, make_next_wave, make_wave
from tests.normandata.dossiers.views.test_examine import text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]
NOW = datetime(2026, 9, 21, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[time_machine.Traveller]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def page(client: Client, dossier: Dossier) -> str:
    return text(client, reverse("dossiers:dossier", args=[dossier.key]))


def plain(notes: dict[int, str]) -> dict[int, str]:
    return {pk: note.replace("\u00a0", " ") for pk, note in notes.items()}


@pytest.fixture
def agent() -> User:
    return make_agent("booster_ia")


def test_the_calendar_of_the_wave_is_on_the_page(client: Client, agent: User) -> None:
    make_wave()
    dossier = make_booster()
    sign_in(client, dossier.created_by)
    said = page(client, dossier)
    assert "S’il est complet, ce sera la 2e vague 2026." in said
    procedure.fire(dossier, "start_review", by=agent)
    said = page(client, dossier)
    assert "Votre vague : 2e vague 2026" in said
    assert "Clôture des dépôts 30 septembre 2026 à 23 h 59, heure de Paris" in said
    assert "Instruction du 1er octobre 2026 au 15 novembre 2026" in said
    assert "Commission permanente 14 décembre 2026" in said
    for never in ("moyen", "en général", "environ"):
        assert never not in said


def test_without_dates_the_page_says_so(client: Client) -> None:
    dossier = make_booster()
    sign_in(client, dossier.created_by)
    assert "Les dates de la prochaine vague ne sont pas encore fixées." in page(client, dossier)


def test_partners_and_meetings_are_there_and_the_notes_are_not(client: Client, agent: User) -> None:
    dossier = make_booster()
    procedure.fire(dossier, "start_review", by=agent)
    where = {"place": "Hôtel de Région, Caen", "who": "Camille Exemple", "notes": "Réserve interne."}
    meetings.arrange(dossier, by=agent, day=date(2026, 10, 12), hour=time(14, 30), **where)
    sign_in(client, dossier.created_by)
    said = page(client, dossier)
    assert "Confirmation attendue" in said
    assert "12 octobre 2026 à 14 h 30" in said
    assert "Réserve interne" not in said
    partners.decline(Partner.objects.get(), by_name="Alix Exemple", reason="Pas cette année.")
    said = page(client, dossier)
    assert "Décliné par Alix Exemple : Pas cette année." in said
    assert "Inviter de nouveau" in said


def test_each_card_tells_its_wave(agent: User) -> None:
    make_next_wave()
    make_wave()
    draft, sent, reviewed = make_booster_draft(), make_booster(), make_booster()
    procedure.fire(reviewed, "start_review", by=agent)
    over = make_application(state="refused")
    coming = (
        "Complet au plus tard le 30 septembre 2026, ce dossier entre dans la 2e vague 2026, présentée à la Commission "
        "permanente du 14 décembre 2026."
    )
    placed = (
        "2e vague 2026 : instruction du 1er octobre 2026 au 15 novembre 2026, Commission permanente le 14 décembre "
        "2026."
    )
    notes = plain(dict(space.notes([draft, sent, reviewed, over])))
    assert notes == {draft.pk: coming, sent.pk: coming, reviewed.pk: placed}


@pytest.mark.parametrize(
    ("at", "year"),
    [
        (datetime(2026, 9, 30, 21, 59, 59, 900_000, tzinfo=UTC), 2026),
        (datetime(2026, 9, 30, 22, 0, tzinfo=UTC), 2027),
    ],
)
def test_a_draft_aims_at_the_next_wave_from_midnight_in_paris(
    clock: time_machine.Traveller, at: datetime, year: int
) -> None:
    make_next_wave()
    make_wave()
    draft = make_booster_draft()
    clock.move_to(at)
    assert f"vague {year}" in space.notes([draft])[draft.pk]


def test_the_cards_cost_the_same_at_one_and_thirty() -> None:
    wave = make_wave()
    listed: list[Dossier] = []
    spent = []
    for more in (1, 29):
        for rank in range(more):
            dossier = make_application()
            listed.append(dossier)
            if rank % 2:
                BoosterApplication.objects.filter(pk=dossier.pk).update(wave=wave)
        with CaptureQueriesContext(connection) as queries:
            assert len(space.notes(listed)) == len(listed)
        spent.append(len(queries))
    assert spent == [2, 2]


def test_the_card_is_drawn(client: Client) -> None:
    make_wave()
    dossier = make_booster()
    sign_in(client, dossier.created_by)
    assert "ce dossier entre dans la 2e vague 2026" in text(client, reverse("dossiers:mine"))
