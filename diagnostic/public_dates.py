"""The public date of the scheme: the day from which one may apply (annexe 3, « Date d’effet »)."""

from collections.abc import Iterator
from datetime import date, datetime

from django.urls import reverse

from normandata.bulletin.dates import PublicDate, Source
from normandata.dossiers.delays import PARIS

from .rules import REGLEMENT
from .scheme import SCHEME

VOTED_AT = datetime(2025, 12, 22, tzinfo=PARIS)
"""When the deliberation became executory."""


def read(since: date) -> Iterator[PublicDate]:
    """Give each day of opening that the règlement dates."""
    for number, value in enumerate(REGLEMENT.parameters["opening"].values):
        if isinstance(value.value, date) and value.value >= since:
            yield PublicDate(
                key="diagnostic-ouverture",
                begins=value.value,
                title="ouverture des demandes",
                url=reverse("portal:scheme", args=[SCHEME.url_slug]),
                sequence=number,
                changed_at=VOTED_AT,
                note="Les demandes se déposent ensuite toute l’année, dans la limite des crédits.",
            )


SOURCE = Source(SCHEME.url_slug, SCHEME.label, SCHEME.rank, read)
