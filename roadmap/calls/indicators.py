"""The figures of the calls: how many opened, how many proposals came, by call and by department of their carrier."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta

from normandata.dossiers.delays import end_of
from normandata.dossiers.models import Deposit
from normandata.indicators.definitions import (
    Column,
    Fact,
    Figure,
    Indicator,
    Kind,
    Reading,
    Split,
    Unit,
    counting,
)
from normandata.regulation.formats import plural

from .models import LIVE, Call
from .workflow import RECEIVED

SOURCE = "Délibération AP D 25-12-5, « délibération ultérieure » des chantiers"


def _opened(reading: Reading) -> Iterator[Fact]:
    found = Call.objects.filter(
        state__in=RECEIVED, opens_on__gte=reading.period.first, opens_on__lte=reading.period.end
    )
    rows = found.order_by("opens_on", "pk").values_list("chantier__axis__number", "chantier__number", "chantier__title")
    return (Fact(f"Annexe {axis}, chantier {number} : {title}") for axis, number, title in rows)


@counting(_opened)
def opened(reading: Reading, facts: Sequence[Fact]) -> Figure:
    """Calls that a chantier opened in the period."""
    counted = Counter(one.what for one in facts)
    return Figure(
        finding=f"{plural(len(facts), 'appel ouvert', 'appels ouverts')} {reading.period.words}",
        value=len(facts),
        counted="Appels ouverts",
        unit=Unit.COUNT,
        columns=(Column("Chantier"), Column("Appels", Unit.COUNT)),
        rows=tuple(sorted(counted.items())),
    )


def _received(reading: Reading) -> Iterator[Fact]:
    sent = Deposit.objects.filter(
        dossier__call_proposal__isnull=False,
        dossier__state__in=LIVE,
        version=1,
        at__gte=end_of(reading.period.first - timedelta(days=1)),
        at__lt=end_of(reading.period.end),
    )
    rows = sent.order_by("at", "pk").values_list(
        "dossier__call_proposal__call__title", "dossier__organisation__department"
    )
    return (Fact(title, department) for title, department in rows)


@counting(_received)
def received(reading: Reading, facts: Sequence[Fact]) -> Figure:
    """Proposals deposited here in the period, by call."""
    counted = Counter(one.what for one in facts)
    return Figure(
        finding=f"{plural(len(facts), 'proposition reçue', 'propositions reçues')} {reading.period.words}",
        value=len(facts),
        counted="Propositions reçues",
        unit=Unit.COUNT,
        columns=(Column("Appel"), Column("Propositions", Unit.COUNT)),
        rows=tuple(counted.items()),
    )


INDICATORS = (
    Indicator(
        "appels-ouverts",
        "Appels à manifestation d’intérêt ouverts par les chantiers",
        Kind.OTHER,
        "appels",
        SOURCE,
        "Appels dont l’ouverture est dans la période, hors appels annulés.",
        opened,
    ),
    Indicator(
        "propositions-recues",
        "Propositions reçues aux appels à manifestation d’intérêt",
        Kind.OTHER,
        "propositions",
        SOURCE,
        "Propositions dont le premier dépôt est dans la période, moins celles qui ont été retirées depuis. Le "
        "département est celui du porteur.",
        received,
        splits=(Split.DEPARTMENT,),
    ),
)
