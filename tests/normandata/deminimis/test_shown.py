"""The account as an agent reads it: both readings, what the aid leaves of each, which lines count and why not."""

from datetime import date
from decimal import Decimal

import pytest

from normandata.deminimis import account
from normandata.deminimis.shown import READINGS, Shown, Standing, show, stand
from normandata.organisations.models import Organisation
from tests.factories.deminimis import make_aid, make_declaration
from tests.factories.organisations import OrganisationFactory

pytestmark = pytest.mark.django_db
DAY = date(2026, 9, 21)


def shown(organisation: Organisation, amount: str) -> Shown:
    euros = Decimal(amount)
    return show(account.assess_for(organisation, on=DAY, amount=euros), euros, "cette aide")


def test_both_readings_say_what_is_left() -> None:
    organisation = OrganisationFactory()
    make_declaration(organisation)
    make_aid(organisation, "2026-01-15", "190000")
    found = shown(organisation, "15000")
    assert [one.title for one in found.readings] == list(READINGS.values())
    assert [(one.used, one.after, one.outcome) for one in found.readings] == [
        (Decimal("190000.00"), Decimal("95000.00"), "met"),
        (Decimal("190000.00"), Decimal("-5000.00"), "unmet"),
    ]
    assert (found.what, found.counted.replace("\u00a0", " ")) == ("cette aide", "1 aide comptée")


def test_what_is_not_declared_leaves_nothing_known() -> None:
    found = shown(OrganisationFactory(), "15000")
    assert [(one.used, one.after) for one in found.readings] == [(None, None), (None, None)]
    assert (found.lines, found.counted) == ([], "Aucune aide n’est comptée")


def test_a_line_names_who_gave_and_its_source_otherwise() -> None:
    organisation = OrganisationFactory()
    make_declaration(organisation, ("2026-02-01", "100"))
    make_aid(organisation, "2026-03-01", "200")
    lines = {one.amount: one.who for one in shown(organisation, "1").lines}
    assert lines == {Decimal("100.00"): "déclaration de l’entreprise", Decimal("200.00"): "Autorité fictive"}


def standing(organisation: Organisation) -> Standing:
    return stand(account.assess_for(organisation, on=DAY, amount=None))


def test_the_account_stands_without_an_aid_to_decide() -> None:
    organisation = OrganisationFactory()
    make_declaration(organisation)
    make_aid(organisation, "2026-01-15", "190000.01")
    make_aid(organisation, "2024-01-02", "9999.99")
    found = standing(organisation)
    assert (found.on, found.is_blank, found.counted.replace("\u00a0", " ")) == (DAY, False, "2 aides comptées")
    # 300 000 and 200 000, less 190 000.01 + 9 999.99
    assert [(one.title, one.used, one.room) for one in found.readings] == [
        (READINGS["2023/2831"], Decimal("200000.00"), Decimal("100000.00")),
        (READINGS["1407/2013"], Decimal("200000.00"), Decimal("0.00")),
    ]


def test_an_account_may_be_blank_or_unknown() -> None:
    organisation = OrganisationFactory()
    assert standing(organisation).is_blank
    make_aid(organisation, "2026-01-15", "1")
    found = standing(organisation)
    assert (found.is_blank, [(one.used, one.room) for one in found.readings]) == (False, [(None, None)] * 2)
    declared = OrganisationFactory()
    make_declaration(declared)
    assert not standing(declared).is_blank
