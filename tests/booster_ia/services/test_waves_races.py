"""A dossier placed at the instant when a scoring closes is ranked there or goes to the next wave, never in between."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from django.db import connection

from booster_ia.models import BoosterApplication
from booster_ia.services import scoring, waves
from normandata.dossiers.models import Dossier
from normandata.scoring.models import Panel, Subject
from tests.factories.booster_scoring import make_dossiers, make_lead, make_scorer
from tests.factories.waves import make_application, make_next_wave, make_wave
from tests.threads import together

pytestmark = pytest.mark.django_db(transaction=True)
LATECOMERS = 4


@pytest.fixture(autouse=True)
def _in_october(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    with time_machine.travel(datetime(2026, 10, 20, 10, tzinfo=UTC), tick=True):
        yield


def test_no_dossier_enters_a_wave_whose_scoring_closes_without_being_before_its_panel() -> None:
    wave, later, lead, scorer = make_wave(), make_next_wave(), make_lead(), make_scorer()
    make_dossiers(wave, 1)
    for _ in range(6 if connection.vendor == "postgresql" else 2):
        Panel.objects.update(state="open", closed_at=None, closed_by=None)
        panel = scoring.panel_of(wave) or scoring.open_scoring(wave, [scorer], by=lead)
        late = [make_application() for _ in range(LATECOMERS)]

        def place(pk: int) -> None:
            waves.place(Dossier.objects.get(pk=pk))

        given = together(
            *[lambda pk=one.pk: place(pk) for one in late],
            lambda pk=panel.pk: scoring.close_scoring(Panel.objects.select_related("grid").get(pk=pk), by=lead),
        )
        assert given == [None] * (LATECOMERS + 1)
        judged = set(Subject.objects.judged().filter(panel=panel).values_list("key", flat=True))
        entered = BoosterApplication.objects.filter(pk__in=[one.pk for one in late])
        placed = dict(entered.values_list("pk", "wave"))
        assert {pk: found == wave.pk for pk, found in placed.items()} == {pk: str(pk) in judged for pk in placed}
        assert set(placed.values()) <= {wave.pk, later.pk}
