"""Waves whose scoring is closed, ready to be programmed: each dossier with its own marks and its own grant."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from booster_ia.models import BoosterApplication
from booster_ia.services import scoring
from booster_ia.waves import Wave
from normandata.accounts.models import User
from normandata.dossiers.models import BulkJob, Dossier
from normandata.dossiers.services import bulk
from normandata.scoring.models import Panel
from normandata.scoring.services import panels
from tests.factories.booster_scoring import make_dossiers, make_full_dossier, make_lead, make_scorer, score, subjects
from tests.factories.committee import confirm_partners
from tests.factories.waves import make_wave

BEST = 90


def marks(total: int) -> tuple[str, ...]:
    """Write six marks that make a total from 40 to 100."""
    found, left = [], total
    for most in (20, 30, 20, 10, 10, 10):
        found.append(str(min(most, left)))
        left -= min(most, left)
    return tuple(found)


def make_ranked(
    grants: Sequence[str], *, totals: Sequence[int] = (), wave: Wave | None = None, full: bool = True
) -> tuple[Wave, Panel, list[Dossier]]:
    """Close the scoring of a wave whose dossiers are ranked in the order of `grants`, in euros, by two people.

    `totals` gives their scores out of 100, from 90 down one by one by default. Full dossiers need the `media` fixture;
    light ones cannot be proposed.
    """
    wave = wave or make_wave()
    first = date(2026, 8, 1)
    if full:
        days = [first + timedelta(days=rank) for rank in range(len(grants))]
        dossiers = [make_full_dossier(wave, complete_on=day) for day in days]
        confirm_partners(*dossiers)
    else:
        dossiers = make_dossiers(wave, len(grants))
    for dossier, grant in zip(dossiers, grants, strict=True):
        BoosterApplication.objects.filter(pk=dossier.pk).update(grant=Decimal(grant))
    lead, scorers = make_lead(), [make_scorer(), make_scorer()]
    panel = scoring.open_scoring(wave, scorers, by=lead)
    wanted = list(totals) or [BEST - rank for rank in range(len(grants))]
    for subject, total in zip(subjects(panel), wanted, strict=True):
        for person in scorers:
            score(subject, person, *marks(total))
    panels.close_panel(panel, by=lead)
    return wave, panel, [Dossier.objects.get(pk=one.pk) for one in dossiers]


def run(job: BulkJob) -> list[tuple[str, str]]:
    """Work a job to its end; return what became of each dossier, and why."""
    bulk.run(job)
    return list(job.outcomes.values_list("state", "cause"))


def scorer_of(panel: Panel) -> User:
    """Return somebody who scored here."""
    person: User = panel.seats.order_by("pk")[0].person
    return person


__all__ = ["make_ranked", "marks", "run", "scorer_of"]
