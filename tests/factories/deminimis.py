"""De minimis aids of fictitious undertakings, written as their sources would write them."""

import itertools
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from normandata.deminimis import declarations
from normandata.deminimis.declarations import DeclaredAid
from normandata.deminimis.models import Aid, Declaration, Source
from normandata.dossiers.models import Dossier
from normandata.organisations import undertakings
from normandata.organisations.models import Organisation, UndertakingMember
from tests.factories.accounts import make_agent
from tests.factories.organisations import OrganisationFactory
from tests.factories.queue import make_row

_keys = itertools.count(1)


def make_group(size: int = 2) -> list[Organisation]:
    """Make establishments of as many companies, all of one undertaking."""
    group = [OrganisationFactory() for _ in range(size)]
    agent = make_agent()
    for other in group[1:]:
        undertakings.merge(group[0].undertaking, other.undertaking, by=agent, reason="Même groupe.")
    return [Organisation.objects.get(pk=each.pk) for each in group]


def make_aid(organisation: Organisation, on: str, amount: str | int, **fields: Any) -> Aid:
    """Write a line of the register, of another authority, unless told otherwise."""
    values: dict[str, Any] = {
        "member": UndertakingMember.objects.get(siren=organisation.siren),
        "on": date.fromisoformat(on),
        "amount": Decimal(amount),
        "regime": "DM-2831",
        "source": Source.REGISTER,
        "authority": "Autorité fictive",
        "key": f"essai:{next(_keys)}",
    }
    return Aid.objects.create(**(values | fields))


def make_declaration(
    organisation: Organisation,
    *aids: tuple[str, str | int],
    dossier: Dossier | None = None,
    version: int = 1,
    **fields: Any,
) -> Declaration:
    """Declare these aids in a dossier, made for the purpose unless one is given; none is a declaration too."""
    said: Sequence[DeclaredAid] = [DeclaredAid(date.fromisoformat(on), Decimal(amount)) for on, amount in aids]
    dossier = dossier or make_row(organisation=organisation)
    return declarations.declare(dossier, version=version, aids=said, by=None, **fields)
