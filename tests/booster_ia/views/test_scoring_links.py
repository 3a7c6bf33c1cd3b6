"""How one comes to the scoring: from the wave and from the dossier, for those who have a page there and nobody else."""

import pytest
from django.test import Client
from django.urls import reverse

from booster_ia.services import scoring as services
from normandata.accounts.models import User
from tests.factories.accounts import sign_in
from tests.factories.booster_scoring import make_full_dossier, make_lead, make_scorer, open_wave
from tests.factories.waves import make_wave

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))


def shown(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def test_the_wave_leads_to_its_scoring_whoever_has_a_page_there(client: Client) -> None:
    wave, lead, seated, other = make_wave(), make_lead(), make_scorer(), make_scorer()
    dossier = make_full_dossier(wave)
    page, link = reverse("booster_ia:wave", args=[wave.pk]), reverse("booster_ia:scoring", args=[wave.pk])

    def has_link(user: User) -> bool:
        sign_in(client, user)
        found = link in shown(client, page)
        assert (client.get(link).status_code == 200) is found
        return found

    assert [has_link(user) for user in (lead, seated, other)] == [True, True, True]
    panel = open_wave([seated], [dossier], lead=lead)
    assert [has_link(user) for user in (lead, seated, other)] == [True, True, False]
    services.change_people(panel, [other], by=lead, reason="Remplacement")
    assert [has_link(user) for user in (lead, seated, other)] == [True, False, True]


def test_a_dossier_leads_to_one_s_own_sheet_while_it_is_under_review(client: Client) -> None:
    wave, seated, other, lead = make_wave(), make_scorer(), make_scorer(), make_lead()
    dossier = make_full_dossier(wave)
    panel = open_wave([seated], [dossier], lead=lead)
    page, link = reverse("dossiers:examine", args=[dossier.key]), reverse("booster_ia:sheet", args=[dossier.key])
    sign_in(client, other)
    assert link not in shown(client, page)
    sign_in(client, seated)
    assert link in shown(client, page)
    assert client.get(link).status_code == 200
    late = make_full_dossier(wave)
    page_late, link_late = (reverse(name, args=[late.key]) for name in ("dossiers:examine", "booster_ia:sheet"))
    assert link_late not in shown(client, page_late), "in the wave, and not yet before its panel"
    assert client.get(link_late).status_code == 404
    services.refresh(panel, by=lead)
    assert link_late in shown(client, page_late)
    assert client.get(link_late).status_code == 200
    type(dossier).objects.filter(pk=dossier.pk).update(state="closed")
    assert link not in shown(client, page)
