"""Requests for corrections: whose gesture, what dates they give, what they say, and what two gestures at once make."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction

from normandata.accounts.models import Role, User
from normandata.dossiers.models import Attachment, Correction, CorrectionItem, Dossier, ThreadMessage
from normandata.dossiers.services import corrections
from normandata.dossiers.services.corrections import Asked
from normandata.notifications.models import Mail
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotDone, NotNow, ReasonMissing, Unmet
from normandata.procedure.models import Event
from tests.factories.accounts import UserFactory, make_agent, make_user_with
from tests.factories.corrections import DEPOSITED, PIECE, POWER, answer, ask, noon, send
from tests.factories.documents import UploadFactory
from tests.factories.dossiers import make_dossier
from tests.threads import together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    return


@pytest.fixture
def agent() -> User:
    return make_agent(name="Sacha Petit")


@pytest.fixture
def dossier() -> Dossier:
    return make_dossier(at=DEPOSITED)


def dates(dossier: Dossier) -> tuple[date | None, date | None]:
    """The day of completeness and the day of implicit refusal, as stored."""
    kept = Dossier.objects.get(pk=dossier.pk)
    return kept.complete_on, kept.refused_by_silence_on


# ------------------------------------------------------------------------------------------------------------- asking
def test_asking_stops_the_delay_names_the_pieces_and_tells_the_organisation(dossier: Dossier, agent: User) -> None:
    with time_machine.travel(noon(2), tick=False):
        asked = corrections.ask(
            dossier,
            [PIECE, Asked("section:motivations", "Le projet lié")],
            due_on=date(2026, 10, 16),
            text="Merci.",
            by=agent,
        )
    kept = Dossier.objects.get()
    assert (kept.state, kept.turn, kept.editable, kept.turn_since) == ("incomplete", "applicant", "pieces", noon(2))
    # receipt on 1 October + 2 months, put off by the 14 days left to answer
    assert dates(dossier) == (None, date(2026, 12, 15))
    assert list(asked.items.values_list("target", "label", "reason")) == [
        ("piece:complement", "Documents utiles", "L’organigramme du groupe"),
        ("section:motivations", "Section «\u00a0Vos motivations\u00a0»", "Le projet lié"),
    ]
    mail = Mail.objects.get(kind="dossiers.correction_asked")
    assert mail.address == dossier.created_by.email
    assert (
        "- Documents utiles\u00a0: L’organigramme du groupe\n"
        "- Section «\u00a0Vos motivations\u00a0»\u00a0: Le projet lié" in mail.text
    )
    assert "16\u00a0octobre\u00a02026" in mail.text
    assert "\nMerci.\n" in mail.text
    message = ThreadMessage.objects.get(kind="request")
    assert (message.text, message.correction) == (mail.text, asked)
    event = Event.objects.get(name="ask_correction")
    assert event.data["items"][0] == {"label": "Documents utiles", "reason": "L’organigramme du groupe"}


def test_the_preview_is_the_mail_that_leaves_and_sends_nothing(dossier: Dossier, agent: User) -> None:
    before = Mail.objects.count()
    with time_machine.travel(noon(2), tick=False):
        shown = corrections.preview(dossier, [PIECE], due_on=date(2026, 10, 16), text="Merci.")
        assert (Mail.objects.count(), Correction.objects.count()) == (before, 0)
        corrections.ask(dossier, [PIECE], due_on=date(2026, 10, 16), text="Merci.", by=agent)
    mail = Mail.objects.get(kind="dossiers.correction_asked")
    assert (shown.subject, shown.text) == (mail.subject, mail.text)


@pytest.mark.parametrize(
    ("items", "due_on", "said"),
    [
        ([], date(2026, 10, 16), "Choisissez au moins une pièce"),
        ([Asked("piece:rib", "x")], date(2026, 10, 16), "n’existe pas dans le formulaire : piece:rib"),
        ([PIECE, PIECE], date(2026, 10, 16), "demandée deux fois"),
        ([PIECE], date(2026, 10, 2), "doit être à venir"),
        ([PIECE], date(2026, 10, 1), "doit être à venir"),
        ([PIECE], date(2027, 4, 1), "au plus à 180 jours"),
    ],
)
def test_a_request_without_sense_is_refused_and_writes_nothing(
    dossier: Dossier, agent: User, items: list[Asked], due_on: date, said: str
) -> None:
    with time_machine.travel(noon(2), tick=False), pytest.raises(NotDone, match=said):
        corrections.ask(dossier, items, due_on=due_on, by=agent)
    assert (Dossier.objects.get().state, Correction.objects.count()) == ("submitted", 0)


@pytest.mark.parametrize("due_on", [date(2026, 10, 3), date(2027, 3, 31)])
def test_tomorrow_and_the_hundred_and_eightieth_day_are_taken(dossier: Dossier, agent: User, due_on: date) -> None:
    with time_machine.travel(noon(2), tick=False):
        assert corrections.ask(dossier, [PIECE], due_on=due_on, by=agent).due_on == due_on


@pytest.mark.parametrize("who", ["applicant", "auditor", "another scheme's agent", "stranger"])
def test_only_agents_of_the_scheme_ask_and_cancel(dossier: Dossier, agent: User, who: str) -> None:
    person = {
        "applicant": lambda: dossier.created_by,
        "auditor": lambda: make_user_with(Role.AUDITOR),
        "another scheme's agent": lambda: make_agent("booster_ia"),
        "stranger": lambda: UserFactory(),
    }[who]()
    with pytest.raises(NotAllowed):
        ask(dossier, person, on=2, due=16)
    asked = ask(dossier, agent, on=2, due=16)
    with pytest.raises(NotAllowed):
        corrections.cancel(asked, by=person, reason="Non")
    assert Correction.objects.get().state == "open"


def test_one_request_at_a_time_by_the_service_and_by_the_database(dossier: Dossier, agent: User) -> None:
    ask(dossier, agent, on=2, due=16)
    with pytest.raises(NotNow):
        ask(dossier, agent, on=3, due=20)
    with pytest.raises(IntegrityError), transaction.atomic():
        Correction.objects.create(dossier=dossier, asked_by=agent, due_on=date(2026, 10, 20))


# ------------------------------------------------------------------------------------------------------- the dates
def test_an_answer_before_the_last_day_ends_the_suspension(dossier: Dossier, agent: User) -> None:
    ask(dossier, agent, on=2, due=16)
    send(dossier, "complement", noon(5))
    answer(dossier, noon(5))
    # 1 December + 3 days (2 → 5 October); complete when the piece arrived
    assert dates(dossier) == (date(2026, 10, 5), date(2026, 12, 4))
    kept = Dossier.objects.get()
    assert (kept.state, kept.turn, kept.version) == ("review", "agent", 2)
    closed = Correction.objects.get()
    assert (closed.state, closed.closed_at) == ("answered", noon(5))
    assert CorrectionItem.objects.get().satisfied_at == noon(5)
    assert {mail.kind for mail in Mail.objects.all()} >= {
        "dossiers.correction_received",
        "dossiers.correction_answered",
    }


def test_completeness_is_the_day_the_last_piece_arrived_not_the_day_of_the_sending(
    dossier: Dossier, agent: User
) -> None:
    ask(dossier, agent, on=2, due=16, items=(PIECE, POWER))
    send(dossier, "complement", noon(4))
    send(dossier, "signature", noon(7))
    answer(dossier, noon(9))
    assert dates(dossier)[0] == date(2026, 10, 7)


def test_a_cancelled_request_gives_the_day_of_receipt_back(dossier: Dossier, agent: User) -> None:
    asked = ask(dossier, agent, on=2, due=16)
    with time_machine.travel(noon(6), tick=False):
        corrections.cancel(asked, by=agent, reason="Pièce retrouvée")
    # 1 December + 4 days (2 → 6 October)
    assert dates(dossier) == (date(2026, 10, 1), date(2026, 12, 5))
    assert "Pièce retrouvée" in Mail.objects.get(kind="dossiers.correction_cancelled").text
    assert Dossier.objects.get().state == "review"


def test_an_expired_request_suspends_to_its_last_day_and_leaves_the_dossier_incomplete(
    dossier: Dossier, agent: User
) -> None:
    asked = ask(dossier, agent, on=2, due=16)
    with time_machine.travel(noon(19), tick=False):
        corrections.expire(asked)
    # 1 December + 14 days (2 → 16 October), however late it is looked at
    assert dates(dossier) == (None, date(2026, 12, 15))
    assert (Dossier.objects.get().state, Correction.objects.get().state) == ("review", "expired")
    assert {"dossiers.correction_expired", "dossiers.correction_overdue"} <= {m.kind for m in Mail.objects.all()}


def test_two_requests_in_a_row_add_up(dossier: Dossier, agent: User) -> None:
    ask(dossier, agent, on=2, due=16)
    send(dossier, "complement", noon(5))
    answer(dossier, noon(5))
    ask(dossier, agent, on=10, due=24, items=(POWER,))
    # 1 December + 3 + 14 days while the second is awaited
    assert dates(dossier) == (None, date(2026, 12, 18))
    send(dossier, "signature", noon(20))
    answer(dossier, noon(20))
    # 1 December + 3 (2 → 5) + 10 (10 → 20)
    assert dates(dossier) == (date(2026, 10, 20), date(2026, 12, 14))


PARIS_MIDNIGHT = datetime(2026, 10, 16, 22, 0, tzinfo=UTC)
"""16 October 2026 at 24:00 in Paris, summer time; the grace of the règlement is 5 minutes."""


@pytest.mark.parametrize(("seconds", "is_taken"), [(-1, True), (0, True), (299, True), (300, True), (301, False)])
def test_the_last_day_is_included_and_the_grace_to_the_second(
    dossier: Dossier, agent: User, seconds: int, is_taken: bool
) -> None:
    ask(dossier, agent, on=2, due=16)
    send(dossier, "complement", noon(16))
    at = PARIS_MIDNIGHT + timedelta(seconds=seconds)
    assert (corrections.overdue(at) == []) is is_taken
    if not is_taken:
        with pytest.raises(
            Unmet, match=r"La date limite était le 16.octobre.2026 à 23 h 59\. Vos fichiers sont gardés"
        ):
            answer(dossier, at)
        return
    answer(dossier, at)
    assert dates(dossier) == (date(2026, 10, 16), date(2026, 12, 15))


def test_what_is_missing_is_named_and_a_file_from_before_the_request_does_not_count(
    dossier: Dossier, agent: User
) -> None:
    Attachment.objects.create(
        dossier=dossier,
        piece="complement",
        upload=UploadFactory(uploaded_by=dossier.created_by),
        added_by=dossier.created_by,
        added_at=noon(1),
    )
    dossier.sections.update(saved_at=noon(1))
    ask(dossier, agent, on=2, due=16, items=(PIECE, POWER))
    send(dossier, "signature", noon(3))
    assert corrections.arrivals(dossier) == {"piece:signature": noon(3)}
    with pytest.raises(Unmet) as refused:
        answer(dossier, noon(4))
    assert refused.value.messages == ("Il manque encore : Documents utiles.",)


def test_only_what_was_asked_is_open_to_change(dossier: Dossier, agent: User) -> None:
    ask(dossier, agent, on=2, due=16)
    with pytest.raises(NotNow):
        send(dossier, "signature", noon(3))


# ---------------------------------------------------------------------------------------------- old requests, reminders
def test_an_old_request_never_closes_the_one_that_followed_it(dossier: Dossier, agent: User) -> None:
    """Two tabs, or a worker that read its list before: the gesture is about one request, not about the dossier."""
    old = ask(dossier, agent, on=2, due=16)
    corrections.cancel(old, by=agent, reason="Erreur")
    new = ask(dossier, agent, on=3, due=20)
    old = Correction.objects.get(pk=old.pk)
    for gesture in (
        lambda: corrections.cancel(old, by=agent, reason="Encore"),
        lambda: corrections.expire(old),
        lambda: corrections.remind(old),
    ):
        with pytest.raises(NotNow):
            gesture()
    assert Correction.objects.get(pk=new.pk).state == "open"
    assert not Mail.objects.filter(kind="dossiers.correction_reminder").exists()


def test_a_cancellation_says_why(dossier: Dossier, agent: User) -> None:
    asked = ask(dossier, agent, on=2, due=16)
    with pytest.raises(ReasonMissing):
        corrections.cancel(asked, by=agent, reason="  ")
    assert Correction.objects.get().state == "open"


def test_a_reminder_leaves_once_and_names_what_is_still_awaited(dossier: Dossier, agent: User) -> None:
    asked = ask(dossier, agent, on=2, due=16, items=(PIECE, POWER))
    send(dossier, "signature", noon(3))
    for _ in range(2):
        corrections.remind(asked)
    mail = Mail.objects.get(kind="dossiers.correction_reminder")
    assert "Documents utiles" in mail.text
    assert "Demande signée" not in mail.text


def test_when_every_file_is_there_the_reminder_recalls_the_whole_request(dossier: Dossier, agent: User) -> None:
    asked = ask(dossier, agent, on=2, due=16)
    send(dossier, "complement", noon(3))
    corrections.remind(asked)
    assert "Documents utiles" in Mail.objects.get(kind="dossiers.correction_reminder").text


@pytest.mark.parametrize(("due", "is_reminded"), [(5, False), (6, True)])
def test_no_reminder_on_the_day_of_the_request(dossier: Dossier, agent: User, due: int, is_reminded: bool) -> None:
    corrections.remind(ask(dossier, agent, on=2, due=due))
    assert Mail.objects.filter(kind="dossiers.correction_reminder").exists() is is_reminded


# ------------------------------------------------------------------------------------------------------------- files
def test_an_applicant_never_judges_a_file(dossier: Dossier, agent: User) -> None:
    """An applicant may withdraw, so has a button: judging asks for more than a button."""
    attachment = send(dossier, "complement", noon(1))
    for person in (dossier.created_by, make_user_with(Role.AUDITOR), make_agent("booster_ia")):
        with pytest.raises(NotAllowed):
            corrections.review_attachment(attachment, Attachment.Status.ACCEPTED, by=person)
    assert Attachment.objects.get().status == "received"
    with pytest.raises(ReasonMissing):
        corrections.review_attachment(attachment, Attachment.Status.TO_REPLACE, by=agent)
    corrections.review_attachment(attachment, Attachment.Status.TO_REPLACE, reason="Illisible", by=agent)
    kept = Attachment.objects.get()
    assert (kept.status, kept.reason, kept.decided_by) == ("to_replace", "Illisible", agent)
    assert Event.objects.get(name="piece_read").data["name"] == kept.upload.name


def test_no_file_is_judged_once_the_dossier_is_over(dossier: Dossier, agent: User) -> None:
    attachment = send(dossier, "complement", noon(1))
    procedure.fire(dossier, "withdraw", by=dossier.created_by)
    with pytest.raises(NotNow):
        corrections.review_attachment(attachment, Attachment.Status.ACCEPTED, by=agent)


@pytest.mark.parametrize("state", ["scheduled", "granted", "in_progress", "delivered"])
def test_no_file_is_judged_once_the_dossier_is_decided(dossier: Dossier, agent: User, state: str) -> None:
    attachment = send(dossier, "complement", noon(1))
    Dossier.objects.filter(pk=dossier.pk).update(state=state)
    for status in (Attachment.Status.ACCEPTED, Attachment.Status.TO_REPLACE):
        with pytest.raises(NotNow):
            corrections.review_attachment(attachment, status, reason="Illisible", by=agent)
    assert Attachment.objects.get().status == "received"


def test_a_withdrawal_closes_what_was_asked(dossier: Dossier, agent: User) -> None:
    ask(dossier, agent, on=2, due=16)
    procedure.fire(dossier, "withdraw", by=dossier.created_by, at=noon(3))
    closed = Correction.objects.get()
    assert (closed.state, closed.closed_at) == ("cancelled", noon(3))
    assert Dossier.objects.get().refused_by_silence_on is None


# -------------------------------------------------------------------------------------------------- at the same instant
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("other", ["cancel", "expire", "answer"])
def test_an_answer_and_another_end_at_the_same_instant_make_one_end(other: str) -> None:
    agent = make_agent()
    for _ in range(5):
        dossier = make_dossier(at=DEPOSITED)
        asked = ask(dossier, agent, on=2, due=16)
        send(dossier, "complement", noon(3))
        mine, theirs = (Dossier.objects.get(pk=dossier.pk) for _ in range(2))
        request = Correction.objects.select_related("dossier").get(pk=asked.pk)
        others = {
            "cancel": lambda request=request: corrections.cancel(request, by=agent, reason="Retrouvée"),
            "expire": lambda request=request: corrections.expire(request),
            "answer": lambda theirs=theirs: answer(theirs, noon(5)),
        }
        results = together(lambda mine=mine: answer(mine, noon(5)), others[other])
        lost = [result for result in results if isinstance(result, Exception)]
        assert [type(error) for error in lost] == [NotNow], results
        ends = Event.objects.about(dossier).named("answer", "cancel_correction", "conclude_correction")
        assert ends.count() == 1
        kept = Dossier.objects.get(pk=dossier.pk)
        is_answered = ends.get().name != "cancel_correction"
        assert (kept.state, kept.version) == ("review", 2 if is_answered else 1)
        assert (Correction.objects.get(pk=asked.pk).state == "answered") is is_answered
