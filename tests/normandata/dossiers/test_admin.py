"""Who signs the letters is set in the administration, and never deleted."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from normandata.accounts.models import Role
from normandata.dossiers.letters import Signatory
from tests.factories.accounts import make_agent, make_user_with, sign_in

pytestmark = pytest.mark.django_db
WHO = {"name": "Alix Exemple", "quality": "La directrice", "delegation": "", "scheme": "", "until": ""}


def test_an_administrator_designates_who_signs_and_ends_it(client: Client) -> None:
    sign_in(client, make_user_with(Role.ADMINISTRATOR))
    added = client.post(reverse("admin:dossiers_signatory_add"), WHO | {"since": "2026-01-01"})
    assert added.status_code == 302
    signatory = Signatory.objects.get()
    assert (signatory.name, signatory.scheme, signatory.since) == ("Alix Exemple", "", date(2026, 1, 1))
    address = reverse("admin:dossiers_signatory_change", args=[signatory.pk])
    wrong = client.post(address, WHO | {"since": "2026-01-01", "until": "2025-12-31"})
    assert "La délégation finit après avoir commencé." in wrong.content.decode()
    assert client.post(address, WHO | {"since": "2026-01-01", "until": "2026-12-31"}).status_code == 302
    assert list(Signatory.objects.on("diagnostic", date(2027, 1, 1))) == []
    assert client.post(reverse("admin:dossiers_signatory_delete", args=[signatory.pk])).status_code in (403, 404)


def test_an_agent_designates_nobody(client: Client) -> None:
    sign_in(client, make_agent())
    assert client.get(reverse("admin:dossiers_signatory_add")).status_code == 404
