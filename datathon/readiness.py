"""What an edition lacks before people try it or register, and what comes next, in words. Pure."""

from dataclasses import dataclass
from datetime import date

from normandata.regulation.calendar import PARIS
from normandata.regulation.formats import day, plural

from . import phases
from .days import Days


@dataclass(frozen=True, slots=True)
class Contents:
    """What an edition says already; counts of rows."""

    days: Days
    rules: int
    themes: int
    criteria: int
    data_sets: int = 0
    prizes: int = 0


DATES = {
    "opens_on": "le début des inscriptions",
    "registration_closes_on": "la fin des inscriptions",
    "starts_on": "le début du challenge",
    "teams_lock_on": "le dernier jour pour changer d’équipe",
    "deliverables_due_at": "l’heure limite des livrables",
    "closing_at": "le jour et l’heure de la clôture",
}


def wanting(contents: Contents) -> list[str]:
    """List what must be said before an edition opens, even for a trial (annexe 5 leaves each to the edition)."""
    missing = [label for name, label in DATES.items() if getattr(contents.days, name) is None]
    if not contents.rules:
        missing.append("le règlement")
    if not contents.themes:
        missing.append("un thème au moins")
    if not contents.criteria:
        missing.append("les critères du jury")
    return missing


def advice(contents: Contents) -> list[str]:
    """List what may be said later, and that participants look for."""
    hints = []
    if not contents.data_sets:
        hints.append("aucun jeu de données n’est proposé")
    if not contents.prizes:
        hints.append("aucun prix n’est annoncé")
    return hints


def following(state: str, days: Days, today: date) -> str:
    """Say in a sentence what comes next in a phase, with its day."""
    if state == phases.PREPARING:
        return "Essayez l’édition comme un participant, puis ouvrez les inscriptions."
    if state == phases.REHEARSAL:
        return "Les organisateurs essaient. Ouvrez les inscriptions ou finissez l’essai : ce qu’il a produit s’efface."
    if state == phases.REGISTRATION:
        what = ("Les inscriptions se closent", "Les inscriptions se sont closes")
        return _dated(what, days.registration_closes_on, today, "Lancez le challenge.")
    if state == phases.CHALLENGE:
        due = days.deliverables_due_at
        on = due.astimezone(PARIS).date() if due else None
        what = ("Les livrables sont dus", "Les livrables étaient dus")
        return _dated(what, on, today, "Ouvrez la notation quand le jury est prêt.")
    return {
        phases.SCORING: "Le jury note. Ouvrez la délibération quand chacun a rendu ses bulletins.",
        phases.DELIBERATION: "Le jury délibère et décide.",
        phases.DECIDED: "Publiez les résultats.",
        phases.PUBLISHED: "Notez ce que deviennent les projets.",
    }.get(state, "L’édition est annulée.")


def _dated(what: tuple[str, str], on: date | None, today: date, after: str) -> str:
    if on is None:
        return after
    if on < today:
        return f"{what[1]} le {day(on)}. {after}"
    left = (on - today).days
    when = "aujourd’hui" if left == 0 else f"dans {plural(left, 'jour')}"
    return f"{what[0]} le {day(on)}, {when}."
