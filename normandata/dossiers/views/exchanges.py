"""The thread of a dossier, on the agents' side: read, answered with files, annotated among agents."""

import uuid
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from normandata.documents import uploads
from normandata.documents.forms import UploadBox
from normandata.documents.limits import Limits
from normandata.documents.models import Upload
from normandata.procedure.errors import NotAllowed, NotDone

from .. import conversation, examination, permissions
from ..examine_forms import MessageForm
from ..models import Attachment, Dossier, ThreadFile
from ..services import thread
from .access import person
from .desk_access import done, readers

LIMITS = Limits()
KEPT = "recu"
"""Name of the hidden fields that hold what arrived with a message that could not leave."""


@require_http_methods(["GET", "HEAD", "POST"])
@readers
def exchanges(request: HttpRequest, dossier: Dossier) -> HttpResponse:
    """Show the thread, and take a message: when a file is refused nothing leaves, and nothing typed is lost."""
    if request.method != "POST":
        return _shown(request, dossier, MessageForm(), [])
    if not permissions.can_examine(person(request), dossier):
        raise Http404
    form = MessageForm(request.POST)
    kept = _kept(request)
    outcomes = uploads.receive_all(UploadBox.files(request), by=person(request), limits=LIMITS, already=len(kept))
    kept += [outcome.upload for outcome in outcomes if outcome.upload]
    for outcome in outcomes:
        if outcome.upload is None:
            form.add_error(None, outcome.message)
    if form.is_valid():
        return _sent(request, dossier, form, kept)
    return _shown(request, dossier, form, kept, status=422)


def _sent(request: HttpRequest, dossier: Dossier, form: MessageForm, files: list[Upload]) -> HttpResponse:
    is_internal = form.cleaned_data["is_internal"]
    try:
        thread.write(dossier, form.cleaned_data["text"], by=person(request), uploads=files, is_internal=is_internal)
    except NotAllowed as error:
        raise Http404 from error
    except NotDone as error:
        form.add_error(None, list(error.messages))
        return _shown(request, dossier, form, files, status=409)
    said = "Note ajoutée, pour les agents seulement." if is_internal else "Message envoyé à la structure."
    return done(request, dossier, said, name="dossiers:exchanges")


def _shown(
    request: HttpRequest, dossier: Dossier, form: MessageForm, kept: list[Upload], status: int = 200
) -> HttpResponse:
    paged = examination.paged(conversation.messages(dossier), request)
    context: dict[str, Any] = examination.head(request, dossier, person(request), "dossiers:exchanges") | {
        "form": form,
        "kept_files": kept,
        "limits": LIMITS,
        "page": paged,
        "thread": conversation.shown_messages(dossier, paged),
    }
    return render(request, "dossiers/examine/exchanges.html", context, status=status)


def _kept(request: HttpRequest) -> list[Upload]:
    """Find what the same person sent with a first try and that belongs nowhere yet."""
    named = [found for value in request.POST.getlist(KEPT)[: LIMITS.most_files] if (found := _identifier(value))]
    if not named:
        return []
    free = Upload.objects.filter(pk__in=named, uploaded_by=person(request))
    taken = {*ThreadFile.objects.filter(upload__in=named).values_list("upload", flat=True)}
    taken |= {*Attachment.objects.filter(upload__in=named).values_list("upload", flat=True)}
    return [upload for upload in free.order_by("uploaded_at") if upload.pk not in taken]


def _identifier(value: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(value)
    except ValueError:
        return None
