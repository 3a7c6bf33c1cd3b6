"""Decisions of Booster IA that wait for their letters, brought there by the gestures of people."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone

from booster_ia.agreements import Agreement
from booster_ia.models import Award
from booster_ia.services import decisions, notification
from normandata.budgets.models import Envelope
from normandata.committee.models import Item, Session
from normandata.deminimis import declarations
from normandata.documents import services as documents
from normandata.dossiers.letters import Signatory
from normandata.dossiers.models import Dossier
from normandata.organisations.models import Organisation
from tests.factories.booster_scoring import make_scorer
from tests.factories.committee import (
    SessionFactory,
    decide,
    make_brief,
    make_envelope,
    make_proposed,
    make_scored,
    put_on_agenda,
)
from tests.factories.waves import make_application

DELIBERATION = "CP D 26-12-31"


def make_signatory(**fields: Any) -> Signatory:
    given = {
        "name": "Camille Exemple",
        "quality": "La directrice de l’aménagement numérique",
        "delegation": "Par délégation du Président (arrêté d’essai n° 26-01)",
        "since": date(2026, 1, 1),
    }
    return Signatory.objects.create(**given | fields)


def _session() -> Session:
    return SessionFactory(deliberation_number=DELIBERATION, executory_on=date(2026, 12, 15))


def make_decided(outcomes: Sequence[str], *, session: Session | None = None, **fields: Any) -> list[Dossier]:
    """Make one dossier for each outcome, all decided at one session: granted, refused or adjourned."""
    make_signatory()
    make_envelope()
    session = session or _session()
    dossiers = make_scored(len(outcomes), **fields)
    proposer, validator = make_scorer(), make_scorer()
    for dossier in dossiers:
        declarations.declare_section(dossier, "aides", by=None)
    for rank, (dossier, outcome) in enumerate(zip(dossiers, outcomes, strict=True), start=1):
        if outcome == "refused":
            decisions.propose_refusal(dossier, reason="Projet moins avancé.", score="77,00", by=proposer)
            decisions.validate(dossier, by=validator)
        else:
            make_proposed(dossier, by=proposer, other=validator)
        item = put_on_agenda(dossier, session, rank=rank)
        decide(item, outcome, reason="" if outcome == "granted" else "D’autres projets sont plus avancés.")
    return [Dossier.objects.select_related("organisation").get(pk=one.pk) for one in dossiers]


def make_light(
    count: int = 1,
    *,
    outcome: str = "refused",
    session: Session | None = None,
    organisation: Organisation | None = None,
) -> list[Dossier]:
    """Make decided dossiers as a session leaves them, in a few rows each: nothing was scored, no money is committed."""
    session = session or Session.objects.first() or _session()
    envelope = Envelope.objects.first() or make_envelope()
    made = [make_application(state=outcome, organisation=organisation) for _ in range(count)]
    for rank, dossier in enumerate(made, start=1):
        is_grant = outcome == "granted"
        item = Item.objects.create(
            session=session,
            dossier=dossier,
            rank=rank,
            is_grant=is_grant,
            proposed_amount=Decimal(10000) if is_grant else None,
            basis="HT" if is_grant else "",
            brief=make_brief(Decimal(10000) if is_grant else None),
            added_by=session.created_by,
            outcome=outcome,
            decided_amount=Decimal(10000) if is_grant else None,
            reason="" if is_grant else "D’autres projets sont plus avancés.",
            applied_at=timezone.now(),
        )
        if is_grant:
            award = _award(dossier, item, envelope)
            Dossier.objects.filter(pk=dossier.pk).update(amount=award.amount, amount_basis=award.basis)
    return [Dossier.objects.select_related("organisation").get(pk=one.pk) for one in made]


def _award(dossier: Dossier, item: Item, envelope: Envelope) -> Award:
    return Award.objects.create(
        dossier=dossier,
        organisation=dossier.organisation,
        item=item,
        envelope=envelope,
        granted_on=item.session.held_on,
        deliberation=item.session.deliberation_number,
        amount=Decimal(10000),
        basis="HT",
        eligible_expenses=Decimal(20000),
        other_public_aid=Decimal(0),
        rate=Decimal(50),
        cap=Decimal(12500),
        aid_regime="hors_aide",
        recovers_vat=True,
        starts_on=date(2027, 1, 4),
        ends_on=date(2027, 6, 30),
        justify_by=date(2027, 12, 30),
    )


def make_notified(**fields: Any) -> Dossier:
    """Make a dossier whose grant was notified, its letter and its convention made."""
    [dossier] = make_decided(["granted"], **fields)
    notification.tell(dossier, by=make_scorer())
    for letter in dossier.letters.all():
        documents.make(letter.document_id)
    return dossier


def agreement_of(dossier: Dossier) -> Agreement:
    found = notification.agreement_of(dossier)
    assert found is not None
    return found


__all__ = ["DELIBERATION", "agreement_of", "make_decided", "make_light", "make_notified", "make_signatory"]
