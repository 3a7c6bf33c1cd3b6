"""What an action asks for before it changes state, and what follows: the code behind the names of its table."""

from normandata.procedure.services import Firing
from normandata.regulation.formats import listing, plural, spaced

CHANGED = "Cette action a changé entre-temps : relisez ce qui est enregistré, puis envoyez à nouveau."


def as_seen(firing: Firing) -> list[str]:
    """What is decided on is what the page showed."""
    seen = firing.data.get("seen")
    return [] if seen is None or seen == firing.thing.revision else [spaced(CHANGED)]


def is_planned(firing: Firing) -> list[str]:
    """Nothing starts without its dates and at least one milestone: its progress could not be computed."""
    action = firing.thing
    wanting = [] if action.starts_on else ["Indiquez le début et la fin de l’action dans sa fiche."]
    return wanting + (
        [] if action.milestones.exists() else ["Ajoutez au moins un jalon : l’avancement en est calculé."]
    )


def is_held(firing: Firing) -> list[str]:
    """Every milestone is held."""
    waiting = [one.title for one in firing.thing.milestones.all() if one.done_on is None]
    if not waiting:
        return []
    have = plural(len(waiting), "jalon n’est pas tenu", "jalons ne sont pas tenus")
    return [spaced(f"{have} : {listing(waiting)}. Notez la date à laquelle il l’a été, ou retirez-le.")]


def keep(firing: Firing) -> None:
    """Keep the reason with the state, and let every page that shows the action know that it changed."""
    firing.thing.state_reason = firing.reason
    firing.thing.revision += 1
