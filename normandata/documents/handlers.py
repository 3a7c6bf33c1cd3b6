"""Work of the documents room that leaves through the outbox."""

from normandata.outbox.models import Message
from normandata.outbox.registry import handler

from . import services, uploads


@handler(services.MAKE)
def make(message: Message) -> None:
    """Make the document named by the message."""
    services.make(message.payload["document"])


@handler(uploads.SCAN)
def scan(message: Message) -> None:
    """Have the upload named by the message scanned."""
    uploads.scan(message.payload["upload"], message.payload["attempt"])
