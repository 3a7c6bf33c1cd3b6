"""A declared conflict closes a dossier to an agent, everywhere; members of the organisation do not judge it."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from normandata.accounts.models import Role, User
from normandata.dossiers import permissions
from normandata.dossiers.models import Attachment, Dossier
from normandata.procedure.models import Event
from normandata.scoring import kinds, reading
from normandata.scoring.about_dossiers import KIND, MEMBER
from normandata.scoring.errors import InConflict
from normandata.scoring.models import Conflict, Panel, Subject
from normandata.scoring.services import conflicts, panels, sheets
from tests.factories.accounts import make_user_with, sign_in
from tests.factories.documents import UploadFactory
from tests.factories.dossiers import make_dossier
from tests.factories.organisations import MembershipFactory
from tests.factories.scoring import fill, first, make_grid, make_thing, marks_for

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]
SCHEME = "diagnostic"


@pytest.fixture
def boss() -> User:
    return make_user_with(Role.LEAD_AGENT, SCHEME)


@pytest.fixture
def agent() -> User:
    return make_user_with(Role.AGENT, SCHEME)


@pytest.fixture
def dossier() -> Dossier:
    return make_dossier()


@pytest.fixture
def wave(dossier: Dossier, agent: User, boss: User) -> Panel:
    panel = panels.create_panel(SCHEME, "Vague", make_grid(), by=boss)
    panels.add_subjects(panel, [dossier], by=boss)
    for person in (agent, boss):
        panels.seat(panel, person, by=boss)
    panels.open_panel(panel, by=boss)
    return panel


def again(user: User) -> User:
    return User.objects.get(pk=user.pk)


def opened(user: User, dossier: Dossier) -> dict[str, bool]:
    """What one may do with a dossier, by lists and by predicates."""
    return {
        "visible": Dossier.objects.visible_to(user).filter(pk=dossier.pk).exists(),
        "region": Dossier.objects.for_region(user).filter(pk=dossier.pk).exists(),
        "agent": permissions.is_agent(user, dossier),
        "reader": permissions.is_reader(user, dossier),
        "examine": permissions.can_examine(user, dossier),
        "read": permissions.can_read(user, dossier),
        "read as region": permissions.can_read_as_region(user, dossier),
    }


def test_a_conflict_closes_the_dossier_at_once_and_to_that_person_only(
    wave: Panel, dossier: Dossier, agent: User, boss: User
) -> None:
    other = make_dossier()
    assert set(opened(agent, dossier).values()) == {True}
    conflicts.declare(agent, first(wave), by=agent, reason="Parente.")
    for user in (agent, again(agent)):
        assert set(opened(user, dossier).values()) == {False}
        assert set(opened(user, other).values()) == {True}
    assert set(opened(again(boss), dossier).values()) == {True}
    conflicts.lift(Conflict.objects.get(), by=boss, reason="Homonyme.")
    assert set(opened(again(agent), dossier).values()) == {True}


def test_a_lead_agent_is_closed_off_as_well(wave: Panel, dossier: Dossier, boss: User) -> None:
    assert permissions.is_lead_agent(boss, dossier)
    conflicts.declare(boss, first(wave), by=boss, reason="Parente.")
    assert not permissions.is_lead_agent(boss, dossier)
    assert set(opened(boss, dossier).values()) == {False}


def test_a_conflict_with_the_panel_closes_all_its_dossiers(wave: Panel, dossier: Dossier, agent: User) -> None:
    second, outside = make_dossier(), make_dossier()
    panels.add_subjects(wave, [second], by=None)
    conflicts.declare_with_panel(agent, wave, by=agent, reason="Parente.")
    assert set(Dossier.objects.for_region(again(agent))) == {outside}
    assert set(Dossier.objects.visible_to(again(agent))) == {outside}


def test_the_own_organisation_s_dossier_stays_open_to_its_member(wave: Panel, dossier: Dossier, agent: User) -> None:
    MembershipFactory(user=agent, organisation=dossier.organisation)
    conflicts.declare(agent, first(wave), by=agent, reason="J’en suis.")
    said = opened(again(agent), dossier)
    assert {name for name, is_open in said.items() if is_open} == {"visible", "read"}
    assert permissions.is_applicant(agent, dossier)
    assert list(Dossier.objects.applied_by(agent)) == [dossier]


def test_a_thing_of_another_kind_with_the_same_key_closes_nothing(wave: Panel, dossier: Dossier, agent: User) -> None:
    (other,) = panels.add_subjects(wave, [make_thing(dossier.pk)], by=None)
    conflicts.declare(agent, other, by=agent, reason="Parente.")
    assert set(opened(again(agent), dossier).values()) == {True}


def test_a_member_is_refused_a_sheet_told_why_and_journalled(wave: Panel, dossier: Dossier, agent: User) -> None:
    MembershipFactory(user=agent, organisation=dossier.organisation)
    subject = first(wave)
    assert reading.next_subject(wave, agent) is None
    assert reading.progress(wave, agent).withheld == 1
    with pytest.raises(InConflict, match=MEMBER):
        sheets.start(subject, by=agent)
    event = Event.objects.about(subject).named("declare_conflict").get()
    assert (event.by, event.reason) == (None, MEMBER)
    assert not permissions.can_read_as_region(again(agent), dossier)


@pytest.mark.parametrize("state", [{"left": True}, {"requested": True}])
def test_who_left_or_only_asked_is_no_member(
    wave: Panel, dossier: Dossier, agent: User, state: dict[str, bool]
) -> None:
    MembershipFactory(user=agent, organisation=dossier.organisation, **state)
    assert sheets.start(first(wave), by=agent).state == "draft"


def test_the_sheet_keeps_the_version_of_the_deposit(wave: Panel, dossier: Dossier, agent: User) -> None:
    subject = first(wave)
    sheet = fill(sheets.start(subject, by=agent), marks_for("60", wave.grid), by=agent)
    Dossier.objects.filter(pk=dossier.pk).update(version=2)
    assert sheets.submit(sheet, by=agent, revision=sheet.revision, judged="2").subject_version == "2"
    assert kinds.version_of(KIND, str(dossier.pk)) == "2"


def test_a_second_source_of_versions_is_refused(registry: None) -> None:
    with pytest.raises(ValueError, match="already"):
        kinds.register(KIND, versions=lambda keys: dict.fromkeys(keys, "9"))


def test_concerns_add_up_and_the_first_reason_holds(wave: Panel, agent: User, registry: None) -> None:
    key = Subject.objects.get().key
    kinds.register(KIND, concerned=lambda user, keys: {key: "Partenaire."})
    assert kinds.concerned(agent, KIND, [key]) == {key: "Partenaire."}
    kinds.register(KIND, concerned=lambda user, keys: {key: "Autre."})
    assert kinds.concerned(agent, KIND, [key]) == {key: "Partenaire."}
    assert kinds.concerned(agent, "other.kind", [key]) == {}


# ------------------------------------------------------------------------------- members, before anybody declares a tie
DESK = ("examine", "journal", "exchanges", "organisation", "letters", "deliveries")


def statuses(client: Client, dossier: Dossier, upload: Attachment) -> dict[str, int]:
    """What the Region's addresses of a dossier answer, and that of a file, which both sides read."""
    pages = {name: reverse(f"dossiers:{name}", args=[dossier.key]) for name in DESK}
    pages["frozen"] = reverse("dossiers:frozen", args=[dossier.key, 1])
    pages["file"] = reverse("dossiers:file", args=[dossier.key, upload.pk])
    found: dict[str, int] = {}
    for name, address in pages.items():
        response = client.get(address)
        found[name] = response.status_code
        b"".join(response)  # a file that is sent is read to its end, and closed
    return found


