"""The gestures on a report: who may, when, once; conflicts between two tabs; what a redaction keeps."""

from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from diagnostic import permissions
from diagnostic.market import Market
from diagnostic.orders import Order
from diagnostic.permissions import Purpose
from diagnostic.reports import PARTS, Opening, Report, ReportFile
from diagnostic.services import orders, reports
from diagnostic.services.reports import Conflict
from normandata.accounts.models import Role, User
from normandata.documents.checks.refusal import Refused
from normandata.documents.models import Document, Upload
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotDone, NotNow, Unmet
from tests.diagnostic import writings
from tests.factories.accounts import UserFactory, make_agent, make_user_with
from tests.factories.diagnostic import (
    fresh,
    make_accepted,
    make_company,
    make_delivered,
    make_market,
    make_provider,
    make_started,
    write_report,
)
from tests.factories.documents import UploadFactory
from tests.factories.organisations import MembershipFactory
from tests.threads import together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))


@pytest.fixture
def market() -> Market:
    return make_market()


@pytest.fixture
def order(market: Market) -> Order:
    return make_started(market)


@pytest.fixture
def provider(order: Order) -> User:
    return make_provider(order.company)


# ------------------------------------------------------------------------------------------------------------- writing
def test_a_part_grows_by_versions_and_never_overwrites_in_silence(order: Order, provider: User) -> None:
    assert reports.save_part(order, "ia", "Un.", version=0, by=provider).version == 1
    assert reports.save_part(order, "ia", "Un.", version=0, by=provider).version == 1
    assert reports.save_part(order, "ia", "Deux.", version=1, by=provider).version == 2
    with pytest.raises(Conflict) as conflict:
        reports.save_part(order, "ia", "Autre.", version=1, by=provider)
    assert (conflict.value.kept.text, conflict.value.kept.version) == ("Deux.", 2)
    with pytest.raises(KeyError):
        reports.save_part(order, "autre", "x", version=0, by=provider)
    with pytest.raises(NotDone, match="la limite est de 40"):
        reports.save_part(order, "ia", "x" * 40_001, version=2, by=provider)


@pytest.mark.parametrize("who", ["agent", "stranger", "other company", "member"])
def test_nobody_but_the_company_writes(order: Order, provider: User, who: str) -> None:
    people: dict[str, Any] = {
        "agent": make_agent,
        "stranger": UserFactory,
        "other company": lambda: make_provider(make_company()),
        "member": lambda: MembershipFactory(organisation=order.dossier.organisation).user,
    }
    by = people[who]()
    file = writings.join_picture(order, provider)
    for gesture in (
        lambda: reports.save_part(order, "ia", "x", version=0, by=by),
        lambda: reports.tick_compliance(order, True, by=by),
        lambda: reports.join(order, UploadFactory(), by=by),
        lambda: reports.describe(file, caption="x", part="", is_confidential=False, by=by),
        lambda: reports.take_away(file, by=by),
        lambda: reports.submit(order.dossier, by=by),
    ):
        with pytest.raises(NotAllowed):
            gesture()
    file.refresh_from_db()
    assert (Report.objects.get(order=order).parts.count(), file.caption) == (0, "Pannes par four")


def test_a_cancelled_order_is_written_no_more(order: Order, provider: User) -> None:
    orders.cancel(order.dossier, reason="La structure a renoncé.", by=make_agent())
    with pytest.raises(NotNow):
        reports.save_part(order, "ia", "x", version=0, by=provider)


def test_a_file_beyond_the_number_is_refused_under_the_lock(order: Order, provider: User) -> None:
    for rank in range(20):
        reports.join(order, UploadFactory(name=f"{rank}.pdf"), by=provider)
    with pytest.raises(Refused, match="dépasse le nombre de fichiers acceptés, 20 au plus"):
        reports.join(order, UploadFactory(), by=provider)
    assert ReportFile.objects.count() == 20


def test_a_file_that_a_version_names_stays_stored(order: Order, provider: User) -> None:
    write_report(order, by=provider)
    named = writings.join_picture(order, provider)
    reports.submit(order.dossier, by=provider)
    reports.ask_changes(order.dossier, reason="Une figure de trop.", by=make_agent())
    loose = writings.join_picture(order, provider, name="autre.png")
    for file in (named, loose):
        reports.take_away(file, by=provider)
    named.refresh_from_db()
    assert named.removed_at is not None
    assert list(Upload.objects.values_list("name", flat=True)) == ["pannes.png"]
    reports.submit(order.dossier, by=provider)
    version = reports.latest(order)
    assert version is not None
    assert (version.number, version.files) == (2, [])


def test_a_file_is_placed_in_a_part_that_exists(order: Order, provider: User) -> None:
    file = writings.join_picture(order, provider)
    with pytest.raises(KeyError):
        reports.describe(file, caption="", part="autre", is_confidential=False, by=provider)
    reports.describe(file, caption="  Une légende ", part="", is_confidential=True, by=provider)
    file.refresh_from_db()
    assert (file.caption, file.part, file.is_confidential) == ("Une légende", "", True)


