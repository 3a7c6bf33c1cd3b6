"""The public register's file: good lines kept, bad ones told one by one, nothing written twice."""

from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from normandata.deminimis import granting, registration
from normandata.deminimis.account import assess_for
from normandata.deminimis.models import Aid, RegisterImport
from normandata.deminimis.register import Imported, import_register
from normandata.organisations.models import Organisation, Undertaking
from normandata.procedure.errors import NotDone
from tests.factories.accounts import make_agent
from tests.factories.deminimis import make_declaration
from tests.factories.organisations import OrganisationFactory, siret

pytestmark = pytest.mark.django_db
NBSP, NARROW = "\u00a0", "\u202f"
HEADERS = (
    "regime;nom_beneficiaire;identifiant_beneficiaire;montant_esb;instrument_aide;secteur_aide;commune_beneficiaire;"
    "pays_beneficiaire;date_octroi;date_declaration;date_publication;autorite;operateur"
)
ON = date(2026, 6, 15)


@pytest.fixture(autouse=True)
def _summer() -> object:
    with time_machine.travel("2026-06-15 09:00:00+02:00", tick=False) as traveller:
        yield traveller


def line(who: str, amount: str = "1000", on: str = "2026-01-15", regime: str = "2023/2831", **cells: str) -> str:
    values = {
        "nom": "-",
        "instrument": "Subvention directe",
        "secteur": "C.16.23",
        "autorite": "ADEME",
        "operateur": "-",
    }
    said = values | cells
    return (
        f"{regime};{said['nom']};{who};{amount};{said['instrument']};{said['secteur']};-;France;{on};2026-02-01;"
        f"2026-02-02;{said['autorite']};{said['operateur']}"
    )


def load(*lines: str, headers: str = HEADERS) -> Imported:
    return import_register("\n".join((headers, *lines)).encode(), name="registre.csv")


@pytest.fixture
def firm() -> Organisation:
    organisation: Organisation = OrganisationFactory()
    return organisation


def test_a_line_becomes_an_entry_of_its_siren(firm: Organisation) -> None:
    who = f"{firm.siren[:3]} {firm.siren[3:6]}{NBSP}{firm.siren[6:]}"
    done = load(line(who, "12 500,50", nom="=1+1", autorite="Région Normandie", operateur="AD Normandie"))
    assert done == Imported(lines=1, added=1, known=0, refused=(), remarks=())
    aid = Aid.objects.get()
    assert (aid.member.siren, aid.on, aid.amount, aid.regime, aid.source) == (
        firm.siren, date(2026, 1, 15), Decimal("12500.50"), "DM-2831", "register",
    )  # fmt: skip
    assert (aid.instrument, aid.sector, aid.authority, aid.operator) == (
        "Subvention directe", "C.16.23", "Région Normandie", "AD Normandie",
    )  # fmt: skip
    source = RegisterImport.objects.get()
    assert (source.name, source.lines, source.refused, aid.about_key) == ("registre.csv", 1, 0, str(source.pk))


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("1000", "1000.00"), ("1000,5", "1000.50"), ("1000.05", "1000.05"), ("1 000,00", "1000.00"),
        (f"12{NARROW}500,50", "12500.50"), (f"1{NBSP}234{NBSP}567.89", "1234567.89"), ("12.500,00", "12500.00"),
        ("12 500", "12500.00"), ("1000 €", "1000.00"), ("1000 EUR", "1000.00"), ("0,01", "0.01"),
    ],
)  # fmt: skip
def test_amounts_are_read_as_people_write_them(firm: Organisation, written: str, amount: str) -> None:
    assert load(line(firm.siren, written)).refused == ()
    assert str(Aid.objects.get().amount) == amount


@pytest.mark.parametrize(
    "written", ["", "-", "0", "0,00", "-5", "1.234", "1,234", "1,234.56", "12 50", "1e3", "mille", "1000,123", "9" * 11]
)
def test_what_is_no_amount_is_told(firm: Organisation, written: str) -> None:
    [bad] = load(line(firm.siren, written)).refused
    assert (bad.line, Aid.objects.count()) == (2, 0)
    assert "montant" in bad.message


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("15/01/2026", "2026-01-15"),
        ("5/1/2026", "2026-01-05"),
        ("2026-01-15T00:00:00", "2026-01-15"),
        ("2026-06-15", "2026-06-15"),
    ],
)
def test_days_are_read_in_both_orders(firm: Organisation, written: str, read: str) -> None:
    assert load(line(firm.siren, on=written)).refused == ()
    assert Aid.objects.get().on.isoformat() == read


@pytest.mark.parametrize("written", ["", "-", "31/02/2026", "2026-13-01", "15-01-2026", "2026-06-16", "hier"])
def test_what_is_no_day_of_grant_is_told(firm: Organisation, written: str) -> None:
    [bad] = load(line(firm.siren, on=written)).refused
    assert "date d’octroi" in bad.message


