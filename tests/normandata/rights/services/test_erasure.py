"""After an erasure nothing names the person; accounts and journal stay, to the cent and to the act."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import cache
from django.db import transaction
from django.test import Client

from normandata.accounts.models import Role, User
from normandata.documents.models import Document
from normandata.dossiers.models import Dossier, Section
from normandata.dossiers.services import thread
from normandata.notifications.models import Mail
from normandata.organisations.models import Membership
from normandata.outbox import services as outbox
from normandata.outbox.models import Message
from normandata.privacy import registry
from normandata.procedure.errors import NotAllowed, NotNow
from normandata.procedure.guards import WrittenOnce
from normandata.procedure.models import Event
from normandata.rights.models import Erasure, Request
from normandata.rights.services import erasure, requests
from tests.access import cases, finish
from tests.factories.accounts import UserFactory, make_user_with
from tests.factories.dossiers import FIRM, make_deposit, make_draft
from tests.factories.organisations import MembershipFactory, OrganisationFactory
from tests.normandata.rights import canaries
from tests.normandata.rights.canaries import EMAIL, NAME, PHONE
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media", "kept_apart", "quiet")]
PEOPLE = dict(FIRM["personnes"])


def figures() -> dict[str, list[Any]]:
    """Read, of every table that only grows, what no name is in."""
    found = {}
    for model in apps.get_models():
        if any(isinstance(one, WrittenOnce) for one in model._meta.constraints):
            words = registry.of(model).words
            names = [one.attname for one in model._meta.local_concrete_fields if one.name not in words]
            found[model._meta.label] = list(model._base_manager.order_by("pk").values_list(*names))
    return found


EXPORT = re.compile(r"\.[a-z]{2,5}$|/api/|recherche|/donnees/")
"""Addresses whose answer is no page of tables read as they are: files, exports, what is packed, lists that search."""


def answers(world: World) -> set[str]:
    """Ask every export and search as somebody who may read it; list those where a canary stands.

    A page is made of the tables and the files, which are read whole and raw beside this: it says nothing more.
    """
    singing, read = set(), 0
    for name, case in cases():
        if not case.get or not set(case.get) & {200}:
            continue
        try:
            address = case.address(name, case.kwargs(world.mine))
        except KeyError:
            continue
        if not EXPORT.search(address):
            continue
        cache.clear()
        with transaction.atomic():
            response = world.client(case.reader()).get(address)
            content = b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined]
            finish(response)
            transaction.set_rollback(True)
        read += response.status_code == 200
        if canaries.in_bytes(content):
            singing.add(name)
    assert read >= 60
    return singing


def packed() -> list[str]:
    """List the sessions in which a canary stands: the one column whose words the tables do not show as they are."""
    return [one.session_key for one in Session.objects.all() if canaries.sings(one.get_decoded())]


def test_nothing_names_them_in_any_table_any_file_any_page_any_export(
    world: World, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = UserFactory(email=EMAIL, name=NAME)
    columns = canaries.write_everywhere(person)
    assert len(columns) >= 180
    monkeypatch.setattr(registry, "obstacles", lambda someone: [])  # tested below, one by one
    before, people = figures(), User.objects.count()
    assert len(canaries.found_in_tables()) >= 180
    assert len(answers(world)) >= 20
    assert any(one.startswith("opendata/") for one in canaries.found_in_files(media))
    done = erasure.erase(person, by=person)
    outbox.work(Message.objects.unfinished().get(handler=erasure.PUBLISH).pk)
    assert canaries.found_in_tables() == []
    assert canaries.found_in_files(media) == []
    after = figures()
    assert sum(map(len, before.values())) >= 100
    journal = after.pop("procedure.Event")
    known = before.pop("procedure.Event")
    assert len(known) >= 50
    # What erasing forgets of a Datathon is who did it; nothing else of the journal moves.
    assert [row[:6] + row[7:] for row in journal[: len(known)]] == [row[:6] + row[7:] for row in known]
    assert after == before
    assert User.objects.count() == people
    person.refresh_from_db()
    assert person.name == f"Personne {done.code}"
    assert person.email == f"personne-{done.code.lower()}@efface.invalid"
    assert (person.is_active, person.has_usable_password()) == (False, False)
    assert (answers(world), packed()) == (set(), [])


def test_a_room_left_out_is_seen_by_the_eye_that_reads_everything(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The witness: without the declaration of one model, its rows still name the person."""
    person = UserFactory(email=EMAIL, name=NAME)
    canaries.write_everywhere(person)
    monkeypatch.setattr(registry, "obstacles", lambda someone: [])
    without = tuple(one for one in registry.every() if one.model != "dossiers.Deposit")
    monkeypatch.setattr(registry, "every", lambda: without)
    erasure.erase(person, by=person)
    assert {one.partition(".")[0] for one in canaries.found_in_tables()} == {"dossiers_deposit"}


