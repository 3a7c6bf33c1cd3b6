"""The thread: who writes, who is told, and what stays among agents."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db.models import Q
from django.utils import timezone

from normandata.accounts.models import Role, User
from normandata.dossiers import closures
from normandata.dossiers.models import Absence, Dossier, ThreadMessage
from normandata.dossiers.services import corrections, desk, thread
from normandata.dossiers.services.corrections import Asked
from normandata.notifications.models import Mail
from normandata.procedure.errors import NotAllowed, NotDone, NotNow
from normandata.procedure.models import Event
from tests.factories.accounts import UserFactory, make_agent, make_user_with
from tests.factories.documents import UploadFactory
from tests.factories.dossiers import make_dossier, make_draft
from tests.factories.organisations import MembershipFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]
NOW = datetime(2026, 10, 2, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def dossier() -> Dossier:
    return make_dossier()


def told(kind: str) -> set[str]:
    return set(Mail.objects.filter(kind=f"dossiers.{kind}").values_list("address", flat=True))


def test_a_message_of_the_region_reaches_the_whole_organisation(dossier: Dossier) -> None:
    colleague = MembershipFactory(organisation=dossier.organisation).user
    MembershipFactory(organisation=dossier.organisation, left=True)
    MembershipFactory(organisation=dossier.organisation, requested=True)
    thread.write(dossier, " Bonjour ", by=make_agent())
    assert told("message") == {dossier.created_by.email, colleague.email}
    assert ThreadMessage.objects.get(kind="message").text == "Bonjour"
    assert Event.objects.named("message").count() == 1


def test_a_message_of_the_organisation_reaches_whoever_answers_for_the_dossier(dossier: Dossier) -> None:
    owner, lead = make_agent(), make_user_with(Role.LEAD_AGENT)
    make_agent()
    make_agent("booster_ia")
    make_user_with(Role.AUDITOR)
    thread.write(dossier, "Un", by=dossier.created_by)
    assert told("message_to_agent") == {lead.email}
    Mail.objects.all().delete()
    desk.assign(dossier, owner, by=lead)
    thread.write(dossier, "Deux", by=dossier.created_by)
    assert told("message_to_agent") == {owner.email}


def test_where_nobody_answers_for_a_dossier_the_lead_agents_do_and_else_all_the_agents(dossier: Dossier) -> None:
    agents = [make_agent(), make_agent()]
    make_user_with(Role.LEAD_AGENT, "booster_ia")
    assert thread.agents(dossier) == agents
    leads = [make_user_with(Role.LEAD_AGENT, scheme) for scheme in ("diagnostic", "")]
    assert thread.agents(dossier) == leads
    Absence.objects.create(agent=leads[0], since=NOW.date(), declared_by=leads[0])
    assert thread.agents(dossier) == leads[1:]
    leads[1].role_assignments.update(ended_at=NOW)
    assert thread.agents(dossier) == [*agents, leads[0]]


@pytest.mark.parametrize("named_in", ["absence", "dossier", "nobody"])
def test_an_absent_owner_s_mails_go_to_the_stand_in(dossier: Dossier, named_in: str) -> None:
    owner, stand_in, other = make_agent(), make_agent(), make_agent()
    desk.assign(dossier, owner, by=owner, backup=stand_in if named_in == "dossier" else None)
    Absence.objects.create(
        agent=owner, since=NOW.date(), backup=stand_in if named_in == "absence" else None, declared_by=owner
    )
    expected = {owner, stand_in, other} if named_in == "nobody" else {stand_in}
    assert set(thread.agents(dossier)) == expected


def test_an_owner_whose_account_is_closed_is_not_waited_for(dossier: Dossier) -> None:
    owner, other = make_agent(), make_agent()
    desk.assign(dossier, owner, by=other)
    User.objects.filter(pk=owner.pk).update(is_active=False)
    assert thread.agents(Dossier.objects.get()) == [other]


def test_a_note_stays_among_agents(dossier: Dossier) -> None:
    before = Mail.objects.count()
    note = thread.write(dossier, "Entre nous", by=make_agent(), is_internal=True)
    assert (note.is_internal, Mail.objects.count()) == (True, before)
    assert note not in ThreadMessage.objects.public()
    with pytest.raises(NotAllowed):
        thread.write(dossier, "Entre eux", by=dossier.created_by, is_internal=True)


@pytest.mark.parametrize("who", ["auditor", "stranger", "other scheme", "left"])
def test_others_do_not_write(dossier: Dossier, who: str) -> None:
    person = {
        "auditor": lambda: make_user_with(Role.AUDITOR),
        "stranger": lambda: UserFactory(),
        "other scheme": lambda: make_agent("booster_ia"),
        "left": lambda: MembershipFactory(organisation=dossier.organisation, left=True).user,
    }[who]()
    with pytest.raises(NotAllowed):
        thread.write(dossier, "Bonjour", by=person)
    assert not ThreadMessage.objects.filter(kind="message").exists()


def test_nobody_is_written_to_from_a_draft() -> None:
    """Agents do not see drafts: their mail would lead to a page that does not exist."""
    draft = make_draft()
    make_agent()
    with pytest.raises(NotNow):
        thread.write(draft, "Bonjour", by=draft.created_by)
    assert (Mail.objects.count(), ThreadMessage.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("text", "is_taken"), [("", False), (" \n", False), ("x" * 10_000, True), ("x" * 10_001, False)]
)
def test_a_message_says_something_of_a_readable_length(dossier: Dossier, text: str, is_taken: bool) -> None:
    agent = make_agent()
    if is_taken:
        assert thread.write(dossier, text, by=agent).text == text
        return
    with pytest.raises(NotDone):
        thread.write(dossier, text, by=agent)


def test_a_double_click_is_one_message_and_the_same_words_later_are_two(dossier: Dossier) -> None:
    agent, other = make_agent(), make_agent()
    first = thread.write(dossier, "Merci", by=agent)
    assert thread.write(dossier, "Merci", by=agent) == first
    assert thread.write(dossier, "Merci", by=agent, is_internal=True) != first
    assert thread.write(dossier, "Merci", by=other) != first
    with time_machine.travel(NOW + timedelta(seconds=31), tick=False):
        assert thread.write(dossier, "Merci", by=agent) != first
    assert told("message") == {dossier.created_by.email}
    assert ThreadMessage.objects.filter(kind="message").count() == 4


def test_the_same_words_with_another_file_are_another_message(dossier: Dossier) -> None:
    agent = make_agent()
    first = thread.write(dossier, "Voici", by=agent, uploads=[UploadFactory(uploaded_by=agent)])
    second = thread.write(
        dossier, "Voici", by=agent, uploads=[UploadFactory(uploaded_by=agent, content=b"%PDF-1.4 autre")]
    )
    assert first != second
    assert [message.files.count() for message in (first, second)] == [1, 1]


def test_each_mail_about_the_state_stands_word_for_word_in_the_thread(dossier: Dossier) -> None:
    day = date(2026, 10, 16)
    agent = make_agent()
    asked = corrections.ask(dossier, [Asked("piece:complement", "x")], due_on=day, by=agent)
    corrections.cancel(asked, by=agent, reason="Retrouvée")
    mails = (
        Mail.objects.exclude(kind__in=["dossiers.assigned"]).order_by("created_at", "pk").values_list("text", flat=True)
    )
    messages = ThreadMessage.objects.filter(side="portal").values_list("text", flat=True)
    assert sorted(messages) == sorted(mails)
    assert len(messages) == 3


def test_somebody_whose_role_ended_receives_no_word_of_the_organisation() -> None:
    dossier, former, colleague = make_dossier(), make_agent(), make_agent()
    dossier.owner = former
    dossier.save()
    assert thread.agents(dossier) == [former]
    former.role_assignments.update(ended_at=timezone.now())
    again = Dossier.objects.get(pk=dossier.pk)
    assert thread.agents(again) == [colleague]
    again.backup = make_agent(is_active=False)
    again.save()
    assert thread.agents(Dossier.objects.get(pk=dossier.pk)) == [colleague]


def test_nobody_to_whom_the_dossier_is_closed_is_written_to(dossier: Dossier, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(closures, "_filters", [])
    lead, other_lead = (make_user_with(Role.LEAD_AGENT) for _ in range(2))
    agent, other = make_agent(), make_agent()
    assert thread.agents(dossier) == [lead, other_lead]
    closed = {lead.pk}
    closures.register(lambda user: Q(pk=dossier.pk) if user.pk in closed else Q(pk__in=()))
    thread.write(dossier, "Un mot", by=dossier.created_by)
    assert told("message_to_agent") == {other_lead.email}
    closed |= {other_lead.pk, agent.pk}
    assert thread.agents(dossier) == [other]
    assert thread.agents(make_dossier()) == [lead, other_lead]
