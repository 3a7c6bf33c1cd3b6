"""The Datathon's part of an erasure: a running edition prevents it, an edition that is over goes with the person."""

from datetime import date

import pytest

from datathon import phases
from datathon.editions import Edition
from datathon.mentoring import Mentor
from normandata.privacy import due, registry
from normandata.rights.services import eliminations, erasure
from tests.factories.accounts import UserFactory
from tests.factories.datathon import make_edition
from tests.factories.people import person_of, register

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media", "september")]


@pytest.fixture(autouse=True)
def _register_apart(settings, tmp_path) -> None:
    settings.ERASURES_FILE = str(tmp_path / "erasures.jsonl")


def test_a_running_edition_prevents_an_erasure_and_one_that_is_over_goes_with_it() -> None:
    one = register(make_edition(), UserFactory(name="Zoé Canarix"))
    person = person_of(one)
    Mentor.objects.create(edition=one.edition, person=person, about="Zoé, data", skills=["data"])
    assert [found.what for found in registry.obstacles(person)] == [
        f"L’édition {one.edition.title} n’est pas terminée."
    ]
    Edition.objects.update(state=phases.PUBLISHED, published_at="2027-10-25T10:00Z")
    erasure.erase(person, by=person)
    one.refresh_from_db()
    assert (one.person, str(one)) == (None, "Participant effacé")
    mentor = Mentor.objects.get()
    assert (mentor.about, mentor.skills, mentor.person) == ("", [], person)


def test_the_dry_run_lists_the_participants_whom_the_night_erases() -> None:
    one = register(make_edition())
    Edition.objects.update(state=phases.PUBLISHED, published_at="2027-10-25T10:00Z", closing_at="2027-10-24T10:00Z")
    (found,) = (line for line in eliminations.look(date(2028, 10, 25)) if line.due.rule.slug == "datathon")
    assert found.outcome == "effacé la nuit"
    assert (found.due.label, found.due.since) == (f"Inscription {one.pk}, {one.edition.title}", date(2027, 10, 25))
    assert found.due.due_on == date(2028, 10, 25)
    assert not [one for one in due.every(date(2028, 10, 24)) if one.rule.slug == "datathon"]
