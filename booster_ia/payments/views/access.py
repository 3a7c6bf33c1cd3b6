"""Finding the grants, requests and repayments that somebody may open; what one may not see does not exist."""

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from normandata.accounts.models import User
from normandata.dossiers import closures, presentation
from normandata.dossiers.models import Dossier
from normandata.dossiers.views.access import own, person
from normandata.procedure.errors import NotAllowed, NotDone
from normandata.ui.forms import Form

from ...awards import Award
from ...services import decisions
from .. import permissions
from ..panels import TOLD
from ..recoveries import Recovery
from ..requests import SEEN_BY, PaymentRequest

View = Callable[..., HttpResponseBase]


def own_award(request: HttpRequest, key: uuid.UUID) -> Award:
    """Return the grant of a dossier of this person's organisations, once it was notified; raises Http404."""
    dossier = own(request, key)
    award = decisions.award_of(dossier) if dossier.scheme == permissions.SCHEME else None
    if award is None or dossier.state not in TOLD:
        raise Http404
    award.dossier = dossier
    return award


def own_request(request: HttpRequest, key: uuid.UUID, pk: int) -> PaymentRequest:
    """Return a request of the organisation's; raises Http404."""
    award = own_award(request, key)
    found = PaymentRequest.objects.whole().filter(award=award, pk=pk).first()
    if found is None:
        raise Http404
    return found


def region(view: View) -> View:
    """Open a page to the scheme's readers and to its payments officers; for others it does not exist."""

    @wraps(view)
    @never_cache
    def found(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not person(request).holds(*SEEN_BY, scheme=permissions.SCHEME):
            raise Http404
        return view(request, *args, **kwargs)

    return found


def seen(request: HttpRequest, pk: int) -> PaymentRequest:
    """Return a request that this person of the Region may read; raises Http404."""
    user = person(request)
    found = PaymentRequest.objects.for_region(user).whole().filter(pk=pk).first()
    if found is None:
        raise Http404
    closures.pass_through(user, found.award.dossier_id)
    return found


def seen_award(request: HttpRequest, key: uuid.UUID, *, may: Callable[[User, Dossier], bool]) -> Award:
    """Return the grant of a dossier on which this person of the Region may do something; raises Http404."""
    dossier = Dossier.objects.select_related("organisation", "owner").filter(key=key, scheme=permissions.SCHEME).first()
    award = decisions.award_of(dossier) if dossier else None
    if dossier is None or award is None or not may(person(request), dossier):
        raise Http404
    award.dossier = dossier
    return award


def seen_recovery(request: HttpRequest, pk: int) -> Recovery:
    """Return a repayment that this person of the Region may read; raises Http404."""
    user = person(request)
    mine = Recovery.objects.filter(pk=pk).select_related("award__dossier__organisation", "award__envelope")
    found = mine.filter(award__dossier__in=Dossier.objects.filter(closures.left_open(user))).first()
    if found is None or not user.holds(*SEEN_BY, scheme=permissions.SCHEME):
        raise Http404
    closures.pass_through(user, found.award.dossier_id)
    return found


def posted(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def attempt(form: Form, gesture: Callable[[], Any], field: str | None = None) -> bool:
    """Make the gesture of a form that is valid; a refusal is said in the form. What is not allowed does not exist."""
    if not (form.is_bound and form.is_valid()):
        return False
    try:
        gesture()
    except NotAllowed as error:
        raise Http404 from error
    except NotDone as error:
        form.add_error(field if field in form.fields else None, list(error.messages))
        return False
    return True


def read_mark(request: HttpRequest, name: str = "vu") -> str | None:
    """Return the mark of what a page showed, as it posted it; nothing where it posted none."""
    return request.POST.get(name)


def show(request: HttpRequest, template: str, context: dict[str, Any], form: Form | None = None) -> HttpResponse:
    """Draw a page; one whose form is wrong answers 422."""
    is_wrong = form is not None and form.is_bound and bool(form.errors)
    return render(request, template, context | {"form": form}, status=422 if is_wrong else 200)


def refused(request: HttpRequest, error: NotDone, back: str) -> HttpResponse:
    """Say why a gesture was not done, and lead back."""
    if isinstance(error, NotAllowed):
        raise Http404
    return presentation.refused(request, error, back)
