"""Conditions and effects of the procedure of an opinion: its mails, its lines in the dossier's journal."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import reverse
from django.utils.http import urlencode

from normandata.accounts.models import User
from normandata.dossiers import schemes
from normandata.dossiers.delays import PARIS
from normandata.dossiers.services import thread
from normandata.notifications import services as notifications
from normandata.organisations.models import Membership
from normandata.procedure import services as procedure
from normandata.procedure.services import Firing
from normandata.regulation.formats import day as written_day
from normandata.regulation.formats import spaced

if TYPE_CHECKING:
    from .opinions import Opinion

ACTS = {
    "opinion_asked": "Avis demandé à un expert",
    "opinion_no_conflict": "Absence de lien d’intérêts déclarée par l’expert",
    "opinion_conflict": "Lien d’intérêts déclaré par l’expert, question close",
    "opinion_given": "Avis d’expert rendu",
    "opinion_declined": "Avis décliné par l’expert",
    "opinion_cancelled": "Demande d’avis annulée",
    "opinion_extended": "Date limite d’un avis reportée",
    "opinion_late": "Avis d’expert en retard",
}
"""What this room writes in the journal of a dossier, in words."""
FURTHEST = timedelta(days=180)
OF_THE_HOUSE = "Cet expert fait partie de la structure qui dépose : son avis ne peut pas être demandé."
YOU_ARE_OF_THE_HOUSE = "Vous faites partie de la structure qui dépose : déclarez un lien d’intérêts."


# -------------------------------------------------------------------------------------------------------- conditions
def waits(firing: Firing) -> list[str]:
    """The dossier is still examined."""
    return [] if firing.thing.dossier.is_open else ["Le dossier n’est plus examiné : la question est sans objet."]


def without_conflict(firing: Firing) -> list[str]:
    """The conflict box comes first."""
    return [] if firing.thing.no_conflict_at else ["Dites d’abord si vous avez un lien d’intérêts avec ce dossier."]


def not_of_the_organisation(firing: Firing) -> list[str]:
    """Nobody gives an opinion on the request of an organisation of theirs."""
    opinion: Opinion = firing.thing
    return [spaced(YOU_ARE_OF_THE_HOUSE)] if is_member(opinion.expert.user, opinion) else []


def written(firing: Firing) -> list[str]:
    return [] if firing.thing.draft.strip() else ["Écrivez votre avis avant de le rendre."]


def read_again(firing: Firing) -> list[str]:
    """What is given is what its author has just read."""
    if firing.data["version"] == firing.thing.draft_version:
        return []
    return ["Votre texte a changé depuis que cette page est ouverte. Relisez-le, puis rendez-le."]


def further(firing: Firing) -> list[str]:
    """A last day is put off, to a day that is still to come."""
    return last_day_problems(firing.data["due_on"], firing.at.astimezone(PARIS).date(), after=firing.thing.due_on)


def overdue(firing: Firing) -> list[str]:
    return [] if firing.thing.is_overdue(firing.at) else ["La date limite n’est pas passée."]


def last_day_problems(due_on: date, today: date, *, after: date | None = None) -> list[str]:
    """Say what is wrong with a last day; `after` is the one that it puts off."""
    if due_on <= today:
        return ["La date limite doit être à venir."]
    if after and due_on <= after:
        return [spaced(f"Choisissez un jour après le {written_day(after)}.")]
    if due_on > today + FURTHEST:
        return [f"La date limite est au plus à {FURTHEST.days} jours."]
    return []


def is_member(user: User | None, opinion: "Opinion") -> bool:
    """Tell whether a person is of the organisation that deposited, or asked to be."""
    if user is None:
        return False
    there = Membership.objects.filter(user=user, organisation=opinion.dossier.organisation_id)
    return there.exclude(state=Membership.State.LEFT).exists()


# ----------------------------------------------------------------------------------------------------------- effects
def keep_declaration(firing: Firing) -> None:
    """Date the declaration; what may be read opens."""
    opinion: Opinion = firing.thing
    if opinion.no_conflict_at is None:
        opinion.no_conflict_at = firing.at
        note(opinion, "opinion_no_conflict", by=firing.by)


def close_in_conflict(firing: Firing) -> None:
    """A declared conflict closes the question."""
    opinion: Opinion = firing.thing
    opinion.is_conflict = True
    note(opinion, "opinion_conflict", by=firing.by, why=firing.reason)
    said = "Lien d’intérêts déclaré." + (f" {firing.reason}" if firing.reason else "")
    alert(opinion, "experts.declined", motif=said)


def keep_answer(firing: Firing) -> None:
    """Freeze the answer; the agents are told, and the organisation when it may read it."""
    opinion: Opinion = firing.thing
    opinion.freeze(firing.at, firing.author)
    note(opinion, "opinion_given", by=firing.by)
    alert(opinion, "experts.given")
    if not opinion.is_confidential:
        page = reverse("experts:shared", args=[opinion.dossier.key])
        thread.tell(
            opinion.dossier,
            "experts.shared",
            also={"expert": str(opinion.expert), "adresse": f"{settings.SITE_URL}{page}"},
        )


def tell_declined(firing: Firing) -> None:
    opinion: Opinion = firing.thing
    note(opinion, "opinion_declined", by=firing.by, why=firing.reason)
    alert(opinion, "experts.declined", motif=firing.reason or "Aucun motif donné.")


def tell_cancelled(firing: Firing) -> None:
    """Tell the expert that nothing is awaited any more; what they wrote stays theirs to read."""
    opinion: Opinion = firing.thing
    note(opinion, "opinion_cancelled", by=firing.by, why=firing.reason)
    write(opinion, "experts.cancelled", motif=firing.reason)


def put_off(firing: Firing) -> None:
    opinion: Opinion = firing.thing
    opinion.due_on = firing.data["due_on"]
    note(opinion, "opinion_extended", by=firing.by, why=firing.reason)
    write(opinion, "experts.extended", date_limite=written_day(opinion.due_on))


def tell_late(firing: Firing) -> None:
    """Remind the expert the day after, and tell the agents: the answer may still be given."""
    opinion: Opinion = firing.thing
    note(opinion, "opinion_late", by=None)
    key, last = f"opinion:{opinion.pk}:{opinion.due_on}:late", written_day(opinion.due_on)
    write(opinion, "experts.overdue", key=key, date_limite=last)
    alert(opinion, "experts.late", key=key, date_limite=last)


def note(opinion: "Opinion", act: str, *, by: User | None, why: str = "") -> None:
    """Write an act in the journal of the dossier, with whom it is about."""
    said = f"{opinion.expert}. {why}" if why else f"{opinion.expert}."
    data: Mapping[str, object] = {
        "opinion": opinion.pk,
        "due_on": str(opinion.due_on),
        "is_confidential": opinion.is_confidential,
    }
    procedure.record(opinion.dossier, act, by=by, reason=spaced(said), data=data)


# ------------------------------------------------------------------------------------------------------------- mails
def write(opinion: "Opinion", kind: str, *, key: str | None = None, **more: str) -> None:
    """Send the expert a mail about a question, in the transaction of the fact it tells."""
    expert = opinion.expert
    to = expert.user or expert.email
    values = common(opinion) | {"adresse": address(opinion)} | more
    notifications.notify(kind, to=[to], values=values, about=opinion.dossier, key=key)


def alert(opinion: "Opinion", kind: str, *, key: str | None = None, **more: str) -> None:
    """Send a mail to whoever answers for the dossier on the Region's side."""
    page = reverse("experts:opinions", args=[opinion.dossier.key])
    said = {"expert": str(opinion.expert), "adresse": f"{settings.SITE_URL}{page}"} | more
    values = thread.values(opinion.dossier, for_region=True) | said
    notifications.notify(kind, to=thread.agents(opinion.dossier), values=values, about=opinion.dossier, key=key)


def common(opinion: "Opinion") -> dict[str, str]:
    """Return what every mail to an expert says: which dossier, and no address of it."""
    dossier = opinion.dossier
    return {
        "numero": dossier.number or "",
        "structure": dossier.organisation.label,
        "dispositif": schemes.by_slug()[dossier.scheme].sheet.short_title,
    }


def address(opinion: "Opinion") -> str:
    """Return the address of a question; for somebody without an account, that where one is made first."""
    page = reverse("experts:question", args=[opinion.key])
    if opinion.expert.user_id is None and not User.objects.filter(email=opinion.expert.email).exists():
        page = f"{reverse('account_signup')}?{urlencode({'next': page})}"
    return f"{settings.SITE_URL}{page}"
