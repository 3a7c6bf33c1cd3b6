"""Files of a piece: never more than it takes, however many arrive at once."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections

from normandata.documents import uploads
from normandata.documents.models import Upload
from normandata.documents.uploads import Outcome
from normandata.dossiers import schemes
from normandata.dossiers.applications import Piece
from normandata.dossiers.models import Attachment, Dossier
from normandata.dossiers.services import drafts, pieces
from tests.factories.documents import UploadFactory
from tests.factories.dossiers import make_draft
from tests.normandata.documents import ordinary
from tests.normandata.documents.conftest import files_under
from tests.threads import together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quiet")]
Keep = Callable[[Dossier, Piece, Upload], object]


def join(dossier: Dossier, piece: Piece, upload: Upload) -> object:
    return pieces.join(dossier, piece, upload, by=dossier.created_by)


def join_uncounted(dossier: Dossier, piece: Piece, upload: Upload) -> object:
    """The broken variant: what was counted before the lock is believed."""
    return drafts.attach(dossier, piece.slug, upload, by=dossier.created_by)


@pytest.mark.parametrize(("keep", "kept"), [(join, 5), (join_uncounted, 7)])
def test_three_files_sent_at_once_for_the_last_place_are_one(media: Path, keep: Keep, kept: int) -> None:
    """Each request counted four files before any of the three was joined."""
    draft = make_draft()
    piece = next(one for one in schemes.application_of("diagnostic").pieces if one.slug == "complement")
    assert piece.limits.most_files == 5
    for _ in range(4):
        join(draft, piece, UploadFactory(uploaded_by=draft.created_by))
    before = len(files_under(media))

    def send(number: int) -> list[Outcome]:
        mine = Dossier.objects.get(pk=draft.pk)
        file = SimpleUploadedFile(f"devis {number}.pdf", ordinary.pdf(), "application/pdf")
        return uploads.receive_all(
            [file], by=draft.created_by, limits=piece.limits, keep=lambda upload: keep(mine, piece, upload), already=4
        )

    results = together(*[lambda number=number: send(number) for number in range(3)])
    connections.close_all()
    assert [one for one in results if isinstance(one, Exception)] == []
    taken = [outcome for (outcome,) in results if outcome.upload]
    assert len(taken) == kept - 4
    assert Attachment.objects.count() == Upload.objects.count() == kept
    assert len(files_under(media)) == before + kept - 4
    refused = {outcome.message for (outcome,) in results if outcome.upload is None}
    assert all("dépasse le nombre de fichiers acceptés, 5 au plus" in message for message in refused)
    assert len(refused) == 7 - kept
