"""The figures of the calls: how many opened, how many proposals came, by call and by department of their carrier.

The state of a call, and whether a proposal was withdrawn, are those of the journal at the end of the day asked for. The
public reads the proposals of a call once its assessment is published, as its pilot's page says.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

from django.db.models import CharField, Exists, OuterRef, QuerySet
from django.db.models.functions import Cast

from normandata.dossiers import states as standings
from normandata.dossiers.delays import end_of
from normandata.dossiers.models import Deposit, Dossier
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
from normandata.procedure.models import Event, kind_of
from normandata.regulation.formats import plural

from .models import Call
from .workflow import PUBLISHED, RECEIVED

SOURCE = "Délibération AP D 25-12-5, « délibération ultérieure » des chantiers"


def states(day: date) -> Mapping[int, str]:
    """Return the state of each call that moved, as the journal left it at the end of a day."""
    journal = Event.objects.filter(thing_kind=kind_of(Call()), target__gt="", at__lt=end_of(day))
    return {int(key): target for key, target in journal.order_by("at", "pk").values_list("thing_key", "target")}


def _opened(reading: Reading) -> Iterator[Fact]:
    period = reading.period
    found = Call.objects.filter(opens_on__gte=period.first, opens_on__lte=period.end)
    places = ("pk", "chantier__axis__number", "chantier__number", "chantier__title")
    known = reading.once(states, period.as_of)
    for pk, axis, number, title in found.order_by("opens_on", "pk").values_list(*places):
        if known.get(pk) in RECEIVED:
            yield Fact(f"Annexe {axis}, chantier {number} : {title}")


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
    period = reading.period
    sent = Deposit.objects.filter(
        dossier__call_proposal__isnull=False,
        version=1,
        at__gte=end_of(period.first - timedelta(days=1)),
        at__lt=end_of(period.end),
    )
    what = ("dossier__call_proposal__call", "dossier__call_proposal__call__title", "dossier__organisation__department")
    rows = sent.filter(~Exists(_withdrawal(period.as_of))).order_by("at", "pk").values_list(*what)
    known = reading.once(states, period.as_of)
    for call, title, department in rows:
        yield Fact(title, department, is_public=known.get(call) == PUBLISHED)


def _withdrawal(day: date) -> QuerySet[Event]:
    """Return what the journal says, at the end of a day, of a dossier withdrawn for good."""
    left = (standings.WITHDRAWN, standings.LAPSED)
    key = Cast(OuterRef("dossier"), CharField())
    return Event.objects.filter(thing_kind=kind_of(Dossier()), thing_key=key, target__in=left, at__lt=end_of(day))


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
        "Appels dont l’ouverture est dans la période et que le journal dit ouverts, clos ou dépouillés à la date "
        "demandée. Un appel annulé ne compte plus.",
        opened,
    ),
    Indicator(
        "propositions-recues",
        "Propositions reçues aux appels à manifestation d’intérêt",
        Kind.OTHER,
        "propositions",
        SOURCE,
        "Propositions dont le premier dépôt est dans la période, moins celles qui étaient retirées à la date demandée. "
        "Le public lit celles des appels dont le bilan est alors publié ; la Région les lit toutes. Le département est "
        "celui du porteur.",
        received,
        splits=(Split.DEPARTMENT,),
        public_part="les propositions des appels dont le bilan est publié",
    ),
)
