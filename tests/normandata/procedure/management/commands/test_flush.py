"""Every table is emptied, guarded ones too, and the guards stand again afterwards."""

from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from normandata.dossiers.models import Dossier
from normandata.procedure.models import Event
from tests.factories.dossiers import make_deposit

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("options", [{"reset_sequences": False, "inhibit_post_migrate": False}, {}])
def test_everything_goes_and_the_journal_is_guarded_again(
    options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    make_deposit()
    assert Event.objects.exists()
    call_command("flush", verbosity=0, interactive=False, **options)
    assert (Event.objects.count(), Dossier.objects.count()) == (0, 0)
    assert ContentType.objects.filter(app_label="dossiers", model="dossier").count() == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM django_migrations")
        assert cursor.fetchone()[0] > 0
    make_deposit()
    with pytest.raises(IntegrityError), transaction.atomic():
        Event.objects.all()._raw_delete("default")
    assert Event.objects.exists()
