"""What the pages of scoring share, whatever the scheme: a gesture with its form, a sheet saved by itself."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render

from normandata.dossiers.views.draft import AUTOSAVE
from normandata.procedure.errors import NotAllowed, NotDone
from normandata.regulation.formats import plural
from normandata.ui.templatetags.nd import hour

from .errors import InConflict
from .services.sheets import Saved


def posted(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def answer(
    request: HttpRequest,
    form: Any,
    gesture: Callable[[], Any],
    said: str,
    *,
    to: str,
    back: str,
    template: str = "scoring/form.html",
    **page: Any,
) -> HttpResponse:
    """Make the gesture of a form and lead on; a refusal is shown beside what was typed, a model's beside its field."""
    if form.is_bound and form.is_valid():
        try:
            gesture()
        except InConflict as error:
            form.add_error(None, list(error.messages))
        except NotAllowed as error:
            raise Http404 from error
        except NotDone as error:
            form.add_error(None, list(error.messages))
        except ValidationError as error:
            form.refuse(error)
        else:
            messages.success(request, said)
            return HttpResponseRedirect(to)
    context = {"form": form, "back": back, **page}
    return render(request, template, context, status=422 if form.errors else 200)


def is_autosave(request: HttpRequest) -> bool:
    """Tell whether the page saves by itself, and expects a few words in return."""
    return request.headers.get("X-Requested-With") == AUTOSAVE


def kept(revision: int, at: datetime, errors: int = 0, of: tuple[str, str] = ("critère", "critères")) -> JsonResponse:
    """Answer a page that saved by itself: when it was kept, and how many things were not."""
    said = f"Enregistré à {hour(at)}"
    return JsonResponse({"version": revision, "saved": f"{said}, sauf {plural(errors, *of)}" if errors else said})


def sheet_kept(saved: Saved) -> JsonResponse:
    """Answer a sheet that saved by itself."""
    return kept(saved.sheet.revision, saved.sheet.saved_at, len(saved.errors))


def changed_elsewhere(what: str, at: datetime, revision: int) -> JsonResponse:
    """Answer a page that is out of date: nothing was overwritten; `what` is as in « Cette fiche a été modifiée »."""
    return JsonResponse({"conflict": f"{what} ailleurs à {hour(at)}.", "version": revision}, status=409)
