"""What an account holds, and what an aid more would make of it."""

import json
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.db.models.signals import post_init
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from normandata.deminimis.account import assess_for, facts_for, hold, is_regional, read, read_all, rooms
from normandata.deminimis.rules import CITED, IN_FORCE
from normandata.organisations import undertakings
from normandata.organisations.models import Undertaking
from normandata.regulation.findings import Verdict
from tests.factories.accounts import make_agent
from tests.factories.deminimis import make_aid, make_declaration, make_group
from tests.factories.organisations import OrganisationFactory, siret
from tests.factories.queue import make_row

pytestmark = pytest.mark.django_db
ON = date(2026, 6, 15)


def test_an_account_is_read_by_siren_establishment_or_undertaking() -> None:
    first, second = make_group(2)
    make_aid(second, "2025-01-10", 1_000)
    accounts = [read(first), read(second.siren), read(first.undertaking)]
    assert accounts[0] == accounts[1] == accounts[2]
    assert accounts[0].sirens == tuple(sorted([first.siren, second.siren]))
    assert [line.entry.siren for line in accounts[0].counted] == [second.siren]


def test_an_unknown_siren_is_read_without_being_written() -> None:
    unknown = siret(8000)[:9]
    account = read(unknown)
    assert (account.undertaking, account.sirens, account.lines) == (None, (unknown,), ())
    assert assess_for(unknown, on=ON, amount=Decimal(1)).room is None
    assert Undertaking.objects.count() == 0


def test_an_absorbed_undertaking_leads_to_the_one_that_absorbed_it() -> None:
    first, second = OrganisationFactory(), OrganisationFactory()
    old = second.undertaking
    undertakings.merge(first.undertaking, old, by=make_agent(), reason="Fusion.")
    make_aid(first, "2025-01-10", 1_000)
    assert read(old) == read(first)


def test_without_a_declaration_nothing_is_known() -> None:
    firm = OrganisationFactory()
    make_aid(firm, "2025-01-10", 1_000)
    assessed = assess_for(firm, on=ON, amount=Decimal(1))
    assert (assessed.facts.aids, assessed.room, assessed.verdict.conclusion) == (None, None, "to_review")
    assert assessed.as_record()["is_declared"] is False
    make_declaration(firm)
    assessed = assess_for(firm, on=ON, amount=Decimal(1))
    assert (assessed.room, assessed.verdict.conclusion) == (Decimal(299_000), "eligible")


def test_the_declaration_gives_fiscal_year_and_road_freight() -> None:
    firm = OrganisationFactory()
    make_declaration(firm, fiscal_year_end=(3, 31), is_road_freight=True)
    make_aid(firm, "2024-04-01", 60_000)
    make_aid(firm, "2024-03-31", 50_000)
    readings = assess_for(firm, on=ON, amount=Decimal(50_000)).assessment.readings
    # The fiscal year of 15 June 2026 began on 1 April 2026; with the two before, since 1 April 2024.
    assert (readings[CITED].start, readings[CITED].used, readings[CITED].ceiling) == (
        date(2024, 4, 1), Decimal(60_000), Decimal(100_000),
    )  # fmt: skip
    assert (readings[CITED].outcome, readings[IN_FORCE].outcome) == ("unmet", "met")
    assert readings[IN_FORCE].used == 110_000


def test_the_newest_declaration_speaks_unless_a_dossier_is_named() -> None:
    firm = OrganisationFactory()
    old = make_declaration(firm, fiscal_year_end=(6, 30))
    make_declaration(firm, fiscal_year_end=(9, 30))
    account = read(firm)
    assert facts_for(account, on=ON, amount=None).fiscal_year_end == (9, 30)
    assert facts_for(account, on=ON, amount=None, dossier=old.dossier).fiscal_year_end == (6, 30)
    assert facts_for(account, on=ON, amount=None, dossier=make_row(organisation=firm)).aids is None


def test_what_is_not_economic_is_not_concerned() -> None:
    assessed = assess_for(OrganisationFactory(), on=ON, amount=Decimal(1), is_economic=False)
    assert (assessed.verdict.conclusion, assessed.alerts) == ("not_applicable", ())


def alerts(firm: object) -> list[str]:
    return [alert.replace("\u00a0", " ") for alert in assess_for(firm, on=ON, amount=None).alerts]  # type: ignore[arg-type]


def test_what_an_agent_has_to_look_at() -> None:
    plain = OrganisationFactory()
    make_declaration(plain)
    assert alerts(plain) == []
    farm = OrganisationFactory(activity_code="01.11Z")
    make_declaration(farm, has_other_regime=True, group=[farm.siren, "999000011"])
    make_aid(farm, "2025-01-10", 1_000, regime="DM-SIEG")
    make_aid(farm, "2023-06-15", 1_000)
    assert alerts(farm) == [
        "Activité agricole, forestière ou de pêche (NAF, section A) : un autre règlement peut s’appliquer.",
        "Une aide relève des services d’intérêt économique général : elle est comptée à part, à vérifier.",
        "Une autre aide est déclarée sur les mêmes coûts : le cumul est à vérifier.",
        "La déclaration nomme des SIREN qui ne sont pas dans cette entreprise unique : 999 000 011.",
        "L’aide du 15 juin 2023 compte encore ce jour ; elle sort de la période le lendemain.",
    ]


