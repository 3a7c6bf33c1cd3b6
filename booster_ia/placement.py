"""Which wave a dossier belongs to, and why. Pure: instants and days in, a closing day and a French sentence out.

Annexe 4: the first wave that closes on or after the day of completeness. What was deposited in time with a piece
missing stays in its wave if the piece arrives by the deadline given, as long as that wave still takes dossiers: the one
that is scored or voted already leaves it to the next.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from normandata.dossiers.delays import PARIS, is_in_time
from normandata.regulation.formats import day as written_day
from normandata.regulation.formats import spaced


@dataclass(frozen=True, slots=True)
class Asked:
    """A thing that was asked for, its last day, and when it arrived (None while it is awaited)."""

    label: str
    due_on: date
    arrived_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Placement:
    """The closing day of a wave, or none yet, and why. `lacks_wave`: it is a wave that is wanting, no piece."""

    closing_on: date | None
    why: str
    lacks_wave: bool = False


def place(
    submitted_at: datetime,
    asked: Sequence[Asked],
    closings: Sequence[date],
    *,
    at: datetime,
    grace: int,
    over: Mapping[date, str] | None = None,
) -> Placement:
    """Choose among closing days, each included up to 24:00 in Paris. `grace` is in minutes, after each last day.

    `over` says, by closing day, why a wave takes no dossier any more: « sa notation est close ».
    """
    overdue = [one for one in asked if one.arrived_at is None and not is_in_time(one.due_on, at, grace)]
    if overdue:
        return Placement(None, _overdue(overdue[0]))
    late = [one for one in asked if one.arrived_at and not is_in_time(one.due_on, one.arrived_at, grace)]
    last = max(late, key=_arrival, default=None)
    counted = max(submitted_at, _arrival(last)) if last else submitted_at
    fit, shut = [day for day in sorted(closings) if is_in_time(day, counted, grace)], over or {}
    closing = next((day for day in fit if day not in shut), None)
    if fit and fit[0] in shut:
        missed = spaced(f"La vague close le {written_day(fit[0])} ne prend plus de dossier : {shut[fit[0]]}.")
        return Placement(closing, f"{missed} {_next(closing)}", lacks_wave=closing is None)
    if closing is None:
        return Placement(None, _nothing(counted), lacks_wave=True)
    return Placement(closing, _why(submitted_at, asked, last, closing, grace))


def _arrival(one: Asked) -> datetime:
    if one.arrived_at is None:
        raise LookupError("this has not arrived")
    return one.arrived_at


def _why(submitted_at: datetime, asked: Sequence[Asked], last: Asked | None, closing_on: date, grace: int) -> str:
    closing = written_day(closing_on)
    if last is not None:
        due = written_day(last.due_on)
        came = f"« {last.label} » est arrivé le {_day(_arrival(last))}, après la date donnée ({due})"
        return spaced(f"{came} : c’est la première vague qui se clôt ce jour-là ou après, le {closing}.")
    deposited = f"Déposé le {_day(submitted_at)}"
    awaited = [one for one in asked if one.arrived_at is None]
    if awaited:
        until = f"« {awaited[0].label} » est attendu au plus tard le {written_day(awaited[0].due_on)}"
        return spaced(f"{deposited}, avant la clôture du {closing} ; {until}.")
    after = [one for one in asked if one.arrived_at and not is_in_time(closing_on, one.arrived_at, grace)]
    if after:
        one = max(after, key=_arrival)
        came = f"« {one.label} » est arrivé le {_day(_arrival(one))}, à temps pour le {written_day(one.due_on)} demandé"
        return spaced(f"{deposited}, avant la clôture du {closing} ; {came}.")
    if submitted_at.astimezone(PARIS).date() > closing_on:
        return spaced(f"{deposited}, dans les {grace} minutes admises après la clôture du {closing}.")
    on = _day(max([submitted_at, *(one.arrived_at for one in asked if one.arrived_at)]))
    return spaced(f"Complet le {on} : c’est la première vague qui se clôt ce jour-là ou après, le {closing}.")


def _next(closing: date | None) -> str:
    """Say which wave takes a dossier that its own does not take any more."""
    if closing is None:
        return spaced("Aucune autre ne se clôt encore ensuite. Les agents responsables sont prévenus.")
    return spaced(f"Le dossier entre dans la suivante, qui se clôt le {written_day(closing)}.")


def _overdue(one: Asked) -> str:
    return spaced(
        f"« {one.label} » était attendu au plus tard le {written_day(one.due_on)} et n’est pas arrivé : le dossier "
        "entrera dans une vague le jour où il sera complet."
    )


def _nothing(counted: datetime) -> str:
    return spaced(
        f"Complet le {_day(counted)} : aucune vague ne se clôt encore ce jour-là ou après. Les agents responsables "
        "sont prévenus ; le dossier entrera dans la prochaine vague dès que ses dates seront fixées."
    )


def _day(at: datetime) -> str:
    return written_day(at.astimezone(PARIS).date())
