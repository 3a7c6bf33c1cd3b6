"""The sheet for the assembly: asked for without an account, and not without limit."""

import pytest
from django.test import Client
from django.urls import reverse

from normandata.documents import services as documents
from normandata.documents.models import Document

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


@pytest.mark.parametrize("most", ["MOST_KEPT", "MOST_PENDING"])
def test_too_many_sheets_are_refused_with_another_way(
    client: Client, monkeypatch: pytest.MonkeyPatch, most: str
) -> None:
    here = reverse("indicators:sheet")
    assert client.post(f"{here}?aide=diagnostic-data-ia").status_code == 302
    monkeypatch.setattr(documents, most, 1)
    response = client.post(f"{here}?aide=booster-ia")
    assert (response.status_code, Document.objects.count()) == (503, 1)
    assert "ou lisez les mêmes chiffres sur leurs pages." in response.content.decode()