def test_an_erasure_that_leaves_a_trace_is_undone(
    person: User, kept_apart: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("normandata.privacy.sweep.scrub", lambda *args, **kwargs: {})
    Section.objects.create(dossier=make_draft(), slug="autre", answers={"note": NAME})
    with pytest.raises(erasure.StillNamed, match=r"dossiers\.Section: 1"):
        erasure.erase(person, by=person)
    person.refresh_from_db()
    assert (person.name, person.email, person.is_active) == (NAME, EMAIL, True)
    assert not kept_apart.exists()


# ------------------------------------------------------------------------------------------------------ one by one
@pytest.fixture
def person() -> User:
    found: User = UserFactory(email=EMAIL, name=NAME)
    EmailAddress.objects.get_or_create(user=found, email=EMAIL, defaults={"verified": True, "primary": True})
    return found


def closed(person: User, **answers: Any) -> Dossier:
    """Make a dossier of an organisation that others manage too, deposited by the person, refused since."""
    organisation = OrganisationFactory()
    MembershipFactory(user=person, organisation=organisation)
    MembershipFactory(organisation=organisation, manager=True)
    people = PEOPLE | {"projet_nom": "Zoé Canarix", "projet_courriel": EMAIL, "projet_telephone": PHONE}
    dossier = make_deposit(by=person, organisation=organisation, answers=dict(FIRM) | {"personnes": people}).dossier
    Dossier.objects.filter(pk=dossier.pk).update(state="refused", turn="nobody")
    return dossier


def test_the_contact_in_a_frozen_deposit_is_a_code_and_its_hash_stays(person: User) -> None:
    dossier = closed(person)
    before = dossier.deposits.get()
    done = erasure.erase(person, by=person)
    deposit = dossier.deposits.get()
    typed = deposit.answers["personnes"]
    assert typed["projet_nom"] == f"Personne {done.code}"
    assert typed["projet_courriel"] == f"personne-{done.code.lower()}@efface.invalid"
    assert typed["projet_telephone"] == "numéro effacé"
    assert typed["habilite_nom"] == PEOPLE["habilite_nom"]
    assert (deposit.answers_hash, deposit.content_hash) == (before.answers_hash, before.content_hash)
    assert deposit.by == person
    assert done.rows["dossiers.Deposit"] == 1


def test_a_document_is_made_again_and_its_first_hash_is_kept(person: User) -> None:
    receipt = closed(person).deposits.get().receipt
    assert receipt is not None
    outbox.work(Message.objects.get(handler="documents.make", key=str(receipt.pk)).pk)
    receipt.refresh_from_db()
    first = receipt.sha256
    assert canaries.in_bytes(Path(receipt.file.path).read_bytes())
    erasure.erase(person, by=person)
    for message in Message.objects.unfinished().filter(handler="documents.make"):
        outbox.work(message.pk)
    again = Document.objects.get(pk=receipt.pk)
    assert (again.is_ready, again.record["first_sha256"]) == (True, first)
    assert again.sha256 != first
    assert not canaries.in_bytes(Path(again.file.path).read_bytes())


def test_the_journal_says_what_was_done_by_a_code(person: User) -> None:
    dossier = closed(person)
    acts = list(Event.objects.about(dossier).values_list("pk", "name", "by", "at"))
    done = erasure.erase(person, by=person)
    assert list(Event.objects.about(dossier).values_list("pk", "name", "by", "at")) == acts
    assert {str(one.by) for one in Event.objects.about(dossier)} == {f"Personne {done.code}"}


def test_nobody_signs_in_with_it_again(person: User) -> None:
    person.set_password("Un mot de passe 42")
    person.save()
    Authenticator.objects.create(user=person, type="totp", data={"secret": "x"})
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    erasure.erase(person, by=person)
    assert client.get("/compte/").status_code == 302
    person.refresh_from_db()
    assert not person.check_password("Un mot de passe 42")
    assert not EmailAddress.objects.filter(user=person).exists()
    assert not Authenticator.objects.filter(user=person).exists()
    assert Membership.objects.live().of(person).count() == 0


def test_it_is_done_once(person: User, kept_apart: Path) -> None:
    first = erasure.erase(person, by=person)
    assert erasure.erase(person, by=person) == first
    (line,) = kept_apart.read_text(encoding="utf-8").splitlines()
    assert EMAIL not in line
    assert set(json.loads(line)) == {"person", "print", "code", "at"}
    assert Erasure.objects.count() == 1


def test_somebody_else_does_not_erase_them(person: User) -> None:
    with pytest.raises(NotAllowed):
        erasure.erase(person, by=UserFactory())
    with pytest.raises(NotAllowed):
        erasure.erase(person, by=make_user_with(Role.AUDITOR))
    assert erasure.erase(person, by=make_user_with(Role.DATA_PROTECTION_OFFICER)).person == person


def test_a_namesake_keeps_their_name(person: User) -> None:
    other = UserFactory(name="canarix Zoe", email="zc@ailleurs.fr")
    far = make_draft(by=other)
    Section.objects.create(dossier=far, slug="autre", answers={"note": "Zoé Canarix suit le projet"})
    near = closed(person)
    done = erasure.erase(person, by=person)
    assert done.namesake
    other.refresh_from_db()
    assert other.name == "canarix Zoe"
    assert far.sections.get(slug="autre").answers == {"note": "Zoé Canarix suit le projet"}
    assert near.deposits.get().answers["personnes"]["projet_nom"] == f"Personne {done.code}"


def test_a_switchboard_stays_that_of_the_others(person: User) -> None:
    near = closed(person)
    others = dict(FIRM) | {"personnes": PEOPLE | {"projet_courriel": "paul@voisin.fr", "projet_telephone": PHONE}}
    far = make_deposit(make_draft(answers=others))
    erasure.erase(person, by=person)
    assert far.dossier.deposits.get().answers["personnes"]["projet_telephone"] == PHONE
    assert near.deposits.get().answers["personnes"]["projet_telephone"] == "numéro effacé"


def test_a_draft_that_nobody_else_can_go_on_with_goes_and_that_of_others_stays(person: User) -> None:
    _alone, shared = make_draft(by=person), make_draft(by=person)
    MembershipFactory(organisation=shared.organisation, manager=True)
    erasure.erase(person, by=person)
    assert list(Dossier.objects.all()) == [shared]


def test_a_mail_that_has_not_left_does_not_leave(person: User) -> None:
    dossier = closed(person)
    assert Mail.objects.filter(recipient=person).exists()
    erasure.erase(person, by=person)
    keys = {str(pk) for pk in Mail.objects.filter(recipient=person).values_list("pk", flat=True)}
    assert not Message.objects.unfinished().filter(key__in=keys).exists()
    assert dossier.deposits.exists()


# ------------------------------------------------------------------------------------------------ what prevents it
def prevented(person: User) -> list[str]:
    with pytest.raises(erasure.Prevented) as caught:
        erasure.erase(person, by=person)
    person.refresh_from_db()
    assert person.email == EMAIL
    return [one.what for one in caught.value.obstacles]


@pytest.mark.parametrize("state", ["submitted", "review", "scheduled", "granted", "in_progress", "delivered"])
def test_an_open_or_unpaid_dossier_prevents_it(person: User, state: str) -> None:
    dossier = closed(person)
    Dossier.objects.filter(pk=dossier.pk).update(state=state)
    (what,) = prevented(person)
    assert what.startswith(f"Le dossier {dossier.number} est en cours")


def test_being_named_in_an_open_dossier_prevents_it(person: User) -> None:
    people = PEOPLE | {"habilite_courriel": EMAIL}
    dossier = make_deposit(make_draft(answers=dict(FIRM) | {"personnes": people})).dossier
    (what,) = prevented(person)
    assert str(dossier.number) in what


def test_a_role_prevents_it() -> None:
    person = make_user_with(Role.AGENT, "diagnostic", email=EMAIL, name=NAME)
    assert prevented(person) == ["Un rôle est encore tenu\u00a0: agent instructeur."]


def test_an_only_manager_names_another_first(person: User) -> None:
    mine = MembershipFactory(user=person, manager=True)
    MembershipFactory(organisation=mine.organisation)
    assert prevented(person) == [f"{mine.organisation.name} n’a pas d’autre référent."]


# ------------------------------------------------------------------------------------------------- asked of the Region
def test_whoever_answers_erases_on_request_and_a_last_mail_tells(person: User) -> None:
    officer = make_user_with(Role.DATA_PROTECTION_OFFICER)
    asked = requests.file(person, "erasure", f"Effacez {NAME}, merci.")
    for message in Message.objects.unfinished():
        outbox.work(message.pk)
    mail.outbox.clear()
    requests.erase(asked, "Au revoir.", by=officer)
    for message in Message.objects.unfinished():
        outbox.work(message.pk)
    (last,) = mail.outbox
    assert (last.to, "Au revoir." in last.body) == ([EMAIL], True)
    assert canaries.found_in_tables() == []
    asked.refresh_from_db()
    assert (asked.outcome, asked.text, asked.answered_by) == (Request.Outcome.GRANTED, "", officer)


def test_somebody_without_an_account_is_erased_where_a_dossier_names_them(kept_apart: Path) -> None:
    people = PEOPLE | {"projet_nom": NAME, "projet_courriel": EMAIL, "projet_telephone": PHONE}
    dossier = make_deposit(make_draft(answers=dict(FIRM) | {"personnes": people})).dossier
    officer = make_user_with(Role.DATA_PROTECTION_OFFICER)
    with pytest.raises(NotNow, match="par courrier"):
        requests.note(EMAIL, NAME, "access", "Quoi ?", by=officer)
    with pytest.raises(NotAllowed):
        requests.note(EMAIL, NAME, "erasure", "Moi.", by=UserFactory())
    asked = requests.note(EMAIL.upper(), NAME, "erasure", "Effacez-moi.", by=officer)
    assert asked.person.is_active is False
    with pytest.raises(erasure.Prevented):
        requests.erase(asked, "", by=officer)
    Dossier.objects.filter(pk=dossier.pk).update(state="refused", turn="nobody")
    for message in Message.objects.unfinished().exclude(handler="documents.make"):
        outbox.work(message.pk)
    requests.erase(asked, "", by=officer)
    for message in Message.objects.unfinished():
        outbox.work(message.pk)
    assert canaries.found_in_tables() == []


def test_a_request_is_kept_once_with_its_term_and_answered_once(person: User, time_machine) -> None:
    time_machine.move_to("2027-01-31T09:00:00Z")
    asked = requests.file(person, "rectification", "Mon prénom.")
    assert str(asked.due_on) == "2027-02-28"
    with pytest.raises(NotNow, match="déjà en cours"):
        requests.file(person, "rectification", "Encore.")
    with pytest.raises(NotAllowed):
        requests.answer(asked, "granted", "Fait.", by=make_user_with(Role.AUDITOR))
    officer = make_user_with(Role.DATA_PROTECTION_OFFICER)
    requests.answer(asked, "granted", "Fait.", by=officer)
    with pytest.raises(NotNow, match="déjà sa réponse"):
        requests.answer(asked, "refused", "Non.", by=officer)
    assert Mail.objects.filter(kind="rights.answered", recipient=person).count() == 1
    assert [one.name for one in Event.objects.about(asked)] == ["answer_right", "ask_right"]


def test_nobody_answers_themself() -> None:
    officer = make_user_with(Role.DATA_PROTECTION_OFFICER)
    asked = requests.file(officer, "opposition", "Non.")
    with pytest.raises(NotAllowed, match="Une autre personne"):
        requests.answer(asked, "granted", "Oui.", by=officer)


def test_a_message_of_somebody_else_that_names_them_is_rewritten(person: User) -> None:
    dossier = closed(person)
    other = MembershipFactory(organisation=dossier.organisation).user
    Dossier.objects.filter(pk=dossier.pk).update(state="review", turn="agent")
    said = thread.write(dossier, f"Appelez {NAME} au {PHONE}.", by=other)
    Dossier.objects.filter(pk=dossier.pk).update(state="refused", turn="nobody")
    done = erasure.erase(person, by=person)
    said.refresh_from_db()
    assert said.text == f"Appelez Personne {done.code} au numéro effacé."
    assert said.author == other


def test_the_journal_keeps_who_erased(person: User) -> None:
    officer = make_user_with(Role.ADMINISTRATOR)
    done = erasure.erase(person, by=officer)
    (act,) = Event.objects.about(done)
    assert (act.name, act.by) == ("erase_person", officer)
