"""What the scoring is told of a team: whom it concerns, and which version of its deliverables is judged."""

from collections.abc import Collection, Mapping

from django.db.models import Max, Q

from normandata.accounts.models import User

from .deliverables import KINDS, Deliverable
from .mentoring import HelpRequest, MentorNote
from .teams import Seat

TEAM = "datathon.team"
MEMBER = "Vous êtes membre de cette équipe."
HELPED = "Vous avez aidé cette équipe comme mentor."


def concerned(user: User, keys: Collection[str]) -> Mapping[str, str]:
    """Say which teams somebody must not judge: one's own, and those one helped; three queries."""
    wanted = [int(key) for key in keys]
    helped = HelpRequest.objects.filter(team__in=wanted, taken_by__person=user).values_list("team", flat=True)
    noted = MentorNote.objects.filter(team__in=wanted, mentor__person=user).values_list("team", flat=True)
    mine = Seat.objects.filter(team__in=wanted, registration__person=user).values_list("team", flat=True)
    found = {str(key): HELPED for key in (*helped, *noted)}
    return found | {str(key): MEMBER for key in mine}


def versions(keys: Collection[str]) -> Mapping[str, str]:
    """Return what is judged of each team: the last version of each kind, as « c2 d1 o0 p3 »; one query."""
    wanted = Q(team__in=[int(key) for key in keys])
    rows = Deliverable.objects.filter(wanted).values_list("team", "kind").annotate(last=Max("version")).order_by()
    found: dict[str, dict[str, int]] = {}
    for team, kind, last in rows:
        found.setdefault(str(team), {})[kind] = last
    return {team: " ".join(f"{LETTERS[kind]}{last.get(kind, 0)}" for kind, _ in KINDS) for team, last in found.items()}


LETTERS = {"code": "c", "data": "d", "documentation": "o", "presentation": "p"}
"""One letter a kind: a sheet keeps forty characters."""
