"""Work of the notifications room that leaves through the outbox."""

from normandata.outbox.models import Message
from normandata.outbox.registry import handler

from . import services


@handler(services.SEND)
def send(message: Message) -> None:
    """Send the mail named by the message, under the Message-ID that every try shares."""
    services.deliver(message.payload["mail"], message_id=message.message_id)
