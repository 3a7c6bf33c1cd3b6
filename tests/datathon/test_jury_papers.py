"""The minutes and the certificates: what they say, what they never say, and that they are made."""

import json
from typing import Any

import pytest

from datathon import jury_papers
from datathon.models import Edition
from datathon.services import certificates, deliberations, publication
from normandata.documents import services as documents
from normandata.documents.models import Document
from normandata.procedure.errors import NotAllowed
from tests.factories.accounts import UserFactory
from tests.factories.datathon import make_organiser
from tests.factories.datathon_jury import cast, close, deliberate, make_scoring, people, recuse, teams_of, vote

pytestmark = pytest.mark.django_db


@pytest.fixture
def closed() -> Edition:
    """C. Tesson does not judge A; B is decided first against the proposal."""
    edition = make_scoring(["A", "B", "C"], 4, quorum=3, closing_place="Abbaye-aux-Dames, Caen")
    a, b, c = teams_of(edition)
    jury = people(edition)
    recuse(a, jury[1])
    for by in (jury[0], jury[2], jury[3]):
        vote(a, by, 4)
    for by in jury:
        vote(b, by, 3)
    vote(c, jury[0], 5)
    organiser = make_organiser(edition)
    found = deliberate(edition, organiser)
    ranks = {a.pk: "2", b.pk: "1"}
    deliberations.decide(edition, ranks, by=organiser, revision=found.revision, reason="Usage immédiat, vérifié.")
    deliberations.record_vote(edition, "Placer B devant A", in_favour=2, against=1, by=organiser, pair=(b, a))
    deliberations.close_deliberation(edition, by=organiser)
    edition.refresh_from_db()
    return edition


def minutes() -> Document:
    return Document.objects.get(kind="datathon.record")


def plain(value: Any) -> str:
    return str(value).replace("\u00a0", " ")


def test_the_minutes_say_all_that_the_jury_did(closed: Edition) -> None:
    shown = jury_papers.record_context(minutes())
    assert [(one["name"], one["present"], one["chair"]) for one in shown["jurors"]] == [
        ("A. Vauclin", True, True), ("C. Tesson", True, False), ("D. Lemarois", True, False), ("G. Brix", True, False),
    ]  # fmt: skip
    assert shown["recusals"] == [{"name": "C. Tesson", "teams": ["A"], "whole": False}]
    assert (shown["quorum"], shown["place"], shown["there"]) == (3, "Abbaye-aux-Dames, Caen", 4)
    assert [(one["label"], one["weight"]) for one in shown["criteria"]][:2] == [
        ("Pertinence avec la thématique", "3"), ("Originalité", "2"),
    ]  # fmt: skip
    assert [(one["name"], one["proposed"], one["decided"], one["shown"]) for one in shown["teams"]] == [
        ("A", 1, 2, "4,00"), ("B", 2, 1, "3,00"), ("C", None, None, "5,00"),
    ]  # fmt: skip
    assert plain(shown["moved"]) == "« A », proposée 1re, décidée 2e et « B », proposée 2e, décidée 1re"
    assert plain(shown["votes"][0]["written"]) == "2 pour, 1 contre, 0 abstention"
    assert [(one["team"], plain(one["written"])) for one in shown["prizes"]] == [
        ("B", "2 500,00 €"), ("A", "1 500,00 €"), ("", "1 000,00 €"),
    ]  # fmt: skip
    assert plain(shown["given"]) == "4 000,00 €"
    assert shown["opened_at"] < shown["closed_at"]
    assert shown["hash"] == jury_papers.fingerprint(minutes().record)


def test_the_minutes_name_no_participant_and_outlive_their_erasure(closed: Edition) -> None:
    kept = json.dumps(minutes().record, ensure_ascii=False)
    names = [str(one.person) for one in closed.registrations.select_related("person")]
    assert names
    assert not [name for name in names if f'"{name}"' in kept]
    before = jury_papers.fingerprint(minutes().record)
    closed.registrations.update(person=None, erased_at=closed.created_at, profile="", pitch="")
    documents.make(minutes().pk)
    made = minutes()
    assert (made.is_ready, jury_papers.fingerprint(made.record)) == (True, before)
    assert made.filename == f"proces-verbal-{closed.slug}-1.pdf"


def test_the_hash_changes_with_what_is_said(closed: Edition) -> None:
    kept = minutes().record
    assert jury_papers.fingerprint(kept | {"reason": "Autre"}) != jury_papers.fingerprint(kept)
    assert jury_papers.fingerprint(dict(reversed(kept.items()))) == jury_papers.fingerprint(kept)


def test_each_participant_has_a_certificate_and_no_name_is_kept_with_it() -> None:
    edition = make_scoring(["A"], 3)
    cast(edition, {"A": (4, 4, 4)})
    organiser = make_organiser(edition)
    deliberate(edition, organiser)
    found = close(edition, organiser)
    documents.make(found.record_id or "")
    edition.refresh_from_db()
    publication.publish(edition, by=organiser)
    registration = edition.registrations.select_related("person", "edition").get()
    person = registration.person
    assert person is not None
    assert certificates.entitled(edition, UserFactory()) is None
    assert certificates.entitled(edition, person) == registration
    with pytest.raises(NotAllowed):
        certificates.ask(registration, by=UserFactory())
    document = certificates.ask(registration, by=person)
    assert certificates.ask(registration, by=person) == document
    assert person.name not in json.dumps(document.record) + document.title + document.filename
    assert jury_papers.certificate_context(document)["name"] == person.name
    documents.make(document.pk)
    assert certificates.forget(registration) == 1
    assert jury_papers.certificate_of(registration) is None
