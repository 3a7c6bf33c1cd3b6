"""Threads and mails in one list: in order, brought together when they tell the same, without what is blind."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from normandata.accounts.models import User
from normandata.dossiers.models import Dossier, Letter
from normandata.dossiers.services import thread
from normandata.notifications.models import Mail
from normandata.portal.organisation import exchanges, sheet
from normandata.portal.organisation.exchanges import Exchange
from normandata.portal.organisation.sheet import Held
from tests.factories.accounts import UserFactory, make_agent
from tests.factories.documents import UploadFactory
from tests.factories.dossiers import make_deposit
from tests.factories.experts import make_opinion
from tests.factories.organisations import MembershipFactory
from tests.world import written_to

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


@pytest.fixture
def agent() -> User:
    return make_agent(name="Sacha Petit")


@pytest.fixture
def dossier() -> Dossier:
    member = MembershipFactory(user__name="Camille Exemple", user__email="camille@exemple.invalid")
    return make_deposit(by=member.user, organisation=member.organisation, at=NOW).dossier


def held(user: User, dossier: Dossier) -> list[Held]:
    return sheet.held(sheet.dossiers_of(user, dossier.organisation.siren))


def read(user: User, dossier: Dossier, kind: str = "", number: str = "1") -> list[Exchange]:
    return exchanges.page(held(user, dossier), kind, number)[1]


def write(dossier: Dossier, text: str, minutes: int, by: User, **fields: object) -> None:
    with time_machine.travel(NOW + timedelta(minutes=minutes), tick=False):
        thread.write(dossier, text, by=by, **fields)  # type: ignore[arg-type]


def test_a_step_and_the_mails_that_told_it_are_one(agent: User, dossier: Dossier) -> None:
    (one,) = read(agent, dossier)
    assert (one.who, one.what, one.is_folded, one.addresses) == (
        "Le portail", "Étape", True, ["camille@exemple.invalid"],
    )  # fmt: skip
    assert one.subject == Mail.objects.get().subject
    assert one.text == Mail.objects.get().text
    assert one.mails_label == "Courriel à camille@exemple.invalid, 1\u00a0pas encore parti"
    assert one.url == reverse("dossiers:exchanges", args=[dossier.key])
    Mail.objects.update(sent_at=timezone.now())
    assert read(agent, dossier)[0].mails_label == "Courriel à camille@exemple.invalid"


def test_all_dossiers_are_one_list_the_newest_first(agent: User, dossier: Dossier) -> None:
    by = dossier.created_by
    other = make_deposit(by=by, organisation=dossier.organisation, at=NOW).dossier
    write(dossier, "Premier mot.", 1, by, uploads=[UploadFactory(uploaded_by=by), UploadFactory(uploaded_by=by)])
    write(other, "Entre nous.", 2, agent, is_internal=True)
    write(dossier, "Dernier mot.", 3, agent)
    shown = read(agent, dossier)
    assert [(one.dossier.number, one.who, one.text, one.is_internal, one.files) for one in shown if one.message][
        :3
    ] == [
        (dossier.number, "Sacha Petit, la Région", "Dernier mot.", False, 0),
        (other.number, "Sacha Petit, la Région", "Entre nous.", True, 0),
        (dossier.number, "Camille Exemple, la structure", "Premier mot.", False, 2),
    ]
    assert [one.at for one in shown] == sorted((one.at for one in shown), reverse=True)
    assert [one.mails_label.split(",")[0] for one in shown if one.text == "Dernier mot."] == [
        "Courriel à camille@exemple.invalid"
    ]
    assert {one.text for one in read(agent, dossier, "courriels")} == {""}
    assert {bool(one.message) for one in read(agent, dossier, "messages")} == {True}
    # A mail that tells a message of the page is beside it; the others stand alone when only mails are asked for.
    assert [one for one in shown if not one.message] == []
    mails = read(agent, dossier, "courriels")
    assert {one.url for one in mails} == {reverse("dossiers:deliveries", args=[one.key]) for one in (dossier, other)}


def test_mails_of_two_gestures_are_two(agent: User, dossier: Dossier) -> None:
    for minutes in (10, 20):
        values = {"kind": "diagnostic.order", "subject": "Bon de commande", "text": "x", "about_kind": exchanges.ABOUT}
        for address in ("a@exemple.invalid", "b@exemple.invalid", "c@exemple.invalid", "d@exemple.invalid"):
            at = NOW + timedelta(minutes=minutes)
            Mail.objects.create(**values, about_key=str(dossier.pk), address=address, created_at=at, sent_at=at)
    shown = [one for one in read(agent, dossier) if one.subject == "Bon de commande"]
    assert [len(one.addresses) for one in shown] == [4, 4]
    assert shown[0].mails_label.startswith("Courriels à ")
    assert shown[0].mails_label.endswith(" et 1\u00a0autre")


def test_mails_to_experts_and_about_what_is_not_read_are_left_out(agent: User, dossier: Dossier) -> None:
    opinion = make_opinion(dossier, agent=agent)
    elsewhere = make_deposit().dossier
    addresses = {address for one in read(agent, dossier, "courriels") for address in one.addresses}
    assert Mail.objects.filter(address=opinion.expert.email).exists()
    assert addresses == {"camille@exemple.invalid"}
    assert elsewhere.created_by.email not in addresses


def test_namesakes_of_one_instant_keep_the_order_they_were_written_in(agent: User, dossier: Dossier) -> None:
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        for number in range(25):
            thread.write(dossier, f"{number}", by=agent, is_internal=True)
    first, second = (read(agent, dossier, "messages", number) for number in ("1", "2"))
    assert [one.text for one in first + second][:25] == [str(number) for number in range(24, -1, -1)]


def test_a_long_message_is_cut_on_the_page_and_whole_in_the_file(agent: User, dossier: Dossier) -> None:
    write(dossier, "mot " * 300, 1, agent, is_internal=True)
    shown = read(agent, dossier)[0]
    assert (len(shown.excerpt), shown.excerpt[-5:]) == (600, " mot…")
    assert shown.text == ("mot " * 300).strip()


def test_the_file_reads_a_line_for_each_in_batches(agent: User, dossier: Dossier) -> None:
    write(dossier, "Un mot.", 1, agent)
    found = held(agent, dossier)
    whole = [(one.at, one.subject, one.text, one.addresses) for one in exchanges.every(found)]
    assert len(whole) == 4
    assert [(one.at, one.subject, one.text, one.addresses) for one in exchanges.every(found, 3)] == whole


def test_letters_say_when_they_were_read(agent: User, dossier: Dossier) -> None:
    keys = written_to(dossier)
    by = UserFactory(name="Camille Exemple")
    Letter.objects.filter(pk=keys["letter"]).update(read_at=NOW, read_by=by, posted_on=date(2026, 11, 20))
    listed = [(one.pk, one.title, one.read_at, one.reader, one.posted_on, one.is_internal) for one in
              exchanges.letters(held(agent, dossier))]  # fmt: skip
    assert listed == [
        (keys["internal_letter"], "Lettre", None, "", None, True),
        (keys["letter"], "Lettre", NOW, "Camille Exemple", date(2026, 11, 20), False),
    ]
