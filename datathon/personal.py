"""What the `datathon` room holds of people."""

from collections.abc import Iterator
from datetime import date, datetime, time

from django.utils import timezone

from normandata.accounts.models import User
from normandata.privacy import due, registry
from normandata.privacy.due import Due
from normandata.privacy.identity import Identity
from normandata.privacy.registry import Holding, Obstacle

from .juries import Juror
from .mentoring import Mentor
from .phases import OVER
from .registrations import Registration
from .services import erasure

HOLDINGS = (
    Holding(
        "datathon.Edition",
        "datathon",
        signed=["created_by"],
        words=["title", "summary", "registration_url", "closing_place"],
    ),
    Holding("datathon.PhaseSetting", "nobody"),
    Holding("datathon.RulesText", "datathon", signed=["published_by"], words=["text", "change"]),
    Holding("datathon.Theme", "datathon", words=["title", "summary"]),
    Holding("datathon.DataSet", "datathon", words=["title", "producer", "url"], plain=["licence"]),
    Holding("datathon.Criterion", "nobody", plain=["label", "hint"]),
    Holding(
        "datathon.Registration",
        "datathon",
        about=["person"],
        words=["guardian_name", "guardian_email", "skills", "pitch", "refusal_message"],
        plain=["guardian_token"],
    ),
    Holding("datathon.Consent", "datathon"),
    Holding("datathon.Remark", "datathon", signed=["by"], words=["text"]),
    Holding(
        "datathon.Team", "datathon", words=["name", "project", "summary", "territory", "looks_for"], plain=["code"]
    ),
    Holding("datathon.Seat", "datathon"),
    Holding("datathon.JoinRequest", "datathon", words=["message"]),
    Holding("datathon.Extension", "datathon", signed=["given_by"], words=["reason"]),
    Holding("datathon.FollowUp", "datathon", signed=["noted_by"], words=["actor", "text", "url"]),
    Holding("datathon.Audience", "datathon", signed=["typed_by"], plain=["source", "measure"]),
    Holding("datathon.Deliverable", "datathon", signed=["handed_by"], words=["url", "text", "items"], plain=["sha256"]),
    Holding(
        "datathon.Juror", "datathon", about=["person"], words=["name", "email", "title"], email="email", names=["name"]
    ),
    Holding(
        "datathon.Deliberation", "datathon", signed=["opened_by", "closed_by"], words=["matrix", "reason", "remarks"]
    ),
    Holding("datathon.Outcome", "datathon", words=["proposed_reason"], plain=["score"]),
    Holding("datathon.JuryVote", "datathon", words=["subject"]),
    Holding("datathon.Mentor", "datathon", about=["person"], words=["skills", "about", "availability"]),
    Holding("datathon.HelpRequest", "datathon", words=["question"]),
    Holding("datathon.MentorNote", "datathon", words=["text"]),
    Holding("datathon.Meeting", "datathon", signed=["created_by"], words=["title", "place", "notes"]),
)


def hand_up() -> None:
    """Declare what this scheme holds, how it lets go of it, and when it cannot."""
    registry.declare(*HOLDINGS)
    registry.on_forget(forget)
    registry.on_prevent(running_editions)
    due.on_due(over)


def forget(person: User, identity: Identity) -> None:
    """Erase the participant from every edition, and what a mentor or a juror wrote of themself."""
    for one in Registration.objects.filter(person=person).select_related("edition"):
        erasure.erase(one, by=None)
    Mentor.objects.filter(person=person).update(skills=[], about="", availability="")
    for juror in Juror.objects.filter(email__in=identity.emails) | Juror.objects.filter(person=person):
        juror.name, juror.email, juror.title = identity.pseudonym, identity.address, ""
        juror.save()


def running_editions(person: User) -> list[Obstacle]:
    """List the editions that are not over."""
    rows = Registration.objects.filter(person=person).exclude(edition__state__in=OVER).select_related("edition")
    gesture = "Désinscrivez-vous, ou attendez la fin de l’édition."
    return [Obstacle(f"L’édition {one.edition.title} n’est pas terminée.", gesture) for one in rows.order_by("pk")]


def over(day: date) -> Iterator[Due]:
    """List the participants whom the night erases, edition by edition."""
    (rule,) = due.rules_of("over")
    at = timezone.make_aware(datetime.combine(day, time(12)))
    for one in erasure.due(at):
        since, end = erasure.term(one.edition)
        yield Due(rule, f"Inscription {one.pk}, {one.edition.title}", since, end, by_itself=True)
