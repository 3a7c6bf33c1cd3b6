"""What the tables of the committee refuse by themselves."""

from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from normandata.committee.models import Item
from tests.factories.committee import make_envelope, make_proposed, make_scored, put_on_agenda

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "changes",
    [{"is_grant": True, "proposed_amount": None}, {"outcome": "granted", "decided_amount": None}],
)
def test_a_grant_without_an_amount_is_refused_by_the_database(media: Path, changes: dict[str, Any]) -> None:
    make_envelope()
    [dossier] = make_scored()
    item = put_on_agenda(make_proposed(dossier))
    with pytest.raises(IntegrityError), transaction.atomic():
        Item.objects.filter(pk=item.pk).update(**changes)