def listed(client: Client, dossier: Dossier) -> bool:
    """Whether the list of all that is under way leads to a dossier."""
    shown = client.get(reverse("dossiers:queue"), {"responsable": "tous"})
    return f'href="{dossier.key}/' in shown.content.decode()


def test_a_member_s_desk_pages_are_gone_without_any_declaration_and_the_applicant_side_stays(
    wave: Panel, dossier: Dossier, agent: User
) -> None:
    joined = Attachment.objects.create(
        dossier=dossier, piece="complement", upload=UploadFactory(), added_by=dossier.created_by
    )
    MembershipFactory(user=agent, organisation=dossier.organisation)
    mine, theirs = Client(), Client()
    sign_in(mine, agent)
    sign_in(theirs, make_user_with(Role.AGENT, SCHEME))
    assert not Conflict.objects.exists()
    assert statuses(mine, dossier, joined) == {**dict.fromkeys([*DESK, "frozen"], 404), "file": 200}
    assert mine.get(reverse("dossiers:dossier", args=[dossier.key])).status_code == 200
    assert (listed(mine, dossier), listed(theirs, dossier)) == (False, True)
    seen = statuses(theirs, dossier, joined)
    assert {name: seen[name] for name in (*DESK, "frozen")} == dict.fromkeys([*DESK, "frozen"], 200)
    Subject.objects.update(removed_at="2026-10-01T08:00Z")
    assert mine.get(reverse("dossiers:examine", args=[dossier.key])).status_code == 200, "nobody judges it any more"