def test_all_that_is_wanting_is_told_at_once(order: Order, provider: User) -> None:
    reports.save_part(order, "ia", "Un [[secret", version=0, by=provider)
    with pytest.raises(Unmet) as refusal:
        reports.submit(order.dossier, by=provider)
    said = [sentence.replace("\u00a0", " ") for sentence in refusal.value.messages]
    assert said == [
        *(f"La partie « {title} » est vide." for slug, title in PARTS.items() if slug != "ia"),
        f"Dans la partie « {PARTS['ia']} », un passage confidentiel ouvert par [[ n’est pas fermé par ]].",
        "Cochez que le rapport ne contient aucune donnée gérée par la structure (annexe 3).",
        "Notez au moins une demi-journée d’intervention.",
    ]


# ----------------------------------------------------------------------------------------------------- who may open it
def test_what_each_may_open_a_report_for(market: Market) -> None:
    order = make_accepted(market)
    member = MembershipFactory(organisation=order.dossier.organisation).user
    asking = MembershipFactory(organisation=order.dossier.organisation, requested=True).user
    agent, company = make_agent(), make_provider(order.company)
    region = (Purpose.SERVICE, Purpose.FEEDBACK)
    assert [permissions.purposes(who, order) for who in (company, agent, member, asking)] == [
        (Purpose.AUTHOR,),
        region,
        (),
        (),
    ]
    reports.deliver(order.dossier, presented_on=timezone.localdate(), by=company)
    order = fresh(order)
    assert permissions.purposes(member, order) == (Purpose.OWNER,)
    for other in (asking, UserFactory(), make_agent("booster_ia"), make_user_with(Role.ADMINISTRATOR)):
        assert permissions.purposes(other, order) == ()
    User.objects.filter(pk=member.pk).update(is_active=False)
    assert permissions.purposes(User.objects.get(pk=member.pk), order) == ()


def test_an_opening_is_written_for_what_one_may(market: Market) -> None:
    order = make_delivered(market)
    version = reports.latest(order)
    assert version is not None
    for purpose in (Purpose.OWNER, Purpose.AUTHOR):
        with pytest.raises(NotAllowed):
            reports.open_report(version, purpose=purpose, by=make_agent())
    assert Opening.objects.count() == 0
    reports.open_report(version, purpose=Purpose.SERVICE, by=make_agent())
    assert [str(one.purpose) for one in Opening.objects.of(order)] == ["service"]


# ----------------------------------------------------------------------------------------------------------- redaction
def test_a_redaction_is_made_once_for_the_structure_or_an_agent(market: Market) -> None:
    order = make_delivered(market)
    member = MembershipFactory(organisation=order.dossier.organisation).user
    for other in (make_provider(order.company), UserFactory(), make_agent("booster_ia")):
        with pytest.raises(NotAllowed):
            reports.redact(order, by=other)
    first = reports.redact(order, by=member)
    assert reports.redact(order, by=make_agent()) == first
    version = reports.latest(order)
    assert version is not None
    assert (version.redacted, version.redacted_by) == (first, member)
    assert Document.objects.filter(kind="diagnostic.report").count() == 2


def test_a_report_not_accepted_is_not_redacted(order: Order, provider: User) -> None:
    write_report(order, by=provider)
    reports.submit(order.dossier, by=provider)
    with pytest.raises(NotNow, match="pas encore accepté"):
        reports.redact(order, by=make_agent())


@pytest.mark.django_db(transaction=True)
def test_two_who_ask_at_once_have_one_redaction(market: Market) -> None:
    order = make_delivered(market)
    gestures = [partial(reports.redact, fresh(order), by=make_agent()) for _ in range(4)]
    made = together(*gestures)
    assert len(set(made)) == 1, made
    assert Document.objects.filter(kind="diagnostic.report").count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_tabs_that_save_at_once_never_overwrite_in_silence(market: Market) -> None:
    order = make_started(market)
    by = make_provider(order.company)
    typed = [f"Texte {number}." for number in range(4)]
    saved = together(*(partial(reports.save_part, fresh(order), "ia", one, version=0, by=by) for one in typed))
    assert sum(isinstance(one, Conflict) for one in saved) == 3, saved
    kept = Report.objects.get(order=order).parts.get(slug="ia")
    assert [one.text for one in saved if not isinstance(one, Conflict)] == [kept.text]
    assert kept.version == 1


def test_the_agents_may_read_what_was_sent_before_they_answer(order: Order, provider: User) -> None:
    write_report(order, by=provider)
    reports.submit(order.dossier, by=provider)
    version = reports.latest(order)
    assert version is not None
    reports.open_report(version, purpose=Purpose.SERVICE, by=make_agent())
    procedure.fire(order.dossier, "accept_report", by=make_agent())
    assert Opening.objects.count() == 1
