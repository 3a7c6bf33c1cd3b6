"""The register as agents keep it: what is due and when, what is typed wrong, the file, the same cost at 1 and 30."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.db.models import Model
from django.db.models.signals import post_init
from django.test import Client
from django.urls import reverse

from normandata.accounts.models import Role
from normandata.deminimis import granting
from normandata.deminimis.models import Aid, Registration
from tests.factories.accounts import make_agent, make_user_with, sign_in
from tests.factories.deminimis import make_declaration
from tests.factories.organisations import OrganisationFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media", "quiet")]
LIST, FILE = "/instruction/registre-de-minimis/", "/instruction/registre-de-minimis.csv"


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel("2026-11-23T09:00:00+01:00", tick=True):
        yield


def make_grants(count: int, on: date = date(2026, 11, 2)) -> list[Aid]:
    made = []
    for _ in range(count):
        organisation = OrganisationFactory()
        dossier = make_declaration(organisation).dossier
        key = f"essai:{dossier.pk}"
        made.append(
            granting.grant(
                organisation, on=on, amount=Decimal("1080.00"), about=dossier, key=key, by=None, dossier=dossier
            )
        )
    return made


def test_what_is_due_is_listed_with_its_countdown(client: Client) -> None:
    make_grants(1)
    sign_in(client, make_agent())
    page = client.get(LIST).content.decode().replace("\xa0", " ")
    # Twenty working days from 2 November 2026, the 11th being a holiday: 1 December; six are left on the 23rd.
    assert "1er décembre 2026" in page
    assert "6 jours ouvrables restent" in page


def test_a_late_one_says_how_late(client: Client) -> None:
    make_grants(1, on=date(2026, 10, 5))
    sign_in(client, make_agent())
    assert "jours ouvrables de retard" in client.get(LIST).content.decode()


def test_what_was_entered_leaves_the_list_and_keeps_its_day(client: Client) -> None:
    one, two = make_grants(2)
    agent = make_agent()
    sign_in(client, agent)
    answer = client.post(LIST, {"aids": [one.pk], "on": "20/11/2026"})
    assert (answer.status_code, answer.headers["Location"]) == (302, LIST)
    assert list(Registration.objects.values_list("aid", "on", "by")) == [(one.pk, date(2026, 11, 20), agent.pk)]
    assert [row.aid for row in client.get(LIST).context["rows"]] == [two]
    assert [row.is_entered for row in client.get(f"{LIST}?tout=1").context["rows"]] == [True, False]


@pytest.mark.parametrize(
    ("ticked", "on", "said"),
    [
        (False, "20/11/2026", "Cochez au moins une aide."),
        (True, "", "Indiquez une date."),
        (True, "24/11/2026", "La date de déclaration est à venir."),
        (True, "01/11/2026", "La date de déclaration précède l’octroi."),
        (True, "hier", "Écrivez le jour"),
    ],
)
def test_what_is_typed_wrong_is_said_and_kept(client: Client, ticked: bool, on: str, said: str) -> None:
    [aid] = make_grants(1)
    sign_in(client, make_agent())
    answer = client.post(LIST, {"aids": [aid.pk] if ticked else [], "on": on})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert said in page
    assert f'value="{on}"' in page
    assert answer.context["rows"][0].is_ticked is ticked
    assert not Registration.objects.exists()


def test_the_file_has_a_line_a_grant(client: Client) -> None:
    make_grants(2)
    sign_in(client, make_agent())
    answer = client.get(FILE)
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()  # type: ignore[attr-defined]
    assert len(lines) == 3
    assert [line.split(";")[-1] for line in lines[1:]] == ["à déclarer"] * 2


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.PAYMENTS_OFFICER, Role.EXPERT])
def test_for_whoever_instructs_nothing_it_does_not_exist(client: Client, role: Role) -> None:
    sign_in(client, make_user_with(role))
    assert [client.get(address).status_code for address in (LIST, FILE)] == [404, 404]


def test_thirty_cost_what_one_costs(client: Client, django_assert_num_queries) -> None:
    sign_in(client, make_agent())
    assert reverse("deminimis:register") == LIST
    costs = []
    for count in (1, 29):
        make_grants(count)
        client.get(LIST)
        made: list[type[Model]] = []

        def note(sender: type[Model], **kwargs: object) -> None:
            made.append(sender)  # noqa: B023 - read before the next turn

        post_init.connect(note)
        try:
            with django_assert_num_queries(5):
                client.get(LIST)
        finally:
            post_init.disconnect(note)
        costs.append(len(made))
    # A row is an aid with its member and its organisation: three objects each.
    assert costs[1] - costs[0] == 3 * 29
