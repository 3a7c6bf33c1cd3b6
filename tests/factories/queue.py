"""Rows of the queue, written at once in the state that a test wants; `tests.factories.dossiers` makes the true ones."""

import itertools
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from normandata.accounts.models import User
from normandata.dossiers.models import Dossier
from normandata.dossiers.states import STATES
from normandata.organisations.models import Organisation
from tests.factories.accounts import UserFactory
from tests.factories.organisations import OrganisationFactory

_numbers = itertools.count(1)


def make_row(
    *,
    owner: User | None = None,
    state: str = "submitted",
    scheme: str = "diagnostic",
    waited: int = 0,
    organisation: Organisation | None = None,
    since: datetime | None = None,
    **fields: Any,
) -> Dossier:
    """Make a deposited dossier whose turn has lasted so many days."""
    organisation = organisation or OrganisationFactory()
    since = since or timezone.now() - timedelta(days=waited)
    values: dict[str, Any] = {
        "number": f"{'DIA' if scheme == 'diagnostic' else 'BIA'}-2026-{next(_numbers):04d}",
        "turn": STATES[state].turn,
        "editable": STATES[state].editable.value,
        "submitted_at": since,
        "version": 1,
        "department": organisation.department,
        "amount_basis": "ht" if fields.get("amount") is not None else "",
    }
    if "created_by" not in fields:
        fields["created_by"] = User.objects.filter(is_staff=False).first() or UserFactory()
    return Dossier.objects.create(
        scheme=scheme, organisation=organisation, state=state, turn_since=since, owner=owner, **(values | fields)
    )
