"""Money added up by dossier, scheme and basis: the euros, by hand."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from normandata.accounts.models import User
from normandata.dossiers.applications import MoneyLine
from normandata.dossiers.models import Dossier
from normandata.organisations.models import Organisation
from normandata.portal.organisation import money, sheet
from normandata.portal.organisation.money import Sums
from tests.factories.accounts import make_user_with
from tests.factories.organisations import OrganisationFactory
from tests.factories.queue import make_row

pytestmark = pytest.mark.django_db
D = Decimal


def line(dossier: Dossier, on: str, reserved: str, committed: str, paid: str, **fields: Any) -> MoneyLine:
    values = {"what": "Écriture", "amount": D(1), "envelope": "Enveloppe", "basis": "TTC"} | fields
    return MoneyLine(
        dossier=dossier.pk,
        on=date.fromisoformat(on),
        reserved=D(reserved),
        committed=D(committed),
        paid=D(paid),
        **values,
    )


@pytest.fixture
def organisation() -> Organisation:
    return OrganisationFactory()


@pytest.fixture
def auditor() -> User:
    return make_user_with("auditor")


def test_totals_add_up_to_the_cent(organisation: Organisation, auditor: User) -> None:
    first, second = (make_row(organisation=organisation, waited=day) for day in (2, 1))
    proof = make_row(organisation=organisation, scheme="booster_ia")
    other = make_row(organisation=organisation, scheme="booster_ia")
    found = sheet.held(sheet.dossiers_of(auditor, organisation.siren))
    told = [
        line(first, "2026-10-01", "5400.00", "0", "0"),
        line(second, "2026-10-02", "0.10", "0", "0"),
        line(proof, "2026-10-02", "12500.00", "0", "0"),
        line(first, "2026-10-03", "-5400.00", "5399.99", "0"),
        line(second, "2026-10-04", "0.20", "0", "0"),
        line(proof, "2026-10-05", "-12500.00", "12000.01", "0"),
        line(proof, "2026-10-06", "0", "-6000.00", "6000.00", act="Avance"),
        line(other, "2026-10-06", "0", "100.00", "33.33", basis="HT"),
        line(first, "2026-10-07", "0", "-5399.99", "5130.20", act="Facture F-1"),
    ]
    shown = money.money(told, found)
    assert [(table.scheme, table.basis, [(one.pk, sums) for one, sums in table.rows]) for table in shown.tables] == [
        ("Diagnostic", "TTC", [(second.pk, Sums(D("0.30"), D(0), D(0))), (first.pk, Sums(D(0), D(0), D("5130.20")))]),
        ("Booster IA", "TTC", [(proof.pk, Sums(D(0), D("6000.01"), D("6000.00")))]),
        ("Booster IA", "HT", [(other.pk, Sums(D(0), D("100.00"), D("33.33")))]),
    ]
    assert [table.total for table in shown.tables] == [
        Sums(D("0.30"), D(0), D("5130.20")),
        Sums(D(0), D("6000.01"), D("6000.00")),
        Sums(D(0), D("100.00"), D("33.33")),
    ]
    # What is HT is never added to what is TTC: 0.30 + 5 130.20 + 6 000.01 + 6 000.00 = 17 130.51
    assert shown.totals == [
        ("TTC", Sums(D("0.30"), D("6000.01"), D("11130.20"))),
        ("HT", Sums(D(0), D("100.00"), D("33.33"))),
    ]
    assert shown.totals[0][1].whole == D("17130.51")
    assert [(one.dossier.pk, one.line.act, one.line.paid) for one in shown.payments] == [
        (first.pk, "Facture F-1", D("5130.20")),
        (other.pk, "", D("33.33")),
        (proof.pk, "Avance", D("6000.00")),
    ]
    assert shown.paid == [("TTC", D("11130.20")), ("HT", D("33.33"))]


def test_a_scheme_is_asked_for_the_dossiers_that_are_read_of_it_alone(
    organisation: Organisation, auditor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = make_row(organisation=organisation)
    make_row(organisation=organisation, scheme="booster_ia")
    make_row()
    asked: list[list[int]] = []

    class Told:
        @staticmethod
        def money(dossiers: Any) -> list[MoneyLine]:
            asked.append([one.pk for one in dossiers])
            return [line(ours, "2026-10-02", "2", "0", "0"), line(ours, "2026-10-01", "1", "0", "0")]

    class Silent:
        money = None

    monkeypatch.setattr(
        "normandata.dossiers.schemes.application_of", lambda slug: Told if slug == "diagnostic" else Silent
    )
    dossiers = sheet.dossiers_of(auditor, organisation.siren)
    told = money.lines(dossiers, sheet.held(dossiers))
    assert asked == [[ours.pk]]
    assert [one.reserved for one in told] == [D(1), D(2)]


def test_without_money_there_is_nothing(organisation: Organisation) -> None:
    assert money.money([], []) == money.Money([], [], [], [])
