"""Letters sent by a batch: each once, word for word as it was read, whatever stops a worker."""

import uuid
import zipfile
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.signing import BadSignature
from django.utils import timezone

from booster_ia.agreements import Agreement, DecisionLetter
from booster_ia.services import notification
from normandata.accounts.models import RoleAssignment, User
from normandata.committee.models import Item
from normandata.documents import services as documents
from normandata.dossiers import letter_batches as mailrooms
from normandata.dossiers.exchange import ThreadMessage
from normandata.dossiers.letters import Letter, Signatory
from normandata.dossiers.models import BulkJob, BulkOutcome, Dossier
from normandata.dossiers.services import bulk, letter_batches
from normandata.dossiers.services import letters as letters_of_dossiers
from normandata.outbox import services as outbox
from normandata.outbox.models import Message
from normandata.procedure.errors import NotAllowed, NotDone, NotNow
from normandata.procedure.models import Event
from tests.factories.accounts import UserFactory
from tests.factories.booster_scoring import make_scorer
from tests.factories.letters import make_light, make_signatory
from tests.normandata.outbox.storm import Storm
from tests.threads import together

pytestmark = pytest.mark.django_db
State = BulkOutcome.State


def marks_of(dossiers: list[Dossier]) -> dict[str, str]:
    found = mailrooms.drafts(dossiers, timezone.now())
    return {one.dossier.number or "": one.mark for one in found.values()}


def begin(dossiers: list[Dossier], by: User, *, key: uuid.UUID | None = None) -> BulkJob:
    return letter_batches.begin(marks_of(dossiers), dossiers, key=key or uuid.uuid4(), by=by)


def states(job: BulkJob) -> list[str]:
    return list(job.outcomes.values_list("state", flat=True))


def batch_messages() -> list[Message]:
    return list(Message.objects.filter(handler=bulk.HANDLER).order_by("created_at", "pk"))


def test_a_batch_sends_each_letter_with_its_outcome() -> None:
    make_signatory()
    agent = make_scorer()
    dossiers = [*make_light(2, outcome="granted"), *make_light(2), *make_light(1, outcome="adjourned")]
    job = begin(dossiers, agent)
    assert states(job) == [State.WAITING] * 5
    [message] = batch_messages()
    assert outbox.work(message.pk)
    assert states(job) == [State.DONE] * 5
    kinds = Counter(job.outcomes.values_list("letter__kind", flat=True))
    assert kinds == {"booster_ia.award": 2, "booster_ia.refusal": 2, "booster_ia.adjournment": 1}
    assert (Letter.objects.count(), DecisionLetter.objects.count(), Agreement.objects.count()) == (7, 5, 2)
    assert {event.by for event in Event.objects.named("notify", "notify_refusal", "notify_adjournment")} == {agent}
    job.refresh_from_db()
    assert job.done_at is not None


def test_what_leaves_is_what_was_read() -> None:
    make_signatory()
    [dossier] = make_light(1, outcome="granted")
    read = mailrooms.drafts([dossier], timezone.now())[dossier.pk]
    bulk.run(begin([dossier], make_scorer()))
    assert Letter.objects.get(kind="booster_ia.award").document.record == read.record


@pytest.mark.parametrize("change", ["reason", "signatory"])
def test_a_letter_that_changed_since_it_was_read_stays_and_says_so(change: str) -> None:
    make_signatory()
    agent = make_scorer()
    [kept] = make_light()
    job = begin([kept], agent)
    if change == "reason":
        Item.objects.update(reason="Un autre motif.")
    else:
        Signatory.objects.update(name="Quelqu’un d’autre")
    bulk.run(job)
    [outcome] = job.outcomes.all()
    assert (outcome.state, outcome.cause, outcome.letter) == (State.REFUSED, bulk.CHANGED, None)
    assert Letter.objects.count() == 0
    with pytest.raises(NotNow) as refused:
        letter_batches.retry(outcome, by=agent)
    assert refused.value.messages == (bulk.CHANGED,)


