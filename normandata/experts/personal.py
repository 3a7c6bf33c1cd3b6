"""What the `experts` room holds of people."""

from collections.abc import Iterator
from datetime import date

from django.urls import reverse
from django.utils import timezone

from normandata.accounts.models import User
from normandata.privacy import due, registry
from normandata.privacy.due import Due
from normandata.privacy.identity import Identity
from normandata.privacy.registry import Holding, Obstacle

from .models import Agreement, Expert, Listing, Need
from .need_workflow import ENDED
from .services.needs import WORDS

NEED_WORDS = [*WORDS, "contact_phone"]
HOLDINGS = (
    Holding("experts.Opinion", "experts", signed=["asked_by"], words=["question", "pieces", "draft"]),
    Holding("experts.Answer", "experts", signed=["by"], words=["text"]),
    Holding(
        "experts.Expert",
        "experts",
        about=["user"],
        signed=["added_by"],
        words=["name", "organisation", "email", "skills"],
        email="email",
        names=["name"],
    ),
    Holding("experts.Agreement", "experts", signed=["recorded_by", "withdrawn_by"], words=["proof"]),
    Holding("experts.Listing", "experts", words=["presentation"]),
    Holding("experts.ListedDomain", "experts"),
    Holding("experts.Need", "experts", about=["asked_by"], signed=["handled_by"], words=NEED_WORDS),
    Holding("experts.Introduction", "experts", signed=["asked_by"], words=["message"]),
)


def hand_up() -> None:
    """Declare what this room holds, how it lets go of it, and when it cannot."""
    registry.declare(*HOLDINGS)
    registry.on_forget(forget)
    registry.on_prevent(open_needs)
    due.on_due(over)


def over(day: date) -> Iterator[Due]:
    """List the cœur expert requests that the night empties, so long after they ended."""
    (rule,) = due.rules_of("need_ended")
    rows = Need.objects.filter(state__in=ENDED, emptied_at=None, closed_at__date__lte=due.started_by(rule, day))
    for one in rows.order_by("pk").iterator(chunk_size=500):
        since = timezone.localdate(one.closed_at)
        end = rule.on(day).end(since)
        if end <= day:
            yield Due(rule, f"Demande {one.reference}", since, end, by_itself=True)


def open_needs(person: User) -> list[Obstacle]:
    """List the cœur expert requests under way that this person made in their own name: nobody else follows them."""
    rows = Need.objects.open().filter(asked_by=person, organisation=None).order_by("pk")
    return [
        Obstacle(
            f"La demande au cœur expert {one.reference} est en cours.",
            "Retirez-la, ou attendez sa clôture.",
            reverse("experts:need", args=[one.key]),
        )
        for one in rows
    ]


def forget(person: User, identity: Identity) -> None:
    """Leave the directory: agreements end, what served to choose the expert and what was shown of them go.

    Opinions given stay. Of a request made, the person to reach goes; what others wrote of it stays.
    """
    Need.objects.filter(asked_by=person).update(contact_phone="")
    Need.objects.filter(asked_by=person, organisation=None).update(contact_name=identity.pseudonym)
    for expert in Expert.objects.filter(email__in=identity.emails) | Expert.objects.filter(user=person):
        Listing.objects.filter(agreement__expert=expert).delete()
        Agreement.objects.standing().filter(expert=expert).update(
            withdrawn_on=timezone.localdate(), withdrawn_by=person
        )
        expert.name, expert.email = identity.pseudonym, identity.address
        expert.organisation, expert.skills = "", "—"
        expert.save()
