"""The Datathon's part of the house: an edition in its challenge with all that is around it, and a published one."""

from datetime import timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone

from datathon import phases
from datathon.models import Audience, DataSet, FollowUp, Mentor, Team
from datathon.services import contents
from normandata.accounts.models import Role, RoleAssignment, User
from normandata.documents.models import Document
from tests.factories.datathon import SCHEME, make_edition, make_organiser, make_registration, make_seat, make_team
from tests.factories.datathon_deliverables import make_handed_in
from tests.factories.datathon_mentors import make_meeting, make_mentor, make_offer, make_request


def things(organiser: User, mentor: User, participant: User) -> dict[str, Any]:
    """Make what the access table names: the mentor's role and the participant's seat are in the first edition."""
    edition = make_edition(phases.CHALLENGE, created_by=organiser)
    published = make_edition(phases.PUBLISHED, created_by=organiser)
    data = DataSet.objects.create(edition=edition, title="Lignes", url="https://exemple.invalid/l", licence="ODbL")
    rules = contents.publish_rules(edition, text="Une autre version.", change="Une phrase.", by=organiser)
    _print(rules.document)
    RoleAssignment.objects.create(user=mentor, role=Role.MENTOR, scheme=SCHEME, scope=edition.slug)
    team = make_team(edition)
    make_seat(team, make_registration(edition, participant), 2)
    other = make_organiser(edition)
    starts = timezone.now() + timedelta(days=20)
    return {
        "edition": edition.slug,
        "published_edition": published.slug,
        "edition_revision": edition.revision,
        **_followed(make_team(published), organiser),
        "edition_registration": team.seats.get(number=1).registration_id,
        "data_set": data.pk,
        "edition_role": RoleAssignment.objects.get(user=other).pk,
        **_helped(make_team(edition), make_mentor(edition, mentor)),
        "mentor_offer": make_offer(edition).pk,
        "edition_meeting": make_meeting(edition, starts_at=starts, ends_at=starts + timedelta(hours=1)).pk,
        "team": team.pk,
        "help_request": make_request(team).pk,
    }


def _helped(team: Team, mentor: Mentor) -> dict[str, Any]:
    """Have a mentor help a team that handed a file in."""
    make_request(team, taken_by=mentor, taken_at=timezone.now())
    return {"mentor": mentor.pk, "helped_team": team.pk, "helped_piece": make_handed_in(team).pk}


def _followed(team: Team, by: User) -> dict[str, Any]:
    """Make what follows a published edition: a suite, a figure of audience."""
    on = timezone.localdate()
    noted = FollowUp.objects.create(team=team, kind="reuse", actor="Métropole", on=on, text="Reprise.", noted_by=by)
    read = Audience.objects.create(
        edition=team.edition, source="Page", measure="visites", count=3, measured_on=on, typed_by=by
    )
    return {"told_team": team.pk, "follow_up": noted.pk, "audience": read.pk}


def _print(document: Document | None) -> None:
    """Make a document ready without drawing it."""
    assert document is not None
    document.file.save(document.filename, ContentFile(b"%PDF-1.7 essai"), save=False)
    document.state, document.sha256, document.size = Document.State.READY, "0" * 64, 14
    document.ready_at = timezone.now()
    document.save()
