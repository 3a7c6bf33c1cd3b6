"""What takes a session back: a reason, a second person, and nobody in conflict with a dossier of its agenda."""

from collections.abc import Callable, Iterator

import pytest
import time_machine

from booster_ia.awards import Award
from normandata.accounts.models import Role, RoleAssignment, User
from normandata.committee.models import Session
from normandata.committee.services import results, sessions
from normandata.dossiers.models import Dossier
from normandata.procedure.errors import NotAllowed, NotNow, Unmet
from normandata.scoring.services import conflicts
from tests.factories.booster_scoring import make_scorer, open_wave
from tests.factories.committee import SCHEME, make_clerk, make_envelope
from tests.factories.sessions import make_lead, make_recorded, make_tabled, make_validated, make_waiting

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]
Gesture = Callable[[Session, User], object]
REASON = "Une erreur de saisie."
BACK: dict[str, tuple[Callable[..., Session], Gesture]] = {
    "reopen_agenda": (make_tabled, lambda session, by: sessions.reopen_agenda(session, reason=REASON, by=by)),
    "send_back": (make_recorded, lambda session, by: results.send_back(session, reason=REASON, by=by)),
    "reopen_results": (make_validated, lambda session, by: results.reopen_results(session, reason=REASON, by=by)),
}


@pytest.fixture(autouse=True)
def _after_the_session() -> Iterator[None]:
    with time_machine.travel("2026-12-15T09:00:00+01:00", tick=True):
        yield


def in_conflict(dossier: Dossier) -> User:
    """Make a lead agent who declared an interest in a dossier that waits for a session."""
    lead = make_lead(name="Lou Chef")
    Dossier.objects.filter(pk=dossier.pk).update(state="review", turn="agent")
    panel = open_wave([make_scorer()], [dossier], lead=lead)
    conflicts.declare(lead, panel.subjects.get(key=str(dossier.pk)), by=lead, reason="Un parent y travaille.")
    Dossier.objects.filter(pk=dossier.pk).update(state="proposed", turn="committee")
    dossier.refresh_from_db()
    return lead


@pytest.mark.parametrize("name", BACK)
def test_nobody_in_conflict_takes_a_session_back(name: str) -> None:
    make_envelope()
    one, two = make_waiting(2)
    lead = in_conflict(one)
    make, gesture = BACK[name]
    session = make([one, two])
    state = session.state
    with pytest.raises(NotAllowed):
        gesture(session, lead)
    session.refresh_from_db()
    assert session.state == state
    gesture(session, make_lead())
    assert session.state != state, "the witness: somebody without interest may"


@pytest.mark.parametrize(
    ("name", "author", "sentence"),
    [
        ("reopen_agenda", "settled_by", "Vous avez arrêté cet ordre du jour : une autre personne le rouvre."),
        ("reopen_results", "validated_by", "Vous avez validé cette séance : une autre personne la rouvre."),
    ],
)
def test_whoever_closed_it_does_not_open_it_again(name: str, author: str, sentence: str) -> None:
    make_envelope()
    make, gesture = BACK[name]
    session = make(make_waiting())
    with pytest.raises(Unmet) as refused:
        gesture(session, getattr(session, author))
    assert [one.replace("\u00a0", " ") for one in refused.value.messages] == [sentence]


def test_nothing_of_a_closed_session_is_edited() -> None:
    """Each gesture of the clerk on a session that is validated; its decisions and its money stay."""
    make_envelope()
    clerk = make_clerk()
    session = make_validated(make_waiting(2), by=clerk)
    before = list(session.items.values()), list(Award.objects.values())
    item = session.items.all()[0]
    keys = [one.pk for one in session.items.all()]
    for gesture in (
        lambda: sessions.change(session, held_on=session.held_on, place="Ailleurs", reason=REASON, by=clerk),
        lambda: sessions.take_off(item, reason=REASON, by=clerk),
        lambda: sessions.reorder(session, keys[::-1], by=clerk),
        lambda: sessions.table(session, by=clerk),
        lambda: sessions.reopen_agenda(session, reason=REASON, by=make_lead()),
        lambda: results.record_results(session, {}, deliberation=results.Deliberation("CP autre"), by=clerk),
        lambda: results.record(session, by=clerk),
        lambda: results.send_back(session, reason=REASON, by=make_lead()),
        lambda: results.validate(session, by=make_lead()),
    ):
        with pytest.raises(NotNow):
            gesture()
    assert (list(session.items.values()), list(Award.objects.values())) == before


def test_an_item_in_conflict_is_taken_off_by_somebody_else() -> None:
    make_envelope()
    one, two = make_waiting(2)
    lead = in_conflict(one)
    RoleAssignment.objects.create(user=lead, role=Role.COMMITTEE_CLERK, scheme=SCHEME)
    lead = User.objects.get(pk=lead.pk)
    session = make_tabled([one, two])
    mine, other = session.items.all()
    with pytest.raises(NotAllowed):
        sessions.take_off(mine, reason=REASON, by=lead)
    sessions.take_off(other, reason=REASON, by=lead)
    assert [item.dossier_id for item in session.items.standing()] == [one.pk]
