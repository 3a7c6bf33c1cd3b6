"""The ledger is written once, in Python and in the database; its constraints, by name."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError

from normandata.deminimis.models import Aid, Declaration, Registration, Source
from normandata.organisations.models import UndertakingMember
from normandata.procedure.guards import WrittenOnce
from normandata.procedure.models import Immutable
from tests.factories.accounts import make_agent
from tests.factories.deminimis import make_aid, make_declaration
from tests.factories.organisations import OrganisationFactory

pytestmark = pytest.mark.django_db
TABLES = ("deminimis_aid", "deminimis_declaration", "deminimis_registration")


@pytest.fixture
def rows(db: None) -> None:
    """Put a row in each table that is written once."""
    organisation = OrganisationFactory()
    make_declaration(organisation, ("2025-01-10", 100))
    aid = make_aid(organisation, "2026-01-10", 200)
    Registration.objects.create(aid=aid, on=date(2026, 1, 20), by=make_agent())


@pytest.mark.usefixtures("rows")
@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("text", ["UPDATE {} SET at = at", "DELETE FROM {}", "DELETE FROM {} WHERE id > 0"])
def test_the_database_refuses_to_change_a_row(table: str, text: str) -> None:
    with pytest.raises(IntegrityError, match=f"{table}_written_once"), transaction.atomic():
        connection.cursor().execute(text.format(table))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        assert cursor.fetchone()[0] >= 1


@pytest.mark.usefixtures("rows")
@pytest.mark.parametrize("model", [Aid, Declaration, Registration])
def test_python_refuses_too(model: Any) -> None:
    row = model.objects.first()
    refused: list[Callable[[], object]] = [
        row.save,
        row.delete,
        lambda: model.objects.update(pk=1),
        lambda: model.objects.all().delete(),
        lambda: model.objects.bulk_update([row], ["at"]),
    ]
    for gesture in refused:
        with pytest.raises(Immutable), transaction.atomic():
            gesture()


def test_what_carries_an_aid_is_not_erased() -> None:
    organisation = OrganisationFactory()
    make_aid(organisation, "2026-01-10", 200)
    with pytest.raises(ProtectedError):
        UndertakingMember.objects.filter(siren=organisation.siren).delete()


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"amount": "0"}, "deminimis_aid_sign"),
        ({"amount": "-1"}, "deminimis_aid_sign"),
        ({"source": Source.ADJUSTMENT}, "deminimis_aid_change_says_why"),
        ({"source": Source.DECLARATION}, "deminimis_aid_declared_iff_declaration"),
        ({"source": Source.PORTAL}, "deminimis_aid_grant_says_for_what"),
        ({"source": Source.PORTAL, "about_kind": "a.b", "about_key": "1"}, "deminimis_aid_grant_says_for_what"),
        ({"key": ""}, "deminimis_aid_keyed"),
    ],
)
def test_an_entry_that_makes_no_sense_is_refused(values: dict[str, Any], constraint: str) -> None:
    organisation = OrganisationFactory()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        make_aid(organisation, "2026-01-10", values.pop("amount", "1"), **values)


def test_a_reversal_takes_back_and_says_why() -> None:
    organisation = OrganisationFactory()
    aid = make_aid(organisation, "2026-01-10", 200)
    with pytest.raises(IntegrityError, match="deminimis_aid_reversal_takes_back"), transaction.atomic():
        make_aid(organisation, "2026-01-10", 200, reverses=aid, reason="Annulée.")
    with pytest.raises(IntegrityError, match="deminimis_aid_change_says_why"), transaction.atomic():
        make_aid(organisation, "2026-01-10", -200, reverses=aid)
    make_aid(organisation, "2026-01-10", -200, reverses=aid, reason="Annulée.")
    with pytest.raises(IntegrityError, match="reverses"), transaction.atomic():
        make_aid(organisation, "2026-01-10", -200, reverses=aid, reason="Encore.")


def test_a_key_serves_once() -> None:
    organisation = OrganisationFactory()
    make_aid(organisation, "2026-01-10", 200, key="une")
    with pytest.raises(IntegrityError, match="key"), transaction.atomic():
        make_aid(organisation, "2026-01-10", 200, key="une")


def test_only_the_last_declaration_of_a_dossier_stands() -> None:
    organisation = OrganisationFactory()
    first = make_declaration(organisation, ("2025-01-10", 100))
    other = make_declaration(organisation, ("2025-02-10", 50))
    last = make_declaration(organisation, ("2025-01-10", 120), dossier=first.dossier, version=2)
    assert set(Declaration.objects.current()) == {other, last}
    assert sorted(Aid.objects.standing().values_list("amount", flat=True)) == [Decimal(50), Decimal(120)]


def test_a_guard_is_known_by_its_name() -> None:
    assert WrittenOnce(name="a") == WrittenOnce(name="a") != WrittenOnce(name="b")
    assert len({WrittenOnce(name="a"), WrittenOnce(name="a")}) == 1
    assert (WrittenOnce(name="a") == 1) is False


@pytest.mark.django_db(transaction=True)
def test_flush_empties_everything_and_leaves_the_guards() -> None:
    organisation = OrganisationFactory()
    make_aid(organisation, "2026-01-10", 200)
    call_command("flush", interactive=False, verbosity=0)
    assert Aid.objects.count() == 0
    make_aid(OrganisationFactory(), "2026-01-10", 200)
    with pytest.raises(IntegrityError, match="deminimis_aid_written_once"):
        connection.cursor().execute("DELETE FROM deminimis_aid")


@pytest.mark.django_db(transaction=True)
def test_a_guard_is_taken_away_and_put_back_by_a_migration() -> None:
    organisation = OrganisationFactory()
    make_aid(organisation, "2026-01-10", 200)
    guard = next(each for each in Aid._meta.constraints if isinstance(each, WrittenOnce))
    with connection.schema_editor() as editor:
        editor.remove_constraint(Aid, guard)
    try:
        if connection.vendor == "postgresql":
            # SQLite makes the table anew from the state of the migrations, which is not played here.
            connection.cursor().execute("UPDATE deminimis_aid SET at = at")
    finally:
        with connection.schema_editor() as editor:
            editor.add_constraint(Aid, guard)
    with pytest.raises(IntegrityError, match="deminimis_aid_written_once"):
        connection.cursor().execute("DELETE FROM deminimis_aid")
