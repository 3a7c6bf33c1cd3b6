"""The gestures on waves: open one, change its days, put a dossier in its own. Each is in the journal.

Lead agents of the Booster IA and administrators write waves. What the model refuses comes as ValidationError.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from normandata.accounts.models import Role, User
from normandata.dossiers import periods, permissions
from normandata.dossiers.delays import PARIS
from normandata.dossiers.exchange import Correction
from normandata.dossiers.models import Dossier
from normandata.dossiers.services import thread
from normandata.notifications import services as notifications
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, ReasonMissing
from normandata.procedure.models import Event
from normandata.regulation.formats import day as written_day
from normandata.regulation.formats import plural, spaced
from normandata.scoring import workflow
from normandata.scoring.models import Panel, Subject

from .. import placement
from ..models import BoosterApplication
from ..placement import Asked, Placement
from ..waves import Wave

SCHEME = "booster_ia"
MOVABLE = ("submitted", "incomplete", "review")
"""States in which a dossier may still change waves: a proposal keeps its own."""
NAMED = {field.attname: str(field.verbose_name) for field in Wave._meta.concrete_fields}
SCORED, VOTED = "sa notation est close", "la Commission permanente s’est réunie le {}"
ACTS = {
    "open_wave": "Vague enregistrée",
    "change_wave": "Vague modifiée",
    "open_scenario": "Scénario de programmation créé",
    "copy_scenario": "Scénario de programmation copié",
    "delete_scenario": "Scénario de programmation supprimé",
    "propose_scenario": "Propositions faites selon un scénario",
}


def said(event: Event) -> str:
    """Write what an event of a wave did: « Vague modifiée (clôture des dépôts : 30 septembre → 7 octobre 2026) »."""
    act = ACTS.get(event.name, event.name)
    moves = [
        f"{NAMED[name]} : {_written(before)} → {_written(after)}"
        for name, (before, after) in event.data.get("changed", {}).items()
        if name in NAMED
    ]
    return spaced(f"{act} ({' ; '.join(moves)})") if moves else act


def _written(value: Any) -> str:
    return written_day(date.fromisoformat(value)) if isinstance(value, str) else str(value)


def may_manage(user: User) -> bool:
    """Tell whether somebody looks after the waves."""
    return user.holds(Role.ADMINISTRATOR) or user.holds(Role.LEAD_AGENT, scheme=SCHEME)


TOLD = frozenset({"closing_on", "instruction_from", "instruction_to", "committee_on"})
"""The days that an organisation reads: a change of the others is not its business."""


# ------------------------------------------------------------------------------------------------------------ waves
@transaction.atomic
def open_wave(*, by: User, **fields: Any) -> Wave:
    """Write a new wave, and put in it the dossiers that belong to it; raises NotAllowed, ValidationError."""
    _check(by)
    wave = Wave(**fields)
    wave.full_clean()
    wave.save(force_insert=True)
    procedure.record(wave, "open_wave", by=by, data={"to": _days(wave)})
    _place_all(_concerned(wave.closing_on))
    return wave


@transaction.atomic
def change_wave(wave: Wave, *, by: User, reason: str = "", **fields: Any) -> Event | None:
    """Change a wave's days. Once it has dossiers a reason is asked for, and their organisations are told.

    The dossiers that belong to another wave from now on go there. Raises NotAllowed, ReasonMissing, ValidationError (a
    closing day that would leave out a dossier of the wave). Nothing is written when nothing changed.
    """
    _check(by)
    held = Wave.objects.select_for_update().get(pk=wave.pk)
    before = {name: getattr(held, name) for name in fields}
    changed = {name: value for name, value in fields.items() if value != before[name]}
    if not changed:
        return None
    inside = list(_dossiers(Q(booster__wave=held)))
    if inside and not reason.strip():
        have = plural(len(inside), "dossier est", "dossiers sont")
        raise ReasonMissing(spaced(f"{have} dans cette vague : dites pourquoi ses dates changent."))
    for name, value in changed.items():
        setattr(held, name, value)
    held.full_clean()
    if "closing_on" in changed:
        _check_closing(held, inside)
    held.save()
    moves = {name: [_plain(before[name]), _plain(value)] for name, value in changed.items()}
    event = procedure.record(held, "change_wave", by=by, reason=reason, data={"changed": moves})
    if TOLD & set(changed):
        _tell(held, inside, reason)
    if {"closing_on", "committee_on"} & set(changed):
        _place_all(_concerned(min(held.closing_on, before.get("closing_on", held.closing_on))))
    return event


def _check(by: User) -> None:
    if not may_manage(by):
        raise NotAllowed(procedure.FORBIDDEN)


def _check_closing(wave: Wave, inside: Iterable[Dossier]) -> None:
    """Refuse a closing day that a dossier of the wave would miss."""
    out = [one for one in inside if _placed(one, [wave.closing_on]).lacks_wave]
    if out:
        have = plural(len(out), "dossier de cette vague serait complet", "dossiers de cette vague seraient complets")
        raise ValidationError({"closing_on": spaced(f"{have} après ce jour ({_numbers(out)}) : ils en sortiraient.")})


def _numbers(dossiers: list[Dossier]) -> str:
    return ", ".join(str(one.number) for one in dossiers[:5]) + ("…" if len(dossiers) > 5 else "")


def _tell(wave: Wave, dossiers: Iterable[Dossier], reason: str) -> None:
    for one in dossiers:
        if one.is_open:
            thread.tell(one, "booster_ia.wave_changed", also=values(wave) | {"motif": reason.strip()})


def values(wave: Wave) -> dict[str, str]:
    """Return the tags of a mail about a wave."""
    return {
        "vague": wave.label,
        "cloture": written_day(wave.closing_on),
        "instruction": f"du {written_day(wave.instruction_from)} au {written_day(wave.instruction_to)}",
        "commission": written_day(wave.committee_on),
    }


def _days(wave: Wave) -> dict[str, Any]:
    return {name: _plain(getattr(wave, name)) for name in NAMED if name != "id"}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


# -------------------------------------------------------------------------------------------------------- placement
@transaction.atomic
def place(dossier: Dossier) -> None:
    """Put a dossier in its wave and keep why; nothing once it is proposed. Without a wave, lead agents are told."""
    if dossier.submitted_at is None or dossier.state not in MOVABLE:
        return
    application = BoosterApplication.objects.select_for_update(of=("self",)).select_related("wave").get(pk=dossier.pk)
    waves = {one.closing_on: one for one in Wave.objects.closing_from(_first_day(dossier))}
    found = _placed(dossier, waves, _over(dossier, waves.values()))
    wave = waves[found.closing_on] if found.closing_on else None
    moved = application.wave != wave
    if not moved and application.wave_reason == found.why:
        return
    application.wave, application.wave_reason = wave, found.why
    application.save(update_fields=["wave", "wave_reason"])
    if moved:
        label = wave.label if wave else ""
        procedure.record(dossier, "wave_placed", by=None, reason=found.why, data={"wave": label})
    if found.lacks_wave:
        _alert_leads(dossier)


def wave_of(dossier: Dossier) -> Wave | None:
    """Return the wave of a dossier; nothing before its review, or when none is open for it."""
    return Wave.objects.filter(applications=dossier.pk).first()


def next_wave(day: date) -> Wave | None:
    """Return the first wave that closes on a day or after it."""
    return Wave.objects.closing_from(day).first()


def _first_day(dossier: Dossier) -> date:
    """Return a day before which no wave of the dossier closes; the grace may reach back to the day before."""
    if dossier.submitted_at is None:
        raise LookupError("a draft has no wave")
    return dossier.submitted_at.astimezone(PARIS).date() - timedelta(days=1)


def _placed(dossier: Dossier, closings: Iterable[date], over: Mapping[date, str] | None = None) -> Placement:
    now = timezone.now()
    if dossier.submitted_at is None:
        raise LookupError("a draft has no wave")
    grace = periods.grace_minutes(dossier.scheme, timezone.localdate(dossier.submitted_at))
    return placement.place(dossier.submitted_at, _asked(dossier), list(closings), at=now, grace=grace, over=over)


def _asked(dossier: Dossier) -> list[Asked]:
    """List what was asked for and not given up; a thing asked for twice counts as it was last."""
    found: dict[str, Asked] = {}
    corrections = dossier.corrections.prefetch_related("items")
    for correction in sorted(corrections, key=lambda one: (one.asked_at, one.pk)):
        for item in correction.items.all():
            if correction.state == Correction.State.CANCELLED:
                found.pop(item.target, None)
            else:
                found[item.target] = Asked(item.label, correction.due_on, item.satisfied_at)
    return list(found.values())


def _dossiers(which: Q) -> Iterable[Dossier]:
    return Dossier.objects.filter(which, scheme=SCHEME).select_related("organisation", "owner").order_by("pk")


def _concerned(closing_on: date) -> Iterable[Dossier]:
    """List the dossiers under review that a wave closing on a day may take: without a wave, in it, or in a later one.

    Those of a wave that is scored or voted stay there.
    """
    settled = Q(booster__wave__in=_scored()) | Q(booster__wave__committee_on__lt=timezone.localdate())
    later = Q(booster__wave__closing_on__gte=closing_on) & ~settled
    return _dossiers(Q(state__in=("incomplete", "review")) & (Q(booster__wave=None) | later))


def _scored() -> list[int]:
    """Return the keys of the waves whose scoring is closed."""
    closed = Panel.objects.filter(kind=Wave._meta.label_lower, state=workflow.CLOSED)
    return [int(key) for key in closed.values_list("key", flat=True)]


def _over(dossier: Dossier, waves: Iterable[Wave]) -> dict[date, str]:
    """Say which waves take this dossier no more, and why: voted, or scored without it.

    The panels are held: none closes while a dossier enters its wave.
    """
    by_key = {str(wave.pk): wave for wave in waves}
    panels = Panel.objects.select_for_update().filter(kind=Wave._meta.label_lower, key__in=by_key).order_by("pk")
    closed = {panel.key: panel.pk for panel in panels if panel.is_closed}
    judged = Subject.objects.judged().about(dossier).filter(panel__in=closed.values())
    there = set(judged.values_list("panel__key", flat=True)) if closed else set()
    found = {by_key[key].closing_on: SCORED for key in closed.keys() - there}
    today = timezone.localdate()
    voted = [wave for wave in by_key.values() if wave.committee_on < today]
    return found | {one.closing_on: VOTED.format(written_day(one.committee_on)) for one in voted}


def _place_all(dossiers: Iterable[Dossier]) -> None:
    for one in dossiers:
        place(one)


def _alert_leads(dossier: Dossier) -> None:
    held = Q(role_assignments__role=Role.LEAD_AGENT, role_assignments__ended_at=None)
    ours = Q(role_assignments__scheme__in=("", SCHEME))
    people = User.objects.filter(held & ours, is_active=True).distinct().order_by("pk")
    leads = [one for one in people if permissions.is_agent(one, dossier)]
    filled = thread.values(dossier, for_region=True)
    key = f"no-wave:{dossier.pk}:{dossier.complete_on}"
    notifications.notify("booster_ia.no_wave", to=leads, values=filled, about=dossier, key=key)
