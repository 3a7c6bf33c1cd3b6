"""The public page of the state of the portal, and the announcements that administrators write."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from normandata.procedure.errors import NotNow
from normandata.regulation.formats import spaced

from . import announcing, status
from .models import Announcement
from .operator_views import administrators, me
from .status_forms import AnnouncementForm

BRIEFLY = cache_control(public=True, max_age=30)
A_PAGE = 50
TITLE = "État du service"


@login_not_required
@require_safe
@BRIEFLY
def page(request: HttpRequest) -> HttpResponse:
    """Say what works now, what is announced, what happened lately."""
    return render(request, "portal/status.html", {"report": status.report(), "trail": [(TITLE, "")]})


@login_not_required
@require_safe
@BRIEFLY
def record(request: HttpRequest) -> HttpResponse:
    """Say the same to a program."""
    return JsonResponse(status.report().as_record(), json_dumps_params={"ensure_ascii": False})


@require_safe
@administrators
def announcements(request: HttpRequest) -> HttpResponse:
    """List what was announced, the last first."""
    found, now = Announcement.objects.all()[:A_PAGE], timezone.now()
    rows = [(one, one.is_over(now), one.has_begun(now)) for one in found]
    return render(request, "portal/announcements.html", {"rows": rows, "most": A_PAGE})


@require_http_methods(["GET", "HEAD", "POST"])
@administrators
def announce(request: HttpRequest) -> HttpResponse:
    """Write an announcement."""
    initial = {"shown_from": timezone.now()}
    form = AnnouncementForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method != "POST" or not form.is_valid():
        return _form(request, form)
    try:
        announcing.announce(form.cleaned_data, by=me(request))
    except ValidationError as error:
        form.add_error(None, error)
        return _form(request, form)
    return _done(request, "L’annonce est publiée.")


@require_http_methods(["GET", "HEAD", "POST"])
@administrators
def announcement(request: HttpRequest, pk: int) -> HttpResponse:
    """Change an announcement that is not over."""
    one = get_object_or_404(Announcement, pk=pk)
    initial = {name: getattr(one, name) for name in announcing.WRITTEN} | {"seen": one.revision}
    form = AnnouncementForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method != "POST" or not form.is_valid():
        return _form(request, form, one)
    try:
        announcing.change(one, form.cleaned_data, by=me(request), seen=form.cleaned_data["seen"] or 0)
    except (NotNow, ValidationError) as error:
        form.add_error(None, error if isinstance(error, ValidationError) else str(error))
        if isinstance(error, announcing.Changed):
            form.data = dict(form.data.items()) | {"seen": str(one.revision)}
        return _form(request, form, one)
    return _done(request, "L’annonce est modifiée.")


@require_POST
@administrators
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """End an announcement, or take it back before it begins."""
    one = get_object_or_404(Announcement, pk=pk)
    seen = request.POST.get("seen", "")[:9]
    try:
        announcing.end(one, by=me(request), seen=int(seen) if seen.isascii() and seen.isdecimal() else 0)
    except NotNow as error:
        messages.error(request, spaced(str(error)))
        return HttpResponseRedirect(reverse("portal:announcements"))
    return _done(request, "L’annonce est retirée." if one.withdrawn_at else "L’annonce est close.")


def _form(request: HttpRequest, form: AnnouncementForm, one: Announcement | None = None) -> HttpResponse:
    now = timezone.now()
    context: dict[str, Any] = {
        "form": form,
        "announcement": one,
        "is_over": one is not None and one.is_over(now),
        "has_begun": one is not None and one.has_begun(now),
    }
    return render(request, "portal/announcement.html", context, status=422 if form.errors else 200)


def _done(request: HttpRequest, said: str) -> HttpResponse:
    messages.success(request, f"{said} Les pages le montrent dans les cinq minutes.")
    return HttpResponseRedirect(reverse("portal:announcements"))
