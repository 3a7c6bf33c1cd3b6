"""The file for the register, its deadlines, what was entered."""

import csv
import io
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from normandata.accounts.models import User
from normandata.deminimis import granting, registration
from normandata.deminimis.models import Aid
from normandata.deminimis.registration import Deadline, deadline, mark_registered
from normandata.organisations.models import Organisation
from normandata.procedure.errors import NotAllowed, NotDone
from normandata.procedure.models import Event
from tests.factories.accounts import make_agent
from tests.factories.deminimis import make_aid, make_declaration
from tests.factories.organisations import OrganisationFactory, PersonFactory

pytestmark = pytest.mark.django_db
GRANTED = date(2026, 3, 9)


@pytest.fixture(autouse=True)
def _spring() -> Iterator[None]:
    with time_machine.travel("2026-04-03 09:00:00+02:00", tick=False):
        yield


@pytest.fixture
def agent() -> User:
    return make_agent()


@pytest.fixture
def firm() -> Organisation:
    organisation: Organisation = OrganisationFactory(name="Fonderie d’essai")
    make_declaration(organisation)
    return organisation


def give(firm: Organisation, *, on: date = GRANTED, key: str = "octroi") -> Aid:
    return granting.grant(firm, on=on, amount=Decimal("4320.50"), about=firm, key=key, by=None)


def table() -> list[dict[str, str]]:
    text = "".join(registration.export())
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text[1:], newline=""), delimiter=";"))


def test_a_grant_has_twenty_working_days() -> None:
    # From Monday 9 March 2026 to Tuesday 7 April, Easter Monday set apart.
    assert deadline(GRANTED, date(2026, 3, 9)) == Deadline(date(2026, 4, 7), 20, 0)
    assert deadline(GRANTED, date(2026, 4, 3)) == Deadline(date(2026, 4, 7), 1, 0)
    assert deadline(GRANTED, date(2026, 4, 7)) == Deadline(date(2026, 4, 7), 0, 0)
    assert deadline(GRANTED, date(2026, 4, 9)) == Deadline(date(2026, 4, 7), 0, 2)


def test_the_file_has_the_register_s_columns_then_deadline_and_state(firm: Organisation) -> None:
    give(firm)
    make_aid(firm, "2026-01-15", 100)
    [row] = table()
    assert row == {
        "regime": "règlement (UE) 2023/2831",
        "nom_beneficiaire": "Fonderie d’essai",
        "identifiant_beneficiaire": firm.siren,
        "montant_esb": "4320,50",
        "instrument_aide": "Prestation gratuite (services subventionnés)",
        "secteur_aide": "C.25.62",
        "commune_beneficiaire": "Caen",
        "pays_beneficiaire": "France",
        "date_octroi": "2026-03-09",
        "date_declaration": "",
        "date_publication": "",
        "autorite": "Région Normandie",
        "operateur": "",
        "identifiant_aide": "octroi",
        "echeance_declaration": "2026-04-07",
        "jours_ouvrables_restants": "1",
        "jours_ouvrables_de_retard": "0",
        "etat": "à déclarer",
    }


def test_a_late_grant_says_so_and_an_entered_one_stops_the_countdown(firm: Organisation, agent: User) -> None:
    late, entered = give(firm, on=date(2026, 3, 3)), give(firm, key="second")
    mark_registered([entered], on=date(2026, 3, 20), by=agent)
    wanted = ("identifiant_aide", "date_declaration", "jours_ouvrables_restants", "jours_ouvrables_de_retard", "etat")
    assert [tuple(row[name] for name in wanted) for row in table()] == [
        (late.key, "", "0", "3", "en retard"), ("second", "2026-03-20", "", "", "déclarée"),
    ]  # fmt: skip
    assert list(Aid.objects.to_register()) == [late]


def test_a_reversed_grant_is_left_out_or_withdrawn(firm: Organisation, agent: User) -> None:
    first, second = give(firm), give(firm, key="second")
    mark_registered([second], on=date(2026, 3, 20), by=agent)
    for aid in (first, second):
        granting.reverse(aid, by=agent, reason="Annulé.", key=f"retour {aid.pk}")
    assert [(row["identifiant_aide"], row["etat"]) for row in table()] == [("second", "à retirer du registre")]
    assert list(Aid.objects.to_register()) == []


def test_cells_compute_nothing(agent: User) -> None:
    firm = OrganisationFactory(name='=HYPERLINK("http://exemple.invalid")', city="@Caen")
    make_declaration(firm)
    give(firm, key="-1+1")
    [row] = table()
    assert (row["nom_beneficiaire"], row["commune_beneficiaire"], row["identifiant_aide"]) == (
        '\'=HYPERLINK("http://exemple.invalid")', "'@Caen", "'-1+1",
    )  # fmt: skip


def test_a_grant_is_noted_once(firm: Organisation, agent: User) -> None:
    aid = give(firm)
    [row] = mark_registered([aid], on=date(2026, 3, 20), by=agent)
    assert mark_registered([aid], on=date(2026, 3, 21), by=agent) == [row]
    event = Event.objects.about(aid).get()
    assert (event.name, event.by, event.data) == (
        "de_minimis_registered", agent, {"key": "octroi", "on": "2026-03-20"},
    )  # fmt: skip


def test_what_is_not_noted(firm: Organisation, agent: User) -> None:
    aid, listed = give(firm), make_aid(firm, "2026-01-15", 100)
    with pytest.raises(NotAllowed):
        mark_registered([aid], on=GRANTED, by=PersonFactory())
    with pytest.raises(NotDone, match="à venir"):
        mark_registered([aid], on=date(2026, 4, 4), by=agent)
    with pytest.raises(NotDone, match="précède"):
        mark_registered([aid], on=date(2026, 3, 8), by=agent)
    with pytest.raises(NotDone, match="du portail"):
        mark_registered([listed], on=GRANTED, by=agent)


def test_the_file_is_one_query_at_1_and_30_grants(firm: Organisation) -> None:
    costs = []
    for rows in (1, 29):
        for number in range(rows):
            give(firm, key=f"{rows}:{number}")
        with CaptureQueriesContext(connection) as queries:
            lines = list(registration.export())
        costs.append((len(queries), len(lines)))
    assert costs == [(1, 2), (1, 31)]
