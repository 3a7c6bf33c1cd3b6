"""The desk: who is given a dossier, who takes it over, how a finding is read, who is away."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
import time_machine

from normandata.accounts.models import Role, RoleAssignment
from normandata.dossiers.models import Absence, Dossier, Reading
from normandata.dossiers.services import desk
from normandata.notifications.models import Mail
from normandata.procedure.errors import NotAllowed, NotDone, NotNow, ReasonMissing
from normandata.procedure.models import Event
from normandata.regulation.findings import Outcome
from tests.factories.accounts import make_agent, make_user_with
from tests.factories.dossiers import FIRM, make_deposit, make_dossier, make_draft

pytestmark = pytest.mark.django_db
TRADE = {**FIRM, "situation": {"creation": "12/05/2009", "activite": "trade"}}
RULE = "diagnostic.activity"


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    with time_machine.travel(datetime(2026, 10, 2, 10, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def dossier() -> Dossier:
    return make_dossier(answers=TRADE)


# --------------------------------------------------------------------------------------------------------------- owner
def test_a_dossier_is_given_and_its_new_owner_told(dossier: Dossier) -> None:
    by, owner = make_agent(name="Sacha"), make_agent(name="Alix")
    desk.assign(dossier, owner, by=by, reason="Charge")
    event = Event.objects.get(name="assign")
    assert (event.data, event.reason) == ({"before": "", "owner": "Alix", "backup": ""}, "Charge")
    assert [mail.address for mail in Mail.objects.filter(kind="dossiers.assigned")] == [owner.email]
    desk.assign(dossier, owner, by=by)
    desk.assign(dossier, by, by=by)
    desk.assign(dossier, None, by=by)
    assert Mail.objects.filter(kind="dossiers.assigned").count() == 1
    assert Dossier.objects.get().owner is None


@pytest.mark.parametrize("who", ["applicant", "auditor", "other scheme", "withdrawn role"])
def test_only_agents_of_the_scheme_give_or_are_given(dossier: Dossier, who: str) -> None:
    agent = make_agent()
    person = {
        "applicant": lambda: dossier.created_by,
        "auditor": lambda: make_user_with(Role.AUDITOR),
        "other scheme": lambda: make_agent("booster_ia"),
        "withdrawn role": lambda: make_agent(),
    }[who]()
    if who == "withdrawn role":
        RoleAssignment.objects.filter(user=person).update(ended_at=datetime(2026, 10, 1, tzinfo=UTC))
    with pytest.raises(NotAllowed):
        desk.assign(dossier, agent, by=person)
    for given in ({"owner": person}, {"owner": agent, "backup": person}):
        with pytest.raises(NotDone, match="n’instruit pas ce dispositif"):
            desk.assign(dossier, given["owner"], by=agent, backup=given.get("backup"))
    assert person not in desk.colleagues("diagnostic")
    assert agent in desk.colleagues("diagnostic")


@pytest.mark.parametrize("state", ["refused", "closed", "withdrawn", "lapsed"])
def test_a_closed_dossier_is_given_to_nobody(dossier: Dossier, state: str) -> None:
    agent = make_agent()
    Dossier.objects.update(state=state)
    for gesture in (lambda: desk.assign(dossier, agent, by=agent), lambda: desk.take_over(dossier, by=agent)):
        with pytest.raises(NotNow, match="il ne se confie plus"):
            gesture()
    assert (Dossier.objects.get().owner, Event.objects.named("assign").count()) == (None, 0)


def test_nobody_stands_in_for_oneself(dossier: Dossier) -> None:
    agent = make_agent()
    with pytest.raises(NotDone, match="une autre personne"):
        desk.assign(dossier, agent, by=agent, backup=agent)


def test_a_dossier_taken_over_keeps_the_colleague_as_back_up(dossier: Dossier) -> None:
    owner, me = make_agent(), make_agent()
    desk.assign(dossier, owner, by=owner)
    desk.take_over(dossier, by=me)
    assert (dossier.owner, dossier.backup) == (me, owner)
    desk.take_over(dossier, by=me)  # again changes nothing
    assert (dossier.owner, dossier.backup) == (me, owner)


def test_the_back_up_takes_over_and_the_owner_stands_in(dossier: Dossier) -> None:
    owner, me = make_agent(), make_agent()
    desk.assign(dossier, owner, by=owner, backup=me)
    desk.take_over(dossier, by=me)
    assert (dossier.owner, dossier.backup) == (me, owner)


def test_a_colleague_who_left_the_scheme_does_not_hold_the_dossier_back(dossier: Dossier) -> None:
    owner, me = make_agent(), make_agent()
    desk.assign(dossier, owner, by=owner)
    RoleAssignment.objects.filter(user=owner).update(ended_at=datetime(2026, 10, 1, tzinfo=UTC))
    desk.take_over(dossier, by=me)
    assert (dossier.owner, dossier.backup) == (me, None)


def test_a_stranger_takes_nothing_over(dossier: Dossier) -> None:
    for person in (dossier.created_by, make_user_with(Role.AUDITOR), make_agent("booster_ia")):
        with pytest.raises(NotAllowed):
            desk.take_over(dossier, by=person)


# ------------------------------------------------------------------------------------------------------------ readings
def test_a_reading_has_an_author_a_reason_and_a_place_in_the_journal(dossier: Dossier) -> None:
    agent = make_agent()
    verdict = dossier.verdict
    reading = desk.read_finding(dossier, RULE, Outcome.MET, reason=" Usinage ", by=agent)
    assert (reading.reason, reading.version, desk.readings(dossier)) == ("Usinage", 1, {RULE: reading})
    event = Event.objects.get(name="read_finding")
    assert (event.by, event.reason) == (agent, "Usinage")
    assert event.data == {"rule": RULE, "label": "Activité", "outcome": "met"}
    last = desk.read_finding(dossier, RULE, Outcome.UNMET, reason="Négoce", by=agent)
    assert desk.readings(dossier) == {RULE: last}
    assert Reading.objects.count() == 2
    assert Dossier.objects.get().verdict == verdict


@pytest.mark.parametrize(
    ("rule", "outcome", "reason", "error"),
    [
        (RULE, Outcome.MET, "  ", ReasonMissing),
        (RULE, Outcome.TO_REVIEW, "Je ne sais pas", NotDone),
        ("diagnostic.fte", Outcome.UNMET, "Non", NotNow),
        ("diagnostic.nothing", Outcome.MET, "Oui", NotNow),
    ],
)
def test_only_what_is_to_review_is_read_and_it_is_settled(
    dossier: Dossier, rule: str, outcome: Outcome, reason: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        desk.read_finding(dossier, rule, outcome, reason=reason, by=make_agent())
    assert Reading.objects.count() == 0


@pytest.mark.parametrize("state", ["scheduled", "granted", "refused", "notified", "in_progress", "closed", "lapsed"])
def test_a_decided_dossier_keeps_its_readings(dossier: Dossier, state: str) -> None:
    reading = desk.read_finding(dossier, RULE, Outcome.MET, reason="Usinage", by=make_agent())
    Dossier.objects.filter(pk=dossier.pk).update(state=state)
    with pytest.raises(NotNow) as refused:
        desk.read_finding(dossier, RULE, Outcome.UNMET, reason="Négoce", by=make_agent())
    assert refused.value.messages == (desk.DECIDED,)
    assert desk.readings(dossier) == {RULE: reading}


@pytest.mark.parametrize(("state", "is_open"), [("granted", True), ("refused", False), ("closed", False)])
def test_once_decided_only_a_reading_that_fell_is_made_anew(dossier: Dossier, state: str, is_open: bool) -> None:
    Dossier.objects.filter(pk=dossier.pk).update(state=state)
    dossier.refresh_from_db()
    assert (desk.readings(dossier), desk.is_kept(dossier, RULE)) == ({}, not is_open)
    if is_open:
        desk.read_finding(dossier, RULE, Outcome.MET, reason="Lu de nouveau", by=make_agent())
    assert desk.is_kept(dossier, RULE) is True


def test_only_agents_of_the_scheme_read(dossier: Dossier) -> None:
    for person in (dossier.created_by, make_user_with(Role.AUDITOR), make_agent("booster_ia")):
        with pytest.raises(NotAllowed):
            desk.read_finding(dossier, RULE, Outcome.MET, reason="Oui", by=person)


def test_a_reading_falls_when_the_facts_of_its_finding_change(dossier: Dossier) -> None:
    reading = desk.read_finding(dossier, RULE, Outcome.MET, reason="Usinage", by=make_agent())
    findings = dossier.verdict["findings"]
    other = next(one for one in findings if one["rule"] != RULE)
    other["facts"] = {"autre": "chose"}
    assert desk.readings(dossier) == {RULE: reading}
    read = next(one for one in findings if one["rule"] == RULE)
    read["facts"] = {**read["facts"], "activity": "other"}
    assert desk.readings(dossier) == {}


def test_a_new_version_is_read_anew() -> None:
    dossier = make_dossier(answers=TRADE)
    desk.read_finding(dossier, RULE, Outcome.MET, reason="Usinage", by=make_agent())
    make_deposit(dossier)
    dossier.refresh_from_db()
    assert (dossier.version, desk.readings(dossier)) == (2, {})


def test_a_draft_has_nothing_to_read() -> None:
    assert desk.to_review(make_draft()) == ()


# ------------------------------------------------------------------------------------------------------------ absences
def test_an_absence_is_declared_in_order_and_ends_yesterday() -> None:
    agent, other = make_agent(), make_agent()
    with pytest.raises(NotDone):
        desk.declare_absence(agent, date(2026, 10, 5), date(2026, 10, 4), other, by=agent)
    with pytest.raises(NotDone):
        desk.declare_absence(agent, date(2026, 10, 5), None, agent, by=agent)
    absence = desk.declare_absence(agent, date(2026, 9, 28), None, other, by=agent)
    desk.end_absence(absence, by=agent)
    assert Absence.objects.get().until == date(2026, 10, 1)
    today = desk.declare_absence(agent, date(2026, 10, 2), None, other, by=agent)
    desk.end_absence(today, by=agent)
    assert Absence.objects.count() == 1
