"""What might be proposed on the dossiers of a wave: by rank, against the money that is left, with the cut line.

Reads what `programme` works on: scored dossiers, the envelope, scenarios. Amounts are in euros.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, Sum
from django.utils import timezone

from normandata.accounts.models import User
from normandata.budgets.models import Envelope
from normandata.committee.models import Item
from normandata.deminimis import account
from normandata.procedure.errors import NotNow
from normandata.regulation.formats import euros, number, spaced
from normandata.regulation.money import ZERO, cents
from normandata.scoring.models import Panel
from normandata.scoring.ranking import Place
from normandata.ui.gauge import Gauge, gauge_of

from . import scores
from .awards import Proposal
from .models import BoosterApplication
from .money import HT
from .programme import GRANT, REFUSE, Candidate, Choice, Programme, drawn, foreseen, under
from .regimes import DE_MINIMIS
from .rules import REGLEMENT
from .scenarios import Scenario
from .scores import Judged
from .services import decisions, places
from .waves import Wave
from .workflow import PROCEDURE

LISTED = ("pk", "name", "note", "changed_at", "by__name", "by__email", "total", "grants", "refusals")
NO_ROOM = "Les aides publiques déjà reçues ne laissent aucune place à une subvention."


# -------------------------------------------------------------------------------------------------------------- money
@dataclass(frozen=True, slots=True)
class Money:
    """The envelope of a wave; `spoken_for` is proposed already and not decided. Euros."""

    name: str
    gauge: Gauge | None
    spoken_for: Decimal = ZERO

    @property
    def available(self) -> Decimal | None:
        """What new proposals may take; None without an envelope, zero when more is proposed than is left."""
        return None if self.gauge is None else max(ZERO, self.gauge.free - self.spoken_for)

    @property
    def sentence(self) -> str:
        if self.gauge is None or self.available is None:
            return decisions.NO_ENVELOPE
        if not self.spoken_for:
            return spaced(f"{euros(self.gauge.free)} libres.")
        return spaced(
            f"{euros(self.gauge.free)} libres, dont {euros(self.spoken_for)} déjà proposés : il reste "
            f"{euros(self.available)} à proposer."
        )


def money_of(wave: Wave) -> Money:
    """Read the envelope that pays the grants of a wave: that of the year of its Commission permanente."""
    try:
        envelope = decisions.envelope_on(wave.committee_on)
    except NotNow:
        return Money("", None)
    return Money(str(envelope), gauge_of(envelope), spoken_for(envelope))


def spoken_for(envelope: Envelope, *, but: int | None = None) -> Decimal:
    """Return the grants proposed on an envelope and not decided, in euros, those of one dossier apart."""
    of_year = Q() if envelope.year is None else Q(dossier__booster__wave__committee_on__year=envelope.year)
    waiting = Proposal.objects.filter(of_year, ended_at=None, kind=Proposal.Kind.GRANT).exclude(dossier=but)
    return cents(waiting.aggregate(total=Sum("amount"))["total"] or ZERO)


# ----------------------------------------------------------------------------------------------------------- dossiers
@dataclass(frozen=True, slots=True)
class Scored:
    """The scored dossiers of a wave as a person reads them: by rank, the reserve last; `waiting` lack sheets."""

    candidates: tuple[Candidate, ...]
    waiting: tuple[Judged, ...]
    withheld: int
    floor: str

    @property
    def said_withheld(self) -> str:
        return scores.closed_to_you(self.withheld)

    def foreseen(self, available: Decimal | None) -> dict[int, Choice]:
        return foreseen(self.candidates, available)


def scored(panel: Panel, user: User, on: date | None = None) -> Scored:
    """Read the dossiers of a closed panel with what may be granted today; queries and objects that never grow.

    Raises Blind, NotAllowed.
    """
    found, named = scores.ranked(panel, user)
    places = [place for place in (*found.places, *found.reserve) if place.key in named]
    facts = _facts([int(place.key) for place in places], on or timezone.localdate())
    floor = number(panel.grid.floor or 0)
    return Scored(
        tuple(
            _candidate(place, named[place.key], facts[int(place.key)], _under(place, panel, floor))
            for place in places
            if int(place.key) in facts
        ),
        tuple(named[place.key] for place in found.waiting if place.key in named),
        found.withheld,
        floor,
    )


@dataclass(slots=True)
class _Facts:
    """What is known of a dossier beside its score."""

    state: str
    basis: str
    grant: Decimal
    most: Decimal | None
    proposed: Choice | None = None
    is_validated: bool = field(default=False)


def _candidate(place: Place, judged: Judged, facts: _Facts, under: str) -> Candidate:
    refusal = under or (spaced(NO_ROOM) if facts.most is not None and facts.most <= 0 else "")
    return Candidate(
        pk=int(place.key),
        uuid=judged.uuid,
        number=judged.number,
        organisation=judged.organisation,
        title=judged.title,
        rank=place.rank,
        score=place.shown,
        state=PROCEDURE.workflow.states[facts.state],
        basis=facts.basis,
        grant=facts.grant,
        most=facts.most,
        refusal=refusal,
        proposed=facts.proposed,
        is_validated=facts.is_validated,
    )


def _under(place: Place, panel: Panel, floor: str) -> str:
    """Write the reason of a refusal under the floor; nothing for a dossier that has a place."""
    return "" if place.rank is not None else under(places.said(place.score, panel.grid), floor)


def _facts(keys: Sequence[int], on: date) -> dict[int, _Facts]:
    rows = list(
        BoosterApplication.objects.filter(pk__in=keys).values(
            "pk", "grant", "aid_regime", "recovers_vat", "dossier__state", "dossier__submitted_at",
            "dossier__organisation__siren",
        )
    )  # fmt: skip
    most = mosts(rows, on)
    found = {row["pk"]: _Facts(row["dossier__state"], _basis(row), row["grant"], most[row["pk"]]) for row in rows}
    standing = Proposal.objects.filter(dossier__in=keys, ended_at=None)
    for pk, kind, amount, reason, is_validated in standing.values_list(
        "dossier", "kind", "amount", "reason", "is_validated"
    ):
        if pk in found:
            found[pk].proposed, found[pk].is_validated = Choice(kind, amount, reason), is_validated
    for pk, choice in _decided([pk for pk, one in found.items() if one.proposed is None]).items():
        found[pk].proposed = choice
    return found


def _decided(keys: Sequence[int]) -> dict[int, Choice]:
    """Return what the Commission permanente granted or refused of dossiers on which nothing stands any more."""
    rows = Item.objects.standing().filter(dossier__in=keys, applied_at__isnull=False).order_by("applied_at", "pk")
    kinds = {Item.Outcome.GRANTED: GRANT, Item.Outcome.REFUSED: REFUSE}
    return {
        pk: Choice(kinds[Item.Outcome(outcome)], amount, reason)
        for pk, outcome, amount, reason in rows.values_list("dossier", "outcome", "decided_amount", "reason")
        if outcome in kinds
    }


def _basis(row: Mapping[str, Any]) -> str:
    at = row["dossier__submitted_at"]
    day = timezone.localdate(at) if at else timezone.localdate()
    return HT if row["recovers_vat"] else REGLEMENT.on(day).word("vat_basis")


def mosts(rows: Sequence[Mapping[str, Any]], on: date) -> dict[int, Decimal | None]:
    """Return the most that may be granted to several dossiers, as `decisions.most` does for one; three queries."""
    minimis = {
        row["pk"]: (row["dossier__organisation__siren"], row["grant"])
        for row in rows
        if row["aid_regime"] == DE_MINIMIS and row["grant"]
    }
    rooms = account.rooms(minimis, on=on) if minimis else {}
    found: dict[int, Decimal | None] = {}
    for row in rows:
        pk, grant = row["pk"], row["grant"]
        room = rooms.get(pk, grant)
        found[pk] = None if room is None else max(ZERO, min(grant, cents(room)))
    return found


# ---------------------------------------------------------------------------------------------------------- scenarios
def chosen_in(scenario: Scenario) -> dict[int, Choice]:
    """Read what a scenario foresees, by key of dossier."""
    lines = scenario.lines.values_list("dossier", "kind", "amount", "reason")
    return {pk: Choice(kind, amount, reason) for pk, kind, amount, reason in lines}


def programme_of(scenario: Scenario, dossiers: Scored, available: Decimal | None) -> Programme:
    """Draw a scenario on the dossiers as they stand; one that came since is as it would be by default."""
    chosen = dossiers.foreseen(available) | chosen_in(scenario)
    return drawn(dossiers.candidates, chosen, available)


def scenarios_of(wave: Wave, dossiers: Scored) -> list[dict[str, Any]]:
    """List the scenarios of a wave with their totals, over the dossiers that this person reads; one query."""
    theirs = Q(lines__dossier__in=[one.pk for one in dossiers.candidates])
    grants = theirs & Q(lines__kind=GRANT)
    rows = wave.scenarios.annotate(
        total=Sum("lines__amount", filter=grants),
        grants=Count("lines", filter=grants),
        refusals=Count("lines", filter=theirs & Q(lines__kind=REFUSE)),
    )
    return [
        {**row, "total": cents(row["total"] or ZERO), "author": row["by__name"] or row["by__email"]}
        for row in rows.values(
            "pk", "name", "note", "changed_at", "by__name", "by__email", "total", "grants", "refusals"
        )
    ]


# ------------------------------------------------------------------------------------------------- waiting for a second
@dataclass(frozen=True, slots=True)
class Waiting:
    """A proposal that a second person has to validate; `is_mine` when the reader made it."""

    pk: int
    candidate: Candidate
    choice: Choice
    author: str
    is_mine: bool


def waiting_for(dossiers: Scored, user: User) -> list[Waiting]:
    """List the proposals that nobody has validated, by rank, of the dossiers that this person reads; one query."""
    rows = Proposal.objects.open().filter(
        dossier__in=[one.pk for one in dossiers.candidates], dossier__state="proposed", ended_at=None
    )
    made = {
        dossier: (pk, by, name or email)
        for dossier, pk, by, name, email in rows.values_list("dossier", "pk", "by", "by__name", "by__email")
    }
    return [
        Waiting(made[one.pk][0], one, one.proposed, made[one.pk][2], made[one.pk][1] == user.pk)
        for one in dossiers.candidates
        if one.pk in made and one.proposed is not None
    ]
