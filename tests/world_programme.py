"""The programming's part of the house: a scenario of the wave whose scoring is closed, and a proposal in it."""

import uuid
from decimal import Decimal
from typing import Any

from booster_ia.awards import Proposal
from booster_ia.scenarios import Scenario
from booster_ia.waves import Wave
from normandata.dossiers.models import Dossier
from tests.factories.booster_scoring import make_scorer, put_in
from tests.factories.waves import make_application


def things(closed_wave: int) -> dict[str, Any]:
    """Make a scenario that foresees nothing, and a grant that waits for a second person."""
    wave = Wave.objects.get(pk=closed_wave)
    dossier = put_in(wave, make_application())
    Dossier.objects.filter(pk=dossier.pk).update(state="proposed", turn="validator")
    agent = make_scorer()
    proposal = Proposal.objects.create(dossier=dossier, kind="grant", amount=Decimal(9000), basis="HT", by=agent)
    scenario = Scenario.objects.create(wave=wave, name="Prudent", by=agent, key=uuid.uuid4())
    return {"scenario": scenario.pk, "proposed": dossier.key, "proposal": proposal.pk}


__all__ = ["things"]
