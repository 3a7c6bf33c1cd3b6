"""The pages of the gestures that a scheme's agents make on a dossier: opened at their stage, made once, shown again."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotDone, NotNow
from normandata.ui.forms import Form

from .. import examination, refusals
from ..gesture_forms import SeenForm
from ..models import Dossier
from .access import person
from .desk_access import done, instructors, refused

View = Callable[..., HttpResponse]
FORM = require_http_methods(["GET", "HEAD", "POST"])


def posted(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def too_late(request: HttpRequest, dossier: Dossier, *names: str) -> HttpResponse | None:
    """Say that none of these gestures is made at this stage, where it is so."""
    find = dossier.procedure.workflow.find
    if any(dossier.state in find(name).sources for name in names):
        return None
    return refused(request, dossier, NotNow(procedure.TOO_LATE))


def gesture(scheme: str, *names: str) -> Callable[[Callable[[HttpRequest, Dossier], HttpResponse]], View]:
    """Open the page of a scheme's gesture to whoever instructs the dossier, at a stage where one of these is made.

    For the dossier of another scheme the page does not exist, even where that scheme has a transition of the same name.
    """

    def opened_by(view: Callable[[HttpRequest, Dossier], HttpResponse]) -> View:
        @FORM
        @instructors
        @wraps(view)
        def found(request: HttpRequest, dossier: Dossier) -> HttpResponse:
            if dossier.scheme != scheme:
                raise Http404
            late = too_late(request, dossier, *names)
            return view(request, dossier) if late is None else late

        return found

    return opened_by


def make(
    request: HttpRequest, dossier: Dossier, form: SeenForm, act: Callable[[], Any], said: str
) -> HttpResponse | None:
    """Make the gesture of a form that was sent and is valid, then lead back to the dossier.

    A refusal is left in the form, whose page is then shown again. A form made on something else than what stands now,
    which is its initial `seen`, is refused before anything is tried.
    """
    if not (form.is_bound and form.is_valid()):
        return None
    try:
        if form.cleaned_data["seen"] != form.initial["seen"]:
            raise NotNow(procedure.TOO_LATE)
        act()
    except NotAllowed as error:
        raise Http404 from error
    except NotNow as error:
        return refused(request, dossier, error)
    except NotDone as error:
        dossier.refresh_from_db()
        refusals.write(form, error)
        return None
    return done(request, dossier, said)


def show(
    request: HttpRequest, dossier: Dossier, template: str, form: Form | None = None, **content: Any
) -> HttpResponse:
    """Draw the page of a gesture under the head of its dossier, 422 when something typed is wrong."""
    context = examination.head(request, dossier, person(request), "") | {"form": form, **content}
    is_wrong = form is not None and form.is_bound and bool(form.errors)
    return render(request, template, context, status=422 if is_wrong else 200)
