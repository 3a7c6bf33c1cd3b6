"""Letters read before they leave, then sent by a batch: progress, one outcome a line, a line tried again alone."""

import uuid
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core import signing
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from normandata.accounts.models import User
from normandata.documents import kinds, pdf
from normandata.documents.responses import SHIELD
from normandata.procedure.errors import NotAllowed, NotDone, NotNow

from .. import letter_batches, queue
from ..bulk import BulkJob, BulkOutcome
from ..letter_batches import Draft
from ..models import INSTRUCTORS, Dossier
from ..services import bulk
from ..services import letter_batches as gestures
from .access import person
from .bulk import TONES
from .desk_access import instructors, refused
from .queue import instructor

SHOWN_WHOLE = 50
"""Letters whose text is in the page; beyond, each opens by its link."""
NOTHING = "Choisissez au moins une lettre."
GONE = "Aucune lettre n’attend plus d’être envoyée sur ce dossier."


def _drafts(dossiers: list[Dossier]) -> tuple[list[Draft], str]:
    """Return the letters that would leave now, in the order of the dossiers, or why none can."""
    try:
        found = letter_batches.drafts(dossiers, timezone.now())
    except NotNow as error:
        return [], " ".join(error.messages)
    return [found[one.pk] for one in dossiers if one.pk in found], ""


@require_POST
@never_cache
def preview(request: HttpRequest) -> HttpResponse:
    """Show each letter chosen, word for word, before it leaves; nothing is written."""
    user = instructor(request)
    chosen = queue.chosen(user, request.POST.getlist("choix")[: gestures.MOST])
    dossiers = list(chosen.select_related("organisation").order_by("number"))
    drafts, problem = _drafts(dossiers)
    if drafts:
        return _page(request, drafts, key=uuid.uuid4())
    messages.warning(request, problem or NOTHING)
    return redirect(_home(dossiers, user))


@require_safe
@instructors
def read(request: HttpRequest, dossier: Dossier) -> HttpResponse:
    """Show the letter that one dossier waits for, with the button that sends it."""
    drafts, problem = _drafts([dossier])
    if not drafts:
        return refused(request, dossier, NotNow(problem or GONE))
    return _page(request, drafts, key=uuid.uuid4())


@require_safe
@instructors
def draft_pdf(request: HttpRequest, dossier: Dossier) -> HttpResponse:
    """Draw the letter that one dossier waits for as it will be printed; it is kept nowhere."""
    drafts, problem = _drafts([dossier])
    if not drafts:
        return refused(request, dossier, NotNow(problem or GONE))
    draft = drafts[0]
    content = pdf.render(kinds.get(draft.kind).template, draft.shown)
    named = {"Content-Disposition": f'attachment; filename="apercu-{draft.filename}"'}
    return HttpResponse(content, content_type="application/pdf", headers=SHIELD | named)


@require_POST
@never_cache
def launch(request: HttpRequest) -> HttpResponse:
    """Post the batch; the same page sent twice leads to the same batch, and to no other one."""
    user = instructor(request)
    key, marks = _sent(request.POST)
    dossiers = list(queue.chosen(user, list(marks)).select_related("organisation").order_by("number"))
    try:
        job = gestures.begin(marks, dossiers, key=key, by=user)
    except NotAllowed as error:
        raise Http404 from error
    except NotDone as error:
        messages.warning(request, " ".join(error.messages))
        return redirect(_home(dossiers, user))
    return redirect("dossiers:letter_batch", job.key)


