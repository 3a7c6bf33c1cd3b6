"""A cœur expert request from the need to the outcome: who may do what, who is written to, what is refused."""

import uuid
from datetime import UTC, date, datetime

import pytest

from normandata.accounts.models import Role, User
from normandata.experts.models import Introduction, Need
from normandata.experts.services import needs
from normandata.notifications.models import Mail
from normandata.organisations.models import Membership, Organisation
from normandata.procedure.errors import NotAllowed, NotDone, NotNow
from normandata.procedure.models import Event
from tests.factories.accounts import UserFactory, make_agent, make_user_with
from tests.factories.experts import make_expert, person_of
from tests.factories.needs import (
    FOUND,
    SAID,
    again,
    make_accepted,
    make_exchanged,
    make_listing,
    make_meeting,
    make_need,
    make_scheduled,
)
from tests.factories.organisations import MembershipFactory, OrganisationFactory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 10, 1)
THEN = datetime(2026, 10, 9, 12, 30, tzinfo=UTC)
END = {"outcome": "booster_ia", "outcome_on": TODAY, "words": "Dossier déposé."}


def mails() -> list[tuple[str, str]]:
    """List (kind, address) of the mails written since the last look."""
    found = [(one.kind.removeprefix("experts."), one.address) for one in Mail.objects.order_by("created_at", "pk")]
    Mail.objects.all().delete()
    return sorted(found)


def house(*members: User) -> Organisation:
    organisation = OrganisationFactory()
    for member in members:
        MembershipFactory(user=member, organisation=organisation)
    return organisation


def test_a_need_goes_from_its_first_exchange_to_its_outcome() -> None:
    agent, person, expert = make_agent(), UserFactory(name="Paule"), make_expert(agrees=("introduced",))
    need = make_need(by=person, contact_phone="02 00 00 00 00")
    assert need.reference == f"CE-2026-{need.pk:04d}"
    assert (need.state, need.turn) == ("asked", "agent")
    everybody = sorted({agent.email, expert.added_by.email})
    assert mails() == [*(("need_new", email) for email in everybody), ("need_received", person.email)]
    needs.schedule(need, day=THEN, place=" À Caen. ", by=agent)
    text = Mail.objects.get(kind="experts.need_scheduled").text
    assert "9\u00a0octobre\u00a02026 à 14\u00a0h\u00a030. À Caen." in text
    assert mails() == [("need_scheduled", person.email)]
    needs.hold(need, held_on=TODAY, found=FOUND, by=agent)
    assert (again(need).state, again(need).found) == (
        "exchanged",
        [("Technologie", "Faisable."), ("Délais", "Trois mois.")],
    )
    assert mails() == [("need_exchanged", person.email)]
    needs.solicit(need, [expert], message="Un beau sujet.", by=agent)
    assert (again(need).state, again(need).turn) == ("sought", "expert")
    assert "need_asked" in Mail.objects.get().kind
    assert person.email not in Mail.objects.get().text
    assert mails() == [("need_asked", expert.email)]
    offer = Introduction.objects.get()
    needs.accept(offer, by=person_of(expert))
    assert (again(need).state, again(need).turn) == ("introduced", "applicant")
    assert expert.email in Mail.objects.get(kind="experts.need_introduced").text
    contact = Mail.objects.get(kind="experts.need_contact").text
    assert f"Camille Exemple, {person.email}, 02 00 00 00 00" in contact
    assert mails() == [("need_contact", expert.email), ("need_introduced", person.email)]
    needs.tell_outcome(need, **END, by=person)
    assert (again(need).state, again(need).turn, again(need).outcome_on) == ("closed", "nobody", TODAY)
    assert mails() == [("need_ended", agent.email), ("need_released", expert.email)]
    assert {event.name for event in Event.objects.about(need)} == {
        *("need_asked", "schedule", "hold", "introduction_asked", "seek", "introduction_accepted", "meet"),
        "tell_outcome",
    }


def test_the_same_form_sent_twice_is_one_request() -> None:
    person, key = UserFactory(), uuid.uuid4()
    first = needs.ask(key, SAID, organisation=None, by=person)
    assert needs.ask(key, SAID, organisation=None, by=person) == first
    assert Need.objects.count() == 1
    assert Mail.objects.filter(kind="experts.need_received").count() == 1
    with pytest.raises(NotAllowed):
        needs.ask(key, SAID, organisation=None, by=UserFactory())


