"""What higher floors do when the directory tells more of an organisation."""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .models import Organisation

Listener = Callable[["Organisation"], None]
_listeners: list[Listener] = []


def on_refresh(listener: Listener) -> Listener:
    """Call `listener(organisation)` whenever an organisation's identity changes, in that same transaction.

    Registered once however often it is asked, from an application's `ready()` or as a decorator. What it raises
    undoes the refresh.
    """
    if listener not in _listeners:
        _listeners.append(listener)
    return listener


def refreshed(organisation: "Organisation") -> None:
    """Tell every listener that this organisation was just refreshed or described by hand."""
    for listener in _listeners:
        listener(organisation)
