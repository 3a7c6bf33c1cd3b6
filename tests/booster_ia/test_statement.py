"""The money of grants, from the ledger to their dossiers: the euros, by hand."""

from decimal import Decimal

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from booster_ia import statement
from booster_ia.application import APPLICATION
from booster_ia.payments.services import recoveries
from normandata.dossiers.models import Dossier
from tests.factories.payments import make_award, make_checker, pay_advance

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]
D = Decimal


def test_what_stands_for_each_grant(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    untouched, advanced = make_award("10000.00"), make_award("12500.00")
    pay_advance(advanced, "6000.00")
    both = Dossier.objects.filter(pk__in=[untouched.dossier_id, advanced.dossier_id])
    with django_assert_num_queries(2):
        lines = statement.lines(both)
    assert [(line.dossier, line.what, line.committed, line.paid) for line in lines] == [
        (untouched.dossier_id, "Engagement", D("10000.00"), D("0.00")),
        (advanced.dossier_id, "Engagement", D("12500.00"), D("0.00")),
        (advanced.dossier_id, "Paiement", D("-6000.00"), D("6000.00")),
    ]
    assert [line.basis for line in lines] == ["HT"] * 3


def test_the_application_hands_its_money_up() -> None:
    assert APPLICATION.money is statement.lines


def test_what_is_asked_back_is_told_with_where_it_stands(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    award, other = make_award("12500.00"), make_award("12500.00")
    pay_advance(award, "5000.00")
    made = recoveries.open_breach(award, amount=D("1200.50"), reason="Logo absent.", by=make_checker())
    asked = Dossier.objects.filter(pk__in=[award.dossier_id, other.dossier_id])
    with django_assert_num_queries(1):
        (told,) = statement.reclaims(asked)
    assert (told.dossier, told.amount, told.what) == (
        award.dossier_id, D("1200.50"), "Manquement aux obligations de la convention",
    )  # fmt: skip
    assert (told.standing.slug, told.claim, told.on) == ("opened", "", timezone.localdate(made.opened_at))
    assert list(statement.reclaims(Dossier.objects.filter(pk=other.dossier_id))) == []
    assert APPLICATION.reclaims is statement.reclaims