def test_nobody_asks_for_an_organisation_of_which_they_are_not_nor_more_than_ten_at_once() -> None:
    person = UserFactory()
    with pytest.raises(NotAllowed):
        make_need(by=person, organisation=house(UserFactory()))
    for _ in range(10):
        last = make_need(by=person)
    with pytest.raises(NotDone, match="10 demandes en cours"):
        make_need(by=person)
    needs.withdraw(last, reason="", by=person)
    assert make_need(by=person).is_open


@pytest.mark.parametrize("field", ["title", "need", "contact_name"])
def test_a_request_without_its_words_is_refused(field: str) -> None:
    with pytest.raises(NotDone):
        make_need(**{field: ""})
    assert not Need.objects.exists()


def test_only_agents_who_are_not_of_the_house_lead_a_request() -> None:
    insider = make_agent("booster_ia")
    organisation = house(insider, member := UserFactory())
    need = make_need(by=member, organisation=organisation)
    auditor, stranger = make_user_with(Role.AUDITOR), UserFactory()
    for person in (insider, member, auditor, stranger):
        with pytest.raises(NotAllowed):
            needs.schedule(need, day=THEN, place="Caen", by=person)
        with pytest.raises(NotAllowed):
            needs.conclude(need, **END, by=person)
    assert set(Need.objects.visible_to(insider)) == {need}
    assert not Need.objects.for_region(insider).exists()
    assert set(Need.objects.for_region(auditor)) == {need}
    assert not Need.objects.for_region(stranger).exists()
    assert not Need.objects.visible_to(stranger).exists()
    assert not Mail.objects.filter(kind="experts.need_new", address=insider.email).exists()


def test_a_request_of_an_organisation_belongs_to_its_members_of_the_day() -> None:
    author, colleague = UserFactory(), UserFactory()
    organisation = house(author, colleague)
    need = make_need(by=author, organisation=organisation)
    assert set(Need.objects.requested_by(colleague)) == {need}
    Membership.objects.filter(user=author).update(state=Membership.State.LEFT, left_at=THEN)
    assert not Need.objects.requested_by(author).exists()
    mails()
    needs.hold(need, held_on=TODAY, found=FOUND, by=make_agent())
    assert mails() == [("need_exchanged", colleague.email)]


def test_dates_and_words_of_the_exchange_are_checked() -> None:
    agent, need = make_agent(), make_need()
    with pytest.raises(NotDone, match="date à venir"):
        needs.schedule(need, day=datetime(2026, 10, 1, 10, tzinfo=UTC), place="Caen", by=agent)
    with pytest.raises(NotDone, match="celle du jour"):
        needs.hold(need, held_on=date(2026, 10, 2), found=FOUND, by=agent)
    with pytest.raises(NotDone, match="précéder la demande"):
        needs.hold(need, held_on=date(2026, 9, 30), found=FOUND, by=agent)
    with pytest.raises(NotDone, match="au moins un point"):
        needs.hold(need, held_on=TODAY, found={"technology": "  "}, by=agent)
    with pytest.raises(NotNow):
        needs.solicit(need, [make_expert(agrees=("introduced",))], message="", by=agent)
    assert again(need).state == "asked"


def test_experts_are_asked_who_agreed_once_and_who_are_not_of_the_house() -> None:
    agent, person = make_agent(), UserFactory()
    need = make_exchanged(agent, by=person)
    silent, known = make_expert(), make_expert(agrees=("introduced",))
    insider = make_expert(agrees=("introduced",), is_joined=False, email=person.email)
    with pytest.raises(NotDone, match="au moins un expert"):
        needs.solicit(need, [], message="", by=agent)
    for expert, words in ((silent, "donné son accord"), (insider, "la personne qui demande")):
        with pytest.raises(NotDone, match=words):
            needs.solicit(need, [known, expert], message="", by=agent)
    assert not Introduction.objects.exists()
    needs.solicit(need, [known], message="", by=agent)
    with pytest.raises(NotDone, match="déjà sollicité"):
        needs.solicit(need, [known], message="", by=agent)


