"""How often one visitor may ask for a page that is open to all."""

import pytest
import time_machine

from normandata.accounts import throttle

pytestmark = pytest.mark.usefixtures("quiet")


def crowded(*addresses: str | None, action: str = "essai") -> list[bool]:
    with time_machine.travel("2026-09-01T10:00:10+00:00", tick=False):
        return [throttle.is_crowded(address, action, most=2) for address in addresses]


def test_a_visitor_is_counted_apart_from_another_and_by_action() -> None:
    assert crowded("192.0.2.1", "192.0.2.1", "192.0.2.2", "192.0.2.1") == [False, False, False, True]
    assert crowded("192.0.2.1", action="autre") == [False]


def test_the_next_minute_begins_again() -> None:
    assert crowded("192.0.2.1", "192.0.2.1", "192.0.2.1") == [False, False, True]
    with time_machine.travel("2026-09-01T10:01:00+00:00", tick=False):
        assert not throttle.is_crowded("192.0.2.1", "essai", most=2)


def test_one_subscriber_of_ipv6_is_one_visitor() -> None:
    assert crowded("2001:db8::1", "2001:db8::2", "2001:db8::3", "2001:db8:0:1::1") == [False, False, True, False]


def test_an_unknown_address_is_counted_too() -> None:
    assert crowded(None, None, None) == [False, False, True]


def test_a_cache_that_is_down_closes_no_page(monkeypatch: pytest.MonkeyPatch) -> None:
    class Down:
        def add(self, *args: object, **kwargs: object) -> None:
            raise ConnectionError

    monkeypatch.setattr(throttle, "cache", Down())
    assert crowded("192.0.2.1", "192.0.2.1", "192.0.2.1") == [False, False, False]
