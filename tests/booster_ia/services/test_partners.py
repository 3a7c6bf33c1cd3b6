"""Partners: declared with the deposit, invited by a signed link, confirmed or declined, reminded, sent again."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.core import signing
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from booster_ia.partners import Partner
from booster_ia.services import partners
from booster_ia.services.partners import Declared, Expired
from normandata.dossiers.models import Dossier, ThreadMessage
from normandata.notifications.models import Mail
from normandata.outbox.models import Message
from normandata.procedure.errors import NotAllowed, NotDone, NotNow, ReasonMissing
from normandata.procedure.models import Event
from tests.factories.accounts import UserFactory, make_agent
from tests.factories.organisations import siret
from tests.factories.waves import TITLE, make_application, make_partner

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 9, 21, 10, tzinfo=UTC)
ONE = Declared(siret(8101), "Bocage Data d’essai", "bocage@exemple.invalid", "Camille Exemple", "50")
TWO = Declared(siret(8102), "Port d’essai", "port@exemple.invalid", "Alix Exemple", "76")


@pytest.fixture(autouse=True)
def september(monkeypatch: pytest.MonkeyPatch) -> Iterator[time_machine.Traveller]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def declare(dossier: Dossier, *declared: Declared) -> None:
    partners.declare(dossier, declared, by=dossier.created_by)
    partners.send_invitations(dossier.pk)


def states(dossier: Dossier) -> dict[str, str]:
    return dict(Partner.objects.filter(dossier=dossier).values_list("email", "state"))


def secret_mails() -> list[dict[str, Any]]:
    return [one.payload for one in Message.objects.filter(handler="outbox.secret_mail").order_by("created_at", "pk")]


def links(address: str) -> list[tuple[uuid.UUID, str]]:
    """Return key and token of each link sent to an address."""
    found = []
    for payload in secret_mails():
        if payload["to"] == address:
            line = next(line for line in payload["text"].splitlines() if "/partenariat/" in line)
            _, _, rest = line.partition("/partenariat/")
            key, token = rest.strip("/").split("/")
            found.append((uuid.UUID(key), token))
    return found


# ----------------------------------------------------------------------------------------------------------- declare
def test_each_new_partner_gets_a_link_and_what_it_confirms() -> None:
    dossier = make_application()
    declare(dossier, ONE, TWO)
    assert states(dossier) == {ONE.email: "invited", TWO.email: "invited"}
    mails = {mail["to"]: mail for mail in secret_mails()}
    assert set(mails) == {ONE.email, TWO.email}
    assert TITLE in mails[ONE.email]["text"]
    assert dossier.organisation.label in mails[ONE.email]["subject"]
    assert Partner.objects.get(email=ONE.email).siren == ONE.siret[:9]
    assert Partner.objects.get(email=ONE.email).department == "50"


def test_two_partners_cost_the_deposit_few_queries() -> None:
    dossier = make_application()
    with CaptureQueriesContext(connection) as spent:
        partners.declare(dossier, [ONE, TWO], by=dossier.created_by)
    assert len([one for one in spent.captured_queries if "SAVEPOINT" not in one["sql"]]) <= 5


def test_the_same_deposit_again_mails_nobody_again() -> None:
    dossier = make_application()
    declare(dossier, ONE)
    partner = Partner.objects.get()
    partners.confirm(partner, by_name="Camille Exemple, gérante")
    declare(dossier, ONE, TWO)
    assert states(dossier) == {ONE.email: "confirmed", TWO.email: "invited"}
    assert sorted(mail["to"] for mail in secret_mails()) == [ONE.email, TWO.email]


def test_a_partner_left_out_is_withdrawn_and_comes_back_with_a_new_round() -> None:
    dossier = make_application()
    declare(dossier, ONE, TWO)
    old = links(ONE.email)[0]
    declare(dossier, TWO)
    assert states(dossier) == {ONE.email: "withdrawn", TWO.email: "invited"}
    assert [one.email for one in partners.partners_of(dossier)] == [TWO.email]
    declare(dossier, ONE, TWO)
    assert states(dossier) == {ONE.email: "invited", TWO.email: "invited"}
    assert len(links(ONE.email)) == 2
    with pytest.raises(Expired):
        partners.opened(*old)


def test_another_address_gets_its_own_link_and_kills_the_first() -> None:
    dossier = make_application()
    declare(dossier, ONE)
    first = links(ONE.email)[0]
    declare(dossier, Declared(ONE.siret, ONE.name, "autre@exemple.invalid", "Camille Exemple"))
    partner = Partner.objects.get()
    assert (partner.email, partner.department) == ("autre@exemple.invalid", "50")
    assert partners.opened(*links("autre@exemple.invalid")[0]) == partner
    with pytest.raises(Expired):
        partners.opened(*first)


def test_one_who_declined_stays_so_until_another_address_is_given() -> None:
    dossier = make_application()
    declare(dossier, ONE)
    partners.decline(Partner.objects.get(), by_name="Camille Exemple", reason="Pas cette année.")
    declare(dossier, ONE)
    assert states(dossier) == {ONE.email: "declined"}
    declare(dossier, Declared(ONE.siret, ONE.name, "autre@exemple.invalid"))
    found = Partner.objects.get()
    assert (found.state, found.reason, found.by_name) == ("invited", "", "")


def test_a_partner_named_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        declare(make_application(), ONE, ONE)


# -------------------------------------------------------------------------------------------------------------- link
def test_a_link_opens_its_partner_for_thirty_days_and_no_other_dossier(september: time_machine.Traveller) -> None:
    dossier, other = make_application(), make_application()
    declare(dossier, ONE)
    key, token = links(ONE.email)[0]
    assert partners.opened(key, token) == Partner.objects.get()
    for wrong in ((other.key, token), (key, token[:-1] + ("A" if token[-1] != "A" else "B")), (key, "x"), (key, "")):
        with pytest.raises(LookupError):
            partners.opened(*wrong)
    september.move_to(NOW + timedelta(days=30) - timedelta(seconds=1))
    assert partners.opened(key, token) == Partner.objects.get()
    september.move_to(NOW + timedelta(days=30, seconds=1))
    with pytest.raises(Expired):
        partners.opened(key, token)


def test_a_signature_made_for_something_else_opens_nothing() -> None:
    partner = make_partner()
    token = signing.dumps([partner.pk, partner.round], salt="autre.chose")
    with pytest.raises(LookupError):
        partners.opened(partner.dossier.key, token)


# ----------------------------------------------------------------------------------------------------------- answers
def test_a_confirmation_is_signed_dated_journalled_and_told() -> None:
    partner = make_partner()
    partners.confirm(partner, by_name="Camille Exemple, gérante")
    found = Partner.objects.get()
    assert (found.state, found.confirmed_at, found.by_name) == ("confirmed", NOW, "Camille Exemple, gérante")
    event = Event.objects.about(partner.dossier).get(name="partner_confirmed")
    assert (event.by, event.reason) == (None, f"{partner.name}, par Camille Exemple, gérante")
    assert Mail.objects.get().address == partner.dossier.created_by.email
    assert ThreadMessage.objects.get().side == "portal"


def test_declining_needs_a_reason_and_tells_both_sides() -> None:
    partner = make_partner()
    agent = make_agent("booster_ia")
    Dossier.objects.filter(pk=partner.dossier.pk).update(owner=agent)
    partner = Partner.objects.get()
    with pytest.raises(ReasonMissing):
        partners.decline(partner, by_name="Camille Exemple", reason=" ")
    partners.decline(partner, by_name="Camille Exemple", reason="Pas cette année.")
    found = Partner.objects.get()
    assert (found.state, found.reason, found.confirmed_at) == ("declined", "Pas cette année.", None)
    assert sorted(Mail.objects.values_list("kind", "address")) == sorted(
        [
            ("booster_ia.partner_declined", partner.dossier.created_by.email),
            ("booster_ia.partner_declined_to_agent", agent.email),
        ]
    )


def test_an_answer_is_given_once_and_in_a_name() -> None:
    partner = make_partner()
    with pytest.raises(NotDone):
        partners.confirm(partner, by_name="  ")
    partners.confirm(partner, by_name="Camille Exemple")
    for again in (
        lambda: partners.confirm(Partner.objects.get(), by_name="Autre"),
        lambda: partners.decline(Partner.objects.get(), by_name="Autre", reason="Non"),
    ):
        with pytest.raises(NotNow):
            again()
    assert Partner.objects.get().by_name == "Camille Exemple"


@pytest.mark.parametrize("state", ["withdrawn", "refused", "closed"])
def test_nothing_is_confirmed_of_a_dossier_that_is_over(state: str) -> None:
    make_partner()
    Dossier.objects.update(state=state)
    with pytest.raises(NotNow):
        partners.confirm(Partner.objects.get(), by_name="Camille Exemple")
    assert Partner.objects.get().state == "invited"


def test_the_database_refuses_a_confirmation_without_a_name_and_a_foreign_siren() -> None:
    partner = make_partner()
    for values in ({"state": "confirmed"}, {"siren": "999999999"}, {"state": "declined"}, {"state": "autre"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Partner.objects.filter(pk=partner.pk).update(**values)


def test_the_proposal_waits_for_every_partner() -> None:
    dossier = make_application()
    firing: Any = SimpleNamespace(thing=dossier)
    assert partners.partners_confirmed(firing) == []
    one, two = make_partner(dossier, name="Bocage"), make_partner(dossier, name="Port")
    make_partner(dossier, state="withdrawn")
    assert partners.unconfirmed(dossier) == [one, two]
    assert partners.partners_confirmed(firing) == [
        "Bocage et Port n’ont pas confirmé leur participation\u00a0: le dossier ne peut pas encore être proposé."
    ]
    partners.confirm(one, by_name="Camille")
    partners.decline(two, by_name="Alix", reason="Non")
    assert partners.partners_confirmed(firing) == [
        "Port n’a pas confirmé sa participation\u00a0: le dossier ne peut pas encore être proposé."
    ]


# ------------------------------------------------------------------------------------------------------------ resend
def test_a_link_is_sent_again_three_times_an_hour_at_most(september: time_machine.Traveller) -> None:
    dossier = make_application()
    declare(dossier, ONE)
    partner = Partner.objects.get()
    for _ in range(2):
        partners.resend(partner, by=dossier.created_by)
    with pytest.raises(NotNow, match="trois courriels"):
        partners.resend(partner, by=dossier.created_by)
    assert len(links(ONE.email)) == 3
    assert Event.objects.about(dossier).named("partner_invited").count() == 2
    september.move_to(NOW + timedelta(hours=1, seconds=1))
    partners.resend(partner, by=make_agent("booster_ia"))
    assert len(links(ONE.email)) == 4
    assert partners.opened(*links(ONE.email)[0]) == partner


def test_only_the_organisation_and_its_agents_send_it_again() -> None:
    partner = make_partner()
    for other in (UserFactory(), make_agent("diagnostic")):
        with pytest.raises(NotAllowed):
            partners.resend(partner, by=other)


def test_one_who_declined_is_invited_again_and_one_who_confirmed_is_not() -> None:
    partner = make_partner()
    by = partner.dossier.created_by
    partners.decline(partner, by_name="Camille", reason="Non")
    with pytest.raises(NotNow):
        partners.resend(partner, by=None)
    partners.resend(partner, by=by)
    assert (Partner.objects.get().state, Partner.objects.get().round) == ("invited", 2)
    partners.confirm(Partner.objects.get(), by_name="Camille")
    with pytest.raises(NotNow):
        partners.resend(partner, by=by)


def test_an_address_that_is_full_waits_and_loses_nothing(september: time_machine.Traveller) -> None:
    for _ in range(4):
        declare(make_application(), ONE)
    assert len(links(ONE.email)) == 3
    waiting = Partner.objects.get(mailed_at=None)
    september.move_to(NOW + timedelta(hours=1, seconds=1))
    partners.send_invitations(waiting.dossier_id)
    assert (len(links(ONE.email)), Partner.objects.filter(mailed_at=None).count()) == (4, 0)
