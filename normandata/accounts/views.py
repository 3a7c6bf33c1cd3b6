"""Pages of one's account, people and roles, invitations."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from . import conf, people, services
from .forms import EndRoleForm, InvitationForm, NameForm
from .models import User

form_page = require_http_methods(["GET", "HEAD", "POST"])
DONE = {
    "nom": "Votre nom est enregistré.",
    "mot-de-passe": "Votre mot de passe est changé. Vos autres sessions sont fermées.",
    "adresse": "Votre nouvelle adresse est vérifiée. C’est avec elle que vous vous connectez.",
    "role": "Votre rôle est actif.",
    "invitation": "L’invitation est partie. Elle est valable sept jours.",
    "annulation": "L’invitation est annulée.",
    "retrait": "Le rôle est retiré. Le retrait vaut dès maintenant.",
}


def _me(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def _done(request: HttpRequest) -> str:
    return DONE.get(request.GET.get("fait", ""), "")


@form_page
@never_cache
def account(request: HttpRequest) -> HttpResponse:
    """Show one's account and change one's name."""
    user = _me(request)
    form = NameForm(request.POST or None, initial={"name": user.name})
    if request.method == "POST" and form.is_valid():
        user.name = form.cleaned_data["name"]
        user.save(update_fields=["name"])
        return redirect("/compte/?fait=nom")
    roles = [people.in_words(held) for held in user.assignments]
    context = {"form": form, "done": _done(request), "roles": roles, "sees_people": people.may_see(user)}
    return render(request, "accounts/account.html", context)


@require_safe
@never_cache
def here(request: HttpRequest) -> HttpResponse:
    """Tell somebody who signed in from a new tab to go back to the page left open."""
    return render(request, "accounts/here.html")


@require_safe
@never_cache
def token(request: HttpRequest) -> HttpResponse:
    """Give a page left open the anti-forgery token of the session that followed."""
    return JsonResponse({"csrf_token": get_token(request)})


@form_page
@never_cache
def people_list(request: HttpRequest) -> HttpResponse:
    """Show who holds what, and invite."""
    me = _me(request)
    if not people.may_see(me):
        raise Http404
    form = InvitationForm.for_person(me, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.invite(**form.cleaned_data, by=me)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return redirect("/compte/personnes/?fait=invitation")
    return render(request, "accounts/people.html", _people_context(request, me) | {"form": form})


def _people_context(request: HttpRequest, me: User) -> dict[str, Any]:
    page = Paginator(people.holders_seen_by(me), conf.PEOPLE_A_PAGE).get_page(request.GET.get("page"))
    mine = frozenset(
        held.pk
        for user in page
        for held in getattr(user, "held", [])
        if services.may_assign(me, held.role, held.scheme, held.scope)
    )
    return {
        "page": page,
        "holders": [people.described(user, mine) for user in page],
        "invitations": [(one, people.in_words(one)) for one in people.invitations_seen_by(me)[:200]],
        "done": _done(request),
    }


@form_page
@never_cache
def end_role(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for the reason, and withdraw a role."""
    me = _me(request)
    if not people.may_see(me):
        raise Http404
    assignment = get_object_or_404(people.roles_seen_by(me).select_related("user"), pk=pk)
    if not services.may_assign(me, assignment.role, assignment.scheme, assignment.scope):
        raise Http404
    form = EndRoleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.end_role(assignment, form.cleaned_data["reason"], by=me)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return redirect("/compte/personnes/?fait=retrait")
    context = {"form": form, "assignment": assignment, "label": people.in_words(assignment)}
    return render(request, "accounts/end_role.html", context)


@require_POST
def cancel_invitation(request: HttpRequest, pk: int) -> HttpResponse:
    """Cancel an invitation."""
    me = _me(request)
    if not people.may_see(me):
        raise Http404
    services.cancel(get_object_or_404(people.invitations_seen_by(me), pk=pk), by=me)
    return redirect("/compte/personnes/?fait=annulation")


@login_not_required
@form_page
@never_cache
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Show an invitation to whoever has its link; take it, signed in with the address it was sent to."""
    try:
        found = services.find_invitation(token)
        if request.method == "POST" and isinstance(request.user, User):
            services.accept(token, by=request.user)
            return redirect("/compte/?fait=role")
    except services.InvalidInvitation:
        return render(request, "accounts/invitation_over.html", status=404)
    except services.OtherAddress:
        pass
    is_signed_in = request.user.is_authenticated
    is_other = is_signed_in and getattr(request.user, "email", "") != found.email
    context = {"invitation": found, "label": people.in_words(found), "is_other": is_other}
    return render(request, "accounts/invitation.html", context)


def too_many_requests(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Tell somebody who asks too often to wait."""
    return render(request, "accounts/too_many.html", status=429)
