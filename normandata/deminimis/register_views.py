"""The register of de minimis aids as agents keep it: what is to be entered and by when, the file, what was entered."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from normandata.accounts.models import User
from normandata.dossiers import exports
from normandata.dossiers.views.access import person
from normandata.organisations.siret import written_siren
from normandata.organisations.undertakings import may_regroup
from normandata.procedure.errors import NotDone
from normandata.regulation.formats import plural, spaced

from . import registration
from .models import Aid, AidQuerySet
from .register_forms import EnteredForm
from .registration import Deadline, deadline

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class Row:
    """A grant of the portal and where it stands on its way to the register."""

    aid: Aid
    due: Deadline
    is_entered: bool
    is_ticked: bool

    @property
    def siren(self) -> str:
        return written_siren(self.aid.member.siren)

    @property
    def countdown(self) -> str:
        """Say how long is left, or how late it is."""
        if self.due.late:
            return spaced(f"{plural(self.due.late, 'jour ouvrable', 'jours ouvrables')} de retard")
        return spaced(f"{plural(self.due.left, 'jour ouvrable reste', 'jours ouvrables restent')}")


def keeper(request: HttpRequest) -> User:
    """Return the agent who is there; raises Http404 for anybody else."""
    user = person(request)
    if not may_regroup(user):
        raise Http404
    return user


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def register(request: HttpRequest) -> HttpResponse:
    """List the grants to enter, those due first; note those that were entered."""
    user, shows_all = keeper(request), request.GET.get("tout") == "1"
    page = Paginator(_listed(shows_all), PER_PAGE).get_page(request.GET.get("page"))
    form = EnteredForm(request.POST if request.method == "POST" else None, known=[one.pk for one in page.object_list])
    if form.is_bound and form.is_valid():
        try:
            noted = registration.mark_registered(_chosen(form), on=form.cleaned_data["on"], by=user)
        except NotDone as error:
            form.add_error("on", list(error.messages))
        else:
            said = plural(len(noted), "aide est notée comme déclarée", "aides sont notées comme déclarées")
            messages.success(request, spaced(f"{said}."))
            return HttpResponseRedirect(reverse("deminimis:register"))
    context = {"page": page, "rows": _rows(list(page.object_list), form), "form": form, "shows_all": shows_all}
    return render(request, "deminimis/register.html", context, status=422 if form.is_bound else 200)


@require_safe
def register_file(request: HttpRequest) -> HttpResponseBase:
    """Send the portal's grants in the columns of the public register, deadline and state beside."""
    keeper(request)
    return exports.response(registration.export(), f"registre-de-minimis-{timezone.localdate():%Y-%m-%d}.csv")


def _listed(shows_all: bool) -> AidQuerySet:
    found = Aid.objects.granted_here() if shows_all else Aid.objects.to_register()
    return found.select_related("member", "organisation", "registration").order_by("on", "pk")


def _chosen(form: EnteredForm) -> AidQuerySet:
    return Aid.objects.filter(pk__in=form.cleaned_data["aids"])


def _rows(aids: Sequence[Aid], form: EnteredForm) -> list[Row]:
    today, ticked = timezone.localdate(), set(form["aids"].value() or ())
    return [Row(one, deadline(one.on, today), hasattr(one, "registration"), str(one.pk) in ticked) for one in aids]
