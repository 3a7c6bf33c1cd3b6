"""A mail is written with its cause, once; the worker sends it; its words are versions that nobody overwrites."""

import logging
import smtplib
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail as post
from django.core.exceptions import ValidationError
from django.core.mail.backends.locmem import EmailBackend
from django.db import IntegrityError, transaction
from django.utils import timezone

from normandata.accounts.models import User
from normandata.notifications import services
from normandata.notifications.kinds import Kind
from normandata.notifications.models import Mail, MailText
from normandata.notifications.services import CannotResend, Outdated
from normandata.outbox import services as outbox
from normandata.outbox.models import Message, State
from tests.factories import notifications as factories
from tests.factories.notifications import VALUES, MailFactory, MailTextFactory
from tests.threads import together

pytestmark = pytest.mark.django_db(transaction=True)
ADDRESS = "porteur.canari@exemple.invalid"
CANARY = "Canari-7431"


def notify(*to: User | str, **more: Any) -> list[Mail]:
    return services.notify("portal.receipt", to=to or [ADDRESS], values=VALUES, **more)


def carry() -> list[bool]:
    """Do every message once, whatever its hour."""
    Message.objects.filter(state=State.PENDING).update(due_at=timezone.now())
    return [outbox.work(pk) for pk in Message.objects.unfinished().values_list("pk", flat=True)]


