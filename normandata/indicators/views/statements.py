"""Values typed in: the list of a scheme's, one to state, one to correct or to withdraw."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from normandata.accounts.models import User
from normandata.dossiers.views.access import person
from normandata.procedure.errors import NotDone, ReasonMissing

from .. import permissions, registry, services
from ..forms import CorrectForm, StateForm
from ..models import Statement
from ..registry import Owner
from .public import owner_of

View = Callable[..., HttpResponse]
MOST = 200


def typists(view: View) -> View:
    """Open a page to whoever types the values of an owner in; for others it does not exist."""

    @wraps(view)
    @never_cache
    def found(request: HttpRequest, url: str, **kwargs: Any) -> HttpResponse:
        user, owner = person(request), owner_of(url)
        if not permissions.may_type(user, owner.slug):
            raise Http404
        return view(request, user, owner, **kwargs)

    return found


@require_safe
@typists
def listing(request: HttpRequest, user: User, owner: Owner) -> HttpResponse:
    """List the values typed in, each with what it took the place of."""
    rows = Statement.objects.filter(owner=owner.slug).uncorrected().select_related("by", "corrects__by")
    typed = [one for one in registry.of(owner.slug) if one.typed]
    names = {one.slug: one.title for one in typed}
    listed = [(names.get(row.indicator, row.indicator), row) for row in rows[:MOST]]
    return render(request, "indicators/statements.html", {"owner": owner, "typed": typed, "rows": listed, "most": MOST})


@require_http_methods(["GET", "HEAD", "POST"])
@typists
def state(request: HttpRequest, user: User, owner: Owner, slug: str) -> HttpResponse:
    """Type a value in."""
    indicator = registry.find(owner.slug, slug)
    if indicator is None or indicator.typed is None:
        raise Http404
    form = StateForm(request.POST if request.method == "POST" else None, typed=indicator.typed)
    if request.method == "POST" and form.is_valid():
        try:
            services.state(owner.slug, indicator, by=user, **form.cleaned_data)
            return _done(request, owner, "La valeur est enregistrée, signée de votre nom.")
        except (NotDone, ValidationError) as error:
            _refuse(form, error)
    context = {"form": form, "owner": owner, "title": indicator.title, "lead": indicator.formula}
    return _page(request, context | {"button": "Enregistrer la valeur"}, form)


@require_http_methods(["GET", "HEAD", "POST"])
@typists
def correct(request: HttpRequest, user: User, owner: Owner, pk: int) -> HttpResponse:
    """Correct a value, or withdraw it by leaving its number empty."""
    former = _former(request, owner, pk)
    indicator = registry.find(owner.slug, former.indicator)
    if indicator is None or indicator.typed is None:
        raise Http404
    said = {"value": f"{former.value:f}", "measured_on": f"{former.measured_on:%d/%m/%Y}", "source": former.source}
    form = CorrectForm(request.POST if request.method == "POST" else None, initial=said, typed=indicator.typed)
    if request.method == "POST" and form.is_valid():
        try:
            row = services.correct(former, by=user, **form.cleaned_data)
            return _done(request, owner, "La valeur est retirée." if row.value is None else "La valeur est corrigée.")
        except (NotDone, ReasonMissing, ValidationError) as error:
            _refuse(form, error)
    context = {"form": form, "owner": owner, "title": f"Corriger : {former.label}", "former": former}
    return _page(request, context | {"button": "Enregistrer la correction"}, form)


def _former(request: HttpRequest, owner: Owner, pk: int) -> Statement:
    """Find what is corrected; whoever sends a correction too late reads so, with what was typed. Raises Http404."""
    found = Statement.objects.filter(owner=owner.slug, value__isnull=False)
    return get_object_or_404(found if request.method == "POST" else found.uncorrected(), pk=pk)


def _refuse(form: StateForm | CorrectForm, error: NotDone | ReasonMissing | ValidationError) -> None:
    form.refuse(error if isinstance(error, ValidationError) else ValidationError(str(error)))


def _page(request: HttpRequest, context: dict[str, Any], form: StateForm | CorrectForm) -> HttpResponse:
    return render(request, "indicators/statement.html", context, status=422 if form.errors else 200)


def _done(request: HttpRequest, owner: Owner, said: str) -> HttpResponse:
    messages.success(request, said)
    return HttpResponseRedirect(reverse("indicators:statements", args=[owner.url]))
