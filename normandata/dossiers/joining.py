"""Who belongs to a dossier's organisation and who asks to: what the agents' page shows, and whom the Region answers."""

from dataclasses import dataclass

from normandata.accounts.models import Role, User
from normandata.organisations.models import Membership
from normandata.organisations.permissions import has_manager
from normandata.procedure.models import Event

from . import permissions
from .models import Dossier

MOST = 50
"""Members, requests and answers listed for an organisation."""
ANSWERS = {"accept_member": "acceptée", "refuse_member": "refusée"}


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that was given to somebody who asked to join."""

    event: Event
    person: str
    label: str


@dataclass(frozen=True, slots=True)
class People:
    """The people of an organisation as an agent reads them beside a dossier."""

    members: list[Membership]
    requests: list[Membership]
    answers: list[Answer]
    is_orphan: bool
    may_settle: bool
    is_depositor_confirmed: bool


def people(dossier: Dossier, user: User) -> People:
    """Gather the people of a dossier's organisation, in a number of queries that theirs does not change."""
    ours = Membership.objects.filter(organisation=dossier.organisation_id).select_related("user")
    requests = list(ours.requested()[:MOST])
    is_orphan = not has_manager(dossier.organisation)
    depositors = dossier.deposits.order_by("-version").values("by")[:1]
    return People(
        members=list(ours.active()[:MOST]),
        requests=requests,
        answers=_answers(dossier),
        is_orphan=is_orphan,
        may_settle=is_orphan and may_answer(user, dossier),
        is_depositor_confirmed=not ours.requested().filter(user__in=depositors).exists(),
    )


def may_answer(user: User, dossier: Dossier) -> bool:
    """Tell whether this person answers for the Region where no manager is left: who instructs, or administers."""
    works_here = permissions.can_examine(user, dossier) or user.holds(Role.ADMINISTRATOR)
    return works_here and permissions.is_deposited(dossier)


def _answers(dossier: Dossier) -> list[Answer]:
    found = Event.objects.about(dossier.organisation).named(*ANSWERS).select_related("by")[:MOST]
    return [Answer(event, str(event.data.get("person", "")), ANSWERS[event.name]) for event in found]
