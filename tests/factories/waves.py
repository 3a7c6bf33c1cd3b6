"""Waves, partners and applications of the tests; a deposited application is written as its deposit leaves it."""

import uuid
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from typing import Any

from booster_ia.models import BoosterApplication, BudgetLine
from booster_ia.partners import Partner
from booster_ia.waves import Wave
from normandata.dossiers.models import Deposit, Dossier
from normandata.organisations.models import Organisation
from tests.factories.organisations import MembershipFactory, siret

_numbers = count(1)
DEPOSITED = datetime(2026, 9, 20, 10, tzinfo=UTC)
TITLE = "Prévoir les crues du bocage"
DAYS = {
    "opens_on": date(2026, 6, 1),
    "closing_on": date(2026, 9, 30),
    "instruction_from": date(2026, 10, 1),
    "scoring_closes_on": date(2026, 11, 6),
    "instruction_to": date(2026, 11, 15),
    "committee_on": date(2026, 12, 14),
}


def make_wave(**fields: Any) -> Wave:
    """Make the second wave of 2026, closing on the 30th of September unless other days are given."""
    return Wave.objects.create(**{"year": 2026, "number": 2, **DAYS, **fields})


def make_next_wave() -> Wave:
    """Make the first wave of 2027, closing on the 31st of March."""
    return make_wave(
        year=2027,
        number=1,
        opens_on=date(2026, 10, 1),
        closing_on=date(2027, 3, 31),
        instruction_from=date(2027, 4, 1),
        scoring_closes_on=date(2027, 5, 7),
        instruction_to=date(2027, 5, 15),
        committee_on=date(2027, 6, 14),
    )


def make_application(
    *, organisation: Organisation | None = None, at: datetime = DEPOSITED, state: str = "review", **fields: Any
) -> Dossier:
    """Make a deposited application, complete on its day, with a member of its organisation as its author."""
    membership = MembershipFactory(**({"organisation": organisation} if organisation else {}))
    dossier = Dossier.objects.create(
        scheme="booster_ia",
        number=f"BIA-2025-{next(_numbers):04d}",  # a year of its own: deposits of the tests take numbers of 2026
        organisation=membership.organisation,
        state=state,
        turn="agent",
        editable="none",
        created_by=membership.user,
        submitted_at=at,
        version=1,
        complete_on=at.date(),
        department="14",
    )
    Deposit.objects.create(
        dossier=dossier,
        version=1,
        key=uuid.uuid4(),
        content_hash="",
        answers_hash="",
        at=at,
        by=membership.user,
        signatory={"name": "Dominique Exemple", "role": "Gérante", "in_person": True, "accepted": []},
        answers={"projet": {"titre": TITLE}},
        recap=[],
    )
    application = BoosterApplication.objects.create(
        **{
            "dossier": dossier,
            "applicant_type": "enterprise",
            "recovers_vat": True,
            "start": date(2027, 1, 4),
            "end": date(2027, 6, 30),
            "uses_ai": True,
            "aid_regime": "hors_aide",
            "eligible_expenses": Decimal("20000.00"),
            "grant": Decimal("10000.00"),
            "other_public_aid": Decimal("0.00"),
            **fields,
        }
    )
    BudgetLine.objects.create(
        application=application,
        rank=1,
        category="services",
        label="Développement du prototype",
        amount=Decimal("20000.00"),
        basis="HT",
        kept=Decimal("20000.00"),
    )
    return dossier


def make_partner(dossier: Dossier | None = None, **fields: Any) -> Partner:
    """Make a partner that was invited and whose mail left."""
    number = next(_numbers)
    values = {
        "siret": siret(5000 + number),
        "name": f"Partenaire d’essai {number}",
        "email": f"partenaire{number}@exemple.invalid",
        "contact": "Camille Exemple",
        "department": "50",
        "mailed_at": DEPOSITED,
        **fields,
    }
    return Partner.objects.create(dossier=dossier or make_application(), **values)


__all__ = ["DAYS", "DEPOSITED", "TITLE", "make_application", "make_next_wave", "make_partner", "make_wave"]
