"""The page of a whole organisation: one route, which the dossiers' pages link to."""

import pytest
from django.test import Client
from django.urls import reverse

from normandata.dossiers import whole_organisation
from tests.factories.accounts import make_agent, sign_in
from tests.factories.dossiers import make_dossier


def test_one_route_is_said() -> None:
    whole_organisation.register("portal:organisation")
    with pytest.raises(ValueError, match="have a page already"):
        whole_organisation.register("portal:home")
    assert whole_organisation.address("999000011") == "/instruction/structures/999000011/"


def test_without_a_page_there_is_no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whole_organisation, "_routes", [])
    assert whole_organisation.address("999000011") == ""


@pytest.mark.django_db
def test_every_page_of_a_dossier_leads_to_its_organisation(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    dossier = make_dossier()
    sign_in(client, make_agent())
    link = f'<a href="{whole_organisation.address(dossier.organisation.siren)}">Tous dispositifs'
    for name in ("examine", "exchanges", "organisation", "letters", "journal"):
        assert client.get(reverse(f"dossiers:{name}", args=[dossier.key])).content.decode().count(link) == 1
    monkeypatch.setattr(whole_organisation, "_routes", [])
    assert "Tous dispositifs" not in client.get(reverse("dossiers:examine", args=[dossier.key])).content.decode()
