"""Joining files to a piece, never more than it takes, however many arrive at once."""

from django.db import transaction

from normandata.accounts.models import User
from normandata.documents import uploads
from normandata.documents.models import Upload

from ..applications import Piece
from ..models import Attachment, Dossier
from . import drafts


@transaction.atomic
def join(dossier: Dossier, piece: Piece, upload: Upload, *, by: User) -> Attachment:
    """Join a received file to a piece, counted under the dossier's lock.

    Raises Refused beyond the number that the piece takes, NotAllowed, NotNow.
    """
    joined = drafts.attach(dossier, piece.slug, upload, by=by)
    count = Attachment.objects.current().filter(dossier=dossier, piece=piece.slug).count()
    if count > piece.limits.most_files:
        raise uploads.too_many(upload.name, piece.limits)
    return joined
