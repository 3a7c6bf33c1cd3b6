import pytest
from django.core import mail as sent

from normandata.outbox import mail, services
from normandata.outbox.models import Message, State

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.usefixtures("carrier")
def test_a_mail_is_a_row_then_a_message_with_the_same_identifier() -> None:
    message = mail.send("a@exemple.invalid", "Votre\n dossier", "Bonjour.", reply_to="b@exemple.invalid")
    assert sent.outbox == []
    assert services.work(message.pk)
    one = sent.outbox[0]
    assert (one.to, one.subject, one.body, one.reply_to) == (
        ["a@exemple.invalid"],
        "Votre dossier",
        "Bonjour.",
        ["b@exemple.invalid"],
    )
    assert one.extra_headers == {"Message-ID": message.message_id, "Auto-Submitted": "auto-generated"}
    assert Message.objects.get().payload["text"] == "Bonjour."


@pytest.mark.usefixtures("carrier")
def test_a_secret_mail_leaves_nothing_behind_once_sent() -> None:
    message = mail.send("a@exemple.invalid", "Votre code", "123456", is_secret=True)
    assert services.work(message.pk)
    message.refresh_from_db()
    assert (sent.outbox[0].body, message.state, message.payload) == ("123456", State.DONE, {})


@pytest.mark.usefixtures("carrier")
def test_one_key_is_one_mail() -> None:
    first = mail.send("a@exemple.invalid", "Un", "Un", key="dossier:1")
    assert mail.send("a@exemple.invalid", "Deux", "Deux", key="dossier:1").pk == first.pk
