"""Sessions brought to each of their states by the gestures of the clerk, and dossiers cheap enough to make thirty."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from booster_ia.awards import Proposal
from booster_ia.models import BoosterApplication
from normandata.accounts.models import Role, User
from normandata.committee.models import Item, Session
from normandata.committee.services import results, sessions
from normandata.committee.services.results import Deliberation, Votes
from normandata.dossiers.models import Dossier
from tests.factories.accounts import make_user_with
from tests.factories.booster_scoring import make_dossiers, make_full_dossier
from tests.factories.committee import SCHEME, SessionFactory, make_clerk, make_scorer
from tests.factories.waves import make_wave

NUMBER = "CP D 26-12-41"
VOTES = Votes(40, 2, 1)
FILLED = (
    "applicant_type", "aid_regime", "recovers_vat", "eligible_expenses", "other_public_aid", "grant", "start", "end"
)  # fmt: skip
"""What a copy takes of the application that was typed."""


def make_waiting(count: int = 1, *, amount: str = "10000.00", refusals: int = 0, **fields: Any) -> list[Dossier]:
    """Make dossiers whose validated proposal waits for a session; the last ones are proposed for refusal.

    Copied from one deposited by hand, with their proposals written as two people would leave them.
    """
    wave = make_wave()
    first = make_full_dossier(wave, complete_on=date(2026, 8, 1), **fields)
    others = make_dossiers(wave, count - 1) if count > 1 else []
    dossiers = [Dossier.objects.get(pk=one.pk) for one in (first, *others)]
    [filled] = BoosterApplication.objects.filter(pk=first.pk).values(*FILLED)
    propose(dossiers, amount=amount, refusals=refusals)
    keys = [one.pk for one in dossiers]
    Dossier.objects.filter(pk__in=keys).update(verdict=dossiers[0].verdict)
    BoosterApplication.objects.filter(pk__in=keys).update(**filled)
    for dossier in dossiers:
        dossier.refresh_from_db()
    return dossiers


def propose(dossiers: Sequence[Dossier], *, amount: str = "10000.00", refusals: int = 0) -> None:
    """Write on dossiers the proposals that two people would leave: they wait for a session."""
    proposer, other = make_scorer(), make_scorer()
    for rank, dossier in enumerate(dossiers, start=1):
        is_grant = rank <= len(dossiers) - refusals
        Proposal.objects.create(
            dossier=dossier,
            kind=Proposal.Kind.GRANT if is_grant else Proposal.Kind.REFUSE,
            amount=Decimal(amount) if is_grant else None,
            basis="HT" if is_grant else "",
            rank=rank,
            score=f"{90 - rank},50",
            reason="" if is_grant else "Note inférieure à celle des autres projets.",
            by=proposer,
            decided_by=other,
            decided_at=dossier.submitted_at,
            is_validated=True,
        )
    Dossier.objects.filter(pk__in=[one.pk for one in dossiers]).update(state="proposed", turn="committee")
    for dossier in dossiers:
        dossier.refresh_from_db()


def make_prepared(dossiers: list[Dossier], *, by: User | None = None, **fields: Any) -> Session:
    """Make a session with these dossiers on its agenda."""
    clerk = by or make_clerk()
    session = SessionFactory(created_by=clerk, **fields)
    sessions.put_on_agenda(session, dossiers, by=clerk)
    return session


def make_tabled(dossiers: list[Dossier], *, by: User | None = None, **fields: Any) -> Session:
    """Make a session whose agenda is settled."""
    clerk = by or make_clerk()
    session = make_prepared(dossiers, by=clerk, **fields)
    sessions.table(session, by=clerk)
    return session


def make_recorded(dossiers: list[Dossier], *, by: User | None = None, typed: Any = None, **fields: Any) -> Session:
    """Make a session whose results wait for a second person; `typed` gives the exceptions by key of item."""
    clerk = by or make_clerk()
    session = make_tabled(dossiers, by=clerk, **fields)
    results.record_results(session, typed or {}, deliberation=Deliberation(NUMBER), votes=VOTES, by=clerk)
    results.record(session, by=clerk)
    return session


def make_validated(dossiers: list[Dossier], **fields: Any) -> Session:
    """Make a session whose decisions took effect."""
    session = make_recorded(dossiers, **fields)
    results.validate(session, by=make_lead())
    return session


def make_lead(**fields: Any) -> User:
    return make_user_with(Role.LEAD_AGENT, SCHEME, **fields)


def item_of(session: Session, dossier: Dossier) -> Item:
    return session.items.standing().get(dossier=dossier)


__all__ = [
    "NUMBER",
    "VOTES",
    "item_of",
    "make_lead",
    "make_prepared",
    "make_recorded",
    "make_tabled",
    "make_validated",
    "make_waiting",
    "propose",
]
