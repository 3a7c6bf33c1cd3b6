"""The mails of mentors and of follow-up meetings; one row of the outbox for each."""

from django.urls import reverse

from . import edition_mails as edition
from .mentoring import HelpRequest, Meeting, Mentor, MentorNote
from .teams import Team

OF_ALL = "tous les mentors"


def tell_offered(mentor: Mentor) -> None:
    """Tell the organisers that somebody offers help."""
    address = edition.absolute(reverse("datathon:mentors", args=[mentor.edition.slug]))
    edition.write(
        "mentor_offered", mentor.edition, edition.organisers(mentor.edition), address=address, mentor=str(mentor)
    )


def tell_accepted(mentor: Mentor) -> None:
    """Tell a volunteer that the offer is accepted."""
    address = edition.absolute(reverse("datathon:mentoring"))
    edition.write("mentor_accepted", mentor.edition, [mentor.person], address=address)


def tell_declined(mentor: Mentor, message: str) -> None:
    """Tell a volunteer that the offer is declined."""
    edition.write("mentor_declined", mentor.edition, [mentor.person], motif=message)


def tell_asked(request: HelpRequest) -> None:
    """Tell the mentor asked, or all of them, that a team needs help; a trial writes to nobody else."""
    team = request.team
    if team.rehearsal:
        return
    to = [request.asked.person] if request.asked else edition.mentors(team.edition)
    address = edition.absolute(reverse("datathon:mentoring"))
    said = {"equipe": team.name, "question": request.question}
    edition.write("help_asked", team.edition, to, address=address, key=f"{asked_key(team)}{request.pk}", **said)


def asked_key(team: Team) -> str:
    """Return how the keys of the mails that quote a team's questions begin, by which they are erased."""
    return f"datathon-aide:{team.pk}:"


def tell_taken(request: HelpRequest) -> None:
    """Tell the team who helps it."""
    team = request.team
    address = edition.absolute(reverse("datathon:help", args=[team.pk]))
    edition.write(
        "help_taken",
        team.edition,
        edition.members(team),
        address=address,
        equipe=team.name,
        mentor=str(request.taken_by),
    )


def tell_note(note: MentorNote) -> None:
    """Tell the team that a mentor wrote to it."""
    team = note.team
    address = edition.absolute(reverse("datathon:help", args=[team.pk]))
    edition.write(
        "note_shared", team.edition, edition.members(team), address=address, equipe=team.name, mentor=str(note.mentor)
    )


def tell_meeting(meeting: Meeting, kind: str, **more: str) -> None:
    """Tell those invited when and where a meeting is, or is not: the edition's people, or a team and its mentors."""
    if meeting.team is None:
        to = [*edition.participants(meeting.edition), *edition.mentors(meeting.edition)]
    else:
        helping = Mentor.objects.active().filter(help_requests__team=meeting.team).select_related("person").distinct()
        to = [*edition.members(meeting.team), *(mentor.person for mentor in helping.order_by("pk"))]
    address = edition.absolute(reverse("datathon:meeting_file", args=[meeting.pk]))
    when = f"{edition.instant(meeting.starts_at)}, jusqu’au {edition.instant(meeting.ends_at)}"
    said = {"objet": meeting.title, "date": when, "lieu": meeting.place or "à préciser", **more}
    edition.write(kind, meeting.edition, to, address=address, **said)
