"""What the `rights` room makes through the outbox."""

from normandata.outbox.models import Message
from normandata.outbox.registry import handler

from .services import exports


@handler(exports.MAKE)
def make_export(message: Message) -> None:
    """Make the copy of data that the message names."""
    exports.make(message.payload["export"])
