"""A copy holds what is held, for its owner, for a week."""

import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from normandata.accounts.models import User
from normandata.outbox import services as outbox
from normandata.outbox.models import Message
from normandata.rights.models import Export
from normandata.rights.services import exports
from tests.factories.accounts import UserFactory
from tests.factories.documents import UploadFactory
from tests.factories.dossiers import make_deposit
from tests.factories.organisations import MembershipFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media", "quiet")]


@pytest.fixture
def person() -> User:
    found: User = UserFactory(name="Zoé Canarix", email="zoe@oiseau.fr")
    return found


def made(person: User) -> zipfile.ZipFile:
    export = exports.ask(person)
    assert outbox.work(Message.objects.get(handler=exports.MAKE, key=str(export.pk)).pk)
    export.refresh_from_db()
    assert export.size == Path(export.file.path).stat().st_size
    return zipfile.ZipFile(io.BytesIO(Path(export.file.path).read_bytes()))


def test_it_holds_what_is_held_in_both_forms_with_the_files(person: User) -> None:
    dossier = make_deposit(by=person).dossier
    upload = UploadFactory(uploaded_by=person, name="plan.pdf")
    UploadFactory(name="autre.pdf")
    archive = made(person)
    assert sorted(archive.namelist()) == ["LISEZ-MOI.html", "donnees.json", "fichiers/001-plan.pdf"]
    said = json.loads(archive.read("donnees.json"))
    assert said["person"]["courriel"] == "zoe@oiseau.fr"
    parts = {part["label"]: part for part in said["held"]}
    assert parts["fichiers reçus"]["rows"][0]["nom"] == "plan.pdf"
    assert parts["dépôts"]["acts"][0]["à quel titre"] == "déposé par"
    assert {act["acte"] for act in parts["journal"]["acts"]} >= {"submit"}
    assert str(dossier.pk) in {str(act["identifiant"]) for act in parts["dossiers"]["acts"]}
    page = archive.read("LISEZ-MOI.html").decode()
    assert "Zoé Canarix" in page
    assert "plan.pdf" in page
    assert archive.read("fichiers/001-plan.pdf") == Path(upload.file.path).read_bytes()


def test_it_holds_no_secret_and_nothing_of_others(person: User) -> None:
    other = MembershipFactory(user__name="Paul Voisin").user
    person.set_password("x")
    person.save()
    text = made(person).read("donnees.json").decode()
    for secret in (person.password, other.email, other.name, "token_hash"):
        assert secret not in text


def test_asking_twice_makes_one_and_it_ends(person: User, django_capture_on_commit_callbacks) -> None:
    export = exports.ask(person)
    assert exports.ask(person) == export
    assert exports.make(str(export.pk)) is True
    assert exports.make(str(export.pk)) is False
    export.refresh_from_db()
    path = Path(export.file.path)
    assert export.expires_at - export.asked_at == timedelta(days=7)
    assert exports.erase_expired(export.expires_at - timedelta(seconds=1)) == 0
    with django_capture_on_commit_callbacks(execute=True):
        assert exports.erase_expired(export.expires_at) == 1
    assert not Export.objects.exists()
    assert not path.exists()


def test_a_page_counts_what_is_held_by_treatment(person: User) -> None:
    make_deposit(by=person)
    held = {one["treatment"].slug: one["rows"] for one in exports.held(person)}
    assert held["account"] >= 2
    assert held["instruct"] >= 2
    assert "datathon" not in held


def test_a_copy_of_somebody_erased_meanwhile_is_not_made(person: User) -> None:
    export = exports.ask(person)
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert exports.make(str(export.pk)) is False
    assert timezone.now() < export.expires_at
