"""The handlers that rooms register, by name: `@handler("documents.render")` in a `handlers.py`."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.core.exceptions import ImproperlyConfigured

if TYPE_CHECKING:
    from normandata.outbox.models import Message

Handler = Callable[["Message"], None]
_handlers: dict[str, Handler] = {}


class UnknownHandler(LookupError):
    """No room registered a handler under this name."""


def handler(name: str) -> Callable[[Handler], Handler]:
    """Register a function under `name`; ImproperlyConfigured when the name is taken.

    The function must be idempotent (it may run again after a crash) and opens its own transactions.
    """

    def register(function: Handler) -> Handler:
        if name in _handlers:
            raise ImproperlyConfigured(f"The outbox handler {name!r} is registered twice.")
        _handlers[name] = function
        return function

    return register


def find(name: str) -> Handler:
    """Return the handler registered under `name`, or raise UnknownHandler."""
    try:
        return _handlers[name]
    except KeyError:
        raise UnknownHandler(f"No outbox handler is called {name!r}.") from None