def test_the_record_is_json_and_gives_the_verdict_back() -> None:
    first, second = make_group(2)
    declared = make_declaration(first, ("2025-01-10", "1000.50"))
    listed = make_aid(second, "2025-01-10", "1000.50")
    assessed = assess_for(first, on=ON, amount=Decimal("4320.00"))
    record = json.loads(json.dumps(assessed.as_record()))
    assert Verdict.from_record(record["verdict"]) == assessed.verdict
    assert record["readings"] == {
        "2023/2831": {
            "from": "2023-06-15", "to": "2026-06-15", "used": "1000.50", "remaining": "298999.50", "outcome": "met",
            "ceiling": "300000",
        },
        "1407/2013": {
            "from": "2024-01-01", "to": "2026-12-31", "used": "1000.50", "remaining": "198999.50", "outcome": "met",
            "ceiling": "200000",
        },
    }  # fmt: skip
    assert (record["undertaking"], record["fiscal_year_end"]) == (first.undertaking_id, [12, 31])
    said = {one["key"]: (one["siren"], one["counts"], one["same_as"]) for one in record["aids"]}
    assert said == {
        declared.aids.get().key: (first.siren, False, listed.key),
        listed.key: (second.siren, True, ""),
    }


@pytest.mark.parametrize(
    ("names", "regional"),
    [
        (("Région Normandie",), True),
        (("REGION NORMANDIE", ""), True),
        (("Conseil régional de Normandie",), True),
        (("", "200 053 403"), True),
        (("ADEME Normandie",), False),
        (("Région Bretagne",), False),
        (("", ""), False),
    ],
)
def test_the_region_is_recognised_by_name_or_siren(names: tuple[str, ...], regional: bool) -> None:
    assert is_regional(*names) is regional


def test_an_account_is_held_within_a_transaction_only(transactional_db: None) -> None:
    with pytest.raises(TransactionManagementError):
        hold("999000011")


def test_an_account_takes_three_queries_and_no_row_of_the_ledger_at_1_and_30_aids() -> None:
    firm = OrganisationFactory()
    make_declaration(firm)
    costs = []
    for rows in (1, 29):
        for _ in range(rows):
            make_aid(firm, "2025-01-10", 100)
        made: list[type] = []
        count = lambda sender, made=made, **kwargs: made.append(sender)  # noqa: E731
        post_init.connect(count)
        try:
            with CaptureQueriesContext(connection) as queries:
                assessed = assess_for(firm, on=ON, amount=Decimal(1))
        finally:
            post_init.disconnect(count)
        costs.append((len(queries), len(made), len(assessed.account.lines)))
    assert costs == [(3, 0, 1), (3, 0, 30)]


# --------------------------------------------------------------------------------------------------------- many at once
def test_accounts_read_together_are_those_read_one_by_one() -> None:
    first, second = make_group(2)
    alone, unknown = OrganisationFactory(), siret(8000)[:9]
    make_aid(second, "2025-01-10", 1_000)
    make_aid(alone, "2025-02-10", 2_000)
    make_declaration(alone, fiscal_year_end=(9, 30))
    sirens = [first.siren, second.siren, alone.siren, unknown]
    assert read_all(sirens) == {siren: read(siren) for siren in sirens}


def test_rooms_are_those_of_each_dossier_alone() -> None:
    known, other, silent = (OrganisationFactory() for _ in range(3))
    make_aid(known, "2025-01-10", 295_000)
    mine, theirs = make_declaration(known).dossier, make_declaration(other).dossier
    nothing = make_row(organisation=silent)
    wanted = {one.pk: (one.organisation.siren, Decimal(12_500)) for one in (mine, theirs, nothing)}
    assert rooms(wanted, on=ON) == {mine.pk: Decimal(5_000), theirs.pk: Decimal(300_000), nothing.pk: None}
    assert rooms(wanted, on=ON) == {
        one.pk: assess_for(one.organisation, on=ON, amount=Decimal(12_500), dossier=one).room
        for one in (mine, theirs, nothing)
    }


def test_thirty_rooms_cost_what_one_does() -> None:
    costs = []
    for count in (1, 30):
        wanted = {}
        for _ in range(count):
            firm = OrganisationFactory()
            make_aid(firm, "2025-01-10", 1_000)
            wanted[make_declaration(firm).dossier_id] = (firm.siren, Decimal(1))
        made: list[type] = []

        def count_one(sender: type, made: list[type] = made, **_: object) -> None:
            made.append(sender)

        post_init.connect(count_one, weak=False)
        with CaptureQueriesContext(connection) as queries:
            assert set(rooms(wanted, on=ON).values()) == {Decimal(299_000)}
        post_init.disconnect(count_one)
        costs.append((len(queries), len(made)))
    assert costs == [(3, 0), (3, 0)]
