"""What a session asks for before it changes state, and what follows: the code behind the names of its table.

Services hold the session first and hand over, as `data`, what the conditions read: `items`, `revision`, `problems`.
"""

from normandata.procedure.services import Firing
from normandata.regulation.formats import listing, plural, spaced


def has_items(firing: Firing) -> list[str]:
    return [] if firing.data["items"] else ["L’ordre du jour est vide : inscrivez-y au moins un dossier."]


def as_seen(firing: Firing) -> list[str]:
    """What is decided on is what the page showed."""
    seen = firing.data.get("seen")
    if seen is None or seen == firing.thing.revision:
        return []
    return ["L’ordre du jour ou les résultats ont changé entre-temps : rechargez la page pour les lire."]


def is_voted(firing: Firing) -> list[str]:
    """Every item has an outcome."""
    waiting = [item.dossier.number for item in firing.data["items"] if not item.outcome]
    if not waiting:
        return []
    have = plural(len(waiting), "dossier n’a", "dossiers n’ont")
    return [spaced(f"{have} pas de décision : {listing(waiting)}.")]


def is_held(firing: Firing) -> list[str]:
    """Results are those of a session that took place."""
    return [] if firing.thing.held_on <= firing.data["today"] else ["La séance n’a pas encore eu lieu."]


def is_numbered(firing: Firing) -> list[str]:
    return [] if firing.thing.deliberation_number else ["Indiquez le numéro de la délibération."]


def by_another(firing: Firing) -> list[str]:
    """Whoever typed the results does not validate them."""
    if firing.thing.recorded_by_id == firing.author.pk:
        return ["Vous avez saisi ces résultats : une autre personne les valide."]
    return []


def opened_by_another(firing: Firing) -> list[str]:
    """Whoever settled an agenda does not open it again."""
    if firing.thing.settled_by_id == firing.author.pk:
        return ["Vous avez arrêté cet ordre du jour : une autre personne le rouvre."]
    return []


def undone_by_another(firing: Firing) -> list[str]:
    """Whoever validated a session does not open it again."""
    if firing.thing.validated_by_id == firing.author.pk:
        return ["Vous avez validé cette séance : une autre personne la rouvre."]
    return []


def is_payable(firing: Firing) -> list[str]:
    """What is to be decided fits the envelope and each dossier's own maximum: one sentence for each that does not."""
    return list(firing.data["problems"])


def keep_settling(firing: Firing) -> None:
    firing.thing.settled_by, firing.thing.settled_at = firing.author, firing.at


def forget_settling(firing: Firing) -> None:
    firing.thing.settled_by, firing.thing.settled_at = None, None


def keep_record(firing: Firing) -> None:
    """Date the results."""
    firing.thing.recorded_by, firing.thing.recorded_at = firing.author, firing.at


def forget_record(firing: Firing) -> None:
    firing.thing.recorded_by, firing.thing.recorded_at = None, None


def keep_validation(firing: Firing) -> None:
    firing.thing.validated_by, firing.thing.validated_at = firing.author, firing.at


def forget_validation(firing: Firing) -> None:
    firing.thing.validated_by, firing.thing.validated_at = None, None
