"""Sessions of the Commission permanente, and dossiers of Booster IA brought before them by the gestures of people."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import factory
from factory.django import DjangoModelFactory

from booster_ia.models import BoosterApplication
from booster_ia.services import decisions
from normandata.accounts.models import Role, User
from normandata.budgets import services as budgets
from normandata.budgets.models import Envelope
from normandata.committee.dockets import Brief
from normandata.committee.models import Item, Session
from normandata.dossiers.models import Dossier
from normandata.procedure import services as procedure
from normandata.scoring.services import panels
from tests.factories.accounts import UserFactory, make_user_with
from tests.factories.booster_scoring import (
    make_full_dossier,
    make_lead,
    make_scorer,
    open_wave,
    score,
    subjects,
)
from tests.factories.waves import make_wave

SCHEME = "booster_ia"
GOOD = ("15", "24", "15", "8", "7", "8")
"""Six marks that make 77."""


class SessionFactory(DjangoModelFactory[Session]):
    class Meta:
        model = Session

    scheme = SCHEME
    held_on = date(2026, 12, 14)
    place = "Hôtel de Région, Caen"
    created_by = factory.SubFactory(UserFactory)


def make_clerk(**fields: Any) -> User:
    return make_user_with(Role.COMMITTEE_CLERK, SCHEME, **fields)


def make_envelope(amount: str = "500000", *, year: int | None = 2026) -> Envelope:
    """Open an envelope of the scheme and vote it."""
    envelope = budgets.open_envelope(SCHEME, "Booster IA", basis="HT", by=None, year=year)
    budgets.vote(
        envelope, Decimal(amount), act="AP D 25-12-5", day=date(2025, 12, 15), key=f"vote:{envelope.pk}", by=None
    )
    return envelope


def confirm_partners(*dossiers: Dossier) -> None:
    """Have every partner confirm, without their links."""
    for dossier in dossiers:
        dossier.partners.filter(state="invited").update(
            state="confirmed", confirmed_at=dossier.submitted_at, by_name="Dominique Exemple"
        )


def make_scored(count: int = 1, *, marks: Sequence[str] = GOOD, **fields: Any) -> list[Dossier]:
    """Make dossiers whose wave is scored by two people and closed: the `media` fixture is needed."""
    wave = make_wave()
    dossiers = [make_full_dossier(wave, complete_on=date(2026, 8, 1 + rank), **fields) for rank in range(count)]
    confirm_partners(*dossiers)
    lead, scorers = make_lead(), [make_scorer(), make_scorer()]
    panel = open_wave(scorers, dossiers, lead=lead)
    for subject in subjects(panel):
        for person in scorers:
            score(subject, person, *marks)
    panels.close_panel(panel, by=lead)
    return [Dossier.objects.get(pk=one.pk) for one in dossiers]


def make_proposed(dossier: Dossier, *, amount: str = "", by: User | None = None, other: User | None = None) -> Dossier:
    """Propose the computed grant, or another amount, and have a second person validate it."""
    wanted = Decimal(amount) if amount else BoosterApplication.objects.get(pk=dossier.pk).grant
    decisions.propose(dossier, amount=wanted, by=by or make_scorer())
    decisions.validate(dossier, by=other or make_scorer())
    return dossier


def make_brief(amount: Decimal | None) -> dict[str, Any]:
    """Write what an agenda freezes of a dossier: a grant of so many euros, or a refusal."""
    is_grant = amount is not None
    reason = "" if is_grant else "D’autres projets sont plus avancés."
    return Brief("Projet d’essai", is_grant, amount, "HT" if is_grant else "", reason).as_record()


def put_on_agenda(dossier: Dossier, session: Session | None = None, *, rank: int = 1) -> Item:
    """Put a validated proposal on the agenda of a session."""
    session = session or SessionFactory()
    proposal = decisions.open_proposal(dossier)
    assert proposal is not None
    item = Item.objects.create(
        session=session,
        dossier=dossier,
        rank=rank,
        is_grant=proposal.kind == "grant",
        proposed_amount=proposal.amount,
        basis=proposal.basis,
        brief=make_brief(proposal.amount),
        added_by=session.created_by,
    )
    procedure.fire(dossier, "schedule", by=None, item=item)
    return item


def decide(item: Item, outcome: str = "granted", *, amount: str = "", reason: str = "") -> Item:
    """Decide an item as a validated session does: the transition of the scheme, then the date on the item."""
    item.outcome, item.reason = outcome, reason or ("" if outcome == "granted" else "Motif d’essai.")
    item.decided_amount = (Decimal(amount) if amount else item.proposed_amount) if outcome == "granted" else None
    item.save()
    if not item.session.deliberation_number:
        item.session.deliberation_number = "CP D 26-12-00"
        item.session.save()
    names = {"granted": "grant", "refused": "refuse", "adjourned": "adjourn"}
    event = procedure.fire(item.dossier, names[outcome], by=None, reason=item.reason, item=item)
    item.applied_at = event.at
    item.save(update_fields=["applied_at"])
    return item


__all__ = [
    "GOOD",
    "SCHEME",
    "SessionFactory",
    "confirm_partners",
    "decide",
    "make_brief",
    "make_clerk",
    "make_envelope",
    "make_proposed",
    "make_scored",
    "put_on_agenda",
]
