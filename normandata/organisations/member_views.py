"""Members of an organisation: joining, inviting, answering, leaving."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from normandata.procedure.errors import NotDone

from . import services
from .forms import InvitationForm, LeaveForm, RoleForm
from .http import SignedRequest
from .models import MemberInvitation, Membership, Organisation
from .views import MINE, membership_or_404


def _managed(request: SignedRequest, siret: str, pk: int) -> Membership:
    """Find one of the memberships that this manager looks after; raises Http404."""
    organisation = membership_or_404(request.user, siret, is_manager=True).organisation
    return get_object_or_404(Membership.objects.live().select_related("user", "organisation"), pk=pk,
                             organisation=organisation)  # fmt: skip


def _invitation(request: SignedRequest, siret: str, pk: int) -> MemberInvitation:
    organisation = membership_or_404(request.user, siret, is_manager=True).organisation
    return get_object_or_404(MemberInvitation.objects.select_related("organisation"), pk=pk, organisation=organisation)


def _done(request: HttpRequest, siret: str, gesture: Callable[[], Any], said: str) -> HttpResponse:
    """Do a gesture, say what came of it, and go back to the organisation."""
    try:
        gesture()
    except NotDone as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, said)
    return redirect("organisations:detail", siret)


def _trail(organisation: Organisation, label: str) -> list[tuple[str, str]]:
    return [MINE, (organisation.label, reverse("organisations:detail", args=[organisation.siret])), (label, "")]


@require_POST
def accept(request: SignedRequest, siret: str, pk: int) -> HttpResponse:
    """Accept a request to join; a manager's button."""
    membership = _managed(request, siret, pk)
    said = f"{membership.user} fait maintenant partie de la structure."
    return _done(request, siret, lambda: services.accept_member(membership, by=request.user), said)


@require_http_methods(["GET", "HEAD", "POST"])
def refuse(request: SignedRequest, siret: str, pk: int) -> HttpResponse:
    """Refuse a request to join, after a confirmation."""
    membership = _managed(request, siret, pk)
    if request.method == "POST":
        said = f"La demande de {membership.user} est refusée."
        return _done(request, siret, lambda: services.refuse_member(membership, by=request.user), said)
    context = {"membership": membership, "trail": _trail(membership.organisation, "Refuser une demande")}
    return render(request, "organisations/refuse.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: SignedRequest, siret: str, pk: int) -> HttpResponse:
    """Take somebody off the organisation, after a confirmation."""
    membership = _managed(request, siret, pk)
    if request.method == "POST":
        said = f"{membership.user} ne fait plus partie de la structure."
        return _done(request, siret, lambda: services.remove_member(membership, by=request.user), said)
    context = {"membership": membership, "trail": _trail(membership.organisation, "Retirer une personne")}
    return render(request, "organisations/remove.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def change_role(request: SignedRequest, siret: str, pk: int) -> HttpResponse:
    """Change the role of an active member."""
    membership = _managed(request, siret, pk)
    if membership.state != Membership.State.ACTIVE:
        raise Http404
    form = RoleForm(request.POST if request.method == "POST" else None, initial={"role": membership.role})
    if form.is_bound and form.is_valid():
        role = form.cleaned_data["role"]
        said = f"{membership.user} est maintenant {Membership.Role(role).label}."
        return _done(request, siret, lambda: services.change_role(membership, role, by=request.user), said)
    context = {"membership": membership, "form": form, "trail": _trail(membership.organisation, "Changer un rôle")}
    return render(request, "organisations/change_role.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: SignedRequest, siret: str) -> HttpResponse:
    """Invite an address; a manager's page."""
    organisation = membership_or_404(request.user, siret, is_manager=True).organisation
    form = InvitationForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        email, role = form.cleaned_data["email"], form.cleaned_data["role"]
        try:
            services.invite_member(organisation, email, role, by=request.user)
        except NotDone as error:
            form.add_error("email", list(error.messages))
        else:
            messages.success(request, f"Invitation envoyée à {email.lower()}. Elle est valable sept jours.")
            return redirect("organisations:detail", siret)
    context = {"organisation": organisation, "form": form, "trail": _trail(organisation, "Inviter une personne")}
    return render(request, "organisations/invite.html", context)


@require_POST
def resend(request: SignedRequest, siret: str, pk: int) -> HttpResponse:
    """Send the link of an invitation again; a manager's button."""
    invitation = _invitation(request, siret, pk)
    said = f"Nouvelle invitation envoyée à {invitation.email}. Le lien précédent ne fonctionne plus."
    return _done(request, siret, lambda: services.resend_invitation(invitation, by=request.user), said)


@require_POST
def cancel(request: SignedRequest, siret: str, pk: int) -> HttpResponse:
    """Cancel an invitation; a manager's button."""
    invitation = _invitation(request, siret, pk)
    said = f"L’invitation de {invitation.email} est annulée."
    return _done(request, siret, lambda: services.cancel_invitation(invitation, by=request.user), said)


@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: SignedRequest, siret: str) -> HttpResponse:
    """Leave, or withdraw one's request; the last manager names a successor."""
    mine = get_object_or_404(
        Membership.objects.live().of(request.user).select_related("organisation"), organisation__siret=siret
    )
    form = _succession(request, mine)
    if request.method == "POST" and (form is None or form.is_valid()):
        heir = form.cleaned_data["successor"] if form else None
        try:
            services.leave(mine.organisation, by=request.user, successor=heir)
        except NotDone as error:
            messages.error(request, " ".join(error.messages))
            return redirect("organisations:leave", siret)
        messages.success(request, f"Vous ne faites plus partie de {mine.organisation.label}.")
        return redirect("organisations:index")
    is_last = form is None and not Membership.objects.live().filter(
        organisation=mine.organisation).exclude(pk=mine.pk).exists()  # fmt: skip
    context = {"mine": mine, "form": form, "is_last": is_last, "trail": _trail(mine.organisation, "Quitter")}
    return render(request, "organisations/leave.html", context)


def _succession(request: SignedRequest, mine: Membership) -> LeaveForm | None:
    """Return the form that names a successor, when one has to be named."""
    others = Membership.objects.active().filter(organisation=mine.organisation).exclude(pk=mine.pk)
    if not mine.is_active_manager or others.filter(role=Membership.Role.MANAGER).exists() or not others.exists():
        return None
    return LeaveForm(request.POST if request.method == "POST" else None, candidates=others.select_related("user"))


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Open an invitation: whoever holds the link reads who invites; only the invited address joins.

    The page never looks the address up: it is the same whether an account exists or not.
    """
    found = services.find_invitation(token)
    if found is None:
        raise Http404
    context = {"invitation": found, "is_open": found.is_open(timezone.now()), "login_url": settings.LOGIN_URL}
    if request.method == "POST" and request.user.is_authenticated:
        try:
            services.accept_invitation(found, by=request.user)
        except NotDone as error:
            return render(request, "organisations/invitation.html", context | {"problems": error.messages}, status=409)
        messages.success(request, f"Vous faites maintenant partie de {found.organisation.label}.")
        return redirect("organisations:detail", found.organisation.siret)
    return render(request, "organisations/invitation.html", context)
