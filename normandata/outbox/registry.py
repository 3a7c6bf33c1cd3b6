"""The handlers that rooms register, by name: `@handler("documents.render")` in a `handlers.py`."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.core.exceptions import ImproperlyConfigured

if TYPE_CHECKING:
    from normandata.outbox.models import Message

Handler = Callable[["Message"], None]
_handlers: dict[str, Handler] = {}
_secret: set[str] = set()


class UnknownHandler(LookupError):
    """No room registered a handler under this name."""


def handler(name: str, *, is_secret: bool = False) -> Callable[[Handler], Handler]:
    """Register a function under `name`; ImproperlyConfigured when the name is taken.

    The function must be idempotent (it may run again after a crash) and opens its own transactions. The payload of
    a secret message is erased once it is done.
    """

    def register(function: Handler) -> Handler:
        if name in _handlers:
            raise ImproperlyConfigured(f"The outbox handler {name!r} is registered twice.")
        _handlers[name] = function
        if is_secret:
            _secret.add(name)
        return function

    return register


def find(name: str) -> Handler:
    """Return the handler registered under `name`, or raise UnknownHandler."""
    try:
        return _handlers[name]
    except KeyError:
        raise UnknownHandler(f"No outbox handler is called {name!r}.") from None


def is_secret(name: str) -> bool:
    """Tell whether the messages of this handler forget their payload once done."""
    return name in _secret
