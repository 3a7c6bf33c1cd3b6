"""Sixty decisions posted at the same instant on the last euros of an envelope."""

from collections import Counter as Tally
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from diagnostic import places
from diagnostic.market import Market
from diagnostic.orders import Order
from diagnostic.services import selection
from normandata.dossiers.models import Dossier
from tests.factories.accounts import make_agent, sign_in
from tests.factories.diagnostic import make_disputed
from tests.threads import together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("media")]


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    return


def test_sixty_decisions_over_http_never_take_more_than_the_envelope(monkeypatch: pytest.MonkeyPatch) -> None:
    """7 560 euros pay seven days of 1 080; nobody comes before anybody here, only the money is disputed."""
    count = 60 if connection.vendor == "postgresql" else 12
    monkeypatch.setattr(places, "before", lambda dossier: [])
    market, dossiers = make_disputed("7560.00", count)
    client = Client()
    sign_in(client, make_agent())
    cookie = client.cookies["sessionid"].value

    def post(dossier: Dossier, seen: str) -> Any:
        mine = Client()
        mine.cookies["sessionid"] = cookie
        path = f"/instruction/{dossier.key}/diagnostic/decider/"
        return mine.post(path, {"geste": "select", "seen": seen}).status_code

    seen = [selection.mark(selection.open_proposal(dossier)) for dossier in dossiers]
    statuses = Tally(together(*[partial(post, *pair) for pair in zip(dossiers, seen, strict=True)]))
    envelope = Market.objects.select_related("envelope").get(pk=market.pk).envelope
    assert (str(envelope.reserved), str(envelope.free), Order.objects.count()) == ("7560.00", "0.00", 7)
    assert statuses[302] == 7
    assert set(statuses) <= {302, 409, 422}, statuses
    assert sum(statuses.values()) == count
