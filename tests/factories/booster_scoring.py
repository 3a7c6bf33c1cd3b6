"""Waves of the Booster IA being scored, made by the gestures that people would make."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from booster_ia.models import BoosterApplication
from booster_ia.services import scoring
from booster_ia.waves import Wave
from normandata.accounts.models import Role, User
from normandata.dossiers.models import Dossier
from normandata.scoring.models import Panel, Subject
from tests.factories.accounts import make_agent, make_user_with
from tests.factories.booster import make_booster
from tests.factories.scoring import judge
from tests.factories.waves import make_application, make_wave

SCHEME = "booster_ia"
MARKS = ("quality", "feasibility", "regional_interest", "responsible_digital", "security", "reproducibility")


def make_lead(**fields: Any) -> User:
    return make_user_with(Role.LEAD_AGENT, SCHEME, **fields)


def make_scorer(**fields: Any) -> User:
    return make_agent(SCHEME, **fields)


def put_in(wave: Wave, dossier: Dossier, *, complete_on: date | None = None) -> Dossier:
    """Put a dossier under review in a wave, complete on a day."""
    BoosterApplication.objects.filter(pk=dossier.pk).update(wave=wave, wave_reason="Essai.")
    changes = {"state": "review", "turn": "agent", "editable": "none", "complete_on": complete_on or date(2026, 9, 20)}
    Dossier.objects.filter(pk=dossier.pk).update(**changes)
    dossier.refresh_from_db()
    return dossier


def make_dossiers(wave: Wave, count: int) -> list[Dossier]:
    """Put light applications in a wave, one day of completeness apart."""
    first = date(2026, 8, 1)
    return [put_in(wave, make_application(), complete_on=first + timedelta(days=rank)) for rank in range(count)]


def make_full_dossier(wave: Wave, *, complete_on: date | None = None, **fields: Any) -> Dossier:
    """Put an application in a wave whose every answer was typed, with a piece (use the `media` fixture with it)."""
    return put_in(wave, make_booster(**fields), complete_on=complete_on)


def open_wave(people: Sequence[User], dossiers: int | Sequence[Dossier] = 1, *, lead: User | None = None) -> Panel:
    """Open the scoring of a wave on dossiers that are in one already, or on new ones."""
    if isinstance(dossiers, int):
        wave = make_wave()
        make_dossiers(wave, dossiers)
    else:
        wave = dossiers[0].booster.wave  # type: ignore[attr-defined]
    return scoring.open_scoring(wave, people, by=lead or make_lead())


def subjects(panel: Panel) -> list[Subject]:
    return list(panel.subjects.select_related("panel__grid").order_by("rank"))


def dossier_of(subject: Subject) -> Dossier:
    return Dossier.objects.select_related("organisation").get(pk=subject.key)


def score(subject: Subject, by: User, *marks: str) -> None:
    """Submit a sheet with six marks, in the order of the règlement."""
    judge(subject, by, **dict(zip(MARKS, marks, strict=True)))


def deposit_again(subject: Subject) -> None:
    """Deposit the version 2 of a dossier, as its first one was."""
    dossier = dossier_of(subject)
    Dossier.objects.filter(pk=dossier.pk).update(version=2)
    last = dossier.deposits.get()
    last.pk, last.version, last.key, last._state.adding = None, 2, uuid.uuid4(), True
    last.save()


def typed(marks: Mapping[str, str], revision: int, **more: str) -> dict[str, str]:
    """Write what a page sends: marks with a justification each."""
    sent = {"version": str(revision), "lue": "1"}
    for slug, value in marks.items():
        sent |= {f"note-{slug}": value, f"etait-{slug}": "", f"mot-{slug}": f"Parce que {slug}."}
    return sent | more


__all__ = [
    "MARKS", "SCHEME", "deposit_again", "dossier_of", "make_dossiers", "make_full_dossier", "make_lead", "make_scorer",
    "open_wave", "put_in", "score", "subjects", "typed",
]  # fmt: skip
