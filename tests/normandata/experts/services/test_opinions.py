"""Asking, declaring, writing, giving, cancelling; who may, what is told to whom, and what happens at once."""

import re
from datetime import date

import pytest
from django.db import close_old_connections
from django.utils import timezone

from normandata.accounts.models import Role, User
from normandata.dossiers.models import Attachment, Dossier, ThreadMessage
from normandata.experts.models import Agreement, Answer, Opinion
from normandata.experts.services import directory, opinions
from normandata.notifications.models import Mail
from normandata.procedure.errors import NotAllowed, NotDone, NotNow, ReasonMissing, Unmet
from normandata.procedure.models import Event
from tests.factories.accounts import UserFactory, make_agent, make_user_with
from tests.factories.documents import UploadFactory
from tests.factories.dossiers import make_deposit, make_dossier, make_draft
from tests.factories.experts import TEXT, make_expert, make_given, make_opinion, open_for, person_of, write_draft
from tests.factories.organisations import MembershipFactory
from tests.threads import together

pytestmark = pytest.mark.django_db


def sent() -> list[tuple[str, str]]:
    return sorted(Mail.objects.values_list("kind", "address"))


def acts(dossier: Dossier) -> list[str]:
    names = Event.objects.about(dossier).filter(name__startswith="opinion_").values_list("name", flat=True)
    return list(names)[::-1]


def test_a_question_is_journalled_and_told_to_the_expert_alone() -> None:
    dossier, expert, agent = make_dossier(), make_expert(name="Camille Exemple"), make_agent()
    Mail.objects.all().delete()
    opinion = make_opinion(dossier, expert=expert, agent=agent, due_on=date(2026, 10, 16))
    assert (opinion.state, opinion.deposit.version, opinion.pieces) == ("asked", 1, [])
    assert sent() == [("experts.asked", expert.email)]
    mail = Mail.objects.get()
    assert f"/expert/{opinion.key}/" in mail.text
    assert "16 octobre 2026" in mail.subject.replace("\u00a0", " ")
    assert opinion.question not in mail.text
    event = Event.objects.about(dossier).get(name="opinion_asked")
    assert event.by == agent
    assert "Camille Exemple, Laboratoire d’essai" in event.reason


def test_an_expert_without_account_is_invited_to_make_one() -> None:
    expert = make_expert(is_joined=False, email="nouveau@exemple.invalid")
    opinion = make_opinion(expert=expert)
    mail = Mail.objects.get(kind="experts.invited")
    address = re.search(r"https?://\S+", mail.text)
    assert address is not None
    assert address[0].endswith(f"/inscription/?next=%2Fexpert%2F{opinion.key}%2F")
    with pytest.raises(NotAllowed):
        directory.join(UserFactory())
    person = UserFactory(email="nouveau@exemple.invalid")
    directory.join(person)
    person = User.objects.get(pk=person.pk)
    assert person.holds(Role.EXPERT)
    assert list(Opinion.objects.asked_of(person)) == [opinion]
    assert directory.join(person) == expert
    assert person.role_assignments.count() == 1


def test_an_address_gets_three_invitations_an_hour() -> None:
    expert = make_expert(is_joined=False)
    for _ in range(3):
        make_opinion(expert=expert)
    with pytest.raises(NotDone, match="Trois courriels"):
        make_opinion(expert=expert)
    assert Opinion.objects.count() == 3


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"question": "  "}, "Écrivez la question"),
        ({"question": "x" * 5001}, "dépasse 5000"),
        ({"due_on": date(2026, 10, 1)}, "à venir"),
        ({"due_on": date(2027, 4, 1)}, "au plus à 180"),
        ({"pieces": (999_999,)}, "n’est pas dans la version"),
    ],
)
def test_a_wrong_question_is_refused_with_its_reason(wrong: dict[str, object], said: str) -> None:
    with pytest.raises(NotDone, match=said):
        make_opinion(**wrong)  # type: ignore[arg-type]
    assert (Opinion.objects.count(), Mail.objects.filter(kind__startswith="experts.").count()) == (0, 0)


def test_who_did_not_agree_or_is_of_the_house_is_not_asked() -> None:
    dossier = make_dossier()
    with pytest.raises(NotDone, match="n’a pas donné son accord"):
        make_opinion(dossier, expert=make_expert(agrees=("listed",)))
    withdrawn = make_expert()
    directory.withdraw_agreement(withdrawn, Agreement.Kind.ASKED, by=person_of(withdrawn))
    with pytest.raises(NotDone, match="ou l’a retiré"):
        make_opinion(dossier, expert=withdrawn)
    inside = make_expert()
    MembershipFactory(user=person_of(inside), organisation=dossier.organisation)
    with pytest.raises(NotDone, match="fait partie de la structure"):
        make_opinion(dossier, expert=inside)
    unjoined = make_expert(is_joined=False, email=dossier.created_by.email)
    with pytest.raises(NotDone, match="fait partie de la structure"):
        make_opinion(dossier, expert=unjoined)
    asked = make_opinion(dossier)
    with pytest.raises(NotDone, match="attend déjà la réponse"):
        make_opinion(dossier, expert=asked.expert)


