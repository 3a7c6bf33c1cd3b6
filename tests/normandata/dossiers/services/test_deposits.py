import uuid
from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from normandata.documents.models import Document
from normandata.dossiers import drafts as form_state
from normandata.dossiers.models import Counter, Deposit, Dossier, FilingPeriod, Frozen, ThreadMessage
from normandata.dossiers.services import corrections, deposits
from normandata.dossiers.services import drafts as drafts_service
from normandata.dossiers.services.corrections import Asked
from normandata.dossiers.services.deposits import OtherContent, Signatory
from normandata.notifications.models import Mail
from normandata.procedure.errors import NotAllowed, NotNow, Unmet
from normandata.procedure.models import Event
from tests.factories.accounts import UserFactory, make_agent
from tests.factories.dossiers import SIGNED, make_deposit, make_draft
from tests.factories.organisations import MembershipFactory
from tests.threads import together

pytestmark = pytest.mark.django_db
AT = datetime(2026, 10, 1, 7, 14, tzinfo=UTC)


def test_a_deposit_numbers_freezes_judges_and_tells() -> None:
    sent = make_deposit(at=AT)
    dossier = Dossier.objects.get()
    assert (dossier.number, dossier.state, dossier.turn, dossier.editable) == (
        "DIA-2026-0001",
        "submitted",
        "agent",
        "all",
    )
    assert (dossier.submitted_at, dossier.turn_since, dossier.version) == (AT, AT, 1)
    assert (dossier.complete_on, dossier.refused_by_silence_on) == (date(2026, 10, 1), date(2026, 12, 1))
    assert dossier.verdict is not None
    assert dossier.verdict["conclusion"] == "eligible"
    assert (sent.version, sent.signatory["name"], sent.pieces) == (1, "Dominique Exemple", [])
    assert [part["slug"] for part in sent.recap] == [
        "structure",
        "situation",
        "aides",
        "personnes",
        "motivations",
        "signature",
    ]
    assert [line[0] for line in sent.recap[-1]["lines"]] == ["accepte_questionnaire", "accepte_exact", "signataire"]
    assert sent.recap[-1]["lines"][-1][2] == "Dominique Exemple, Gérante, dépose en personne"
    assert sent.recap[0]["lines"][-1] == ["etp", "Effectif, en équivalents temps plein", "45,5 ETP"]
    event = Event.objects.about(dossier).named("submit").first()
    assert event is not None
    assert (event.name, event.source, event.target, event.verdict) == (
        "submit",
        "draft",
        "submitted",
        dossier.verdict,
    )
    mail = Mail.objects.get()
    assert (mail.kind, mail.address) == ("dossiers.receipt", dossier.created_by.email)
    message = ThreadMessage.objects.get()
    assert (message.side, message.kind, message.text) == ("portal", "state", mail.text)
    assert sent.receipt == Document.objects.get()


def test_the_same_page_sent_twice_is_one_deposit() -> None:
    dossier, key = make_draft(), uuid.uuid4()
    first = deposits.deposit(dossier, key=key, signatory=SIGNED, by=dossier.created_by)
    again = deposits.deposit(dossier, key=key, signatory=SIGNED, by=dossier.created_by)
    assert (again.pk, Deposit.objects.count(), Mail.objects.count()) == (first.pk, 1, 1)


def test_the_same_key_with_another_content_is_refused() -> None:
    dossier, key = make_draft(), uuid.uuid4()
    deposits.deposit(dossier, key=key, signatory=SIGNED, by=dossier.created_by)
    other = Signatory("Quelqu’un d’autre", "Maire", in_person=True, accepted=SIGNED.accepted)
    with pytest.raises(OtherContent):
        deposits.deposit(dossier, key=key, signatory=other, by=dossier.created_by)
    assert Deposit.objects.count() == 1


def test_a_new_deposit_is_a_new_version_with_the_same_number_and_day() -> None:
    dossier = make_deposit(at=AT).dossier
    section = dossier.sections.get(slug="motivations")
    section.answers |= {"projet": "Un autre projet."}
    section.save()
    second = make_deposit(dossier, at=datetime(2026, 10, 3, 8, tzinfo=UTC))
    dossier.refresh_from_db()
    assert (dossier.number, dossier.version, dossier.submitted_at) == ("DIA-2026-0001", 2, AT)
    assert dossier.complete_on == date(2026, 10, 1)
    first = Deposit.objects.get(version=1)
    assert [change[2:] for change in deposits.changes(first.recap, second.recap)] == [
        ("Le remplacement du logiciel d’atelier.", "Un autre projet.")
    ]
    assert Counter.objects.get().last == 1


