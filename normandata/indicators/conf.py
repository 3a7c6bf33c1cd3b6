"""The room's setting and its check."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error

LEAST = 2


def threshold() -> int:
    """The smallest group of people or of confidential answers that the public reads a figure of."""
    return int(settings.INDICATORS_THRESHOLD)


def check_threshold(**kwargs: Any) -> list[CheckMessage]:
    """Refuse a threshold that hides nothing."""
    if threshold() >= LEAST:
        return []
    said = f"NORMANDATA_INDICATORS_THRESHOLD : {threshold()} ne cache rien ; il vaut {LEAST} au moins."
    return [Error(said, id="indicators.E001")]
