"""After an erasure nothing names the person; accounts and journal stay, to the cent and to the act."""

from pathlib import Path
from typing import Any

import pytest
from django.apps import apps

from normandata.accounts.models import User
from normandata.privacy import registry
from normandata.procedure.guards import WrittenOnce
from normandata.rights.services import erasure
from tests.factories.accounts import UserFactory
from tests.normandata.rights import canaries
from tests.normandata.rights.canaries import EMAIL, NAME
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def kept_apart(settings, tmp_path: Path) -> Path:
    settings.ERASURES_FILE = str(tmp_path / "registre" / "erasures.jsonl")
    return Path(settings.ERASURES_FILE)


@pytest.fixture
def everywhere(world: World, kept_apart: Path, monkeypatch: pytest.MonkeyPatch) -> User:
    """Write somebody everywhere; what would prevent their erasure is tested elsewhere."""
    person = UserFactory(email=EMAIL, name=NAME)
    written = canaries.write_everywhere(person)
    assert len(written) >= 180
    monkeypatch.setattr(registry, "obstacles", lambda someone: [])
    return person


def figures() -> dict[str, list[Any]]:
    """Read, of every table that only grows, what no name is in."""
    found = {}
    for model in apps.get_models():
        if any(isinstance(one, WrittenOnce) for one in model._meta.constraints):
            words = registry.of(model).words
            names = [one.attname for one in model._meta.local_concrete_fields if one.name not in words]
            found[model._meta.label] = list(model._base_manager.order_by("pk").values_list(*names))
    return found


def test_nothing_names_them_in_any_table_nor_any_file(everywhere: User, media: Path) -> None:
    before, people = figures(), User.objects.count()
    assert len(canaries.found_in_tables()) >= 180
    done = erasure.erase(everywhere, by=everywhere)
    assert canaries.found_in_tables() == []
    assert canaries.found_in_files(media) == []
    after = figures()
    assert sum(map(len, before.values())) >= 100
    journal = after.pop("procedure.Event")
    assert journal[: len(before["procedure.Event"])] == before.pop("procedure.Event")
    assert after == before
    assert User.objects.count() == people
    everywhere.refresh_from_db()
    assert (everywhere.name, everywhere.email) == (
        f"Personne {done.code}",
        f"personne-{done.code.lower()}@efface.invalid",
    )
    assert (everywhere.is_active, everywhere.has_usable_password()) == (False, False)
