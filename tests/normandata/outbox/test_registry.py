import pytest
from django.core.exceptions import ImproperlyConfigured

from normandata.outbox import registry
from normandata.outbox.models import Message


def note(message: Message) -> None:
    """Do nothing."""


def test_a_handler_is_found_under_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_handlers", {})
    assert registry.handler("test.once")(note) is note
    assert registry.find("test.once") is note


def test_a_name_is_taken_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_handlers", {})
    registry.handler("test.once")(note)
    with pytest.raises(ImproperlyConfigured, match=r"'test\.once' is registered twice"):
        registry.handler("test.once")(note)


def test_an_unknown_name_is_an_error() -> None:
    with pytest.raises(registry.UnknownHandler, match=r"No outbox handler is called 'test\.nobody'"):
        registry.find("test.nobody")
