"""The deliberation: its table, saved by itself, its file, its minutes. Nothing of it exists before it opens."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from normandata.documents import services as documents
from normandata.dossiers.views.access import person
from normandata.dossiers.views.waiting import awaited
from normandata.procedure.errors import NotAllowed, NotDone
from normandata.scoring import pages
from normandata.scoring.errors import Stale
from normandata.scoring.posted import whole
from normandata.ui import tables
from normandata.ui.templatetags.nd import hour

from .. import jury_forms, jury_papers, jury_table, permissions, phases
from ..juries import Deliberation
from ..services import deliberations

CLOSE = "clore"
LONGEST = 3000
TOO_LONG = f"Ce texte est trop long : {LONGEST} caractères au plus."


def found_here(request: HttpRequest, slug: str, *, held: bool = False) -> Deliberation:
    """Return a deliberation to who may read it, or type in it; raises Http404."""
    user = person(request)
    found = jury_table.find(user, slug)
    if found is None or (held and not jury_table.holds(user, found)):
        raise Http404
    return found


def room_of(slug: str) -> str:
    return reverse("datathon:deliberation", args=[slug])


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def room(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the ballots side by side and what the jury decides; keep what is typed."""
    if request.method == "POST":
        return save(request, slug, found_here(request, slug, held=True))
    return draw(request, found_here(request, slug))


def draw(
    request: HttpRequest,
    found: Deliberation,
    *,
    typed: dict[int, str] | None = None,
    errors: dict[int, str] | None = None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    """Draw the page of a deliberation, with what was typed in it where it comes back."""
    user, edition = person(request), found.edition
    holds, is_open = jury_table.holds(user, found), edition.state == phases.DELIBERATION
    table = jury_table.table(found, user, typed=typed, errors=errors)
    context = {
        "found": found,
        "edition": edition,
        "table": table,
        "holds": holds,
        "types": holds and is_open,
        "is_open": is_open,
        "organises": permissions.organises(user, edition),
        "follows": permissions.may_follow(user, edition),
        "may_publish": permissions.organises(user, edition) and edition.state == phases.DECIDED,
        "may_reopen": holds and edition.state in (phases.DECIDED, phases.PUBLISHED),
        "earlier": jury_papers.earlier_records(found),
        "reason": found.reason,
        "remarks": found.remarks,
    }
    return render(request, "datathon/jury/deliberation.html", context | more, status=status)


def save(request: HttpRequest, slug: str, found: Deliberation) -> HttpResponse:
    """Keep the ranks and the reasons, then lead to closing where the button says so."""
    typed = jury_forms.ranks(request.POST)
    words: dict[str, Any] = {"reason": request.POST.get("motif"), "remarks": request.POST.get("observations")}
    if max(len(one or "") for one in words.values()) > LONGEST:
        return refused(request, found, typed, TOO_LONG, **words)
    seen, user = whole(request.POST, "version"), person(request)
    try:
        kept = deliberations.decide(found.edition, typed, by=user, revision=seen, **words)
    except Stale:
        return stale(request, found, typed, **words)
    except NotAllowed as error:
        raise Http404 from error
    except NotDone as error:
        return refused(request, found, typed, *error.messages, **words)
    return then(request, slug, kept, typed)


def then(request: HttpRequest, slug: str, kept: deliberations.Kept, typed: dict[int, str]) -> HttpResponse:
    """Answer once what was typed is kept: a few words to the page's script, what is wrong, or where to go."""
    now = kept.deliberation
    if pages.is_autosave(request):
        return pages.kept(now.revision, now.saved_at, len(kept.errors), of=("rang", "rangs"))
    if kept.errors:
        return draw(request, found_here(request, slug), typed=typed, errors=dict(kept.errors), status=422)
    if request.POST.get("acte") == CLOSE:
        return HttpResponseRedirect(reverse("datathon:deliberation_close", args=[slug]))
    messages.success(request, f"Le tableau est enregistré, à {hour(now.saved_at)}.")
    return HttpResponseRedirect(room_of(slug))


def stale(request: HttpRequest, found: Deliberation, typed: dict[int, str], **words: Any) -> HttpResponse:
    """Show what was typed; nothing is overwritten before a choice."""
    if pages.is_autosave(request):
        return pages.changed_elsewhere("Ce tableau a été modifié", found.saved_at, found.revision)
    given = {name: value for name, value in words.items() if value is not None}
    return draw(request, found, typed=typed, status=409, kept_at=found.saved_at, **given)


def refused(request: HttpRequest, found: Deliberation, typed: dict[int, str], *said: str, **words: Any) -> HttpResponse:
    """Say why nothing was kept, beside what was typed."""
    if pages.is_autosave(request):
        return JsonResponse({"message": " ".join(said)}, status=410)
    given = {name: value for name, value in words.items() if value is not None}
    return draw(request, found, typed=typed, status=422, refusals=said, **given)


@require_safe
@never_cache
def table(request: HttpRequest, slug: str, format: str) -> HttpResponseBase:
    """Send the table as CSV or XLSX."""
    found = found_here(request, slug)
    if format not in ("csv", "xlsx"):
        raise Http404
    shown = jury_table.table(found, person(request))
    columns, rows, name = jury_table.columns(shown), jury_table.file_rows(shown), f"deliberation-{slug}"
    if format == "csv":
        return tables.csv_response(columns, rows, name)
    return tables.xlsx_response(columns, rows, name, title=f"Délibération {found.edition.year}")


@require_safe
@never_cache
def record(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Send the minutes of a closed deliberation, or show how their making goes."""
    found = found_here(request, slug)
    if found.record is None:
        raise Http404
    back = (room_of(slug), "Revenir à la délibération")
    return awaited(request, found.record, "Procès-verbal", back=back, trail=[]) or documents.download(found.record)


@require_safe
@never_cache
def earlier(request: HttpRequest, slug: str, key: uuid.UUID) -> HttpResponseBase:
    """Send the minutes of a closing that was reopened: they are kept as they were."""
    kept = {one.pk: one for one in jury_papers.earlier_records(found_here(request, slug))}
    if key not in kept or not kept[key].is_ready:
        raise Http404
    return documents.download(kept[key])
