"""What must hold before an edition changes phase, before somebody registers again, before a team ends.

Each condition reads what the services hand over as `data`, in the transaction that holds the row.
"""

from normandata.procedure.services import Firing
from normandata.regulation.formats import listing


def as_seen(firing: Firing) -> list[str]:
    """Refuse what a page that is out of date asks; a gesture without a page says no revision."""
    seen = firing.data.get("revision")
    if seen is None or seen == firing.thing.revision:
        return []
    return ["Cette édition a changé depuis que vous avez ouvert la page : rechargez-la, puis recommencez."]


def is_described(firing: Firing) -> list[str]:
    """An edition that people try, or that opens, says its days, its rules, its themes and its criteria."""
    wanting = firing.data["wanting"]
    return [f"Il manque : {listing(wanting)}."] if wanting else []


def has_teams(firing: Firing) -> list[str]:
    return [] if firing.data["teams"] else ["Aucune équipe ne présente de projet."]


def is_delivered(firing: Firing) -> list[str]:
    """The jury marks what does not move any more: the deadline is over, and every extension with it."""
    until = firing.data["delivery_ends_at"]
    if until is None or until <= firing.at:
        return []
    return ["Des équipes peuvent encore remettre leurs livrables : attendez la fin du délai, prolongations comprises."]


def jury_is_mixed(firing: Firing) -> list[str]:
    """Elected officials or their representatives *and* experts sit before scoring opens (annexe 5, T-17)."""
    missing = []
    if not firing.data["officials"]:
        missing.append("un élu régional ou son représentant")
    if not firing.data["experts"]:
        missing.append("un expert thématique")
    return [f"Le jury n’est pas composé : il lui manque {listing(missing)} qui a accepté."] if missing else []


def has_chair(firing: Firing) -> list[str]:
    return [] if firing.data["chair"] else ["Désignez qui préside le jury : sa voix est prépondérante."]


def by_another(firing: Firing) -> list[str]:
    """What one person closed, another reopens."""
    if firing.by is not None and firing.data["closed_by"] == firing.by.pk:
        return ["Vous avez fait ce geste : une autre personne doit le défaire."]
    return []


def is_decided(firing: Firing) -> list[str]:
    """All that keeps a deliberation from closing, each in a French sentence."""
    return list(firing.data["open_points"])


def is_recorded(firing: Firing) -> list[str]:
    return [] if firing.data["has_record"] else ["Le procès-verbal est en préparation : publiez quand il est prêt."]


def has_no_team(firing: Firing) -> list[str]:
    """Whoever holds a seat leaves the team first, and hands over the role of referent.

    A refusal takes the seat away by itself: its service says so with no team.
    """
    team = firing.data["team"]
    return [f"Vous êtes dans l’équipe « {team} » : quittez-la d’abord."] if team else []


def is_agreed(firing: Firing) -> list[str]:
    """A minor takes part once a parent has agreed."""
    if firing.thing.is_minor and firing.thing.guardian_agreed_at is None:
        return ["L’accord d’un parent est attendu."]
    return []


def keep_refusal(firing: Firing) -> None:
    """Keep the reason and the message, which goes with the person; the journal keeps the reason alone."""
    firing.thing.refusal, firing.thing.refusal_message = firing.data["refusal"], firing.data["message"]


def forget_refusal(firing: Firing) -> None:
    firing.thing.refusal = firing.thing.refusal_message = ""
