"""Pages of the mail texts, for the administrators of the portal."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from . import conf, kinds, presentation, services
from .forms import MailTextForm
from .models import MailText, may_edit_texts

TITLE = "Textes des courriels"
View = Callable[..., HttpResponse]


def administrators(view: View) -> View:
    """Let administrators in; for anybody else the page does not exist."""

    @wraps(view)
    @never_cache
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not may_edit_texts(request.user):
            raise Http404
        return view(request, *args, **kwargs)

    return checked


def kind_or_404(slug: str) -> kinds.Kind:
    """Find a kind of mail; raises Http404."""
    try:
        return kinds.get(slug)
    except LookupError:
        raise Http404 from None


@administrators
@require_safe
def mail_texts(request: HttpRequest) -> HttpResponse:
    """List the kinds of mails, room by room, and who changed each."""
    context = {"rooms": presentation.catalogue(), "trail": [(TITLE, "")]}
    return render(request, "notifications/mail_texts.html", context)


@administrators
@require_http_methods(["GET", "HEAD", "POST"])
def mail_text(request: HttpRequest, slug: str) -> HttpResponse:
    """Edit the words of a mail: seen as it would be sent, or saved as a new version."""
    kind = kind_or_404(slug)
    if request.method != "POST":
        return _page(request, kind)
    form = MailTextForm(kind, request.POST)
    if not form.is_valid():
        return _page(request, kind, form)
    typed = (form.cleaned_data["subject"], form.cleaned_data["text"])
    if request.POST.get("action") != "save":
        return _page(request, kind, form, preview=presentation.preview(kind, *typed))
    seen = form.cleaned_data["seen"]
    try:
        version = services.edit_text(
            slug, *typed, by=_me(request), reason=form.cleaned_data["reason"], seen=-1 if seen is None else seen
        )
    except services.Outdated:
        return _page(request, kind, form, is_outdated=True)
    except ValidationError as error:
        form.add_error(None, error)
        return _page(request, kind, form)
    return HttpResponseRedirect(_saved(version))


@administrators
@require_POST
def restore(request: HttpRequest, slug: str) -> HttpResponse:
    """Go back to the original words of a mail."""
    kind = kind_or_404(slug)
    seen = request.POST.get("seen", "")
    try:
        version = services.restore_text(slug, by=_me(request), seen=int(seen[:9]) if seen.isdecimal() else -1)
    except services.Outdated:
        return _page(request, kind, was_not_restored=True)
    except ValidationError:
        return HttpResponseRedirect(reverse("notifications:mail_text", args=[slug]))
    return HttpResponseRedirect(_saved(version))


def _page(request: HttpRequest, kind: kinds.Kind, form: MailTextForm | None = None, **more: Any) -> HttpResponse:
    rows = presentation.versions(kind)
    shown = presentation.entry(kind, rows)
    number = rows[0].number if rows else 0
    asked = request.GET.get("version", "")
    words = presentation.chosen(kind, shown, rows, asked)
    if form is None:
        form = MailTextForm(kind, initial={"subject": words.subject, "text": words.text, "seen": number})
    if more.get("is_outdated"):
        form.see(number)
        typed = (form.cleaned_data["subject"], form.cleaned_data["text"])
        more["differences"] = presentation.changes((shown.words.subject, shown.words.text), typed)
    context = more | {
        "kind": kind,
        "entry": shown,
        "form": form,
        "number": number,
        "is_taken_from_history": not form.is_bound and (words.subject, words.text) != shown.words[:2],
        "is_just_saved": request.GET.get("enregistre") == str(number) and number > 0,
        "history": presentation.history(kind, rows),
        "has_older": len(rows) > conf.VERSIONS_SHOWN,
        "trail": [(TITLE, reverse("notifications:mail_texts")), (kind.label, "")],
    }
    return render(request, "notifications/mail_text.html", context)


def _me(request: HttpRequest) -> Any:
    """The person signed in; `administrators` has let nobody else in."""
    return request.user


def _saved(version: MailText) -> str:
    return f"{reverse('notifications:mail_text', args=[version.kind])}?enregistre={version.number}"
