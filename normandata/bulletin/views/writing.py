"""Where the news are written: the list of all, one of them with its journal, its form, its gestures."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from normandata.dossiers.views.access import person
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotDone
from normandata.workflow.table import Reason, UnknownTransition

from .. import dates, permissions, reading, services
from ..forms import GestureForm, NewsForm, ReasonForm, prefilled
from ..models import News

View = Callable[..., HttpResponse]
MOST_DIGITS = 9
MOST = 100
SAID = {
    "publish": "L’actualité est publiée.",
    "withdraw": "L’actualité est retirée : plus personne ne la lit.",
    "take_up": "L’actualité est de nouveau un brouillon.",
}


def writers(view: View) -> View:
    """Open a page to whoever writes the news; for others it does not exist."""

    @wraps(view)
    @require_http_methods(["GET", "HEAD", "POST"])
    @never_cache
    def found(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if not permissions.writes(person(request)):
            raise Http404
        if "pk" in kwargs:
            kwargs["news"] = get_object_or_404(News, pk=kwargs.pop("pk"))
        return view(request, **kwargs)

    return found


@require_safe
@writers
def desk(request: HttpRequest) -> HttpResponse:
    """List the news in every state, and the dates that may deserve one."""
    now = timezone.now()
    rows = [(one, one.is_waiting(now), one.is_over(now)) for one in News.objects.all()[:MOST]]
    context = {"rows": rows, "proposals": reading.proposals(now)}
    return render(request, "bulletin/desk.html", context)


@require_safe
@writers
def piece(request: HttpRequest, news: News) -> HttpResponse:
    """Show a news as it will be read, what may be done of it, and its journal."""
    now = timezone.now()
    (one,) = reading.shown([news])
    context = {
        "one": one,
        "news": news,
        "is_public": news.is_public(now),
        "is_waiting": news.is_waiting(now),
        "is_over": news.is_over(now),
        "transitions": procedure.available(news, person(request)),
        "acts": reading.journal(news),
    }
    return render(request, "bulletin/piece.html", context)


@writers
def write(request: HttpRequest) -> HttpResponse:
    """Begin a news, from nothing or from a date of the calendar (`date`, its key)."""
    form = NewsForm(_posted(request), initial=_from_date(request.GET.get("date", "")))
    if form.is_bound and form.is_valid():
        try:
            news = services.write(form.values, by=person(request))
        except ValidationError as error:
            form.refuse(error)
        else:
            return _done(request, news, "Le brouillon est enregistré. Relisez-le, puis publiez-le.")
    page = {"title": "Écrire une actualité", "button": "Enregistrer le brouillon", "back": reverse("bulletin:desk")}
    return render(request, "bulletin/form.html", {"form": form, **page}, status=422 if form.errors else 200)


@writers
def correct(request: HttpRequest, news: News) -> HttpResponse:
    """Change what a news says; what somebody else wrote meanwhile is shown beside what was typed."""
    form = NewsForm.of(news, _posted(request), is_public=news.is_public(timezone.now()))

    def gesture(seen: int) -> None:
        services.correct(news, form.values, by=person(request), seen=seen)

    page = {"title": "Modifier l’actualité", "button": "Enregistrer"}
    return _filled(request, news, form, gesture, page, said="L’actualité est enregistrée.")


@writers
def move(request: HttpRequest, news: News, name: str) -> HttpResponse:
    """Publish a news, withdraw it, take it up again; what cannot be done any more is told."""
    try:
        row = news.procedure.workflow.find(name)
    except UnknownTransition as error:
        raise Http404 from error
    if row not in procedure.available(news, person(request)):
        messages.error(request, procedure.TOO_LATE)
        return HttpResponseRedirect(_home(news))
    form = ReasonForm(_posted(request)) if row.reason is Reason.REQUIRED else GestureForm(_posted(request))

    def gesture(seen: int) -> None:
        services.fire(news, name, by=person(request), reason=form.cleaned_data.get("reason", ""), seen=seen)

    page = {"title": row.label, "button": row.label, "is_danger": row.is_danger, "lead": news.title}
    return _filled(request, news, form, gesture, page, said=SAID[name])


def _filled(
    request: HttpRequest, news: News, form: Any, gesture: Callable[[int], None], page: dict[str, Any], *, said: str
) -> HttpResponse:
    """Show a form, or make its gesture; what is refused is said beside its cause, and everything typed stays."""
    revision, saved = (_seen(request) if form.is_bound else news.revision), list[tuple[str, str]]()
    if form.is_bound and form.is_valid():
        try:
            gesture(revision)
        except NotAllowed as error:
            raise Http404 from error
        except NotDone as error:
            form.add_error(None, list(error.messages))
            news.refresh_from_db()
            revision, saved = news.revision, form.saved(news) if isinstance(form, NewsForm) else []
        except ValidationError as error:
            form.refuse(error)
        else:
            return _done(request, news, said)
    context = {"form": form, "news": news, "revision": revision, "saved": saved, "back": _home(news), **page}
    return render(request, "bulletin/form.html", context, status=422 if form.errors else 200)


def _from_date(key: str) -> dict[str, Any]:
    """Begin with a date of the calendar, where the address names one."""
    if not key:
        return {}
    found = next((one for one in dates.entries(timezone.localdate()) if one.date.key == key), None)
    return prefilled(f"{found.source.label} : {found.date.title}, {found.date.written}", "") if found else {}


def _posted(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _seen(request: HttpRequest) -> int:
    """Return the revision that the page showed; without a readable one, none that ever was."""
    typed = request.POST.get("revision", "")
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) <= MOST_DIGITS else 0


def _home(news: News) -> str:
    return reverse("bulletin:piece", args=[news.pk])


def _done(request: HttpRequest, news: News, said: str) -> HttpResponse:
    messages.success(request, said)
    return HttpResponseRedirect(_home(news))
