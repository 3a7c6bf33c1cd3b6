"""A gesture's page is its scheme's own, whatever another scheme calls its transitions."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories.accounts import make_user_with, sign_in
from tests.factories.queue import make_row
from tests.factories.waves import make_application

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["propose", "propose_refusal"])
def test_a_gesture_of_one_scheme_does_not_exist_on_the_dossier_of_another(client: Client, name: str) -> None:
    sign_in(client, make_user_with("agent", ""))
    ours, theirs = make_application(state="review"), make_row(state="review")
    assert client.get(reverse(f"booster_ia:{name}", args=[ours.key])).status_code == 200
    assert client.get(reverse(f"booster_ia:{name}", args=[theirs.key])).status_code == 404
    assert client.get(reverse(f"diagnostic:{name}", args=[ours.key])).status_code == 404
