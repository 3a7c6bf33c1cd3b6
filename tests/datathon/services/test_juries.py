from datetime import UTC, datetime

import pytest
from django.core.exceptions import ValidationError

from datathon import phases
from datathon.models import Edition, Juror
from datathon.services import juries
from normandata.accounts import services as accounts
from normandata.accounts.models import Role, RoleAssignment, StaffInvitation
from normandata.outbox.models import Message
from normandata.procedure.errors import NotAllowed, NotDone, NotNow, ReasonMissing
from normandata.procedure.models import Event
from tests.factories.accounts import UserFactory, make_user_with
from tests.factories.datathon import make_edition, make_juror, make_organiser, make_registration
from tests.factories.datathon_jury import make_scoring, panel_of, people

pytestmark = pytest.mark.django_db


def added(edition: Edition, email: str = "elu@exemple.invalid") -> Juror:
    organiser = make_organiser(edition)
    return juries.add(edition, name="Ada Élue", email=email, quality="elected", title="Vice-présidente", by=organiser)


def test_an_organiser_proposes_and_invites_in_the_scope_of_the_edition() -> None:
    edition = make_edition()
    juror = added(edition, "Elu@Exemple.invalid")
    sent = StaffInvitation.objects.get()
    assert (sent.email, sent.role, sent.scheme, sent.scope) == (
        "elu@exemple.invalid", Role.JUROR, "datathon", edition.slug,
    )  # fmt: skip
    assert (juror.accepted_at, juror.person, juror.invited_at is not None) == (None, None, True)
    assert Message.objects.count() == 1
    event = Event.objects.about(edition).named("add_juror").get()
    assert event.data == {"juror": juror.pk, "name": "Ada Élue", "quality": "elected"}


def test_nobody_else_composes_the_jury() -> None:
    edition = make_edition()
    for by in (make_organiser(make_edition()), make_user_with(Role.AGENT, "datathon"), UserFactory()):
        with pytest.raises(NotAllowed):
            juries.add(edition, name="X", email="x@exemple.invalid", quality="expert", by=by)
    assert not Juror.objects.exists()


def test_the_same_address_is_there_once_and_a_quality_is_known() -> None:
    edition = make_edition()
    added(edition)
    with pytest.raises(ValidationError):
        added(edition)
    with pytest.raises(ValidationError):
        juries.add(edition, name="X", email="y@exemple.invalid", quality="friend", by=make_organiser(edition))


def test_the_person_invited_opens_the_link_then_accepts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("secrets.token_urlsafe", lambda size: "jeton")
    edition, person = make_edition(), UserFactory(email="elu@exemple.invalid")
    juror = added(edition)
    with pytest.raises(NotAllowed, match="Ouvrez d’abord le lien"):
        juries.accept(juror, by=person)
    accounts.accept("jeton", by=person)
    with pytest.raises(NotAllowed):
        juries.accept(juror, by=make_user_with(Role.JUROR, "datathon", edition.slug))
    made = juries.accept(juror, by=person)
    assert (made.person, list(Juror.objects.sitting())) == (person, [made])
    with pytest.raises(NotAllowed):
        juries.accept(juror, by=person)


def test_who_takes_part_does_not_judge() -> None:
    edition = make_edition()
    person = make_user_with(Role.JUROR, "datathon", edition.slug, email="elu@exemple.invalid")
    make_registration(edition, person)
    with pytest.raises(NotDone, match="on ne juge pas l’édition à laquelle on participe"):
        juries.accept(added(edition), by=person)


def test_declining_ends_the_access() -> None:
    edition = make_edition()
    person = make_user_with(Role.JUROR, "datathon", edition.slug, email="elu@exemple.invalid")
    juror = juries.decline(added(edition), by=person)
    assert juror.declined_at is not None
    assert not person.holds(Role.JUROR, scheme="datathon", scope=edition.slug)
    assert not RoleAssignment.objects.current().filter(user=person).exists()
    assert not Juror.objects.active().exists()


def test_a_removed_juror_loses_the_role_and_the_seat_and_validated_ballots_stay() -> None:
    edition = make_scoring(1, 3)
    organiser, person = make_organiser(edition), people(edition)[2]
    juror = Juror.objects.get(person=person)
    with pytest.raises(ReasonMissing):
        juries.remove(juror, by=organiser, reason=" ")
    juries.remove(juror, by=organiser, reason="Empêché.")
    assert not RoleAssignment.objects.current().filter(user=person).exists()
    assert panel_of(edition).seats.active().filter(person=person).count() == 0
    assert Event.objects.about(edition).named("remove_juror").get().reason == "Empêché."


def test_a_juror_who_accepts_during_the_scoring_is_seated() -> None:
    edition = make_scoring(1, 3)
    person = make_user_with(Role.JUROR, "datathon", edition.slug, email="elu@exemple.invalid")
    juries.accept(added(edition), by=person)
    seat = panel_of(edition).seats.active().get(person=person)
    assert (seat.role, seat.quality) == (Role.JUROR, "Élu régional")


def test_one_presides_at_a_time() -> None:
    edition = make_edition()
    one, other = make_juror(edition, is_chair=True), make_juror(edition)
    juries.choose_chair(other, by=make_organiser(edition))
    assert list(Juror.objects.filter(is_chair=True)) == [other]
    assert one.pk != other.pk


def test_presence_is_ticked_and_unticked_by_who_holds_the_session() -> None:
    edition = make_scoring(1, 3)
    organiser, chair, other = make_organiser(edition), *people(edition)[:2]
    first, second, _ = Juror.objects.order_by("pk")
    at = datetime(2026, 11, 5, 9, tzinfo=UTC)
    juries.tick_presence(edition, [first.pk, second.pk], by=organiser, at=at)
    juries.tick_presence(edition, [second.pk], by=chair)
    assert list(Juror.objects.order_by("pk").values_list("present_at", flat=True)) == [None, at, None]
    with pytest.raises(NotAllowed):
        juries.tick_presence(edition, [], by=other)


def test_the_jury_does_not_change_once_the_deliberation_is_open() -> None:
    edition = make_edition(phases.DELIBERATION)
    juror = make_juror(edition)
    with pytest.raises(NotNow):
        juries.remove(juror, by=make_organiser(edition), reason="x")
    with pytest.raises(NotNow):
        added(edition)
