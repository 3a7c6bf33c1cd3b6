"""What ties a juror to a team without anybody declaring it, and which version of its deliverables is judged."""

from collections.abc import Collection, Mapping

from django.db.models import Case, CharField, Exists, Max, OuterRef, Q, Value, When

from normandata.accounts.models import User

from .deliverables import KINDS, Deliverable
from .mentoring import HelpRequest, MentorNote
from .teams import Seat, Team

KIND = Team._meta.label_lower
MEMBER = "Vous êtes membre de cette équipe."
MENTOR = "Vous avez accompagné cette équipe comme mentor."
LETTERS = {"code": "c", "data": "d", "documentation": "o", "presentation": "p"}
"""One letter a kind: a sheet keeps forty characters."""


def tie(user: User) -> Case:
    """Describe, in a query of teams, what keeps a person from judging each; an empty text for nothing."""
    seats = Seat.objects.filter(team=OuterRef("pk"), registration__person=user)
    noted = MentorNote.objects.filter(team=OuterRef("pk"), mentor__person=user)
    help_given = HelpRequest.objects.filter(team=OuterRef("pk"), taken_by__person=user)
    return Case(
        When(Exists(seats), then=Value(MEMBER)),
        When(Exists(help_given) | Exists(noted), then=Value(MENTOR)),
        default=Value(""),
        output_field=CharField(),
    )


def concerned(user: User, keys: Collection[str]) -> Mapping[str, str]:
    """Say which teams this person does not judge, and why; one query."""
    found = Team.objects.filter(pk__in=[int(key) for key in keys]).annotate(why=tie(user)).exclude(why="")
    return {str(pk): why for pk, why in found.values_list("pk", "why")}


def versions(keys: Collection[str]) -> Mapping[str, str]:
    """Return what is judged of each team: the last version of each kind, as « c2 d1 o0 p3 »; one query."""
    wanted = Q(team__in=[int(key) for key in keys])
    rows = Deliverable.objects.filter(wanted).values_list("team", "kind").annotate(last=Max("version")).order_by()
    found: dict[str, dict[str, int]] = {}
    for team, kind, last in rows:
        found.setdefault(str(team), {})[kind] = last
    return {team: " ".join(f"{LETTERS[kind]}{last.get(kind, 0)}" for kind, _ in KINDS) for team, last in found.items()}
