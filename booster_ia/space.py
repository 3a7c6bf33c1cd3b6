"""What the organisation reads of its application: the calendar of its wave, its partners, the meetings to come."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from normandata.accounts.models import User
from normandata.dossiers import states
from normandata.dossiers.applications import Panel
from normandata.dossiers.delays import PARIS
from normandata.dossiers.models import Dossier
from normandata.experts.reading import opinions_of
from normandata.regulation.formats import day as written_day
from normandata.regulation.formats import spaced

from .models import BoosterApplication
from .partners import Partner
from .payments import panels as payments
from .services import after, meetings, notification, partners, waves
from .waves import Wave

BEFORE_A_WAVE = (states.SUBMITTED, states.INCOMPLETE, states.REVIEW)
"""States in which a deposited dossier may not have a wave yet."""


def panel(dossier: Dossier, user: User) -> Panel | None:
    """Return the panel of a deposited application; five queries at most."""
    application = BoosterApplication.objects.select_related("wave").filter(pk=dossier.pk).first()
    if application is None:
        return None
    expected = None if application.wave else _expected(dossier)
    content: dict[str, Any] = {
        "wave": application.wave,
        "why": application.wave_reason,
        "expected": expected,
        "partners": [(one, _may_resend(one, dossier)) for one in partners.partners_of(dossier)],
        "meetings": meetings.meetings_of(dossier),
        "opinions": opinions_of(dossier, user),
        "followed": after.followed(dossier) if dossier.state in after.FOLLOWED else None,
        "agreement": notification.agreement_of(dossier) if dossier.state in notification.TOLD else None,
        "payments": payments.space_panel(dossier),
    }
    return Panel("booster_ia/space/panel.html", content)


def _may_resend(partner: Partner, dossier: Dossier) -> bool:
    return dossier.is_open and not partner.is_confirmed


def _expected(dossier: Dossier) -> Wave | None:
    """Return the wave that a dossier enters if nothing is wanting; a draft, if it is deposited today."""
    if dossier.is_draft:
        return waves.next_wave(timezone.localdate())
    if dossier.state not in BEFORE_A_WAVE or dossier.submitted_at is None:
        return None
    return waves.next_wave(_day(dossier.submitted_at))


def _day(at: datetime) -> date:
    return at.astimezone(PARIS).date()


def notes(dossiers: Sequence[Dossier]) -> Mapping[int, str]:
    """Write the calendar of the wave of each dossier, for its card, or what is left to pay; three queries at most."""
    alive = [one for one in dossiers if one.is_draft or one.is_open]
    rows = BoosterApplication.objects.filter(pk__in=[one.pk for one in alive], wave__isnull=False)
    placed = {one.pk: one.wave for one in rows.select_related("wave")}
    today = timezone.localdate()
    days = {one.pk: _day(one.submitted_at) if one.submitted_at else today for one in alive if one.pk not in placed}
    coming = list(Wave.objects.closing_from(min(days.values()))) if days else []
    found = {pk: calendar(wave) for pk, wave in placed.items() if wave}
    for one in alive:
        if one.pk not in placed and (one.is_draft or one.state in BEFORE_A_WAVE):
            wave = next((wave for wave in coming if wave.closing_on >= days[one.pk]), None)
            if wave:
                found[one.pk] = closing(wave)
    return {**found, **payments.notes(alive)}


def calendar(wave: Wave) -> str:
    """Write the days of a wave in one sentence."""
    return spaced(
        f"{wave.label} : instruction du {written_day(wave.instruction_from)} au {written_day(wave.instruction_to)}, "
        f"Commission permanente le {written_day(wave.committee_on)}."
    )


def closing(wave: Wave) -> str:
    """Write until when a complete dossier enters a wave, and when that wave is voted."""
    return spaced(
        f"Complet au plus tard le {written_day(wave.closing_on)}, ce dossier entre dans la {wave.label}, présentée à "
        f"la Commission permanente du {written_day(wave.committee_on)}."
    )
