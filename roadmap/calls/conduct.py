"""What a call asks for before it changes state, and what follows: the code behind the names of its table."""

from datetime import date
from typing import Any

from normandata.dossiers import delays, periods
from normandata.dossiers.delays import PARIS
from normandata.dossiers.refusals import About
from normandata.procedure.services import Firing
from normandata.regulation.formats import day as written_day
from normandata.regulation.formats import plural, spaced

from ..permissions import SCHEME

CHANGED = "Cet appel a changé entre-temps : relisez ce qui est enregistré, puis envoyez à nouveau."


def as_seen(firing: Firing) -> list[str]:
    """What is decided on is what the page showed."""
    seen = firing.data.get("seen")
    return [] if seen is None or seen == firing.thing.revision else [spaced(CHANGED)]


def is_whole(firing: Firing) -> list[str]:
    """Whoever answers knows what is asked, until when, by which themes and scales, and whom to ask."""
    call = firing.thing
    return wanting(call, themes=len(call.themes), scales=len(call.scales))


def wanting(call: Any, *, themes: int, scales: int) -> list[str]:
    """Say what a call still lacks to be answered, each sentence about its field."""
    lacking = (
        (
            "text" if call.summary else "summary",
            "Écrivez le résumé et le texte de l’appel.",
            call.summary and call.text,
        ),
        (
            "closes_on" if call.opens_on else "opens_on",
            "Fixez l’ouverture et la fermeture de l’appel.",
            call.opens_on and call.closes_on,
        ),
        ("themes", "Listez au moins deux thématiques.", themes > 1),
        ("scales", "Listez au moins deux échelles.", scales > 1),
        ("email", "Indiquez un contact : un courriel ou un téléphone.", call.email or call.phone),
    )
    return [About(field, spaced(sentence)) for field, sentence, is_there in lacking if not is_there]


def is_to_come(firing: Firing) -> list[str]:
    """What is announced is not over yet."""
    return over(firing.thing, _today(firing))


def over(call: Any, today: date) -> list[str]:
    """Say that a call would be over already."""
    if call.closes_on and call.closes_on < today:
        said = f"Les dépôts se seraient clos le {written_day(call.closes_on)} : changez les dates."
        return [About("closes_on", spaced(said))]
    return []


def is_within(firing: Firing) -> list[str]:
    """An open call takes proposals on that very day."""
    call, today = firing.thing, _today(firing)
    if not (call.opens_on and call.closes_on):
        return []  # said by `is_whole`
    if today < call.opens_on:
        when = written_day(call.opens_on)
        return [spaced(f"L’ouverture est fixée au {when} : annoncez l’appel, il ouvrira ce jour-là.")]
    return is_to_come(firing)


def is_over(firing: Firing) -> list[str]:
    """A call closes when its last day and the grace of the règlement are over, and not a minute before."""
    last = firing.thing.closes_on
    grace = periods.grace_minutes(SCHEME, last)
    return ["Les dépôts sont encore admis."] if delays.is_in_time(last, firing.at, grace) else []


def is_later(firing: Firing) -> list[str]:
    """An extension gives time, and takes none."""
    last: date | None = firing.data.get("closes_on")
    call = firing.thing
    if last is None or (call.closes_on and last <= call.closes_on):
        return [About("closes_on", f"La nouvelle fermeture vient après le {written_day(call.closes_on)}.")]
    return [About("closes_on", "La nouvelle fermeture est à venir.")] if last < _today(firing) else []


def all_answered(firing: Firing) -> list[str]:
    """An assessment is published when every carrier has had its answer."""
    left = firing.thing.proposals.unanswered().count()
    have = plural(left, "proposition n’a pas encore reçu sa réponse", "propositions n’ont pas encore reçu leur réponse")
    return [spaced(f"{have} : le bilan se publie ensuite.")] if left else []


def has_no_proposal(firing: Firing) -> list[str]:
    """Nobody answered: what was deposited is examined."""
    count = firing.thing.proposals.live().count()
    are = plural(count, "proposition est déposée", "propositions sont déposées")
    return [spaced(f"{are} : elles s’examinent, l’appel ne s’annule plus.")] if count else []


def keep(firing: Firing) -> None:
    """Keep the reason with the state, and let every page that shows the call know that it changed."""
    firing.thing.state_reason = firing.reason
    firing.thing.revision += 1


def put_off(firing: Firing) -> None:
    """Write the new last day; the reason is public with it."""
    firing.thing.closes_on = firing.data["closes_on"]
    firing.thing.updated_at = firing.at
    keep(firing)


def _today(firing: Firing) -> date:
    return firing.at.astimezone(PARIS).date()
