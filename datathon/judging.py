"""What ties a juror to a team without anybody declaring it: a place in it, or help given as a mentor."""

from collections.abc import Collection, Mapping

from django.db.models import Case, CharField, Exists, OuterRef, Value, When

from normandata.accounts.models import User

from .mentoring import HelpRequest
from .teams import Seat, Team

KIND = Team._meta.label_lower
MEMBER = "Vous êtes membre de cette équipe."
MENTOR = "Vous avez accompagné cette équipe comme mentor."


def concerned(user: User, keys: Collection[str]) -> Mapping[str, str]:
    """Say which teams this person does not judge, and why; one query."""
    seats = Seat.objects.filter(team=OuterRef("pk"), registration__person=user)
    help_given = HelpRequest.objects.filter(team=OuterRef("pk"), taken_by__person=user)
    reason = Case(
        When(Exists(seats), then=Value(MEMBER)),
        When(Exists(help_given), then=Value(MENTOR)),
        default=Value(""),
        output_field=CharField(),
    )
    found = Team.objects.filter(pk__in=[int(key) for key in keys]).annotate(why=reason).exclude(why="")
    return {str(pk): why for pk, why in found.values_list("pk", "why")}
