"""An edition tried, opened, started, reopened, cancelled; what a trial leaves behind: nothing."""

from datetime import UTC, datetime

import pytest

from datathon import phases
from datathon.models import (
    Deliverable,
    Edition,
    Extension,
    HelpRequest,
    JoinRequest,
    Registration,
    Seat,
    Team,
)
from datathon.services import deliverables, opening, rehearsals
from normandata.accounts.models import Role, User
from normandata.documents.models import Upload
from normandata.notifications.models import Mail
from normandata.procedure.errors import NotAllowed, NotNow, ReasonMissing, Unmet
from normandata.procedure.models import Event
from tests.factories.accounts import make_user_with
from tests.factories.datathon import SCHEME, make_edition, make_organiser, make_registration, make_team
from tests.factories.datathon_mentors import make_mentor, make_request
from tests.factories.documents import UploadFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]
NOW = datetime(2027, 9, 15, tzinfo=UTC)


@pytest.fixture
def organiser() -> User:
    return make_user_with(Role.LEAD_AGENT, SCHEME)


def trial_of(edition: Edition) -> Team:
    """Leave what organisers leave when they try: people, a team, a piece handed in, a request, an invitation."""
    team = make_team(edition, 2, rehearsal=True)
    alone = make_registration(edition, rehearsal=True)
    Registration.objects.filter(edition=edition).update(rehearsal=True)
    JoinRequest.objects.create(team=team, registration=alone)
    make_request(team)
    upload = UploadFactory()
    Deliverable.objects.create(team=team, kind="code", version=1, upload=upload, sha256=upload.sha256, rehearsal=True)
    Deliverable.objects.create(team=team, kind="data", version=1, text="Lignes", sha256="a" * 64, rehearsal=True)
    return team


def left(edition: Edition) -> dict[str, int]:
    return {
        "registrations": edition.registrations.count(),
        "teams": edition.teams.count(),
        "seats": Seat.objects.filter(edition=edition).count(),
        "deliverables": Deliverable.objects.filter(team__edition=edition).count(),
        "requests": JoinRequest.objects.count() + HelpRequest.objects.count(),
    }


NOTHING = {"registrations": 0, "teams": 0, "seats": 0, "deliverables": 0, "requests": 0}


@pytest.mark.parametrize("act", [opening.end_rehearsal, opening.open_registration])
def test_a_trial_leaves_nothing_behind(organiser: User, act: object) -> None:
    edition = make_edition(phases.PREPARING)
    opening.rehearse(edition, by=organiser, seen=1)
    trial_of(edition)
    assert left(edition) == {"registrations": 3, "teams": 1, "seats": 2, "deliverables": 2, "requests": 2}
    act(edition, by=organiser, seen=edition.revision)  # type: ignore[operator]
    assert left(edition) == NOTHING
    assert Upload.objects.ownerless().count() == 1, "its file is nobody's: the periodic work takes it away"
    erased = Event.objects.about(edition).named("erase_rehearsal").get()
    assert erased.by is None
    assert erased.data == {
        "join_requests": 1,
        "help_requests": 1,
        "deliverables": 2,
        "seats": 2,
        "teams": 1,
        "registrations": 3,
    }
    assert Mail.objects.count() == 0


def test_cancelling_during_a_trial_erases_it_too(organiser: User) -> None:
    edition = make_edition(phases.REHEARSAL)
    trial_of(edition)
    opening.cancel(edition, reason="Reportée.", by=organiser)
    assert (left(edition), edition.state) == (NOTHING, phases.CANCELLED)


def test_what_is_not_of_the_trial_stays(organiser: User) -> None:
    edition, other = make_edition(phases.REHEARSAL), make_edition()
    make_team(other, 2)
    make_registration(edition)
    trial_of(make_edition(phases.REHEARSAL))
    rehearsals.erase(edition)
    assert (left(edition)["registrations"], left(other)["teams"], Team.objects.count()) == (1, 1, 2)


def test_a_trial_gives_no_team_more_time(organiser: User) -> None:
    edition = make_edition(phases.REHEARSAL)
    team = trial_of(edition)
    with pytest.raises(NotNow, match="Pendant l’essai"):
        deliverables.extend(team, datetime(2027, 10, 22, 18, tzinfo=UTC), reason="Pour voir.", by=organiser)
    assert not Extension.objects.exists()


def test_nothing_is_erased_when_the_opening_is_refused(organiser: User) -> None:
    edition = make_edition(phases.REHEARSAL)
    trial_of(edition)
    edition.themes.all().delete()
    with pytest.raises(Unmet) as refused:
        opening.open_registration(edition, by=organiser, seen=edition.revision)
    assert refused.value.messages == ("Il manque : un thème au moins.",)
    assert left(edition)["registrations"] == 3


@pytest.mark.parametrize("act", [opening.rehearse, opening.open_registration])
def test_an_edition_opens_once_it_is_described_and_as_the_page_showed_it(organiser: User, act: object) -> None:
    edition = make_edition(phases.PREPARING, closing_at=None, deliverables_due_at=None)
    with pytest.raises(Unmet, match="l’heure limite des livrables et le jour et l’heure de la clôture"):
        act(edition, by=organiser)  # type: ignore[operator]
    edition = make_edition(phases.PREPARING)
    with pytest.raises(Unmet, match="rechargez-la"):
        act(edition, by=organiser, seen=7)  # type: ignore[operator]


def test_participants_and_mentors_are_told_once_each_when_the_challenge_starts(organiser: User) -> None:
    edition = make_edition()
    one, mentor = make_registration(edition), make_mentor(edition)
    opening.start_challenge(edition, by=organiser, seen=1)
    mails = Mail.objects.order_by("pk")
    assert sorted((mail.kind, mail.address) for mail in mails) == sorted(
        ("datathon.challenge_started", person.email) for person in (one.person, mentor.person) if person
    )
    assert "communiqué pendant le challenge" in mails[0].text
    assert "22\u00a0octobre\u00a02027 à 12\u00a0h\u00a000" in mails[0].text


def test_reopening_and_cancelling_say_why_to_those_they_touch(organiser: User) -> None:
    edition = make_edition(phases.CHALLENGE)
    make_registration(edition)
    with pytest.raises(ReasonMissing):
        opening.reopen_registration(edition, reason=" ", by=organiser)
    opening.reopen_registration(edition, reason="Il reste des places.", by=organiser)
    opening.cancel(edition, reason="La salle a brûlé.", by=organiser)
    assert [(mail.kind, "Motif" in mail.text) for mail in Mail.objects.order_by("created_at")] == [
        ("datathon.registration_reopened", True),
        ("datathon.edition_cancelled", True),
    ]
    with pytest.raises(NotNow):
        opening.open_registration(edition, by=organiser)


def test_the_organisers_of_an_edition_move_it_and_no_other(organiser: User) -> None:
    edition = make_edition(phases.PREPARING)
    with pytest.raises(NotAllowed):
        opening.rehearse(edition, by=make_organiser(make_edition()))
    assert opening.rehearse(edition, by=make_organiser(edition)).target == phases.REHEARSAL
