"""Which grants are published and what their rows say, worked out by hand; one query, whatever their number."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from booster_ia import opendata
from booster_ia.agreements import Agreement
from booster_ia.awards import Award
from booster_ia.payments.bank import BankDetails
from booster_ia.payments.recoveries import Lapse
from booster_ia.payments.requests import PaymentRequest
from normandata.committee.models import Session
from normandata.opendata import checks, writing
from normandata.opendata.definitions import Line, Withheld
from normandata.opendata.subsidies import FIELDS
from normandata.organisations.models import Organisation
from tests.factories.accounts import UserFactory
from tests.factories.booster_after import at, make_award
from tests.factories.letters import agreement_of, make_notified
from tests.factories.organisations import OrganisationFactory
from tests.factories.payments import give_account
from tests.normandata.opendata.table_schema import errors, schema

pytestmark = pytest.mark.django_db
AS_OF = date(2027, 6, 30)
EXECUTORY = date(2026, 12, 16)
AID = "2b6b61e2-b403-5e30-8f4a-13229e12d2b5"


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))


def make(executory_on: date | None = EXECUTORY, **fields: Any) -> Award:
    """Make a notified grant of 14/12/2026, executory on the 16th, to justify by 31/12/2028."""
    award = make_award(**fields)
    Session.objects.update(executory_on=executory_on)
    return award


def make_payment(award: Award, kind: str, on: date, *, is_mandated: bool = True) -> PaymentRequest:
    """Write a payment certified on a day, and mandated the same day."""
    by, euros = UserFactory(), Decimal("5000.00")
    of_kind = {"asked": euros, "justification": "Essai."} if kind == "advance" else {"justified": euros}
    account = BankDetails.objects.filter(organisation=award.organisation).first() or give_account(award)
    paid = {"mandate": "M-1", "mandated_on": on, "mandated_by": by} if is_mandated else {}
    return PaymentRequest.objects.create(
        award=award, kind=kind, saved_by=by, submitted_by=by, submitted_at=at(on), checked_by=by, checked_at=at(on),
        amount=euros, other_public_aid=Decimal(0), certified_by=UserFactory(), certified_at=at(on),
        bank=account, state="paid" if is_mandated else "certified", **of_kind, **paid,
    )  # fmt: skip


def published(as_of: date = AS_OF) -> list[str]:
    """List the numbers of the dossiers that are published, without a fault."""
    found = []
    for one in opendata.rows(as_of):
        assert isinstance(one, Line)
        assert [*one.faults, *checks.faults(FIELDS, one.cells)] == []
        found.append(one.place)
    return found


def cells(as_of: date = AS_OF) -> dict[str, Any]:
    (one,) = opendata.rows(as_of)
    assert isinstance(one, Line)
    return dict(zip((field.name for field in FIELDS), one.cells, strict=True))


# --------------------------------------------------------------------------------------------------- what a row says
def test_a_row_to_the_comma() -> None:
    organisation = OrganisationFactory(
        name="Association d’essai", association_number="W142000000", legal_category="9220"
    )
    award = make(kind="association", organisation=organisation, amount="8437.50")
    (one,) = opendata.rows(AS_OF)
    assert isinstance(one, Line)
    text = writing.csv_head(FIELDS) + writing.csv_line(FIELDS, one.cells)
    assert text.splitlines()[1] == (
        f"Région Normandie,20005340300057,2026-12-14,CP D 26-12-1,Association d’essai,{organisation.siret},W142000000,"
        '"Booster IA, preuve de concept – Prévoir les crues du bocage",8437.50,aide en numéraire,unique,2028-12-31,,'
        f"non,1.00,{AID}"
    )
    assert one.place == award.dossier.number
    assert errors(text, schema("subventions-2.1.1")) == []


def test_the_convention_dates_it_once_both_have_signed() -> None:
    agreement, by = agreement_of(make_notified()), UserFactory()
    granted = agreement.award.granted_on
    signed, countersigned = granted + timedelta(days=5), granted + timedelta(days=9)
    Session.objects.update(executory_on=granted)
    Award.objects.update(notified_on=granted)
    Agreement.objects.update(
        means="screen", signed_on=signed, signed_name="Alix", signed_function="Gérante", signed_by=by,
        signed_at=at(signed), countersigned_on=countersigned, countersigned_by=UserFactory(),
    )  # fmt: skip
    Award.objects.update(notified_on=granted)
    days = [cells(day)["dateConvention"] for day in (granted + timedelta(days=8), countersigned)]
    assert days == [granted, countersigned]


@pytest.mark.usefixtures("media")
@pytest.mark.parametrize(
    ("advance", "balance", "said"),
    [
        ("", "", ("unique", "2028-12-31")),
        ("certified", "", ("unique", "2028-12-31")),
        ("paid", "", ("échelonné", "2027-02-01/2028-12-31")),
        ("paid", "paid", ("échelonné", "2027-02-01/2027-06-20")),
        ("", "paid", ("unique", "2027-06-20")),
    ],
)
def test_payments_make_the_conditions_and_the_period(advance: str, balance: str, said: tuple[str, str]) -> None:
    award = make()
    for kind, state, on in (("advance", advance, date(2027, 2, 1)), ("balance", balance, date(2027, 6, 20))):
        if state:
            make_payment(award, kind, on, is_mandated=state == "paid")
    assert (cells()["conditionsVersement"], cells()["datesPeriodeVersement"]) == said


@pytest.mark.parametrize(
    ("regime", "said"), [("de_minimis", True), ("rdi", False), ("pme", False), ("hors_aide", False)]
)
def test_de_minimis_aid_says_so(regime: str, said: bool) -> None:
    Award.objects.filter(pk=make().pk).update(aid_regime=regime)
    assert cells()["notificationUE"] is said


# ------------------------------------------------------------------------------------------------------- which grants
@pytest.mark.parametrize(("as_of", "count"), [(date(2026, 12, 19), 0), (date(2026, 12, 20), 1)])
def test_a_grant_appears_the_day_it_is_notified(as_of: date, count: int) -> None:
    make()
    assert len(published(as_of)) == count


@pytest.mark.parametrize(("executory_on", "count"), [(None, 0), (date(2027, 7, 1), 0), (date(2027, 6, 30), 1)])
def test_a_grant_waits_for_its_deliberation_to_be_executory(executory_on: date | None, count: int) -> None:
    make(executory_on)
    assert len(published()) == count


def test_a_grant_undone_is_no_longer_there() -> None:
    award = make()
    Award.objects.filter(pk=award.pk).update(undone_at=at(date(2027, 5, 1)), undone_reason="Essai.")
    assert (len(published(date(2027, 4, 30))), published(date(2027, 5, 1))) == (1, [])


def test_a_lapsed_grant_goes_unless_it_was_paid() -> None:
    award, paid, proposed = make(), make(), make()
    Award.objects.filter(pk=paid.pk).update(paid=Decimal("5000.00"))
    for one in (award, paid):
        Lapse.objects.create(
            award=one, reason="Essai.", by=UserFactory(), decided_by=UserFactory(), decided_at=at(date(2027, 5, 1)),
            is_confirmed=True,
        )  # fmt: skip
    Lapse.objects.create(award=proposed, reason="Essai.", by=UserFactory())
    assert published() == [paid.dossier.number, proposed.dossier.number]
    assert len(published(date(2027, 4, 30))) == 3


def test_persons_are_withheld_and_unknown_carriers_refused() -> None:
    award = make()
    for category, state in (("1000", Withheld), ("5710", Line)):
        Organisation.objects.update(legal_category=category)
        assert [type(one) for one in opendata.rows(AS_OF)] == [state]
    Organisation.objects.update(legal_category="5710", is_diffusible=False)
    assert [type(one) for one in opendata.rows(AS_OF)] == [Withheld]
    Organisation.objects.update(legal_category="", is_diffusible=True)
    (one,) = opendata.rows(AS_OF)
    assert isinstance(one, Line)
    assert one.faults == ("nomBeneficiaire\u00a0: l’annuaire n’a pas dit si c’est une personne morale.",)
    award.dossier.booster.__class__.objects.update(applicant_type="local_authority")
    assert published() == [award.dossier.number]


def test_nobody_is_named() -> None:
    award = make()
    author = award.dossier.created_by
    (one,) = opendata.rows(AS_OF)
    assert isinstance(one, Line)
    text = writing.json_line(FIELDS, one.cells)
    assert [name for name in (author.name, author.email, "Dominique Exemple") if name in text] == []


def test_one_query_and_flat_objects_at_one_and_thirty_grants() -> None:
    counts = []
    for number in (1, 29):
        for _ in range(number):
            make()
        with CaptureQueriesContext(
            connection,
        ) as queries:
            counts.append(sum(1 for _ in opendata.rows(AS_OF)))
        assert len(queries) == 1
    assert counts == [1, 30]