def test_a_deposit_is_never_changed_nor_deleted() -> None:
    sent = make_deposit()
    with pytest.raises(Frozen):
        sent.save()
    with pytest.raises(Frozen):
        sent.delete()


def test_what_is_left_to_fill_is_said_and_nothing_is_written() -> None:
    dossier = make_draft()
    dossier.sections.filter(slug="personnes").delete()
    with pytest.raises(Unmet) as refused:
        make_deposit(dossier)
    assert refused.value.messages == ("La section « Les personnes » est à compléter.",)
    dossier.refresh_from_db()
    assert (dossier.state, dossier.number, Counter.objects.count(), Mail.objects.count()) == ("draft", None, 0, 0)


@pytest.mark.parametrize(
    ("signatory", "said"),
    [
        (Signatory("", "", in_person=True), "Indiquez le nom et la fonction"),
        (Signatory("A", "B", in_person=True, accepted=("exact",)), "Cochez chaque engagement"),
        (Signatory("A", "B", in_person=False, accepted=SIGNED.accepted), "Joignez la demande signée"),
    ],
)
def test_nobody_deposits_unsigned(signatory: Signatory, said: str) -> None:
    dossier = make_draft()
    with pytest.raises(Unmet, match=said):
        deposits.deposit(dossier, key=uuid.uuid4(), signatory=signatory, by=dossier.created_by)


def test_a_stranger_deposits_nothing() -> None:
    dossier = make_draft()
    with pytest.raises(NotAllowed):
        deposits.deposit(dossier, key=uuid.uuid4(), signatory=SIGNED, by=UserFactory())


def test_a_withdrawn_dossier_is_not_deposited_again() -> None:
    dossier = make_deposit().dossier
    Dossier.objects.update(state="withdrawn")
    with pytest.raises(NotNow):
        make_deposit(dossier)


PARIS_MIDNIGHT = datetime(2026, 10, 30, 23, 0, tzinfo=UTC)
"""30 October 2026 at 24:00 in Paris, winter time."""


@pytest.mark.parametrize(("seconds", "is_taken"), [(-0.1, True), (0, True), (299, True), (300, True), (301, False)])
def test_the_closing_day_is_included_and_the_grace_covers_slow_uploads(seconds: float, is_taken: bool) -> None:
    FilingPeriod.objects.create(scheme="diagnostic", opens_on=date(2026, 3, 1), closes_on=date(2026, 10, 30))
    dossier = make_draft()
    at = datetime.fromtimestamp(PARIS_MIDNIGHT.timestamp() + seconds, UTC)
    if is_taken:
        assert make_deposit(dossier, at=at).version == 1
        return
    said = r"Le dépôt s’est arrêté le 30.octobre.2026 à 23 h 59\. Votre brouillon est gardé\."
    with pytest.raises(Unmet, match=said):
        make_deposit(dossier, at=at)


def test_after_the_closing_day_no_new_version_is_taken_and_the_last_one_stands() -> None:
    FilingPeriod.objects.create(scheme="diagnostic", opens_on=date(2026, 3, 1), closes_on=date(2026, 10, 30))
    dossier = make_deposit(at=datetime(2026, 10, 29, 9, tzinfo=UTC)).dossier
    assert make_deposit(dossier, at=PARIS_MIDNIGHT).version == 2
    said = r"Le dépôt s’est arrêté le 30.octobre.2026.*Votre demande reste déposée : c’est sa version 2"
    with pytest.raises(Unmet, match=said):
        make_deposit(dossier, at=datetime(2026, 10, 31, 9, tzinfo=UTC))
    assert (Dossier.objects.get().version, Deposit.objects.count()) == (2, 2)


def test_a_deposit_is_one_transaction_of_at_most_twenty_queries() -> None:
    make_deposit()
    dossier = make_draft()
    by, fresh = dossier.created_by, Dossier.objects.get(pk=dossier.pk)
    with CaptureQueriesContext(connection) as queries:
        deposits.deposit(fresh, key=uuid.uuid4(), signatory=SIGNED, by=by)
    # The test's own transaction makes that of the deposit a savepoint: two statements that stand for BEGIN and COMMIT.
    written = [query["sql"] for query in queries]
    assert [sql.split()[0] for sql in written if "SAVEPOINT" in sql] == ["SAVEPOINT", "RELEASE"]
    written = [sql for sql in written if "SAVEPOINT" not in sql]
    assert len(written) <= 20, "\n".join(sql[:120] for sql in written)