@pytest.mark.parametrize("who", ["", "-", "123456789", "99950000", "abc", "²"])
def test_a_line_without_a_siren_is_told(who: str) -> None:
    [bad] = load(line(who)).refused
    assert "SIREN" in bad.message or "identifiant" in bad.message
    assert Undertaking.objects.count() == 0


def test_bad_lines_are_told_by_their_number_and_good_ones_kept(firm: Organisation) -> None:
    done = load(
        line(firm.siren, "100"),
        line("123456789", "100"),
        "",
        line(firm.siren, "cent"),
        "trop;court",
        line(firm.siren, "300", nom='"Un nom\nsur deux lignes"'),
        line(firm.siren, "400", on="demain"),
    )
    assert [(said.line, said.message.replace(NBSP, " ")) for said in done.refused] == [
        (3, "« 123456789 » n’est pas un SIREN."),
        (5, "« cent » n’est pas un montant au centime."),
        (6, "2 colonnes au lieu de 13."),
        (9, "« demain » n’est pas une date d’octroi."),
    ]
    assert (done.lines, done.added, done.known) == (6, 2, 0)
    assert sorted(Aid.objects.values_list("amount", flat=True)) == [Decimal(100), Decimal(300)]


def test_the_same_file_twice_changes_nothing(firm: Organisation) -> None:
    lines = (line(firm.siren, "100"), line(firm.siren, "100"), line(firm.siren, "200"))
    assert load(*lines).added == 3
    assert load(*lines) == Imported(lines=3, added=0, known=3, refused=(), remarks=())
    assert load(*reversed(lines)).added == 0
    assert load(*lines, line(firm.siren, "100")).added == 1
    assert (Aid.objects.count(), RegisterImport.objects.count()) == (4, 2)


def test_a_line_published_again_in_other_words_is_the_same(firm: Organisation) -> None:
    load(line(firm.siren, autorite="Région Normandie"))
    again = line(firm.siren, autorite="REGION NORMANDIE", secteur="C.16", instrument="Subvention", nom="Nom")
    assert load(again.replace("2026-02-02", "2026-03-03")).added == 0


def test_a_siren_that_the_portal_does_not_know_gets_an_account() -> None:
    who = siret(8000)
    load(line(who, "100"), line(who[:9], "200"))
    organisation = OrganisationFactory(siret=who)
    make_declaration(organisation)
    assert assess_for(organisation, on=ON, amount=None).room == 299_700


def test_columns_come_in_any_order_and_case_and_encoding(firm: Organisation) -> None:
    text = f"DATE_OCTROI; Montant_ESB;identifiant_beneficiaire;autorite\r\n2026-01-15;100;{firm.siren};Région Normandie"
    assert import_register(b"\xef\xbb\xbf" + text.encode(), name="a").added == 1
    assert import_register(text.encode("cp1252"), name="b").known == 1
    assert Aid.objects.get().authority == "Région Normandie"


@pytest.mark.parametrize("content", ["", "a;b;c", "regime;montant_esb\nx;1"])
def test_another_file_is_refused_whole(content: str) -> None:
    with pytest.raises(NotDone, match="identifiant_beneficiaire"):
        import_register(content.encode(), name="autre.csv")


def test_a_regime_that_is_not_recognised_counts_and_is_remarked(firm: Organisation) -> None:
    done = load(line(firm.siren, "100", regime="-"), line(firm.siren, "200", regime="SIEG"))
    assert [said.line for said in done.remarks] == [2]
    assert sorted(Aid.objects.values_list("amount", "regime")) == [
        (Decimal(100), "DM-2831"), (Decimal(200), "DM-SIEG"),
    ]  # fmt: skip


def test_a_cell_that_is_too_long_or_holds_nul_does_no_harm(firm: Organisation) -> None:
    assert load(line(firm.siren, autorite="x\x00" * 500, secteur="y" * 900)).added == 1
    assert len(Aid.objects.get().authority) == 300
    assert [said.message for said in load(line(firm.siren, nom="z" * 200_000)).refused] == ["Ligne illisible."]


def test_what_the_portal_granted_and_the_register_lists_is_one_aid(firm: Organisation) -> None:
    make_declaration(firm)
    granting.grant(firm, on=date(2026, 3, 2), amount=Decimal("4320.00"), about=firm, key="octroi:1", by=make_agent())
    content = "".join(registration.export()).encode()
    assert import_register(content, name="export.csv").added == 1
    assessed = assess_for(firm, on=ON, amount=None)
    assert assessed.room == Decimal("295680.00")
    assert [(one.entry.source, one.counts, one.same_as) for one in assessed.account.lines] == [
        ("portal", True, ""), ("register", False, "octroi:1"),
    ]  # fmt: skip


def test_a_file_takes_as_many_queries_with_1_and_30_lines(firm: Organisation) -> None:
    costs = []
    for amounts in (range(1, 2), range(2, 32)):
        with CaptureQueriesContext(connection) as queries:
            load(*(line(firm.siren, str(amount)) for amount in amounts))
        costs.append(len(queries))
    assert costs[0] == costs[1] <= 8
