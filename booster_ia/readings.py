"""The dated facts that the indicators are counted from: grants as they stood, accounts, answers, money, waves."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Q

from normandata.budgets.models import Entry
from normandata.budgets.models import Kind as Moves
from normandata.dossiers.delays import end_of
from normandata.dossiers.models import Deposit, Dossier
from normandata.indicators.definitions import Fact, Period, Reading
from normandata.procedure.models import Event, EventQuerySet, kind_of
from normandata.regulation.findings import Conclusion

from .after import Outcome, Reply
from .awards import Award, AwardQuerySet
from .partners import Partner
from .payments.recoveries import Recovery
from .waves import Wave

SCHEME = "booster_ia"


@dataclass(frozen=True, slots=True)
class Granted:
    """A grant as it is counted: where its carrier is and of what kind, how much, and its days."""

    pk: int
    dossier: int
    siret: str
    department: str
    carrier: str
    amount: Decimal
    granted_on: date
    notified_on: date | None
    ends_on: date

    def fact(self, what: object) -> Fact:
        return Fact(what, self.department, self.carrier)


GRANTED = (
    "pk",
    "dossier",
    "organisation__siret",
    "organisation__department",
    "dossier__booster__applicant_type",
    "amount",
    "granted_on",
    "notified_on",
    "ends_on",
)


@dataclass(frozen=True, slots=True)
class Account:
    """What the account of a project says of its end."""

    is_completed: bool | None
    finished_on: date | None


@dataclass(frozen=True, slots=True)
class Placed:
    """A dossier in its wave: whether it is eligible, and what it was granted, None as long as it is nothing."""

    wave: str
    is_eligible: bool
    amount: Decimal | None


def standing(as_of: date) -> AwardQuerySet:
    """Keep the grants decided and not undone at the end of a day."""
    end = end_of(as_of)
    decided = Award.objects.filter(item__applied_at__lt=end)
    return decided.filter(Q(undone_at=None) | Q(undone_at__gte=end))


def awards(as_of: date) -> dict[int, Granted]:
    """Read the grants that stood at the end of a day with their carriers, by key."""
    rows = standing(as_of).order_by("pk").values_list(*GRANTED)
    return {row[0]: Granted(*row) for row in rows}


def sent(as_of: date) -> dict[int, Account]:
    """Return the accounts that were sent at the end of a day, by grant."""
    found = Outcome.objects.filter(sent_at__lt=end_of(as_of))
    rows = found.values_list("award", "is_completed", "finished_on")
    return {pk: Account(is_completed, finished_on) for pk, is_completed, finished_on in rows}


def replies(as_of: date) -> Mapping[tuple[int, str], bool]:
    """Return the answers that held at the end of a day, by grant and question."""
    found = Reply.objects.filter(at__lt=end_of(as_of)).order_by("number")
    return {(award, question): is_yes for award, question, is_yes in found.values_list("award", "question", "is_yes")}


def granted(reading: Reading) -> list[Granted]:
    return list(reading.once(awards, reading.period.as_of).values())


def instants(period: Period) -> tuple[datetime, datetime]:
    """Return the first instant of a period, and the one that ends it."""
    return end_of(period.first - timedelta(days=1)), end_of(period.end)


def payments(period: Period) -> list[tuple[int, Decimal]]:
    """Return what was paid in the period, by key of grant."""
    first, end = instants(period)
    paid = Entry.objects.filter(
        kind=Moves.PAY, about_kind=kind_of(Award()), envelope__scheme=SCHEME, at__gte=first, at__lt=end
    )
    return [(int(key), amount) for key, amount in paid.values_list("about_key", "paid")]


def claims(period: Period) -> list[tuple[int, Decimal]]:
    """Return what was asked back by a « titre de recette » written in the period, by key of grant."""
    first, end = instants(period)
    issued = Event.objects.filter(thing_kind=kind_of(Recovery()), name="issue", at__gte=first, at__lt=end)
    asked = Recovery.objects.filter(pk__in=[int(key) for key in issued.values_list("thing_key", flat=True)])
    return list(asked.values_list("award", "amount"))


def places(reading: Reading, among: Collection[int]) -> Mapping[tuple[int, str], str]:
    """Return the departments of the carriers and partners of some grants, by grant and SIREN."""
    known = reading.once(awards, reading.period.as_of)
    of_dossier = {known[pk].dossier: pk for pk in among if pk in known}
    named = Partner.objects.filter(dossier__in=list(of_dossier)).values_list("dossier", "siren", "department")
    found = {(of_dossier[dossier], siren): department for dossier, siren, department in named}
    return found | {(pk, known[pk].siret[:9]): known[pk].department for pk in of_dossier.values()}


def waves(period: Period) -> list[str]:
    """List the waves whose deposits close in the period."""
    found = Wave.objects.filter(closing_on__gte=period.first, closing_on__lte=period.last).order_by("closing_on")
    return [wave.label for wave in found]


def placed(reading: Reading) -> Iterator[Fact]:
    """List the dossiers deposited that a wave of the period holds."""
    period = reading.period
    end, listed = end_of(period.as_of), set(reading.once(waves, period))
    sent = Deposit.objects.filter(dossier__scheme=SCHEME, version=1, at__lt=end)
    rows = sent.values_list("dossier", "dossier__organisation__department", "dossier__booster__applicant_type")
    deposited = {dossier: (department, kind or "") for dossier, department, kind in rows}
    journal = Event.objects.filter(thing_kind=kind_of(Dossier()), at__lt=end).order_by("at", "pk")
    moves = journal.filter(name="wave_placed").values_list("thing_key", "data__wave")
    held = {int(key): label for key, label in moves if int(key) in deposited}
    fit = eligible(journal.filter(verdict__isnull=False, thing_key__in=[str(pk) for pk in held]))
    voted = {award.dossier: award.amount for award in granted(reading)}
    for pk, label in held.items():
        if label in listed:
            yield Fact(Placed(label, pk in fit, voted.get(pk)), *deposited[pk])


def eligible(judged: EventQuerySet) -> set[int]:
    """Keep the dossiers whose last verdict is eligible, or that were proposed: what was to review had been read.

    A decision of the committee carries the verdict of its proposal: it changes nothing here.
    """
    found: dict[int, bool] = {}
    rows = judged.exclude(name__in=("grant", "refuse"))
    for key, name, conclusion in rows.values_list("thing_key", "name", "verdict__conclusion"):
        found[int(key)] = name == "propose" or conclusion == Conclusion.ELIGIBLE
    return {pk for pk, fits in found.items() if fits}