def test_only_agents_of_the_scheme_who_are_not_of_the_house_ask() -> None:
    dossier = make_dossier()
    member_agent = make_agent()
    MembershipFactory(user=member_agent, organisation=dossier.organisation)
    for person in (
        make_agent("booster_ia"),
        make_user_with(Role.AUDITOR, "diagnostic"),
        make_user_with(Role.EXPERT),
        dossier.created_by,
        member_agent,
    ):
        with pytest.raises(NotAllowed):
            make_opinion(dossier, agent=person)
    make_opinion(dossier, agent=make_user_with(Role.LEAD_AGENT, "diagnostic"))


def test_a_version_deposited_meanwhile_is_read_before_asking() -> None:
    dossier = make_dossier()
    with pytest.raises(NotDone, match="nouvelle version"):
        opinions.ask(
            dossier,
            expert=make_expert(),
            question="Q",
            version=dossier.version - 1,
            pieces=(),
            due_on=date(2026, 10, 16),
            is_confidential=True,
            by=make_agent(),
        )


def test_the_conflict_box_comes_first() -> None:
    opinion = make_opinion()
    person = person_of(opinion.expert)
    with pytest.raises(NotNow):
        opinions.save_draft(opinion, TEXT, version=0, by=person)
    with pytest.raises(Unmet, match="lien d’intérêts"):
        opinions.give(opinion, version=0, by=person)
    opinions.declare_no_conflict(opinion, by=person)
    first = opinion.no_conflict_at
    opinions.declare_no_conflict(opinion, by=person)
    assert opinion.no_conflict_at == first
    assert acts(opinion.dossier) == ["opinion_asked", "opinion_no_conflict"]


def test_a_declared_conflict_closes_the_question() -> None:
    opinion = make_opinion()
    opinions.declare_conflict(opinion, by=person_of(opinion.expert), reason="J’y ai travaillé.")
    opinion.refresh_from_db()
    assert (opinion.state, opinion.is_conflict, opinion.closed_at) == ("declined", True, timezone.now())
    with pytest.raises(NotNow):
        opinions.declare_no_conflict(opinion, by=person_of(opinion.expert))
    mail = Mail.objects.filter(kind="experts.declined")[0]
    assert "J’y ai travaillé." in mail.text
    assert acts(opinion.dossier) == ["opinion_asked", "opinion_conflict"]


def test_who_joined_the_organisation_since_gives_no_opinion() -> None:
    opinion = write_draft(make_opinion())
    MembershipFactory(user=person_of(opinion.expert), organisation=opinion.dossier.organisation)
    with pytest.raises(Unmet, match="Vous faites partie"):
        opinions.give(opinion, version=opinion.draft_version, by=person_of(opinion.expert))


def test_an_opinion_given_is_frozen_and_its_draft_gone() -> None:
    opinion = write_draft(make_opinion())
    person = person_of(opinion.expert)
    with pytest.raises(Unmet, match="a changé"):
        opinions.give(opinion, version=opinion.draft_version - 1, by=person)
    opinions.give(opinion, version=opinion.draft_version, by=person)
    opinion.refresh_from_db()
    assert (opinion.state, opinion.draft, opinion.is_readable) == ("given", "", False)
    assert (opinion.answer.text, opinion.answer.by) == (TEXT, person)
    for gesture in (
        lambda: opinions.give(opinion, version=opinion.draft_version, by=person),
        lambda: opinions.save_draft(opinion, "Autre", version=opinion.draft_version, by=person),
        lambda: opinions.decline(opinion, by=person),
        lambda: opinions.cancel(opinion, by=make_agent(), reason="Trop tard"),
        lambda: opinions.extend(opinion, due_on=date(2026, 11, 1), by=make_agent()),
    ):
        with pytest.raises(NotNow):
            gesture()


def test_an_empty_opinion_is_not_given() -> None:
    opinion = write_draft(make_opinion(), "  \n ")
    with pytest.raises(Unmet, match="Écrivez votre avis"):
        opinions.give(opinion, version=opinion.draft_version, by=person_of(opinion.expert))


def test_nobody_else_answers_and_only_agents_cancel() -> None:
    opinion = open_for(make_opinion())
    for person in (make_agent(), person_of(make_expert()), opinion.dossier.created_by):
        for gesture in (
            lambda who=person: opinions.declare_conflict(opinion, by=who),
            lambda who=person: opinions.declare_no_conflict(opinion, by=who),
            lambda who=person: opinions.save_draft(opinion, "x", version=0, by=who),
            lambda who=person: opinions.give(opinion, version=0, by=who),
            lambda who=person: opinions.decline(opinion, by=who),
        ):
            with pytest.raises(NotAllowed):
                gesture()
    for person in (person_of(opinion.expert), make_agent("booster_ia"), opinion.dossier.created_by):
        with pytest.raises(NotAllowed):
            opinions.cancel(opinion, by=person, reason="x")
        with pytest.raises(NotAllowed):
            opinions.extend(opinion, due_on=date(2026, 12, 1), by=person)
    with pytest.raises(ReasonMissing):
        opinions.cancel(opinion, by=make_agent(), reason=" ")


