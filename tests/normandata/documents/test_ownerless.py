"""Files received and joined to nothing: kept a day, then erased; what any row points at stays."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.db.models.fields.reverse_related import ForeignObjectRel
from django.utils import timezone

from normandata.documents import tasks, uploads
from normandata.documents.models import Upload
from normandata.dossiers.models import Attachment
from normandata.dossiers.services import thread
from tests.factories.accounts import make_agent
from tests.factories.documents import UploadFactory
from tests.factories.dossiers import make_dossier
from tests.normandata.documents.conftest import files_under
from tests.threads import together

pytestmark = pytest.mark.django_db(transaction=True)
OLD = timedelta(hours=25)


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))


def test_what_nobody_joined_within_a_day_is_erased_with_its_file(media: Path) -> None:
    dossier, agent = make_dossier(), make_agent()
    then = timezone.now() - OLD
    lost, joined, removed, written = (UploadFactory(uploaded_by=agent, uploaded_at=then) for _ in range(4))
    fresh = UploadFactory(uploaded_by=agent, uploaded_at=timezone.now() - timedelta(hours=23))
    for upload, at in ((joined, None), (removed, then)):
        Attachment.objects.create(dossier=dossier, piece="complement", upload=upload, added_by=agent, removed_at=at)
    thread.write(dossier, "Voici.", by=agent, uploads=[written])
    before = set(files_under(media))
    tasks.forget_ownerless()
    assert set(Upload.objects.all()) == {joined, removed, written, fresh}
    assert before - set(files_under(media)) == {lost.file.name}
    assert uploads.forget_ownerless(timezone.now()) == 0


def test_every_kind_of_row_that_points_at_a_file_owns_it() -> None:
    """A room that comes later owns its files without a word here: the links are read from the models."""
    found = Upload._meta.get_fields(include_hidden=True)
    links = {(one.related_model._meta.label, one.field.name) for one in found if isinstance(one, ForeignObjectRel)}
    assert {("dossiers.Attachment", "upload"), ("dossiers.ThreadFile", "upload")} <= links
    sql = str(Upload.objects.ownerless().query)
    assert sql.count("NOT EXISTS") == len(links)


def test_a_file_joined_while_the_sweep_looks_is_whole_or_gone(media: Path) -> None:
    dossier, agent = make_dossier(), make_agent()
    for _ in range(5):
        upload = UploadFactory(uploaded_by=agent, uploaded_at=timezone.now() - OLD)
        together(
            lambda: uploads.forget_ownerless(timezone.now()),
            lambda upload=upload: Attachment.objects.create(  # type: ignore[misc]
                dossier=dossier, piece="complement", upload=upload, added_by=agent
            ),
        )
        rows = Upload.objects.filter(pk=upload.pk).count()
        assert Attachment.objects.filter(upload_id=upload.pk).count() == rows
        assert (upload.file.name in files_under(media)) is bool(rows)
