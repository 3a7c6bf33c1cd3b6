"""What a dossier declares, version after version."""

from datetime import date
from decimal import Decimal

import pytest

from normandata.deminimis import declarations
from normandata.deminimis.account import assess_for, read
from normandata.deminimis.declarations import DeclaredAid
from normandata.deminimis.models import Aid, Declaration
from normandata.procedure.errors import NotNow
from normandata.procedure.models import Event
from tests.factories.deminimis import make_declaration
from tests.factories.organisations import OrganisationFactory, PersonFactory
from tests.factories.queue import make_row

pytestmark = pytest.mark.django_db
ON = date(2026, 6, 15)
SAID = [
    DeclaredAid(date(2025, 1, 10), Decimal("8000.00"), " ADEME "),
    DeclaredAid(date(2025, 3, 1), Decimal("0"), ""),
    DeclaredAid(date(2025, 4, 1), Decimal("1500.005"), ""),
]


def test_a_declaration_keeps_each_line_and_who_gave_it() -> None:
    dossier, person = make_row(), PersonFactory()
    row = declarations.declare(dossier, version=1, aids=SAID, by=person, fiscal_year_end=(6, 30), is_road_freight=True)
    assert (row.fiscal_month, row.fiscal_day, row.is_road_freight, row.by) == (6, 30, True, person)
    assert [(aid.on, aid.amount, aid.authority, aid.member.siren, aid.by) for aid in row.aids.all()] == [
        (date(2025, 1, 10), Decimal("8000.00"), "ADEME", dossier.organisation.siren, person),
        (date(2025, 4, 1), Decimal("1500.01"), "", dossier.organisation.siren, person),
    ]
    event = Event.objects.about(dossier.organisation.undertaking).get()
    assert (event.name, event.by, event.data["version"]) == ("de_minimis_declared", person, 1)
    assert event.data["aids"][0] == {"on": "2025-01-10", "amount": "8000.00", "who": "ADEME"}


def test_the_next_version_takes_its_place() -> None:
    firm = OrganisationFactory()
    first = make_declaration(firm, ("2025-01-10", 8_000))
    assert assess_for(firm, on=ON, amount=None).room == 292_000
    make_declaration(firm, dossier=first.dossier, version=2)
    assert assess_for(firm, on=ON, amount=None).room == 300_000
    make_declaration(firm, ("2025-01-10", 9_000), dossier=first.dossier, version=3)
    assert assess_for(firm, on=ON, amount=None).room == 291_000
    assert (Declaration.objects.count(), Aid.objects.count()) == (3, 2)


def test_two_dossiers_that_declare_the_same_aid_count_it_once() -> None:
    firm = OrganisationFactory()
    make_declaration(firm, ("2025-01-10", 8_000), ("2025-02-10", 1_000))
    newest = make_declaration(firm, ("2025-01-10", 8_000), ("2025-03-10", 500))
    account = read(firm)
    assert assess_for(firm, on=ON, amount=None).room == 300_000 - 9_500
    [twin] = [line for line in account.lines if not line.counts]
    assert twin.same_as == newest.aids.get(amount=8_000).key


def test_none_is_declared_and_silence_is_not() -> None:
    firm = OrganisationFactory()
    assert assess_for(firm, on=ON, amount=None).room is None
    make_declaration(firm)
    assert assess_for(firm, on=ON, amount=None).room == 300_000


def test_the_same_version_twice_is_once() -> None:
    firm = OrganisationFactory()
    row = make_declaration(firm, ("2025-01-10", 8_000), group=["999000011"])
    assert make_declaration(firm, ("2025-01-10", 8_000), dossier=row.dossier, group=["999000011"]) == row
    for wrong in (
        lambda: make_declaration(firm, ("2025-01-10", 8_001), dossier=row.dossier, group=["999000011"]),
        lambda: make_declaration(firm, ("2025-01-10", 8_000), dossier=row.dossier),
        lambda: make_declaration(firm, dossier=row.dossier, group=["999000011"]),
    ):
        with pytest.raises(NotNow):
            wrong()
    assert (Declaration.objects.count(), Event.objects.filter(name="de_minimis_declared").count()) == (1, 1)


def test_an_older_version_does_not_come_back() -> None:
    firm = OrganisationFactory()
    row = make_declaration(firm, version=2)
    with pytest.raises(NotNow):
        make_declaration(firm, ("2025-01-10", 1), dossier=row.dossier, version=1)


def test_a_declared_aid_is_positive() -> None:
    with pytest.raises(ValueError, match="positive"):
        make_declaration(OrganisationFactory(), ("2025-01-10", -1))
