"""What the rows of an application refuse, whoever writes them."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from booster_ia.models import BoosterApplication, BudgetLine
from tests.factories.booster import make_booster

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media", "quiet")]


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"applicant_type": "person"}, "booster_ia_applicant_type_known"),
        ({"aid_regime": "none"}, "booster_ia_aid_regime_known"),
        ({"end": "2026-11-30"}, "booster_ia_ends_after_it_starts"),
        ({"other_public_aid": -1}, "booster_ia_amounts_positive"),
        ({"grant": "24999.98"}, "booster_ia_grant_within_expenses"),
    ],
)
def test_an_impossible_application_is_refused(fields: dict[str, Any], name: str) -> None:
    make_booster()
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        BoosterApplication.objects.update(**fields)


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"category": "travel"}, "booster_ia_budget_category_known"),
        ({"amount": -1}, "booster_ia_budget_positive"),
        ({"refusal": "hors catégorie"}, "booster_ia_budget_refused_is_not_kept"),
    ],
)
def test_an_impossible_line_is_refused(fields: dict[str, Any], name: str) -> None:
    make_booster()
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        BudgetLine.objects.update(**fields)


def test_a_rank_is_taken_once() -> None:
    application = make_booster().booster
    line = BudgetLine.objects.get()
    line.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        line.save(force_insert=True)
    assert list(application.lines.values_list("rank", flat=True)) == [1]