@require_safe
@never_cache
def batch(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Show how far a batch is, then what became of each letter; the page may be left."""
    found = _mine(instructor(request), key)
    rows = list(found.outcomes.select_related("dossier__organisation", "letter__document"))
    done = sum(row.state != BulkOutcome.State.WAITING for row in rows)
    is_over = done == len(rows)
    shown = [row for row in rows if is_over or row.state == BulkOutcome.State.REFUSED]
    tally = [(label, sum(row.state == state for row in rows)) for state, label in BulkOutcome.State.choices]
    context = {
        "job": found,
        "rows": [(row, *TONES[row.state], row.cause == bulk.CHANGED) for row in shown],
        "count": len(rows),
        "done": done,
        "is_over": is_over,
        "is_stuck": not is_over and bulk.is_stuck(found),
        "tally": [(label, count) for label, count in tally if count],
        "sent": sum(row.letter_id is not None for row in rows),
        "home": _home([row.dossier for row in rows[:1]], found.by),
    }
    is_asking = getattr(request, "htmx", False)
    return render(request, "dossiers/letters/batch_state.html" if is_asking else "dossiers/letters/batch.html", context)


@require_POST
@never_cache
def retry(request: HttpRequest, key: uuid.UUID, pk: int) -> HttpResponse:
    """Try a letter that could not leave again, alone."""
    user = instructor(request)
    outcome = _mine(user, key).outcomes.filter(pk=pk).first()
    if outcome is None:
        raise Http404
    try:
        gestures.retry(outcome, by=user)
    except NotAllowed as error:
        raise Http404 from error
    except NotDone as error:
        messages.warning(request, " ".join(error.messages))
    return HttpResponseRedirect(reverse("dossiers:letter_batch", args=[key]))


@require_POST
@never_cache
def resume(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Take up again a batch whose workers died too often; one that goes on is left alone."""
    bulk.resume(_mine(instructor(request), key))
    return redirect("dossiers:letter_batch", key)


@require_safe
@never_cache
def archive(request: HttpRequest, key: uuid.UUID) -> FileResponse | HttpResponse:
    """Send the PDFs of a batch in one ZIP, once they are all made."""
    found = _mine(instructor(request), key)
    file, missing = gestures.archive(found)
    if missing or not gestures.letters_of(found):
        file.close()
        messages.warning(request, "Les PDF se préparent encore : réessayez dans un instant.")
        return redirect("dossiers:letter_batch", key)
    name = f"lettres-{timezone.localdate(found.created_at):%Y-%m-%d}.zip"
    return FileResponse(file, as_attachment=True, filename=name, content_type="application/zip", headers=SHIELD)


def _page(request: HttpRequest, drafts: list[Draft], *, key: uuid.UUID) -> HttpResponse:
    is_whole = len(drafts) <= SHOWN_WHOLE
    counted: dict[str, int] = {}
    for one in drafts:
        counted[one.nature] = counted.get(one.nature, 0) + 1
    context = {
        "letters": [(one, one.shown if is_whole else {}) for one in drafts],
        "counted": counted.items(),
        "is_whole": is_whole,
        "key": key,
        "sealed": gestures.sealed({one.dossier.number or "": one.mark for one in drafts}),
        "signatory": drafts[0].record["signatory"],
        "home": _home([one.dossier for one in drafts[:1]], person(request)),
    }
    return render(request, "dossiers/letters/preview.html", context)


def _sent(posted: Any) -> tuple[uuid.UUID, Mapping[str, str]]:
    """Read the confirmation: its key, and the marks of the letters it showed; raises Http404 for another text."""
    try:
        return uuid.UUID(posted.get("jeton", "")), gestures.unsealed(posted.get("lettres", ""))
    except (ValueError, signing.BadSignature) as error:
        raise Http404 from error


def _home(dossiers: list[Dossier], user: User) -> str:
    """Return the list of letters of a scheme: that of these dossiers, else the first that this person instructs."""
    known = [one.scheme for one in dossiers] or [*letter_batches.schemes()]
    for scheme in known:
        if scheme in letter_batches.schemes() and user.holds(*INSTRUCTORS, scheme=scheme):
            return reverse(letter_batches.mailroom_of(scheme).home)
    return reverse("dossiers:queue")


def _mine(user: User, key: uuid.UUID) -> BulkJob:
    found = BulkJob.objects.filter(key=key, by=user, action=BulkJob.Action.SEND_LETTERS).select_related("by").first()
    if found is None:
        raise Http404
    return found