def test_a_role_withdrawn_bites_at_once() -> None:
    opinion = open_for(make_opinion())
    person_of(opinion.expert).role_assignments.update(ended_at=timezone.now())
    with pytest.raises(NotAllowed):
        opinions.save_draft(opinion, "x", version=0, by=person_of(opinion.expert))


def test_two_tabs_never_overwrite_silently() -> None:
    opinion = write_draft(make_opinion(), "Premier")
    person = person_of(opinion.expert)
    with pytest.raises(opinions.Conflict) as refused:
        opinions.save_draft(opinion, "Second", version=0, by=person)
    assert refused.value.kept.draft == "Premier"
    assert opinions.save_draft(opinion, "Premier", version=0, by=person).draft_version == 1
    assert opinions.save_draft(opinion, "Second", version=1, by=person).draft_version == 2
    with pytest.raises(NotDone, match="30001"):
        opinions.save_draft(opinion, "x" * 30_001, version=2, by=person)


def test_a_confidential_opinion_is_told_to_the_agents_alone() -> None:
    dossier = make_dossier()
    Mail.objects.all().delete()
    before = ThreadMessage.objects.count()
    agent = make_agent()
    opinion = make_given(dossier, agent=agent, is_confidential=True)
    applicants = {dossier.created_by.email}
    assert not applicants & {address for _, address in sent()}
    assert ThreadMessage.objects.count() == before
    assert [kind for kind, _ in sent() if kind == "experts.given"] != []
    assert acts(dossier) == ["opinion_asked", "opinion_no_conflict", "opinion_given"]
    assert opinion.answer.text == TEXT


def test_a_shared_opinion_is_told_to_the_organisation_once_given() -> None:
    dossier = make_dossier()
    Mail.objects.all().delete()
    opinion = write_draft(make_opinion(dossier, is_confidential=False))
    assert dossier.created_by.email not in {address for _, address in sent()}
    opinions.give(opinion, version=opinion.draft_version, by=person_of(opinion.expert))
    mail = Mail.objects.get(kind="experts.shared")
    assert mail.address == dossier.created_by.email
    assert f"/dossiers/{dossier.key}/avis/" in mail.text
    assert TEXT not in mail.text
    assert dossier.messages.public().latest("pk").text == mail.text


def test_an_opinion_cancelled_tells_the_expert_why_and_keeps_their_text() -> None:
    opinion = write_draft(make_opinion())
    opinions.cancel(opinion, by=make_agent(), reason="La structure a renoncé.")
    opinion.refresh_from_db()
    assert (opinion.state, opinion.draft) == ("cancelled", TEXT)
    assert "La structure a renoncé." in Mail.objects.get(kind="experts.cancelled").text


def test_the_pieces_opened_are_of_the_deposit() -> None:
    draft = make_draft()
    joined = Attachment.objects.create(
        dossier=draft,
        piece="complement",
        upload=UploadFactory(uploaded_by=draft.created_by, name="Plan.pdf"),
        added_by=draft.created_by,
    )
    opinion = make_opinion(make_deposit(draft).dossier, pieces=(joined.pk, joined.pk))
    assert opinion.pieces == [joined.pk]


@pytest.mark.django_db(transaction=True)
def test_an_answer_and_a_cancellation_at_once_are_one_of_the_two() -> None:
    for _ in range(5):
        opinion = write_draft(make_opinion())
        person, agent, version = person_of(opinion.expert), make_agent(), opinion.draft_version
        mine, theirs = Opinion.objects.get(pk=opinion.pk), Opinion.objects.get(pk=opinion.pk)
        results = together(
            lambda one=mine, who=person, seen=version: opinions.give(one, version=seen, by=who),
            lambda one=theirs, who=agent: opinions.cancel(one, by=who, reason="Sans objet"),
        )
        close_old_connections()
        refusals = [one for one in results if isinstance(one, NotNow)]
        events = [one for one in results if isinstance(one, Event)]
        assert (len(refusals), len(events)) == (1, 1), results
        opinion.refresh_from_db()
        assert opinion.state == events[0].target
        assert Answer.objects.filter(opinion=opinion).exists() == (opinion.state == "given")
        assert opinion.draft == ("" if opinion.state == "given" else TEXT)


@pytest.mark.django_db(transaction=True)
def test_the_same_question_asked_twice_at_once_is_one() -> None:
    dossier, expert = make_dossier(), make_expert()
    agents = [make_agent(), make_agent()]
    copies = [Dossier.objects.get(pk=dossier.pk) for _ in agents]
    results = together(
        lambda: make_opinion(copies[0], expert=expert, agent=agents[0]),
        lambda: make_opinion(copies[1], expert=expert, agent=agents[1]),
    )
    assert sum(isinstance(one, Opinion) for one in results) == 1, results
    assert sum(isinstance(one, NotDone) for one in results) == 1, results
    assert Opinion.objects.count() == 1
