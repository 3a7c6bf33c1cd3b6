"""What everybody reads: the calendar and its file, the results, the news and their feed."""

from collections.abc import Sequence

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from normandata.ui import agenda

from .. import dates, reading, results
from ..models import News

CALENDAR, RESULTS, NEWS = "Calendrier", "Résultats", "Actualités"
FEED_LENGTH = 30
public = cache_control(public=True, max_age=300)
brief = cache_control(public=True, max_age=60)
"""Short: an embargo ends at its hour."""


def _typed(request: HttpRequest, name: str) -> str:
    """Return a text of the address without the character that PostgreSQL refuses."""
    return request.GET.get(name, "").replace("\0", " ")


@login_not_required
@require_safe
@public
def calendar(request: HttpRequest) -> HttpResponse:
    """Show the public dates of all schemes or of one, by month; those past are folded."""
    today, source = timezone.localdate(), dates.find(request.GET.get("dispositif", ""))
    entries = dates.entries(today, source)
    past = [one for one in entries if one.date.last_day < today]
    file = reverse("bulletin:calendar_of", args=[source.slug]) if source else reverse("bulletin:calendar_file")
    context = {
        "coming": dates.months(one for one in entries if one.date.last_day >= today),
        "past": list(reversed(dates.months(past))),
        "past_count": len(past),
        "sources": dates.sources(),
        "source": source,
        "file": file,
        "file_address": f"{settings.SITE_URL}{file}",
        "trail": [(CALENDAR, "")],
    }
    return render(request, "bulletin/calendar.html", context)


@login_not_required
@require_safe
@public
def calendar_file(request: HttpRequest, slug: str = "") -> HttpResponse:
    """Send the calendar to subscribe to, whole or of one source."""
    source = dates.find(slug)
    if slug and source is None:
        raise Http404
    text = dates.feed(timezone.localdate(), source, page=f"{settings.SITE_URL}{request.path}")
    return agenda.answer(text, f"normandata-{slug}" if slug else "normandata")


@login_not_required
@require_safe
@brief
def outcomes(request: HttpRequest) -> HttpResponse:
    """Show what was granted, awarded and carried out: all of it or one scheme's, of a year, with words searched."""
    today, source = timezone.localdate(), results.find(request.GET.get("dispositif", ""))
    year, typed = _year(request.GET.get("annee", ""), today.year), " ".join(_typed(request, "recherche").split())
    words = typed[: results.LONGEST_SEARCH]
    asked = results.Asked(today, year, tuple(words.split()), _typed(request, "apres") if source else "")
    context = {
        "parts": [(one, one.read(asked)) for one in ((source,) if source else results.sources())],
        "sources": results.sources(),
        "source": source,
        "years": results.years(today),
        "year": year,
        "words": words,
        "is_continued": bool(asked.after),
        "trail": [(RESULTS, "")],
    }
    return render(request, "bulletin/results.html", context)


def _year(typed: str, last: int) -> int | None:
    year = int(typed) if typed.isascii() and typed.isdigit() and len(typed) == 4 else 0
    return year if results.FIRST_YEAR <= year <= last else None


@login_not_required
@require_safe
@brief
def news_list(request: HttpRequest) -> HttpResponse:
    """List the news, the last on top."""
    found, after = reading.page(timezone.now(), _typed(request, "apres"))
    context = {
        "news": reading.shown(found),
        "after": after,
        "is_continued": bool(request.GET.get("apres")),
        "trail": [(NEWS, "")],
    }
    return render(request, "bulletin/news_list.html", context)


@login_not_required
@require_safe
@brief
def news(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a news whose hour has come; one that is over says so."""
    now = timezone.now()
    found = get_object_or_404(News.objects.public(now), slug=slug)
    (one,) = reading.shown([found])
    context = {
        "one": one,
        "is_over": found.is_over(now),
        "trail": [(NEWS, reverse("bulletin:news_list")), (found.title, "")],
    }
    return render(request, "bulletin/news.html", context)


@login_not_required
@require_safe
@brief
def feed(request: HttpRequest) -> HttpResponse:
    """Send the last news as an Atom feed."""
    text = _feed(reading.latest(timezone.now(), FEED_LENGTH)).writeString("utf-8")
    return HttpResponse(text, content_type="application/atom+xml; charset=utf-8")


def _feed(listed: Sequence[News]) -> Atom1Feed:
    page, here = (f"{settings.SITE_URL}{reverse(name)}" for name in ("bulletin:news_list", "bulletin:feed"))
    made = Atom1Feed(
        title="NormanDATA, actualités", link=page, description=None, language="fr", feed_url=here, feed_guid=here
    )
    for one in listed:
        link = f"{settings.SITE_URL}{reverse('bulletin:news', args=[one.slug])}"
        changed = one.corrected_at or one.publish_at
        made.add_item(
            one.title, link, description=one.summary, unique_id=link, pubdate=one.publish_at, updateddate=changed
        )
    return made