def test_only_the_judged_dossiers_of_the_own_organisation_are_closed(
    wave: Panel, dossier: Dossier, agent: User, boss: User
) -> None:
    not_judged, other = make_dossier(organisation=dossier.organisation), make_dossier()
    panels.add_subjects(wave, [other], by=None)
    MembershipFactory(user=agent, organisation=dossier.organisation)
    said = opened(again(agent), dossier)
    assert {name for name, is_open in said.items() if is_open} == {"visible", "read"}
    assert set(Dossier.objects.for_region(again(agent))) == {not_judged, other}
    assert set(Dossier.objects.for_region(again(boss))) == {dossier, not_judged, other}


@pytest.mark.parametrize("state", [{"left": True}, {"requested": True}])
def test_who_left_or_only_asked_keeps_the_desk(
    wave: Panel, dossier: Dossier, agent: User, state: dict[str, bool]
) -> None:
    MembershipFactory(user=agent, organisation=dossier.organisation, **state)
    assert set(opened(again(agent), dossier).values()) == {True}


def test_a_list_asks_nothing_more(wave: Panel, dossier: Dossier, agent: User) -> None:
    MembershipFactory(user=agent, organisation=dossier.organisation)
    assert agent.holds(Role.AGENT, scheme=SCHEME)
    with CaptureQueriesContext(connection) as queries:
        assert list(Dossier.objects.for_region(agent)) == []
    assert len(queries) == 1


# ------------------------------------------------------------------------------------------------- from panel to panel
def test_a_conflict_with_a_panel_closes_its_dossiers_in_the_next_panel_too(
    wave: Panel, dossier: Dossier, agent: User, boss: User
) -> None:
    other = make_dossier()
    after = panels.create_panel(SCHEME, "Vague d’après", wave.grid, by=boss)
    panels.add_subjects(after, [dossier, other], by=boss)
    panels.seat(after, agent, by=boss)
    panels.open_panel(after, by=boss)
    shared, free = after.subjects.select_related("panel__grid").order_by("rank")
    begun = sheets.start(shared, by=agent)
    made = conflicts.declare_with_panel(agent, wave, by=agent, reason="Mon ancien service.")
    begun.refresh_from_db()
    assert begun.state == "set_aside"
    following = reading.next_subject(after, agent)
    assert following is not None
    assert following.key == str(other.pk) == free.key
    assert reading.progress(after, agent).withheld == 1
    assert set(Dossier.objects.for_region(again(agent))) == {other}
    with pytest.raises(InConflict):
        reading.paper(shared, agent)
    conflicts.lift(made, by=boss, reason="Erreur.")
    begun.refresh_from_db()
    assert (begun.state, reading.progress(after, agent).withheld) == ("draft", 0)
