"""The bulletin's part of the house: a news that everybody reads, and one that is a draft."""

from typing import Any

from normandata.accounts.models import User
from normandata.bulletin import services

VALUES = {
    "title": "Ouverture des dépôts",
    "summary": "Les dépôts de la vague sont ouverts.",
    "text": "## Comment\n\nDepuis [les aides](/aides/).",
    "subject": "aide:booster-ia",
    "publish_at": None,
    "expires_at": None,
}


def things(writer: User) -> dict[str, Any]:
    """Write two news, publish one."""
    told = services.write(VALUES, by=writer)
    services.fire(told, "publish", by=writer)
    draft = services.write(VALUES | {"title": "À venir"}, by=writer)
    return {"news": told.slug, "told": told.pk, "draft_news": draft.pk}
