"""Two answers at the same instant, with real threads: one stands, the other is refused, nothing is written twice."""

import pytest

from booster_ia.partners import Partner
from booster_ia.services import partners
from normandata.procedure.errors import NotNow
from normandata.procedure.models import Event
from tests.factories.waves import make_partner
from tests.threads import together

ROUNDS = 5
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))


def test_a_confirmation_and_a_refusal_at_once_are_one_answer() -> None:
    for _ in range(ROUNDS):
        pk = make_partner().pk

        def confirm(name: str, pk: int = pk) -> None:
            partners.confirm(Partner.objects.select_related("dossier__organisation").get(pk=pk), by_name=name)

        def decline(pk: int = pk) -> None:
            found = Partner.objects.select_related("dossier__organisation").get(pk=pk)
            partners.decline(found, by_name="Alix", reason="Non")

        results = together(lambda: confirm("Camille"), lambda: confirm("Dominique"), decline)
        partner = Partner.objects.get(pk=pk)
        assert [type(one) for one in results if one is not None] == [NotNow, NotNow]
        answers = Event.objects.filter(thing_kind="booster_ia.partner", thing_key=str(pk))
        assert [one.target for one in answers] == [partner.state]
        assert Event.objects.about(partner.dossier).named("partner_confirmed", "partner_declined").count() == 1
