"""Work of the organisations room that leaves through the outbox."""

from normandata.outbox.models import Message
from normandata.outbox.registry import handler

from . import services


@handler(services.REFRESH)
def refresh(message: Message) -> None:
    """Ask the directory again for the organisation named by the message."""
    services.fetch_again(message.payload["siret"], message.payload["attempt"])
