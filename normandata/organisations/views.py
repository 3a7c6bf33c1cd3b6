"""An applicant's organisations: the list, adding one, its identity."""

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from normandata.accounts.models import User
from normandata.procedure.errors import NotDone

from . import permissions, presentation, services
from .forms import DeclarationForm, SiretForm
from .http import SignedRequest
from .models import MemberInvitation, Membership

MINE = ("Mes structures", "/structures/")


def membership_or_404(user: User, siret: str, *, is_manager: bool = False) -> Membership:
    """Find the active membership of this person; raises Http404, for a manager's page too."""
    rows = Membership.objects.managers() if is_manager else Membership.objects.active()
    found = rows.of(user).filter(organisation__siret=siret).select_related("organisation__declared_by").first()
    if found is None:
        raise Http404
    return found


@require_safe
@never_cache
def index(request: SignedRequest) -> HttpResponse:
    """List the organisations of this person; one alone is shown at once."""
    mine = list(Membership.objects.live().of(request.user).select_related("organisation"))
    if len(mine) == 1 and mine[0].state == Membership.State.ACTIVE:
        return redirect("organisations:detail", mine[0].organisation.siret)
    mine.sort(key=lambda membership: membership.organisation.label)
    return render(request, "organisations/index.html", {"memberships": mine, "trail": [(MINE[0], "")]})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def add(request: SignedRequest) -> HttpResponse:
    """Ask for a SIRET, show what the directory says, then register: nothing is written before the last step."""
    data = request.POST if request.method == "POST" else request.GET
    form = SiretForm(data if "siret" in data else None)
    context = {"form": form, "trail": [MINE, ("Ajouter une structure", "")]}
    if not form.is_bound or not form.is_valid():
        return render(request, "organisations/add.html", context)
    siret = form.cleaned_data["siret"]
    found = presentation.look(siret)
    declared = DeclarationForm(request.POST) if request.method == "POST" and found.asks_by_hand else None
    if request.method != "POST" or (declared and not declared.is_valid()):
        by_hand = declared or DeclarationForm(initial=found.initial)
        return render(request, "organisations/confirm.html", context | {"found": found, "by_hand": by_hand})
    return _register(request, siret, declared)


def _register(request: SignedRequest, siret: str, declared: DeclarationForm | None) -> HttpResponse:
    try:
        done = services.register(siret, by=request.user, declaration=declared.declaration if declared else None)
    except NotDone as error:
        messages.error(request, " ".join(error.messages))
        return HttpResponseRedirect(f"{reverse('organisations:add')}?siret={siret}")
    return redirect("organisations:detail", done.organisation.siret)


@require_safe
@never_cache
def detail(request: SignedRequest, siret: str) -> HttpResponse:
    """Show an organisation: its identity with sources, its members; to whoever only asked to join, just that."""
    live = Membership.objects.live().of(request.user).filter(organisation__siret=siret)
    mine = live.select_related("organisation__declared_by").first()
    if mine is None:
        raise Http404
    organisation = mine.organisation
    context = {"organisation": organisation, "mine": mine, "trail": [MINE, (organisation.label, "")]}
    if mine.state == Membership.State.REQUESTED:
        context["has_manager"] = permissions.has_manager(organisation)
        return render(request, "organisations/requested.html", context)
    people = Membership.objects.filter(organisation=organisation, user__is_active=True).live().select_related("user")
    context |= {
        "identity": presentation.identity(organisation),
        "members": [person for person in people if person.state == Membership.State.ACTIVE],
        "requests": [person for person in people if person.state == Membership.State.REQUESTED],
        "invitations": MemberInvitation.objects.pending().filter(organisation=organisation)
        if mine.is_active_manager
        else (),
    }
    return render(request, "organisations/detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def describe(request: SignedRequest, siret: str) -> HttpResponse:
    """Describe by hand what the directory does not give; a manager's page."""
    organisation = membership_or_404(request.user, siret, is_manager=True).organisation
    if not organisation.can_be_declared:
        return redirect("organisations:report_error", siret)
    initial = {name: getattr(organisation, name) for name in services.DECLARABLE}
    form = DeclarationForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_bound and form.is_valid():
        try:
            services.declare(organisation, **form.cleaned_data, by=request.user)
        except NotDone as error:
            messages.error(request, " ".join(error.messages))
        return redirect("organisations:detail", siret)
    trail = [MINE, (organisation.label, reverse("organisations:detail", args=[siret])), ("Décrire", "")]
    return render(request, "organisations/describe.html", {"organisation": organisation, "form": form, "trail": trail})


@require_safe
@never_cache
def report_error(request: SignedRequest, siret: str) -> HttpResponse:
    """Explain who can correct the directory."""
    organisation = membership_or_404(request.user, siret).organisation
    trail = [MINE, (organisation.label, reverse("organisations:detail", args=[siret])), ("Signaler une erreur", "")]
    return render(request, "organisations/report_error.html", {"organisation": organisation, "trail": trail})