def test_an_expert_without_account_is_led_to_making_one() -> None:
    expert = make_expert(agrees=("introduced",), is_joined=False)
    offer = make_meeting(expert)
    mail = Mail.objects.get(kind="experts.need_invited")
    assert mail.address == expert.email
    assert f"/inscription/?next=%2Fexpert%2Fmises-en-relation%2F{offer.key}%2F" in mail.text


def test_all_who_decline_give_the_request_back_to_the_region() -> None:
    agent, need = make_agent(), make_exchanged()
    one, two = (make_expert(agrees=("introduced",)) for _ in range(2))
    needs.solicit(need, [one, two], message="", by=agent)
    first, second = Introduction.objects.select_related("expert__user").order_by("pk")
    mails()
    needs.decline(first, reason="Pas le temps.", by=person_of(first.expert))
    assert again(need).state == "sought"
    assert "Pas le temps." in Mail.objects.get().text
    assert mails() == [("need_declined", agent.email)]
    needs.release(second, reason="", by=agent)
    assert (again(need).state, again(need).turn) == ("exchanged", "agent")
    assert mails() == [("need_released", second.expert.email)]
    needs.solicit(need, [two], message="", by=agent)  # somebody no longer awaited may be asked again
    with pytest.raises(NotDone, match="déjà sollicité"):
        needs.solicit(need, [one], message="", by=agent)  # not somebody who declined


def test_another_expert_may_be_asked_once_in_touch_and_a_refusal_changes_nothing() -> None:
    offer, other = make_accepted(), make_expert(agrees=("introduced",))
    needs.solicit(offer.need, [other], message="", by=make_agent())
    more = Introduction.objects.select_related("expert__user").get(expert=other)
    needs.decline(more, reason="", by=person_of(other))
    assert again(offer.need).state == "introduced"


def test_only_the_expert_asked_answers_once_and_never_their_own_house() -> None:
    offer = make_meeting()
    for person in (person_of(make_expert()), UserFactory(), make_agent()):
        with pytest.raises(NotAllowed):
            needs.accept(offer, by=person)
        with pytest.raises(NotAllowed):
            needs.decline(offer, reason="", by=person)
    needs.accept(offer, by=person_of(offer.expert))
    with pytest.raises(NotNow):
        needs.decline(offer, reason="", by=person_of(offer.expert))
    member = UserFactory()
    organisation = house(member)
    late = make_meeting(by=member, organisation=organisation)
    MembershipFactory(user=person_of(late.expert), organisation=organisation)
    with pytest.raises(NotDone, match="Vous êtes de la structure"):
        needs.accept(late, by=person_of(late.expert))


def test_a_request_withdrawn_or_closed_stops_what_waits() -> None:
    agent, person = make_agent(), UserFactory()
    offer = make_meeting(by=person, agent=agent)
    mails()
    needs.withdraw(offer.need, reason="Projet arrêté.", by=person)
    offer.refresh_from_db()
    assert (again(offer.need).state, offer.state) == ("withdrawn", "dropped")
    assert mails() == [("need_ended", agent.email), ("need_released", offer.expert.email)]
    with pytest.raises(NotNow):
        needs.accept(offer, by=person_of(offer.expert))
    with pytest.raises(NotNow):
        needs.conclude(offer.need, **END, by=agent)
    other = make_accepted(agent=agent)
    mails()
    needs.conclude(other.need, outcome="elsewhere", outcome_on=TODAY, words="Vers Bpi France.", by=agent)
    assert again(other.need).get_outcome_display() == "Une autre suite, hors de ces aides"
    assert mails() == [("need_closed", again(other.need).asked_by.email), ("need_released", other.expert.email)]


def test_an_outcome_has_its_day_and_its_words_and_comes_from_the_requester_once_in_touch() -> None:
    offer = make_accepted()
    need, person = again(offer.need), again(offer.need).asked_by
    for wrong in ({"outcome": ""}, {"words": " "}, {"outcome_on": date(2026, 10, 2)}, {"outcome_on": date(2026, 9, 1)}):
        with pytest.raises(NotDone):
            needs.tell_outcome(need, **{**END, **wrong}, by=person)
    early = make_scheduled()
    with pytest.raises(NotNow):
        needs.tell_outcome(early, **END, by=early.asked_by)
    needs.tell_outcome(need, **END, by=person)


def test_the_expert_wished_for_is_kept_with_the_request() -> None:
    listing = make_listing()
    assert make_need(wished=listing).wished == listing.agreement.expert
