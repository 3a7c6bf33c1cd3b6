"""The committee's part of the house: a session in each of its states, kept by the clerk or by another one."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from normandata.accounts.models import User
from normandata.committee.models import Paper
from normandata.committee.services import results
from normandata.committee.services import sessions as services
from normandata.committee.services.results import Deliberation, Result
from tests.factories.committee import make_clerk, make_envelope
from tests.factories.sessions import make_prepared, propose
from tests.factories.waves import make_application


def sessions(clerk: User) -> dict[str, Any]:
    """Make a session being prepared, one whose agenda is settled, one whose results wait for a second person."""
    make_envelope(year=None)
    dossiers = [make_application() for _ in range(4)]
    propose(dossiers)
    today = timezone.localdate()
    prepared = make_prepared(dossiers[:1], by=clerk, held_on=today + timedelta(days=30))
    tabled = make_prepared(dossiers[1:2], by=clerk, held_on=today)
    services.table(tabled, by=clerk)
    other = make_clerk()
    recorded = make_prepared(dossiers[2:3], by=other, held_on=today - timedelta(days=30))
    services.table(recorded, by=other)
    adjourned = {recorded.items.get().pk: Result("adjourned", reason="À revoir.")}
    results.record_results(recorded, adjourned, deliberation=Deliberation("CP essai"), by=other)
    results.record(recorded, by=other)
    return {
        "sitting": prepared.pk,
        "agenda_item": prepared.items.get().pk,
        "tabled": tabled.pk,
        "session_paper": Paper.objects.get(session=tabled).pk,
        "recorded": recorded.pk,
    }
