"""The public dates of the scheme: its waves open and close, and the Commission permanente decides."""

from collections.abc import Iterator
from datetime import date, datetime

from django.db.models import Count, Max, Q
from django.urls import reverse

from normandata.bulletin.dates import PublicDate, Source
from normandata.committee import workflow as committee
from normandata.committee.models import Session
from normandata.dossiers.delays import PARIS
from normandata.procedure.models import Event, kind_of
from normandata.regulation.formats import NBSP

from .scheme import SCHEME
from .waves import Wave

VOTED_AT = datetime(2025, 12, 22, tzinfo=PARIS)
"""When the deliberation became executory: what dates a wave that the journal says nothing of."""
CLOSING = f"Les dépôts se closent à 23{NBSP}h{NBSP}59, heure de Paris."
COMMITTEE = "La Commission permanente décide des subventions."


def read(since: date) -> Iterator[PublicDate]:
    """Read the days of the waves that end on a day or after it, then the other sessions whose agenda is settled."""
    url = reverse("portal:scheme", args=[SCHEME.url_slug])
    waves = list(Wave.objects.filter(committee_on__gte=since))
    changed = _changes()
    for wave in waves:
        sequence, changed_at = changed.get(str(wave.pk), (0, VOTED_AT))
        for name, day, title, note in (
            ("ouverture", wave.opens_on, f"ouverture des dépôts, {wave.label}", ""),
            ("cloture", wave.closing_on, f"clôture des dépôts, {wave.label}", CLOSING),
            ("commission", wave.committee_on, f"Commission permanente, {wave.label}", COMMITTEE),
        ):
            yield PublicDate(
                key=f"booster-ia-vague-{wave.year}-{wave.number}-{name}",
                begins=day,
                title=title,
                url=url,
                sequence=sequence,
                changed_at=changed_at,
                note=note,
            )
    told = Q(held_on__in=[wave.committee_on for wave in waves])
    settled = Session.objects.filter(scheme=SCHEME.slug, held_on__gte=since).exclude(state=committee.PREPARING)
    for session in settled.exclude(told):
        yield PublicDate(
            key=f"booster-ia-commission-{session.pk}",
            begins=session.held_on,
            title="Commission permanente",
            url=url,
            sequence=session.revision,
            changed_at=session.settled_at or session.created_at,
            note=COMMITTEE,
        )


def _changes() -> dict[str, tuple[int, datetime]]:
    """Count the changes of each wave, and date the last; one query."""
    told = Event.objects.filter(thing_kind=kind_of(Wave()), name__in=("open_wave", "change_wave"))
    rows = told.order_by().values("thing_key").annotate(count=Count("pk"), last=Max("at"))
    return {row["thing_key"]: (row["count"] - 1, row["last"]) for row in rows}


SOURCE = Source(SCHEME.url_slug, SCHEME.label, SCHEME.rank, read)
