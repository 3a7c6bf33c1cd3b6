"""« Renvoyer », from the space of the organisation and from the agents' page."""

import pytest
from django.test import Client
from django.urls import reverse

from normandata.outbox.models import Message
from tests.factories.accounts import UserFactory, make_agent, sign_in
from tests.factories.waves import make_application, make_partner

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))


def sent() -> int:
    return Message.objects.filter(handler="outbox.secret_mail").count()


def test_the_organisation_sends_it_again_three_times_an_hour(client: Client) -> None:
    partner = make_partner()
    sign_in(client, partner.dossier.created_by)
    address = reverse("booster_ia:partner_resend", args=[partner.dossier.key, partner.pk])
    back = reverse("dossiers:dossier", args=[partner.dossier.key]) + "#partenaires"
    answers = [client.post(address) for _ in range(4)]
    assert [one.headers["Location"] for one in answers[:3]] == [back] * 3
    assert sent() == 3
    assert client.get(address).status_code == 405


def test_the_agent_sends_it_again(client: Client) -> None:
    partner = make_partner()
    sign_in(client, make_agent("booster_ia"))
    address = reverse("booster_ia:desk_partner_resend", args=[partner.dossier.key, partner.pk])
    response = client.post(address)
    back = reverse("dossiers:examine", args=[partner.dossier.key]) + "#partenaires"
    assert (response.headers["Location"], sent()) == (back, 1)


@pytest.mark.parametrize("name", ["partner_resend", "desk_partner_resend"])
def test_nobody_else_and_no_partner_of_another_dossier(client: Client, name: str) -> None:
    partner, other = make_partner(), make_application()
    address = reverse(f"booster_ia:{name}", args=[partner.dossier.key, partner.pk])
    for stranger in (UserFactory(), make_agent("diagnostic"), other.created_by):
        sign_in(client, stranger)
        assert client.post(address).status_code == 404
    sign_in(client, partner.dossier.created_by if name == "partner_resend" else make_agent("booster_ia"))
    assert client.post(reverse(f"booster_ia:{name}", args=[other.key, partner.pk])).status_code == 404
    assert sent() == 0