def test_a_letter_already_gone_is_not_sent_again() -> None:
    make_signatory()
    [dossier] = make_light()
    job = begin([dossier], make_scorer())
    notification.tell(dossier, by=make_scorer())
    bulk.run(job)
    [outcome] = job.outcomes.all()
    assert (outcome.state, outcome.cause, Letter.objects.count()) == (State.ALREADY, bulk.SENT, 1)


def test_a_line_that_fails_says_why_and_is_tried_again_alone() -> None:
    signatory = make_signatory()
    agent = make_scorer()
    dossiers = make_light(3)
    job = begin(dossiers, agent)
    Signatory.objects.all().delete()
    bulk.run(job)
    assert states(job) == [State.REFUSED] * 3
    first = job.outcomes.all()[0]
    assert first.cause == letters_of_dossiers.NO_SIGNATORY
    signatory.save(force_insert=True)
    letter_batches.retry(first, by=agent)
    letter_batches.retry(first, by=agent)
    assert states(job) == [State.WAITING, State.REFUSED, State.REFUSED]
    job.refresh_from_db()
    assert job.done_at is None
    one, again = batch_messages()
    assert again.payload == {"job": str(job.key), "rows": [first.pk]}
    assert outbox.work(again.pk)
    assert (states(job), Letter.objects.count()) == ([State.DONE, State.REFUSED, State.REFUSED], 1)
    assert one.pk != again.pk


def test_only_its_author_tries_a_line_again() -> None:
    make_signatory()
    job = begin(make_light(), make_scorer())
    Signatory.objects.all().delete()
    bulk.run(job)
    with pytest.raises(NotAllowed):
        letter_batches.retry(job.outcomes.all()[0], by=make_scorer())


def test_a_double_click_is_one_batch() -> None:
    make_signatory()
    agent, key, dossiers = make_scorer(), uuid.uuid4(), make_light(2)
    assert begin(dossiers, agent, key=key) == begin(dossiers, agent, key=key)
    assert (BulkJob.objects.count(), BulkOutcome.objects.count(), len(batch_messages())) == (1, 2, 1)
    with pytest.raises(bulk.KeyTaken):
        begin(dossiers[:1], agent, key=key)


def test_a_thousand_letters_are_forty_messages_and_one_more_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    make_signatory()
    monkeypatch.setattr(letter_batches, "CHUNK", 3)
    monkeypatch.setattr(letter_batches, "MOST", 8)
    agent = make_scorer()
    dossiers = make_light(9)
    with pytest.raises(NotDone) as refused:
        begin(dossiers, agent)
    assert refused.value.messages == ("Un traitement groupé prend 8 dossiers au plus.",)
    job = begin(dossiers[:8], agent)
    parts = batch_messages()
    assert sorted(len(one.payload["rows"]) for one in parts) == [2, 3, 3]
    rows = list(job.outcomes.values_list("pk", flat=True))
    assert sorted(pk for one in parts for pk in one.payload["rows"]) == rows
    for count, one in enumerate(parts, start=1):
        assert outbox.work(one.pk)
        job.refresh_from_db()
        assert (job.done_at is not None) is (count == 3)


def test_whoever_lost_the_role_meanwhile_sends_nothing() -> None:
    make_signatory()
    agent = make_scorer()
    job = begin(make_light(), agent)
    RoleAssignment.objects.update(ended_at=timezone.now())
    bulk.run(job)
    assert (states(job), Letter.objects.count()) == ([State.REFUSED], 0)
    with pytest.raises(NotAllowed):
        begin([], UserFactory())


def test_a_letter_whose_transaction_breaks_leaves_no_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    make_signatory()
    job = begin(make_light(1, outcome="granted"), make_scorer())

    def killed(*args: Any) -> None:
        raise SystemExit

    monkeypatch.setattr(bulk, "_settle", killed)
    with pytest.raises(SystemExit):
        bulk.run(job)
    assert (states(job), Letter.objects.count(), Agreement.objects.count()) == ([State.WAITING], 0, 0)
    assert Dossier.objects.get().state == "granted"


