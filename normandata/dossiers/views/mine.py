"""The organisation's space: its dossiers, and the beginning of a new one."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from normandata.organisations import services as organisations
from normandata.procedure.errors import NotDone

from .. import cards, schemes
from ..models import READERS, Dossier
from ..schemes import Scheme
from ..services import drafts
from ..start import StartForm
from .access import person

PER_PAGE = 20


@require_safe
@never_cache
def home(request: HttpRequest) -> HttpResponse:
    """Lead to the space of whoever signed in."""
    user = person(request)
    return redirect("dossiers:queue" if user.schemes_as(*READERS) != frozenset() else schemes.home(user))


@require_safe
@never_cache
def mine(request: HttpRequest) -> HttpResponse:
    """List the dossiers of the person's organisations: for each, what is expected and by when."""
    user = person(request)
    dossiers = Dossier.objects.applied_by(user).order_by("-turn_since", "-pk")
    page = Paginator(cards.ready(dossiers), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "cards": cards.cards(page, timezone.now()),
        "schemes": [scheme for scheme in schemes.every() if scheme.application],
    }
    return render(request, "dossiers/applicant/mine.html", context)


@login_required(login_url=reverse_lazy("account_signup"))
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def start(request: HttpRequest, url_slug: str) -> HttpResponse:
    """Begin a request: whose it is, by SIRET first; the simulator's answers come along in the address.

    Somebody without an account is led to make one: it is likelier than having one already.
    """
    user = person(request)
    scheme = _takes_dossiers(url_slug)
    form = StartForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            entered = organisations.register(given["siret"], by=user, despite_closed=given["ferme"])
            dossier = drafts.begin(scheme.slug, entered.organisation, request.GET, by=user)
            return HttpResponseRedirect(_first_section(dossier))
        except NotDone as refusal:
            form.refuse_closed(refusal.messages[0])
    waiting = Dossier.objects.applied_by(user).filter(scheme=scheme.slug, submitted_at=None)
    context = {
        "form": form,
        "scheme": scheme,
        "waiting": waiting.select_related("organisation").order_by("-turn_since")[:5],
        "trail": [(f"{scheme.sheet.short_title}, nouvelle demande", "")],
    }
    return render(request, "dossiers/applicant/start.html", context)


def _takes_dossiers(url_slug: str) -> Scheme:
    for scheme in schemes.every():
        if scheme.url_slug == url_slug and scheme.application:
            return scheme
    raise Http404


def _first_section(dossier: Dossier) -> str:
    application = schemes.application_of(dossier.scheme)
    return reverse("dossiers:section", args=[dossier.key, application.sections[0].slug])
