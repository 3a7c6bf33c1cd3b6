"""The jury's part of the house: editions scored, in deliberation, decided and published, with the juror in each."""

from typing import Any

from datathon import phases
from datathon.models import Deliberation, Edition, Juror
from datathon.services import certificates, deliberations, publication, scoring
from normandata.accounts.models import User
from normandata.documents import services as documents
from normandata.documents.models import Document
from normandata.scoring.services import sheets
from tests.factories.datathon import make_edition, make_juror, make_organiser, make_registration, make_seat
from tests.factories.datathon_deliverables import make_handed_in
from tests.factories.datathon_jury import close, deliberate, make_ready, subject_of, teams_of, vote


def things(juror: User, organiser: User, participant: User) -> dict[str, Any]:
    """Make one of everything that the jury's routes name; the juror presides nowhere."""
    asked = Juror.objects.create(edition=make_edition(), name="Juré d’essai", email=juror.email, quality="expert")
    ready, scored = _ready(juror), _scored(juror, organiser)
    waiting = ready.jurors.create(name="Ada d’essai", email="ada@exemple.invalid", quality="expert")
    team = teams_of(scored)[0]
    sheet = sheets.start(subject_of(team), by=juror)
    other = scored.jurors.get(is_chair=True).person
    assert other is not None
    vote(team, other, 4)
    room = _deliberating(juror, organiser)
    ballot = deliberations.record_vote(room, "Mention", in_favour=1, against=0, by=organiser)
    decided, published = _decided(juror, organiser), _published(juror, organiser, participant)
    reopened = _decided(juror, organiser)
    former = Deliberation.objects.get(edition=reopened).record_id
    deliberations.reopen_deliberation(reopened, by=make_organiser(reopened), reason="Un rang mal lu.")
    return {
        "jury_invitation": asked.pk,
        "jury_ready": ready.slug,
        "jury_waiting": waiting.pk,
        "jury_scored": scored.slug,
        "jury_team": team.pk,
        "jury_other_team": teams_of(scored)[1].pk,
        "jury_subject": subject_of(team).pk,
        "jury_sheet": sheet.pk,
        "jury_piece": make_handed_in(team).pk,
        "jury_room": room.slug,
        "jury_vote": ballot.pk,
        "jury_decided": decided.slug,
        "jury_reopened": reopened.slug,
        "jury_former": former,
        "jury_published": published.slug,
        "jury_author": other.pk,
        "jury_ready_revision": ready.revision,
        "jury_scored_revision": scored.revision,
        "jury_room_revision": Deliberation.objects.get(edition=room).revision,
    }


def _ready(juror: User) -> Edition:
    edition = make_ready(2, 3)
    make_juror(edition, person=juror, name="Juré d’essai")
    return edition


def _scored(juror: User, organiser: User) -> Edition:
    edition = _ready(juror)
    scoring.open_scoring(edition, by=organiser)
    return edition


def _deliberating(juror: User, organiser: User) -> Edition:
    edition = make_ready(1, 3, quorum=1)
    make_juror(edition, person=juror, name="Juré d’essai")
    scoring.open_scoring(edition, by=organiser)
    vote(teams_of(edition)[0], juror, 4)
    deliberate(edition, organiser)
    return edition


def _decided(juror: User, organiser: User) -> Edition:
    edition = _deliberating(juror, organiser)
    _print(close(edition, organiser))
    edition.refresh_from_db()
    assert edition.state == phases.DECIDED
    return edition


def _published(juror: User, organiser: User, participant: User) -> Edition:
    edition = _decided(juror, organiser)
    registration = make_registration(edition, participant)
    make_seat(teams_of(edition)[0], registration, 2)
    publication.publish(edition, by=organiser)
    document = certificates.ask(registration, by=participant)
    documents.make(document.pk)
    return edition


def _print(found: Deliberation) -> None:
    document: Document | None = found.record
    assert document is not None
    documents.make(document.pk)
