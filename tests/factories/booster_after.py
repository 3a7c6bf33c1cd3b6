"""Grants at a given point of their life, written as rows: what follows a grant looks at dates and answers only."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from typing import Any

from booster_ia.after import NetworkEntry, Outcome, Reply
from booster_ia.awards import Award
from booster_ia.payments.recoveries import Recovery
from booster_ia.services import after
from normandata.accounts.models import User
from normandata.budgets import services as budgets
from normandata.budgets.models import Envelope
from normandata.committee.models import Item, Session
from normandata.dossiers.models import Deposit, Dossier
from tests.factories.accounts import UserFactory
from tests.factories.booster import CALENDAR
from tests.factories.committee import make_brief
from tests.factories.waves import TITLE, make_application

_ranks = count(1)
TWO = CALENDAR | {"indicateur2_nom": "Communes équipées", "indicateur2_cible": "12"}
"""Two declared indicators: 95 %, and 12 without a unit."""
ANSWERS: Mapping[str, Any] = {
    "valeur1": "91,5",
    "mot1": "",
    "valeur2": "",
    "mot2": "Le déploiement est reporté.",
    "terme": "oui",
    "fini_le": "25/05/2027",
    "communs": ["feedback"],
    "communs_detail": "https://exemple.invalid/retour",
    "appris": "Nos données étaient trop rares.",
}
"""A whole account, as typed."""


def at(day: date, hour: int = 10) -> datetime:
    """Return an instant of a day, in the morning."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def make_fund() -> Envelope:
    """Open an envelope large enough, once."""
    found = Envelope.objects.filter(scheme="booster_ia").first()
    if found is not None:
        return found
    envelope = budgets.open_envelope("booster_ia", "Booster IA", basis="HT", by=None, year=2026)
    budgets.vote(envelope, Decimal(900000), act="AP", day=date(2026, 1, 2), key=f"vote:{envelope.pk}", by=None)
    return envelope


def make_award(
    kind: str = "enterprise",
    *,
    granted_on: date = date(2026, 12, 14),
    notified_on: date | None = date(2026, 12, 20),
    starts_on: date = date(2026, 12, 21),
    ends_on: date = date(2027, 5, 31),
    amount: str = "10000.00",
    state: str = "in_progress",
    dossier: Dossier | None = None,
    **fields: Any,
) -> Award:
    """Write a grant of a kind of carrier, decided on the evening of its session."""
    dossier = dossier or make_application(applicant_type=kind, **fields)
    Deposit.objects.filter(dossier=dossier).update(answers={"projet": {"titre": TITLE}, "calendrier": TWO})
    Dossier.objects.filter(pk=dossier.pk).update(state=state)
    by = UserFactory()
    session, _ = Session.objects.get_or_create(
        scheme="booster_ia", held_on=granted_on, defaults={"created_by": by, "deliberation_number": "CP D 26-12-1"}
    )
    value = Decimal(amount)
    item = Item.objects.create(
        session=session, dossier=dossier, rank=next(_ranks), is_grant=True, proposed_amount=value, basis="HT",
        brief=make_brief(Decimal(value)), added_by=by, outcome="granted", decided_amount=value,
        applied_at=at(granted_on, 17),
    )  # fmt: skip
    award = Award.objects.create(
        dossier=dossier, organisation=dossier.organisation, item=item, envelope=make_fund(), granted_on=granted_on,
        deliberation="CP D 26-12-1", amount=value, basis="HT", eligible_expenses=value * 2, other_public_aid=0,
        rate=50, cap=Decimal(12500), aid_regime="hors_aide", recovers_vat=True, starts_on=starts_on,
        ends_on=ends_on, justify_by=date(2028, 12, 31), notified_on=notified_on,
    )  # fmt: skip
    found = after.followed(dossier)
    return found if found is not None else award


def make_told(award: Award, *, on: date, finished_on: date | None = None, is_completed: bool = True) -> Outcome:
    """Write an account that was sent on a day."""
    by = UserFactory()
    sent = {"saved_at": at(on), "saved_by": by, "sent_at": at(on), "sent_by": by, "version": 1}
    return Outcome.objects.create(award=award, is_completed=is_completed, finished_on=finished_on or on, **sent)


def make_recovery(award: Award, state: str, amount: str) -> Recovery:
    """Write a repayment of a grant in a state: opened, or issued with its « titre »."""
    written: dict[str, Any] = {}
    if state == "issued":
        day, people = date(2027, 8, 1), [UserFactory() for _ in range(2)]
        written = {
            "notified_by": people[0], "notified_on": day, "observations_by": day, "decided_by": people[1],
            "decided_at": at(day), "claim": "T-1", "claimed_on": day,
        }  # fmt: skip
    return Recovery.objects.create(
        award=award, kind="breach", amount=Decimal(amount), reason="Essai.", state=state, **written
    )


def make_reply(award: Award, question: str, is_yes: bool, *, on: date, number: int = 1) -> Reply:
    link = "https://exemple.invalid/" if is_yes and question == "feedback" else ""
    return Reply.objects.create(
        award=award, question=question, number=number, is_yes=is_yes, link=link, by=UserFactory(), at=at(on)
    )


def make_entry(
    award: Award, siren: str, joined_on: date | None, *, on: date, is_public: bool = False, number: int = 1
) -> NetworkEntry:
    """Write whether a structure came new in the network: new when it has a day."""
    return NetworkEntry.objects.create(
        award=award, number=number, siret=f"{siren}00017", siren=siren, name=f"Structure {siren}",
        is_new=joined_on is not None, is_public=is_public, joined_on=joined_on, by=UserFactory(), at=at(on),
    )  # fmt: skip


def applicant_of(award: Award) -> User:
    return award.dossier.created_by


__all__ = [
    "ANSWERS", "TWO", "applicant_of", "at", "make_award", "make_entry", "make_fund", "make_reply", "make_told",
]  # fmt: skip
