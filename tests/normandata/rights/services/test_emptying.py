"""After an elimination nothing that the dossier said is left, in any table, any file; what is not of it is as it was."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import models

from normandata.documents.models import Document
from normandata.dossiers.models import Dossier
from normandata.dossiers.services import drafts
from normandata.privacy import registry
from normandata.rights import emptying
from tests.factories.accounts import UserFactory
from tests.normandata.rights import canaries
from tests.normandata.rights.canaries import EMAIL, NAME
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media", "quiet")]


def test_look(world: World, media: Path) -> None:
    person = UserFactory(email=EMAIL, name=NAME)
    canaries.write_everywhere(person)
    by = UserFactory()
    for dossier in Dossier.objects.all():
        emptying.empty(dossier, by=by)
    from collections import Counter
    left = Counter()
    for holding in registry.every():
        for row in holding.table._base_manager.all():
            for name in holding.words:
                if canaries.sings(getattr(row, name)):
                    kind = getattr(row, holding.thing[0]) if holding.thing else getattr(row, "kind", "")
                    left[f"{holding.model}.{name} {kind}"] += 1
    for one in sorted(left.items()):
        print(one)
    print(canaries.found_in_files(media))
    assert 0