def test_what_was_read_is_sealed() -> None:
    sealed = letter_batches.sealed({"BIA-2026-0001": "abc"})
    assert letter_batches.unsealed(sealed) == {"BIA-2026-0001": "abc"}
    with pytest.raises(BadSignature):
        letter_batches.unsealed(f"{sealed[:-2]}xx")


def test_the_archive_holds_each_pdf_once(media: Path) -> None:
    make_signatory()
    dossiers = make_light(2)
    job = begin(dossiers, make_scorer())
    bulk.run(job)
    file, missing = letter_batches.archive(job)
    file.close()
    assert missing == 2
    for letter in letter_batches.letters_of(job):
        documents.make(letter.document_id)
    file, missing = letter_batches.archive(job)
    with file, zipfile.ZipFile(file) as kept:
        names = sorted(kept.namelist())
        assert all(kept.read(name).startswith(b"%PDF") for name in names)
    assert (names, missing) == (sorted(f"refus-{one.number}.pdf" for one in dossiers), 0)


# ------------------------------------------------------------------------------------------------------ races and kills
@pytest.mark.django_db(transaction=True)
def test_two_workers_and_a_colleague_send_each_letter_once() -> None:
    make_signatory()
    dossiers = make_light(6, outcome="granted")
    job, other = begin(dossiers, make_scorer()), begin(dossiers, make_scorer())
    together(lambda: bulk.run(job), lambda: bulk.run(job), lambda: bulk.run(other))
    settled = Counter(BulkOutcome.objects.values_list("state", flat=True))
    assert settled == {State.DONE: 6, State.ALREADY: 6}
    assert Letter.objects.filter(kind="booster_ia.award").count() == 6
    assert (DecisionLetter.objects.count(), Agreement.objects.count()) == (6, 6)
    assert ThreadMessage.objects.filter(subject__startswith="Une subvention").count() == 6


def test_a_batch_that_the_outbox_gave_up_is_taken_up_again() -> None:
    make_signatory()
    job = begin(make_light(2), make_scorer())
    [message] = batch_messages()
    assert not bulk.is_stuck(job)
    bulk.resume(job)
    assert batch_messages() == [message]
    Message.objects.update(state="failed", error="Essai.")
    assert bulk.is_stuck(job)
    bulk.resume(job)
    bulk.resume(job)
    _, again = batch_messages()
    assert outbox.work(again.pk)
    assert (states(job), Letter.objects.count(), bulk.is_stuck(job)) == ([State.DONE] * 2, 2, False)


@pytest.mark.storm
@pytest.mark.xdist_group("outbox-storm")
@pytest.mark.django_db(transaction=True)
def test_a_batch_killed_twice_sends_each_letter_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Real workers, killed with -9: the letters that left stay, the others leave, none leaves twice."""
    count = 60
    monkeypatch.setattr(letter_batches, "CHUNK", 15)
    make_signatory()
    job = begin(make_light(count), make_scorer())
    sent: list[int] = []
    with Storm(tmp_path, OUTBOX_LEASE=2) as storm:
        storm.start()
        for goal in (count // 3, 2 * count // 3):
            storm.wait(lambda goal=goal: _left() >= goal, seconds=120, what=f"{goal} letters")
            storm.kill()
            sent.append(_left())
            storm.start()
        storm.wait(lambda: _left() == count, seconds=120, what="every letter sent")
        storm.wait(lambda: not job.outcomes.waiting().exists(), seconds=10, what="every line settled")
    assert sent[0] < count  # the witness: workers died with letters still to send
    assert Counter(states(job)) == {State.DONE: count}
    told = Letter.objects.filter(kind="booster_ia.refusal")
    assert (told.count(), told.values("dossier").distinct().count()) == (count, count)
    assert Event.objects.named("notify_refusal").count() == count
    assert ThreadMessage.objects.filter(subject__contains="n’est pas retenue").count() == count


def _left() -> int:
    """Count the letters that left; their PDFs and mails are put off, which are not what is killed here."""
    others = Message.objects.exclude(handler=bulk.HANDLER).filter(state="pending")
    others.update(due_at=timezone.now() + timedelta(days=1))
    return Letter.objects.filter(kind="booster_ia.refusal").count()
