"""Nobody reads what is not theirs: every route of the resolver, as everybody, with every method (see `access`).

A route that the table does not declare fails, a route that is gone too; a right withdrawn bites at the next request.
"""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import get_resolver, include, path, reverse

from normandata.accounts import people
from normandata.accounts import services as accounts
from normandata.accounts.models import Role, RoleAssignment
from normandata.documents.models import Document, Upload
from normandata.dossiers.models import Dossier, DossierQuerySet
from normandata.organisations import services as organisations
from normandata.organisations.models import Membership, Organisation
from normandata.portal import errors
from tests import access
from tests import world as w
from tests.access import (
    ADMIN,
    APPLICANTS,
    EVERYBODY,
    FACTOR,
    READERS,
    ROUTES,
    SIGN_IN,
    SIREN,
    Case,
    ask,
    cases,
    crossed,
    other_methods,
    page,
    refusal,
    undeclared,
    unexpected,
    walk,
)
from tests.factories.dossiers import make_draft
from tests.world import World

pytestmark = pytest.mark.usefixtures("quiet", "refusals")


@pytest.fixture
def refusals(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw the page of a refusal once for each person: thousands of them are asked, and only their status is read."""
    known, drawn = errors._page, set()

    def drawn_once(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
        seen = (request.user.pk, status, title)
        if seen in drawn:
            return HttpResponse(status=status)
        drawn.add(seen)
        return known(request, status, title, text)

    monkeypatch.setattr(errors, "_page", drawn_once)


# ---------------------------------------------------------------------------------------------------------- the table
def test_every_route_is_declared() -> None:
    assert undeclared() == []


def test_everybody_gets_of_each_route_what_is_written(world: World) -> None:
    assert unexpected(world) == []


def test_everybody_gets_of_another_organisations_things_what_is_written(world: World) -> None:
    assert unexpected(world, elsewhere=True) == []


def test_the_other_methods_are_refused(world: World) -> None:
    assert other_methods(world) == []


def test_what_does_not_exist_or_belongs_to_another_thing_is_not_found(world: World) -> None:
    wrong, count = [], 0
    for name, case, kwargs in crossed(world):
        method = "GET" if case.get else "POST"
        signed_in = (w.MANAGER, w.STRANGER, w.AGENT, w.ADMINISTRATOR, case.reader())
        anybody = (w.ANONYMOUS, w.ADMINISTRATOR) if case.is_public and not case.on else signed_in
        for persona in dict.fromkeys(anybody):
            count += 1
            if (got := ask(world.client(persona), method, case.address(name, kwargs))) != 404:
                wrong.append(f"{method} {name} {kwargs} as {persona}: {got}")
    assert wrong == []
    assert count > 300


HUGE = 10**20 - 1
"""More than a database holds: no key, and no crash either."""


def test_a_number_that_no_key_reaches_is_not_found(world: World) -> None:
    wrong, asked = [], set()
    for name, case in cases():
        kwargs = case.kwargs(world.mine)
        for argument in [one for one, value in kwargs.items() if type(value) is int]:
            address = case.address(name, kwargs | {argument: HUGE})
            for method, answers in (("GET", case.get), ("POST", case.post)):
                got = ask(world.client(case.reader()), method, address) if answers else 404
                asked.add((name, argument))
                wrong += [f"{method} {address}: {got}"] if got != 404 else []
    assert wrong == []
    assert len(asked) > 60


def test_a_document_of_another_kind_is_not_found(world: World) -> None:
    Document.objects.update(kind="decision_letter")
    assert ask(Client(), "GET", reverse("portal:document", args=[w.READY])) == 404
    assert ask(Client(), "GET", reverse("portal:document_file", args=[w.READY])) == 404


def test_production_has_no_demonstration(world: World, settings) -> None:
    settings.PRODUCTION = True
    for persona in (w.ANONYMOUS, w.ADMINISTRATOR):
        assert ask(world.client(persona), "GET", reverse("portal:demonstration")) == 404


def test_whoever_asked_to_join_sees_only_what_they_began_there(world: World) -> None:
    requester = world.people[w.REQUESTED]
    organisation = Organisation.objects.get(siret=world.mine["siret"])
    own = make_draft(by=requester, organisation=organisation)
    client = world.client(w.REQUESTED)
    assert ask(client, "GET", reverse("dossiers:dossier", args=[own.key])) == 200
    assert list(Dossier.objects.visible_to(requester)) == [own]
    assert ask(world.client(w.MEMBER), "GET", reverse("dossiers:dossier", args=[own.key])) == 200
    assert ask(world.client(w.AGENT), "GET", reverse("dossiers:dossier", args=[own.key])) == 404


def test_a_file_that_is_not_available_is_not_sent(world: World) -> None:
    address = reverse("dossiers:file", kwargs={"key": world.mine["dossier"], "pk": world.mine["file"]})
    assert ask(world.client(w.AGENT), "GET", address) == 200
    Upload.objects.update(state=Upload.State.CHECKING, checked_at=None)
    for persona in (w.MANAGER, w.AGENT, w.ADMINISTRATOR):
        assert ask(world.client(persona), "GET", address) == 404


# ------------------------------------------------------------------------------------------------- the administration
def admin_addresses(world: World) -> dict[str, str]:
    """Return an address of each of the administration's routes."""
    keys = {
        "accounts_user": world.mine["person"],
        "accounts_roleassignment": world.mine["role"],
        "accounts_staffinvitation": world.mine["staff_invitation"],
    }
    found: dict[str, str] = {}
    for name in walk(get_resolver()):
        short = name.removeprefix(ADMIN)
        if not name.startswith(ADMIN) or short.startswith("unnamed"):
            continue
        model = short.rpartition("_")[0]
        needs_key = "_" in model and short.endswith(("_change", "_delete", "_history"))
        arguments = [keys.get(model, 1)] if needs_key else ["accounts"] if short == "app_list" else []
        found[name] = reverse(name, args=arguments)
    return found


def wrong_in_administration(world: World) -> list[str]:
    wrong = []
    for name, address in admin_addresses(world).items():
        for method in ("GET", "POST", "PUT", "DELETE"):
            for persona in EVERYBODY if method in ("GET", "POST") else (w.MANAGER, w.AGENT, w.SUPERUSER, w.UNPROVEN):
                got = ask(world.client(persona), method, address)
                is_in = persona == w.ADMINISTRATOR
                allowed = {200, 302, 403, 405} if is_in else {refusal(persona)}
                if name == "admin:login" and persona in w.HALF_IN:
                    allowed = {302}  # to the index, which asks for the second factor
                if name == "admin:logout" and not is_in and method == "POST":
                    allowed |= {302}
                if got not in allowed:
                    wrong.append(f"{method} {name} as {persona}: {got}, not {allowed}")
    return wrong


def test_the_administration_exists_for_administrators_alone(world: World) -> None:
    assert len(admin_addresses(world)) == 6 + 5 * len(admin.site._registry)
    assert wrong_in_administration(world) == []


# ------------------------------------------------------------------------------------------ rights withdrawn, check 8
Withdrawal = Callable[[World], None]


def _removed(world: World) -> None:
    membership = Membership.objects.get(pk=world.mine["membership"])
    organisations.remove_member(membership, by=world.people[w.MANAGER])


def _gone(world: World) -> None:
    organisations.leave(Organisation.objects.get(siret=world.mine["siret"]), by=world.people[w.MEMBER])


def _ended(persona: str) -> Withdrawal:
    def end(world: World) -> None:
        for held in RoleAssignment.objects.current().filter(user=world.people[persona]):
            accounts.end_role(held, "Départ", by=None)

    return end


def _moved(world: World) -> None:
    _ended(w.AGENT)(world)
    accounts.grant_role(world.people[w.AGENT], Role.AGENT, "booster_ia", by=None)


def _closed(persona: str) -> Withdrawal:
    def close(world: World) -> None:
        accounts.close_account(world.people[persona], by=None)

    return close


def opened_to(persona: str) -> list[tuple[str, Case, str]]:
    """List the requests about a thing that the table opens to somebody."""
    found = []
    for name, case in cases():
        if case.on and not case.is_public:
            for method in ("GET", "POST"):
                if any(persona in who for status, who in case.answers(method).items() if status != 404):
                    found.append((name, case, method))
    return found


@pytest.mark.parametrize(
    ("persona", "withdraw", "then"),
    [
        (w.MEMBER, _removed, 404),
        (w.MEMBER, _gone, 404),
        (w.MEMBER, _closed(w.MEMBER), SIGN_IN),
        (w.AGENT, _ended(w.AGENT), 404),
        (w.AGENT, _moved, 404),
        (w.AGENT, _closed(w.AGENT), SIGN_IN),
        (w.LEAD, _ended(w.LEAD), 404),
        (w.OTHER_AGENT, _ended(w.OTHER_AGENT), 404),
        (w.OTHER_LEAD, _ended(w.OTHER_LEAD), 404),
        (w.EXPERT, _ended(w.EXPERT), 404),
        (w.AUDITOR, _ended(w.AUDITOR), 404),
        (w.DPO, _ended(w.DPO), 404),
        (w.ORGANISER, _ended(w.ORGANISER), 404),
        (w.ADMINISTRATOR, _ended(w.ADMINISTRATOR), 404),
    ],
)
def test_a_right_withdrawn_bites_at_the_next_request(
    world: World, persona: str, withdraw: Withdrawal, then: int | str
) -> None:
    client, asked = world.client(persona), opened_to(persona)
    still = {"dossiers:forget_view", "dossiers:bulk_job", "dossiers:bulk_outcomes", "dossiers:absence_end"}
    still |= {"experts:expert", "experts:agree", "experts:end_agreement"}  # open to the agents of any scheme
    still |= {"experts:entry_listing", "experts:desk_need", "experts:schedule_need", "experts:hold_need"}
    still |= {"experts:solicit", "experts:release", "experts:conclude_need"}
    if withdraw is _moved:  # the organisation asked of both schemes: either one's agents read it
        asked = [one for one in asked if one[0] not in still and one[1].on != SIREN]
    # Anybody signed in registers to an edition or offers help; a part in it is a person's, not a structure's.
    asked = [one for one in asked if one[0] not in ("datathon:mentor_offer", "datathon:register")]
    asked = [one for one in asked if persona != w.MEMBER or not one[0].startswith("datathon:")]
    assert len(asked) >= 10
    addresses = [(method, case.address(name, case.kwargs(world.mine)), case) for name, case, method in asked]
    before = [ask(client, method, address, case.body(world.mine)) for method, address, case in addresses]
    assert {got for got in before if got not in (200, 302, 403, 409, 422)} == set()
    withdraw(world)
    after = {
        f"{method} {address}": ask(client, method, address, case.body(world.mine))
        for method, address, case in addresses
    }
    assert {asked: got for asked, got in after.items() if got != then} == {}


def test_a_second_factor_taken_away_closes_the_session(world: World) -> None:
    address = reverse("dossiers:examine", args=[world.mine["dossier"]])
    client = world.client(w.AGENT)
    assert ask(client, "GET", address) == 200
    accounts.reset_second_factor(world.people[w.AGENT], by=None)
    assert ask(client, "GET", address) == SIGN_IN


def test_a_role_just_given_asks_for_the_second_factor_at_once(world: World) -> None:
    client = world.client(w.MEMBER)
    address = reverse("dossiers:mine")
    assert ask(client, "GET", address) == 200
    accounts.grant_role(world.people[w.MEMBER], Role.AUDITOR, by=None)
    assert ask(client, "GET", address) == FACTOR


# ---------------------------------------------------------------------------------------------------------- witnesses
def private(request: HttpRequest) -> HttpResponse:
    return HttpResponse("secret")


urlpatterns = [*get_resolver("normandata.urls").url_patterns, path("prive/", private, name="private")]
urlpatterns += [path("prive/anonyme/", private), path("prive/groupe/", include([path("un/", private, name="grouped")]))]


def test_a_view_that_nobody_marked_public_asks_for_an_account(client: Client, settings) -> None:
    settings.ROOT_URLCONF = __name__
    response = client.get("/prive/")
    assert (response.status_code, response.headers["Location"]) == (302, "/connexion/?next=/prive/")
    assert response.content == b""


def test_the_table_sees_a_new_route_and_one_that_is_gone(settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ROUTES, "dossiers:gone", page(APPLICANTS))
    settings.ROOT_URLCONF = __name__
    assert undeclared() == ["dossiers:gone", "grouped", "private", "unnamed prive/anonyme/"]


def test_the_table_sees_a_route_that_takes_another_method(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ROUTES, "portal:help", Case({}, {200: EVERYBODY}))
    wrong = unexpected(world, ["portal:help"])
    assert len(wrong) == 2 * len(EVERYBODY)
    assert wrong[0] == "GET portal:help on {} as anonymous: 200, not {405}"


def test_the_table_sees_somebody_who_gains_access(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ROUTES, "dossiers:examine", page([who for who in READERS if who != w.DPO], access.DOSSIER))
    monkeypatch.setitem(ROUTES, "accounts:people", page((w.ADMINISTRATOR,)))
    wrong = unexpected(world, ["dossiers:examine", "accounts:people"])
    assert [line for line in wrong if line.startswith("GET")] == [
        "GET accounts:people on {} as lead: 200, not {404}",
        "GET accounts:people on {} as other_lead: 200, not {404}",
        "GET dossiers:examine on {'key': 'dossier'} as dpo: 200, not {404}",
    ]


@pytest.mark.parametrize("name", ["visible_to", "applied_by", "for_region"])
def test_the_table_sees_a_view_that_drops_its_filter(world: World, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    def everything(self: DossierQuerySet, user: Any) -> DossierQuerySet:
        return self.all()

    monkeypatch.setattr(DossierQuerySet, name, everything)
    route = {"visible_to": "file", "applied_by": "dossier", "for_region": "examine"}[name]
    for elsewhere in (False, True):
        wrong = unexpected(world, [f"dossiers:{route}"], elsewhere=elsewhere)
        assert [line for line in wrong if "as juror: 200, not {404}" in line]
        assert [line for line in wrong if "as left: 200, not {404}" in line]
        assert [line for line in wrong if "as other_agent: 200, not {404}" in line]
        assert not [line for line in wrong if "as anonymous" in line]


def test_the_table_sees_a_page_of_people_opened_to_all(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "may_see", lambda person: True)
    wrong = unexpected(world, ["accounts:people"])
    assert "GET accounts:people on {} as member: 200, not {404}" in wrong


def test_the_table_sees_a_second_factor_that_nobody_asks_for(world: World, settings) -> None:
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if not name.endswith("second_factor")]
    wrong = unexpected(world, ["dossiers:examine", "organisations:detail"])
    assert [line for line in wrong if "as unproven: 200, not {'second factor'}" in line]
    assert {line.partition(" as ")[2].partition(":")[0] for line in wrong} == set(w.HALF_IN)


def test_the_table_sees_a_membership_that_outlives_its_end(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(Membership.objects.all()), "live", lambda self: self.all())
    wrong = unexpected(world, ["organisations:detail"])
    assert wrong == [
        "GET organisations:detail on {'siret': 'siret'} as left: 200, not {404}",
    ]


def test_the_check_sees_a_right_that_is_kept(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("normandata.dossiers.models._of_applicant", lambda user: _anything())
    client = world.client(w.MEMBER)
    _removed(world)
    assert ask(client, "GET", reverse("dossiers:dossier", args=[world.mine["dossier"]])) == 200


def _anything() -> Any:
    from django.db.models import Q

    return Q(pk__gt=0)
