"""Uploads of the tests: a real small PDF on the disk (use the `media` fixture with it)."""

import hashlib
from typing import Any

import factory
from django.core.files.base import ContentFile
from django.utils import timezone

from normandata.documents.models import Upload
from tests.factories.accounts import UserFactory
from tests.normandata.documents.ordinary import pdf


class UploadFactory(factory.django.DjangoModelFactory[Upload]):
    """A clean PDF of one page; `content` gives other bytes."""

    class Meta:
        model = Upload
        skip_postgeneration_save = True

    name = factory.Sequence(lambda number: f"devis-{number}.pdf")
    format = "pdf"
    media_type = "application/pdf"
    pages = 1
    state = Upload.State.CLEAN
    uploaded_by = factory.SubFactory(UserFactory)
    uploaded_at = factory.LazyFunction(timezone.now)
    checked_at = factory.LazyAttribute(
        lambda made: None if made.state in (Upload.State.CHECKING, Upload.State.UNSCANNED) else made.uploaded_at
    )

    @classmethod
    def _create(cls, model_class: type[Upload], *args: Any, **kwargs: Any) -> Upload:
        content = kwargs.pop("content", None) or pdf()
        upload = model_class(size=len(content), sha256=hashlib.sha256(content).hexdigest(), **kwargs)
        if upload.state not in (Upload.State.INFECTED, Upload.State.REFUSED):
            upload.file.save("", ContentFile(content), save=False)
        upload.save(force_insert=True)
        return upload
