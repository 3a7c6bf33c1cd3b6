"""Whether one may register, change teams or hand in at an instant; if not, why and since when. Pure.

Days are civil days in Europe/Paris, included up to 24:00; `grace` is in minutes after the limit, and covers slow
uploads. Annexe 5 leaves dates and delays to each edition.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from normandata.dossiers.delays import PARIS, grace_end
from normandata.regulation.formats import NBSP, spaced
from normandata.regulation.formats import day as written_day

from .phases import CANCELLED, PREPARING, REGISTRATION, REHEARSAL, RIGHTS


@dataclass(frozen=True, slots=True)
class Window:
    """Open or not; when it is not, `title` says it in short and `sentence` why and since when."""

    is_open: bool
    title: str = ""
    sentence: str = ""
    until: datetime | None = None
    """The last instant before the grace, where one is set."""


@dataclass(frozen=True, slots=True)
class Phase:
    """The phase of an edition, and since when where the journal says so."""

    slug: str
    since: datetime | None = None

    @property
    def is_trial(self) -> bool:
        return self.slug == REHEARSAL

    def sentence(self, text: str) -> str:
        """End a sentence with the instant from which it holds."""
        return spaced(f"{text} depuis le {moment(self.since)}." if self.since else f"{text}.")


def moment(at: datetime) -> str:
    """Write an instant as it reads in Paris: `22 octobre 2027 à 12 h 00`, with its seconds where it has any."""
    local = at.astimezone(PARIS)
    seconds = f"{NBSP}min{NBSP}{local:%S}{NBSP}s" if local.second else ""
    return f"{written_day(local.date())} à {local:%-H}{NBSP}h{NBSP}{local:%M}{seconds}"


def after(limit: datetime, grace: int) -> datetime:
    """Return the last instant admitted after a limit: minutes elapse alike through a change of hour."""
    return (limit.astimezone(UTC) + timedelta(minutes=grace)).astimezone(PARIS)


def registration(
    phase: Phase, at: datetime, *, opens_on: date | None, closes_on: date | None, grace: int, may_try: bool = False
) -> Window:
    """Say whether one may register; `may_try` is for whoever prepares the edition and tries it beforehand."""
    title = "Les inscriptions ne sont pas ouvertes"
    if phase.is_trial:
        return Window(True) if may_try else Window(False, title, "Cette édition se prépare : elle n’est pas ouverte.")
    if phase.slug == PREPARING:
        return Window(False, title, spaced(_opening(opens_on)))
    if phase.slug == CANCELLED:
        return Window(False, "Cette édition est annulée", phase.sentence("Cette édition est annulée"))
    if phase.slug == REGISTRATION and opens_on is not None and at < start_of(opens_on):
        return Window(False, title, spaced(_opening(opens_on)))
    if closes_on is not None and at > grace_end(closes_on, grace):
        return Window(False, "Les inscriptions sont closes", _closed("Les inscriptions sont closes", closes_on))
    if not RIGHTS[phase.slug].register:
        said = phase.sentence("Les inscriptions sont closes : le challenge a commencé")
        return Window(False, "Les inscriptions sont closes", said)
    return Window(True, until=grace_end(closes_on, 0) if closes_on else None)


def changes(phase: Phase, at: datetime, *, lock_on: date | None, grace: int) -> Window:
    """Say whether teams may still be formed and changed."""
    title = "Les équipes sont figées"
    if phase.slug == CANCELLED:
        return Window(False, "Cette édition est annulée", phase.sentence("Cette édition est annulée"))
    if not phase.is_trial and lock_on is not None and at > grace_end(lock_on, grace):
        return Window(False, title, _closed("On ne change plus d’équipe", lock_on))
    if not RIGHTS[phase.slug].change_teams:
        if phase.slug == PREPARING:
            return Window(False, "Les équipes ne se forment pas encore", "Cette édition se prépare.")
        return Window(False, title, phase.sentence("On ne change plus d’équipe"))
    return Window(True, until=grace_end(lock_on, 0) if lock_on and not phase.is_trial else None)


def delivery(phase: Phase, at: datetime, *, due_at: datetime | None, grace: int, is_extended: bool = False) -> Window:
    """Say whether deliverables are taken; `due_at` is the team's own limit where one was given."""
    if not RIGHTS[phase.slug].deliver:
        if phase.slug in (PREPARING, REGISTRATION):
            return Window(False, "Pas encore", "Les livrables se remettent à partir du début du challenge.", due_at)
        if phase.slug == CANCELLED:
            return Window(False, "Cette édition est annulée", phase.sentence("Cette édition est annulée"))
        return Window(False, "Les livrables ne se remettent plus", _ended(phase, due_at), due_at)
    if due_at is not None and not phase.is_trial and at > after(due_at, grace):
        whose = "Le délai donné à votre équipe est passé" if is_extended else "Le délai est passé"
        said = f"{whose} depuis le {moment(due_at)}. Nous sommes le {moment(at)}, heure de Paris."
        return Window(False, "Le délai est passé", spaced(said), due_at)
    return Window(True, until=due_at)


def _ended(phase: Phase, due_at: datetime | None) -> str:
    """Say since when nothing is taken: the limit, unless the phase ended before it."""
    since = min((at for at in (due_at, phase.since) if at is not None), default=None)
    return replace(phase, since=since).sentence("La remise est close")


def start_of(day: date) -> datetime:
    """Return the instant when a day begins in Paris."""
    return datetime(day.year, day.month, day.day, tzinfo=PARIS)


def _opening(opens_on: date | None) -> str:
    if opens_on is None:
        return "La date d’ouverture n’est pas encore fixée."
    return f"Les inscriptions ouvrent le {written_day(opens_on)}."


def _closed(text: str, last_day: date) -> str:
    return spaced(f"{text} depuis le {written_day(last_day)} à minuit, heure de Paris.")