class Server:
    """A mail server that refuses everything, saying the address and a text, until it is opened."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.is_open = False


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    server = Server()
    accept = EmailBackend.send_messages

    def receive(self: EmailBackend, messages: list[post.EmailMessage]) -> int:
        server.seen.extend(message.extra_headers["Message-ID"] for message in messages)
        if server.is_open:
            return accept(self, messages)
        raise smtplib.SMTPRecipientsRefused({ADDRESS: (550, CANARY.encode())})

    monkeypatch.setattr(EmailBackend, "send_messages", receive)
    return server


# ---------------------------------------------------------------------------------------------------------- rendering
@pytest.mark.usefixtures("kind")
def test_the_words_in_force_are_filled_in(administrator: User) -> None:
    assert services.rendered("portal.receipt", VALUES) == (
        "Dossier DIA-2026-0007 reçu",
        "Bonjour,\n\nLe dossier DIA-2026-0007 de Les Forges imaginaires est reçu\u00a0: merci.",
        0,
    )
    MailTextFactory(number=1, edited_by=administrator)
    MailTextFactory(number=2, subject="Oui", text="{{ numero }} : oui", edited_by=administrator)
    assert services.rendered("portal.receipt", VALUES) == ("Oui", "DIA-2026-0007 : oui", 2)


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({}, "numero.*structure"),
        ({"numero": "1"}, "structure"),
        (VALUES | {"prix": "1"}, "prix"),
        (VALUES | {"numero": None}, "must be text.*numero"),
    ],
)
@pytest.mark.usefixtures("kind")
def test_values_that_are_not_those_of_the_tags_are_a_fault_of_the_code(values: dict[str, str], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        services.notify("portal.receipt", to=[ADDRESS], values=values)
    assert (Mail.objects.count(), Message.objects.count()) == (0, 0)


def test_an_unknown_kind_is_a_fault_of_the_code() -> None:
    with pytest.raises(LookupError):
        notify()


@pytest.mark.usefixtures("kind")
def test_a_subject_made_of_values_holds_on_one_line() -> None:
    values = VALUES | {"numero": "1\r\nBcc: autre@exemple.invalid"}
    assert services.rendered("portal.receipt", values).subject == "Dossier 1 Bcc: autre@exemple.invalid reçu"


@pytest.mark.usefixtures("kind")
def test_a_version_whose_tags_are_gone_gives_way_to_the_original(
    administrator: User, caplog: pytest.LogCaptureFixture
) -> None:
    MailTextFactory(number=1, text="{{ numero }} {{ disparue }}", edited_by=administrator)
    assert services.rendered("portal.receipt", VALUES).version == 0
    assert "the original is used" in caplog.text


# -------------------------------------------------------------------------------------------------------------- notify
@pytest.mark.usefixtures("kind")
def test_a_mail_is_a_row_and_a_message_that_holds_its_identifier_alone() -> None:
    about = User.objects.create_user("objet@exemple.invalid")
    [mail] = notify(about=about)
    message = Message.objects.get()
    assert (message.handler, message.key, message.payload) == (
        "notifications.mail",
        str(mail.pk),
        {"mail": str(mail.pk)},
    )
    assert (mail.about_kind, mail.about_key, mail.sent_at) == ("accounts.user", str(about.pk), None)
    assert list(Mail.objects.about(about)) == [mail]
    assert carry() == [True]
    [sent] = post.outbox
    assert (sent.to, sent.subject, sent.body) == ([ADDRESS], mail.subject, mail.text)
    assert sent.extra_headers["Message-ID"] == message.message_id
    mail.refresh_from_db()
    assert mail.sent_at is not None


@pytest.mark.usefixtures("kind")
def test_nothing_is_written_when_its_cause_is_not() -> None:
    with transaction.atomic():
        notify()
        transaction.set_rollback(True)
    assert (Mail.objects.count(), Message.objects.count()) == (0, 0)


@pytest.mark.usefixtures("kind")
def test_each_address_gets_it_once_whatever_its_case() -> None:
    person = User.objects.create_user(ADDRESS)
    mails = notify(ADDRESS.upper(), person, "b@exemple.invalid", f" {ADDRESS} ")
    assert [(mail.address, mail.recipient) for mail in mails] == [(ADDRESS, person), ("b@exemple.invalid", None)]
    assert Message.objects.count() == 2
    assert services.notify("portal.receipt", to=[], values=VALUES) == []


@pytest.mark.parametrize("address", ["", "canari", "canari@", "a@exemple.invalid\nBcc: b@exemple.invalid"])
@pytest.mark.usefixtures("kind")
def test_an_address_that_is_not_one_is_refused_without_being_told(address: str) -> None:
    with pytest.raises(ValueError, match=r"an address of the mail 'portal\.receipt' is not valid") as caught:
        notify("b@exemple.invalid", address)
    assert "canari" not in str(caught.value)
    assert Mail.objects.count() == 0


@pytest.mark.usefixtures("kind")
def test_a_key_is_one_mail_for_each_address() -> None:
    [first] = notify(key="dossier:1:received")
    assert notify(key="dossier:1:received") == [first]
    both = notify(ADDRESS, "b@exemple.invalid", key="dossier:1:received")
    assert (both[0], both[1].address) == (first, "b@exemple.invalid")
    notify(key="dossier:1:other")
    notify()
    notify()
    assert (Mail.objects.count(), Message.objects.count()) == (5, 5)


@pytest.mark.usefixtures("kind")
def test_a_key_stays_one_mail_after_the_outbox_forgot_it() -> None:
    notify(key="dossier:1")
    carry()
    Message.objects.all().delete()
    notify(key="dossier:1")
    assert (Message.objects.count(), len(post.outbox)) == (0, 1)


@pytest.mark.usefixtures("kind")
def test_the_same_gesture_at_the_same_instant_is_one_mail() -> None:
    results = together(*[lambda: notify(key="dossier:1")] * 4)
    assert {mails[0].pk for mails in results} == {Mail.objects.get().pk}
    assert Message.objects.count() == 1


@pytest.mark.usefixtures("kind")
def test_a_mail_may_wait_for_its_hour() -> None:
    at = timezone.now() + timedelta(days=2)
    notify(due_at=at)
    assert Message.objects.get().due_at == at
    assert outbox.work(Message.objects.get().pk) is False


# ------------------------------------------------------------------------------------------------------------- sending
@pytest.mark.usefixtures("kind")
def test_a_failing_server_loses_nothing_and_sees_one_message_id(server: Server, registry: dict[str, Kind]) -> None:
    [mail] = notify()
    message = Message.objects.get()
    assert [carry(), carry()] == [[False], [False]]
    message.refresh_from_db()
    assert (message.state, message.attempts) == (State.PENDING, 2)
    mail.refresh_from_db()
    assert mail.sent_at is None
    server.is_open = True
    registry.clear()  # a mail once written needs its kind no more
    assert carry() == [True]
    assert server.seen == [message.message_id] * 3
    assert len(post.outbox) == 1
    mail.refresh_from_db()
    assert mail.sent_at is not None


@pytest.mark.usefixtures("kind")
def test_a_mail_already_gone_or_erased_is_not_sent() -> None:
    [gone], [erased] = notify(), notify()
    Mail.objects.filter(pk=gone.pk).update(sent_at=timezone.now())
    Mail.objects.filter(pk=erased.pk).delete()
    assert carry() == [True, True]
    assert post.outbox == []


def leaks(caplog: pytest.LogCaptureFixture) -> list[str]:
    """List the log records that hold an address or a piece of a text."""
    told = [logging.Formatter().format(record) for record in caplog.records]
    return [line for line in told for word in ("canari", "forges", "dia-2026-0007") if word in line.lower()]


@pytest.mark.usefixtures("kind")
def test_no_log_tells_an_address_nor_a_text(
    server: Server, administrator: User, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    services.edit_text("portal.receipt", "a", f"{{{{ numero }}}} {CANARY}", by=administrator, reason=CANARY, seen=0)
    [mail] = notify()
    for _ in range(3):
        carry()
    assert Message.objects.get().state == State.FAILED
    server.is_open = True
    services.resend(mail, by=administrator)
    carry()
    services.resend(mail, by=administrator)
    carry()
    with pytest.raises(ValueError, match="not valid"):
        notify(CANARY)
    assert len(post.outbox) == 2
    assert len(caplog.records) >= 3
    assert leaks(caplog) == []


def test_a_leak_is_seen(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("normandata.notifications.services").warning("Sent to %s", ADDRESS)
    assert len(leaks(caplog)) == 1


# -------------------------------------------------------------------------------------------------------------- resend
@pytest.mark.usefixtures("kind")
def test_a_failed_mail_is_tried_again_as_the_same_mail(server: Server, administrator: User) -> None:
    [mail] = notify()
    for _ in range(3):
        carry()
    assert services.resend(mail, by=administrator) == mail
    server.is_open = True
    assert carry() == [True]
    assert (Mail.objects.count(), len(post.outbox)) == (1, 1)


@pytest.mark.usefixtures("kind")
def test_a_mail_that_left_is_written_again(administrator: User) -> None:
    about = User.objects.create_user("objet@exemple.invalid")
    [mail] = notify(about=about, key="dossier:1")
    carry()
    again = services.resend(mail, by=administrator)
    assert (again.resend_of, again.resent_by, again.key) == (mail, administrator, None)
    assert (again.address, again.subject, again.text, again.about_key) == (
        mail.address,
        mail.subject,
        mail.text,
        mail.about_key,
    )
    carry()
    assert len({sent.extra_headers["Message-ID"] for sent in post.outbox}) == 2


@pytest.mark.usefixtures("kind")
def test_a_mail_that_waits_is_not_sent_twice(administrator: User) -> None:
    [mail] = notify()
    with pytest.raises(CannotResend, match="déjà en attente"):
        services.resend(mail, by=administrator)
    carry()
    services.resend(mail, by=administrator)
    with pytest.raises(CannotResend, match="déjà en attente"):
        services.resend(mail, by=administrator)
    assert Mail.objects.count() == 2


@pytest.mark.usefixtures("kind")
def test_a_mail_that_the_outbox_lost_is_posted_again(administrator: User) -> None:
    [mail] = notify()
    Message.objects.all().delete()
    assert services.resend(mail, by=administrator) == mail
    assert carry() == [True]


@pytest.mark.usefixtures("kind")
def test_an_address_gets_three_resends_an_hour(administrator: User) -> None:
    mails = [notify()[0] for _ in range(5)]
    other = notify("b@exemple.invalid")[0]
    carry()
    for mail in mails[:3]:
        services.resend(mail, by=administrator)
    with pytest.raises(CannotResend, match="3 renvois en une heure"):
        services.resend(mails[3], by=administrator)
    services.resend(other, by=administrator)
    Mail.objects.resent().update(created_at=timezone.now() - timedelta(minutes=61))
    services.resend(mails[3], by=administrator)
    assert Mail.objects.to(ADDRESS).resent().count() == 4


@pytest.mark.usefixtures("kind")
def test_resends_at_the_same_instant_are_counted_one_after_the_other(administrator: User) -> None:
    mails = [notify()[0] for _ in range(6)]
    carry()
    results = together(*[lambda mail=mail: services.resend(mail, by=administrator) for mail in mails])
    assert sorted(type(result).__name__ for result in results) == ["CannotResend"] * 3 + ["Mail"] * 3
    assert Mail.objects.resent().count() == 3


# ---------------------------------------------------------------------------------------------------------- the words
@pytest.mark.usefixtures("kind")
def test_a_change_is_a_new_version(administrator: User) -> None:
    first = services.edit_text("portal.receipt", " Un\n", "{{ numero }}\r\nun\x00 ", by=administrator, seen=0)
    assert (first.number, first.subject, first.text) == (1, "Un", "{{ numero }}\nun")
    services.edit_text("portal.receipt", "Deux", "{{ numero }}", by=administrator, reason="Plus court", seen=1)
    assert [(row.number, row.reason) for row in MailText.objects.of("portal.receipt")] == [(2, "Plus court"), (1, "")]
    assert services.rendered("portal.receipt", VALUES).subject == "Deux"


@pytest.mark.usefixtures("kind")
def test_wrong_words_are_not_kept(administrator: User) -> None:
    with pytest.raises(ValidationError) as caught:
        services.edit_text("portal.receipt", "", "{{ numero }} {{ nom }}", by=administrator, seen=0)
    assert set(caught.value.message_dict) == {"subject", "text"}
    assert MailText.objects.count() == 0


@pytest.mark.usefixtures("kind")
def test_words_that_change_nothing_are_not_a_version(kind: Kind, administrator: User) -> None:
    with pytest.raises(ValidationError, match="rien à enregistrer"):
        services.edit_text(kind.slug, kind.default_subject, kind.default_text, by=administrator, seen=0)
    services.edit_text(kind.slug, "Un", "{{ numero }}", by=administrator, seen=0)
    with pytest.raises(ValidationError, match="rien à enregistrer"):
        services.edit_text(kind.slug, "Un", "{{ numero }}", by=administrator, seen=1)


@pytest.mark.usefixtures("kind")
def test_nobody_overwrites_a_version_they_have_not_seen(administrator: User) -> None:
    services.edit_text("portal.receipt", "Un", "{{ numero }}", by=administrator, seen=0)
    for seen in (0, 2, -1):
        with pytest.raises(Outdated):
            services.edit_text("portal.receipt", "Deux", "{{ numero }}", by=administrator, seen=seen)
        with pytest.raises(Outdated):
            services.restore_text("portal.receipt", by=administrator, seen=seen)
    assert MailText.objects.get().subject == "Un"


@pytest.mark.usefixtures("kind")
def test_two_administrators_at_the_same_instant_make_one_version(administrator: User) -> None:
    def edit(subject: str) -> MailText:
        return services.edit_text("portal.receipt", subject, "{{ numero }}", by=administrator, seen=0)

    results = together(*[lambda subject=subject: edit(subject) for subject in ("Un", "Deux", "Trois", "Quatre")])
    assert sorted(type(result).__name__ for result in results) == ["MailText"] + ["Outdated"] * 3
    assert MailText.objects.count() == 1


def test_the_original_comes_back_as_a_version(kind: Kind, administrator: User) -> None:
    services.edit_text(kind.slug, "Un", "{{ numero }}", by=administrator, seen=0)
    back = services.restore_text(kind.slug, by=administrator, seen=1)
    assert (back.number, back.subject, back.text, back.reason) == (
        2,
        kind.default_subject,
        kind.default_text,
        "Retour au texte d’origine",
    )
    with pytest.raises(ValidationError, match="rien à enregistrer"):
        services.restore_text(kind.slug, by=administrator, seen=2)


# ------------------------------------------------------------------------------------------------------------ the rows
@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"address": "A@exemple.invalid"}, "notifications_mail_address_lower_case"),
        ({"address": ""}, "notifications_mail_address_lower_case"),
        ({"about_kind": "dossiers.dossier"}, "notifications_mail_about_whole"),
        ({"about_key": "1"}, "notifications_mail_about_whole"),
    ],
)
def test_the_database_refuses_a_mail_that_cannot_be(changes: dict[str, str], constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        MailFactory(**changes)


def test_the_database_refuses_a_resend_by_nobody_and_a_key_twice(administrator: User) -> None:
    first = MailFactory(key="a", address="a@exemple.invalid")
    with pytest.raises(IntegrityError, match="notifications_mail_resent_by_somebody"), transaction.atomic():
        MailFactory(resend_of=first)
    with pytest.raises(IntegrityError, match="notifications_mail_resent_by_somebody"), transaction.atomic():
        MailFactory(resent_by=administrator)
    with pytest.raises(IntegrityError), transaction.atomic():
        MailFactory(key="a", address="a@exemple.invalid")


def test_the_database_refuses_a_version_twice_or_empty(administrator: User) -> None:
    MailTextFactory(number=1, edited_by=administrator)
    with pytest.raises(IntegrityError), transaction.atomic():
        MailTextFactory(number=1, edited_by=administrator)
    for changes in ({"number": 0}, {"subject": ""}, {"text": ""}):
        with pytest.raises(IntegrityError, match="notifications_text_says_something"), transaction.atomic():
            MailTextFactory(**({"number": 2, "edited_by": administrator} | changes))


def test_a_row_is_named_without_telling_anybody() -> None:
    mail = MailFactory()
    assert str(mail) == f"portal.receipt {mail.pk}"
    assert str(MailText(kind=factories.kind().slug, number=3)) == "portal.receipt, version 3"
