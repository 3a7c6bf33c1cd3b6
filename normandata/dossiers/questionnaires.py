"""A questionnaire filled little by little: kept as typed, by anybody of the organisation, until it is sent."""

from collections.abc import Mapping
from typing import Any, Protocol

from django.http import HttpRequest, JsonResponse
from django.utils import timezone

from normandata.accounts.models import User
from normandata.procedure.errors import NotDone
from normandata.ui.templatetags.nd import hour

AUTOSAVE = "autosave"
COLUMNS = ["answers", "version", "saved_at", "saved_by"]
"""What a save writes; `version` grows with each."""


class Kept(Protocol):
    """The row of a questionnaire."""

    answers: dict[str, Any]
    version: int
    saved_at: Any
    saved_by: Any

    def save(self, *, update_fields: list[str]) -> None: ...


class Conflict(Exception):
    """The questionnaire was saved elsewhere since the version this text started from; nothing was written."""

    def __init__(self, kept: Any) -> None:
        super().__init__(kept)
        self.kept = kept


def keep(kept: Kept, typed: Mapping[str, Any], *, version: int, by: User) -> None:
    """Write what is typed on a row that is held; the same answers again change nothing. Raises Conflict."""
    if kept.answers == dict(typed):
        return
    if kept.version != version:
        raise Conflict(kept)
    kept.answers, kept.version, kept.saved_at, kept.saved_by = dict(typed), kept.version + 1, timezone.now(), by
    kept.save(update_fields=COLUMNS)


def is_autosave(request: HttpRequest) -> bool:
    """Tell whether the page saves by itself: it awaits a few words, not a page."""
    return request.headers.get("X-Requested-With") == AUTOSAVE


def version_of(request: HttpRequest) -> int:
    """Return the version that a text started from."""
    version = request.POST.get("version", "0")
    return int(version) if version.isdecimal() and len(version) < 9 else 0


def saved(kept: Kept) -> JsonResponse:
    return JsonResponse({"version": kept.version, "saved": f"Enregistré à {hour(kept.saved_at)}"})


def conflicting(kept: Kept) -> JsonResponse:
    words = f"Ce questionnaire a été modifié ailleurs à {hour(kept.saved_at)}."
    return JsonResponse({"conflict": words, "version": kept.version}, status=409)


def gone(refusal: NotDone) -> JsonResponse:
    return JsonResponse({"message": " ".join(refusal.messages)}, status=410)