@pytest.mark.django_db(transaction=True)
def test_fifty_parallel_deposits_have_gapless_numbers() -> None:
    sent = together(*[partial(make_deposit, make_draft(), at=timezone.now()) for _ in range(50)])
    assert [fault for fault in sent if isinstance(fault, Exception)] == []
    year = timezone.localdate().year
    assert sorted(Dossier.objects.values_list("number", flat=True)) == [f"DIA-{year}-{n:04d}" for n in range(1, 51)]


def test_an_answer_changes_only_what_was_asked() -> None:
    """What was typed elsewhere after the deposit stays undeposited: nobody reviewed it nor signed it."""
    dossier = make_deposit(at=AT).dossier
    for slug, name in (("motivations", "projet"), ("personnes", "projet_nom")):
        section = dossier.sections.get(slug=slug)
        section.answers |= {name: "Changé en silence."}
        section.save()
    agent = make_agent()
    due_on = timezone.localdate() + timedelta(days=10)
    corrections.ask(dossier, [Asked("section:motivations", "Précisez.")], due_on=due_on, by=agent)
    section = dossier.sections.get(slug="motivations")
    drafts_service.save_section(
        dossier,
        "motivations",
        section.answers | {"projet": "La précision."},
        version=section.version,
        by=dossier.created_by,
    )
    second = deposits.answer(dossier, key=uuid.uuid4(), by=dossier.created_by)
    first = Deposit.objects.get(version=1)
    assert [change[2:] for change in deposits.changes(first.recap, second.recap)] == [
        ("Le remplacement du logiciel d’atelier.", "La précision.")
    ]
    second.refresh_from_db()
    assert (dossier.state, dossier.turn, second.signatory) == ("review", "agent", first.signatory)


def test_a_page_already_sent_for_another_dossier_does_not_stop_this_one() -> None:
    key = uuid.uuid4()
    for _ in range(2):
        dossier = make_draft()
        assert deposits.deposit(dossier, key=key, signatory=SIGNED, by=dossier.created_by).version == 1


@pytest.mark.parametrize("members", [1, 30])
def test_a_deposit_costs_the_same_however_many_members_are_told(members: int) -> None:
    make_deposit()
    dossier = make_draft()
    for _ in range(members - 1):
        MembershipFactory(organisation=dossier.organisation)
    by, fresh = dossier.created_by, Dossier.objects.get(pk=dossier.pk)
    with CaptureQueriesContext(connection) as queries:
        deposits.deposit(fresh, key=uuid.uuid4(), signatory=SIGNED, by=by)
    assert len([query for query in queries if "SAVEPOINT" not in query["sql"]]) <= 20
    assert Mail.objects.filter(about_key=str(dossier.pk)).count() == members


def test_the_receipt_of_an_answer_prints_the_days_of_the_dossier() -> None:
    """Asked on the 2nd, due on the 30th, arrived on the 5th: three days of suspension, not twenty-eight."""
    with time_machine.travel(datetime(2026, 10, 1, 8, tzinfo=UTC), tick=False):
        dossier = make_deposit().dossier
    agent = make_agent()
    with time_machine.travel(datetime(2026, 10, 2, 8, tzinfo=UTC), tick=False):
        corrections.ask(dossier, [Asked("section:motivations", "Précisez.")], due_on=date(2026, 10, 30), by=agent)
    with time_machine.travel(datetime(2026, 10, 5, 8, tzinfo=UTC), tick=False):
        section = dossier.sections.get(slug="motivations")
        typed = section.answers | {"projet": "La précision."}
        drafts_service.save_section(dossier, "motivations", typed, version=section.version, by=dossier.created_by)
        sent = deposits.answer(dossier, key=uuid.uuid4(), by=dossier.created_by)
    dossier.refresh_from_db()
    assert dossier.refused_by_silence_on == date(2026, 12, 4)
    assert sent.receipt is not None
    assert sent.receipt.record["silence_on"] == "2026-12-04"


def test_what_is_signed_is_what_was_read() -> None:
    dossier = make_draft()
    read = deposits.answers_hash(form_state.read(dossier))
    section = dossier.sections.get(slug="motivations")
    section.answers |= {"projet": "Changé sans être lu."}
    section.save()
    with pytest.raises(OtherContent, match="modifiée par quelqu’un d’autre"):
        deposits.deposit(dossier, key=uuid.uuid4(), signatory=SIGNED, by=dossier.created_by, reviewed=read)
    assert Deposit.objects.count() == 0
