"""The pages: SIRET first, nothing typed is lost, what one may not see does not exist."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.db.models.signals import post_init
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from normandata.accounts.models import User
from normandata.organisations.models import MemberInvitation, Membership, Organisation
from normandata.outbox.models import Message
from tests.factories.organisations import (
    MemberInvitationFactory,
    MembershipFactory,
    OrganisationFactory,
    PersonFactory,
    siret,
)

pytestmark = pytest.mark.django_db
SIRET = "99900001100018"
ADD = "/structures/ajouter/"
TYPED = {"name": "Atelier <tapé>", "street": "2 rue tapée", "postal_code": "14 100", "city": "Lisieux"}


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def person(client: Client) -> User:
    person = PersonFactory()
    client.force_login(person)
    return person


@pytest.fixture
def manager(person: User) -> Membership:
    return MembershipFactory(user=person, manager=True)


def page(response: Any) -> str:
    return response.content.decode().replace("\u00a0", " ").replace("&nbsp;", " ")


def title(response: Any) -> str:
    return re.search(r"<h1[^>]*>(.*?)</h1>", page(response), re.DOTALL)[1]  # type: ignore[index]


def url(name: str, *args: Any) -> str:
    return reverse(f"organisations:{name}", args=args)


# --------------------------------------------------------------------------------------------------- adding
@pytest.mark.usefixtures("person")
def test_a_siret_is_looked_up_shown_then_confirmed(client: Client) -> None:
    assert client.get(ADD).status_code == 200
    shown = client.get(ADD, {"siret": "999 000 011 00018"})
    assert title(shown) == "Est-ce bien votre structure ?"
    for word in ("Ateliers fictifs de la Seine", "1 rue de l’Exemple, 76000 Rouen", "Seine-Maritime (76)",
                 "Société par actions simplifiée (SAS)", "12 mai 2009", "production, code 25.62B",
                 "Annuaire fictif de démonstration"):  # fmt: skip
        assert word in page(shown)
    assert Organisation.objects.count() == 0
    for _ in range(2):
        done = client.post(ADD, {"siret": SIRET})
        assert (done.status_code, done.headers["Location"]) == (302, f"/structures/{SIRET}/")
    assert Organisation.objects.count() == Membership.objects.count() == 1


@pytest.mark.usefixtures("person")
@pytest.mark.parametrize(
    ("typed", "message"),
    [("9990000110001", "Il manque 1 chiffre"), ("999000011", "SIREN"), ("99900001100019", "Un chiffre ne va pas")],
)
def test_a_wrong_siret_comes_back_with_its_reason(client: Client, typed: str, message: str) -> None:
    for response in (client.get(ADD, {"siret": typed}), client.post(ADD, {"siret": typed})):
        assert f'value="{typed}"' in page(response)
        assert message in page(response)
        assert "<title>Erreur : " in page(response)
    assert Organisation.objects.count() == 0


@pytest.mark.usefixtures("person")
def test_a_closed_company_is_said_and_not_registered(client: Client) -> None:
    shown = client.get(ADD, {"siret": "99900032600010"})
    assert title(shown) == "Cet établissement est fermé"
    assert "31 décembre 2021" in page(shown)
    assert '<form method="post"' not in page(shown)
    back = client.post(ADD, {"siret": "99900032600010"}, follow=True)
    assert "est fermé" in page(back)
    assert Organisation.objects.count() == 0


@pytest.mark.usefixtures("person")
@pytest.mark.parametrize(
    ("number", "says"),
    [
        ("73282932000074", "ne répond pas en ce moment"),
        (siret(9001), "ne connaît pas le SIRET"),
        ("99900033400014", "ne soit pas publique"),
    ],
)
def test_what_the_directory_does_not_give_is_typed_and_nothing_typed_is_lost(
    client: Client, number: str, says: str
) -> None:
    assert says in page(client.get(ADD, {"siret": number}))
    wrong = client.post(ADD, TYPED | {"siret": number, "postal_code": "1410"})
    for word in ("Atelier &lt;tapé&gt;", "2 rue tapée", "1410", "Lisieux", "compte 5 chiffres", says):
        assert word in page(wrong)
    assert Organisation.objects.count() == 0
    done = client.post(ADD, TYPED | {"siret": number}, follow=True)
    assert title(done) == "Atelier &lt;tapé&gt;"
    assert "Saisi par" in page(done)
    assert Organisation.objects.get().declared["name"] == "Atelier <tapé>"


def test_somebody_else_s_organisation_is_asked_to_be_joined(client: Client, person: User) -> None:
    owner = MembershipFactory(organisation__name="Verrerie", manager=True)
    number = owner.organisation.siret
    assert title(client.get(ADD, {"siret": number})) == "Rejoindre cette structure"
    shown = client.post(ADD, {"siret": number}, follow=True)
    assert "attend la réponse d’un référent" in page(shown)
    assert owner.user.name not in page(shown)
    assert owner.user.email not in page(shown)
    assert Membership.objects.get(user=person).state == "requested"


@pytest.mark.usefixtures("person")
def test_no_unlisted_field_is_written(client: Client) -> None:
    posted = {field.name: "1" for field in Organisation._meta.fields} | {"role": "manager", "undertaking": "7"}
    client.post(ADD, posted | TYPED | {"siret": siret(9001)})
    organisation = Organisation.objects.get()
    assert (organisation.legal_category, organisation.fetch_tries, organisation.is_closed, organisation.sigle) == (
        "", 0, False, "",
    )  # fmt: skip


# --------------------------------------------------------------------------------------------------- reading
def test_my_organisations(client: Client, person: User) -> None:
    assert "Munissez-vous de son SIRET" in page(client.get("/structures/"))
    first = MembershipFactory(user=person, organisation__name="Alpha").organisation
    assert client.get("/structures/").headers["Location"] == f"/structures/{first.siret}/"
    MembershipFactory(user=person, organisation__name="Bêta", requested=True)
    MembershipFactory(user=person, organisation__name="Gamma", left=True)
    shown = page(client.get("/structures/"))
    assert [name for name in ("Alpha", "Bêta", "Gamma") if name in shown] == ["Alpha", "Bêta"]


def test_the_establishment_and_the_seat_stand_apart_with_their_source(client: Client, person: User) -> None:
    client.post(ADD, {"siret": "99900029200030"})
    shown = page(client.get("/structures/99900029200030/"))
    establishment, unit = shown.split("L’entité et son siège")
    assert "Orne (61)" in establishment
    assert "75, hors de Normandie" not in establishment
    assert "999 000 292 00022, 75, hors de Normandie" in unit
    assert "Annuaire fictif de démonstration, réponse du" in unit


def every_page(organisation: Organisation) -> list[tuple[str, str]]:
    number = organisation.siret
    member = MembershipFactory(organisation=organisation)
    asks = MembershipFactory(organisation=organisation, requested=True)
    invitation = MemberInvitationFactory(organisation=organisation)
    return [
        ("get", url("detail", number)), ("get", url("report_error", number)), ("get", url("leave", number)),
        ("post", url("leave", number)), ("get", url("describe", number)), ("post", url("describe", number)),
        ("get", url("invite", number)), ("post", url("invite", number)),
        ("post", url("resend", number, invitation.pk)), ("post", url("cancel", number, invitation.pk)),
        ("post", url("accept", number, asks.pk)),
        ("get", url("refuse", number, asks.pk)), ("post", url("refuse", number, asks.pk)),
        ("get", url("change_role", number, member.pk)), ("post", url("change_role", number, member.pk)),
        ("get", url("remove", number, member.pk)), ("post", url("remove", number, member.pk)),
    ]  # fmt: skip


MEMBER_PAGES = 4
"""The first of them are any member's; the others a manager's."""


def statuses(client: Client, pages: list[tuple[str, str]]) -> list[int]:
    return [getattr(client, method)(address).status_code for method, address in pages]


def rows() -> list[Any]:
    return [*Membership.objects.values(), *MemberInvitation.objects.values(), *Organisation.objects.values()]


def test_who_is_not_a_member_finds_nothing(client: Client, person: User) -> None:
    organisation = OrganisationFactory()
    pages = every_page(organisation)
    MembershipFactory(user=person, organisation=organisation, left=True)
    MembershipFactory(user=person, manager=True)
    before = rows()
    assert statuses(client, pages) == [404] * len(pages)
    assert rows() == before


def test_a_member_finds_no_page_of_the_manager(client: Client, person: User) -> None:
    organisation = OrganisationFactory(pending=True)
    MembershipFactory(organisation=organisation, manager=True)
    pages = every_page(organisation)[MEMBER_PAGES:]
    MembershipFactory(user=person, organisation=organisation)
    before = rows()
    assert statuses(client, pages) == [404] * len(pages)
    assert rows() == before


def test_a_manager_finds_no_person_of_another_organisation(client: Client, manager: Membership) -> None:
    other = MembershipFactory()
    asks = MembershipFactory(requested=True)
    invitation = MemberInvitationFactory()
    number = manager.organisation.siret
    pages = [
        ("post", url("accept", number, asks.pk)), ("post", url("refuse", number, asks.pk)),
        ("post", url("remove", number, other.pk)), ("get", url("change_role", number, other.pk)),
        ("post", url("resend", number, invitation.pk)), ("post", url("cancel", number, invitation.pk)),
    ]  # fmt: skip
    assert statuses(client, pages) == [404] * len(pages)


def test_a_stranger_to_the_portal_is_sent_to_sign_in(client: Client) -> None:
    pages = [("get", "/structures/"), ("get", ADD), ("post", ADD), *every_page(OrganisationFactory())]
    assert statuses(client, pages) == [302] * len(pages)


def test_a_right_withdrawn_closes_the_page_at_the_next_request(client: Client, manager: Membership) -> None:
    address = url("detail", manager.organisation.siret)
    assert client.get(address).status_code == 200
    Membership.objects.filter(pk=manager.pk).update(role="member")
    assert client.get(url("invite", manager.organisation.siret)).status_code == 404
    Membership.objects.filter(pk=manager.pk).update(state="left", left_at=manager.joined_at)
    assert client.get(address).status_code == 404


def test_thirty_members_cost_what_one_costs(client: Client, manager: Membership) -> None:
    def measured() -> tuple[int, int]:
        made: list[Any] = []

        def note(sender: Any, **_: Any) -> None:
            made.append(sender)

        post_init.connect(note)
        try:
            with CaptureQueriesContext(
                connection,
            ) as queries:
                assert client.get(url("detail", manager.organisation.siret)).status_code == 200
        finally:
            post_init.disconnect(note)
        return len(queries), len(made)

    measured()  # the session is written at the first request
    few = measured()
    for _ in range(29):
        MembershipFactory(organisation=manager.organisation)
    many = measured()
    assert many[0] == few[0] <= 7  # one of them is the menu's
    assert many[1] - few[1] == 2 * 29


# --------------------------------------------------------------------------------------------------- members
def test_a_manager_s_gestures(client: Client, manager: Membership) -> None:
    organisation = manager.organisation
    number = organisation.siret
    asks, refused = (MembershipFactory(organisation=organisation, requested=True) for _ in range(2))
    assert "fait maintenant partie" in page(client.post(url("accept", number, asks.pk), follow=True))
    assert client.get(url("refuse", number, refused.pk)).status_code == 200
    assert "est refusée" in page(client.post(url("refuse", number, refused.pk), follow=True))
    assert client.get(url("change_role", number, asks.pk)).status_code == 200
    client.post(url("change_role", number, asks.pk), {"role": "manager"})
    assert Membership.objects.get(pk=asks.pk).role == "manager"
    assert client.get(url("remove", number, asks.pk)).status_code == 200
    client.post(url("remove", number, asks.pk))
    assert Membership.objects.get(pk=asks.pk).state == "left"
    assert client.post(url("remove", number, asks.pk)).status_code == 404


def test_inviting_resending_cancelling(client: Client, manager: Membership) -> None:
    number = manager.organisation.siret
    assert client.get(url("invite", number)).status_code == 200
    bad = client.post(url("invite", number), {"email": "elle@", "role": "member"})
    assert "Écrivez l’adresse en entier" in page(bad) or "écrivez l’adresse en entier" in page(bad)
    known = PersonFactory(email="connue@exemple.invalid")
    bodies = []
    for email in (known.email, "inconn@exemple.invalid"):
        shown = client.post(url("invite", number), {"email": email, "role": "member"}, follow=True)
        bodies.append(re.sub(r"/invitations/\d+/|value=\"\w{64}\"", "", page(shown).replace(email, "")))
        client.post(url("cancel", number, MemberInvitation.objects.pending().get().pk), follow=True)
    assert bodies[0] == bodies[1]
    client.post(url("invite", number), {"email": known.email, "role": "member"})
    invitation = MemberInvitation.objects.pending().get()
    client.post(url("resend", number, invitation.pk), follow=True)
    capped = page(client.post(url("resend", number, invitation.pk), follow=True))
    assert "trois courriels" in capped
    assert Message.objects.filter(handler="outbox.secret_mail", payload__to=known.email).count() == 3


def test_the_last_manager_leaves_by_naming_a_successor(client: Client, manager: Membership) -> None:
    member = MembershipFactory(organisation=manager.organisation)
    address = url("leave", manager.organisation.siret)
    assert member.user.name in page(client.get(address))
    assert "Choisissez la personne" in page(client.post(address))
    left = client.post(address, {"successor": member.pk}, follow=True)
    assert "Vous ne faites plus partie" in page(left)
    assert client.post(address).status_code == 404
    assert list(Membership.objects.managers()) == [member]


def test_a_manager_describes_what_the_directory_does_not_give(client: Client, person: User) -> None:
    organisation = MembershipFactory(user=person, manager=True, organisation__pending=True).organisation
    address = url("describe", organisation.siret)
    assert client.get(address).status_code == 200
    assert "Erreur" in page(client.post(address, TYPED | {"name": ""}))
    client.post(address, TYPED)
    organisation.refresh_from_db()
    assert (organisation.name, organisation.postal_code) == ("Atelier <tapé>", "14100")
    Organisation.objects.update(directory_state="found", fetched_at=organisation.declared_at)
    assert client.get(address).headers["Location"] == url("report_error", organisation.siret)
    assert client.get(url("report_error", organisation.siret)).status_code == 200


# ------------------------------------------------------------------------------------------------- invitations
def invited(**fields: Any) -> tuple[MemberInvitation, str]:
    chief = MembershipFactory(manager=True)
    invitation = MemberInvitationFactory(
        organisation=chief.organisation, invited_by=chief.user, token="jeton", **fields
    )
    return invitation, url("invitation", "jeton")


def test_the_invitation_page_is_the_same_whether_an_account_exists_or_not(client: Client) -> None:
    invitation, address = invited()
    before = client.get(address)
    PersonFactory(email=invitation.email)
    after = client.get(address)
    assert before.status_code == after.status_code == 200
    assert before.content == after.content
    assert "no-store" in after.headers["Cache-Control"]
    assert f"?next={address}" in page(after)
    assert client.post(address).status_code == 200
    assert Membership.objects.count() == 1


def test_an_invitation_is_accepted_by_its_address_only(client: Client, person: User) -> None:
    invitation, address = invited()
    assert "Vous êtes connecté avec" in page(client.get(address))
    refused = client.post(address)
    assert (refused.status_code, "adressée à une autre personne" in page(refused)) == (409, True)
    client.force_login(PersonFactory(email=invitation.email))
    assert "Rejoindre la structure" in page(client.get(address))
    for _ in range(2):
        assert client.post(address).headers["Location"] == url("detail", invitation.organisation.siret)
    assert Membership.objects.filter(organisation=invitation.organisation).active().count() == 2
    assert "n’est plus valable" in page(client.get(address))


def test_an_unknown_link_is_not_found(client: Client) -> None:
    assert client.get(url("invitation", "autre")).status_code == 404
