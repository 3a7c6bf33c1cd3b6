"""Reading again, signing, depositing; answering what was asked."""

import hashlib
import uuid
from datetime import datetime

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from normandata.documents import uploads
from normandata.documents.models import Upload
from normandata.procedure.errors import NotDone
from normandata.regulation.findings import Outcome, Verdict
from normandata.workflow.table import Editable

from .. import drafts, presentation, schemes
from ..drafts import FormState
from ..models import Deposit, Dossier
from ..services import deposits
from ..services import drafts as gestures
from ..services.deposits import OtherContent
from ..signing import SigningForm
from .access import arrival, own, person


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def review(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Show all the answers with the way to change each, then the signature; posted, deposit."""
    at = arrival(request)
    dossier = own(request, key)
    state = drafts.read(dossier)
    if sent := _already_sent(request, state):
        return _confirmed(sent)
    if dossier.editable != Editable.ALL.value:
        if request.method == "POST":
            messages.error(request, gestures.NOT_EDITABLE)
        return HttpResponseRedirect(reverse("dossiers:dossier", args=[key]))
    form = SigningForm(request.POST or None, state=state, content=deposits.answers_hash(state))
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            return _confirmed(_deposit(request, form, at))
        except NotDone as refusal:
            status = 409 if isinstance(refusal, OtherContent) else 200
            for sentence in refusal.messages:
                form.add_error(None, sentence)
    if form.is_bound:
        form.renew()
    return render(request, "dossiers/applicant/review.html", _review(state, form), status=status)


def _deposit(request: HttpRequest, form: SigningForm, at: datetime) -> Deposit:
    given = form.cleaned_data
    return deposits.deposit(
        form.state.dossier,
        key=given["cle"],
        signatory=form.signatory,
        by=person(request),
        at=at,
        reviewed=given["contenu"],
    )


def _confirmed(sent: Deposit) -> HttpResponse:
    return HttpResponseRedirect(reverse("dossiers:deposited", args=[sent.dossier.key]) + f"?version={sent.version}")


def _already_sent(request: HttpRequest, state: FormState) -> Deposit | None:
    """Return the deposit that this page already made – a double click, the back button – or that says all it says."""
    dossier, content = state.dossier, request.POST.get("contenu", "")
    if not dossier.version:
        return None
    made = Deposit.objects.filter(dossier=dossier).select_related("dossier").order_by("-version")
    last = made.first()
    if request.method != "POST":
        return last if last and last.answers_hash == deposits.answers_hash(state) else None
    key = _key(request)
    sent = (made.filter(key=key).first() if key else None) or last
    form = SigningForm(request.POST, state=state, content=content)
    is_same = (
        sent and sent.answers_hash == content and form.is_valid() and deposits.signatory_of(sent) == form.signatory
    )
    return sent if is_same else None


def _key(request: HttpRequest) -> uuid.UUID | None:
    try:
        return uuid.UUID(request.POST.get("cle", ""))
    except ValueError:
        return None


def _review(state: FormState, form: SigningForm) -> dict[str, object]:
    verdict = (
        state.application.judge(state.case(state.dossier.submitted_at or timezone.now())) if state.is_complete else None
    )
    return presentation.around(state, "review") | {
        "state": state,
        "form": form,
        "parts": presentation.parts(state),
        "missing": presentation.missing(state),
        "unmet": verdict.with_outcome(Outcome.UNMET) if verdict else (),
        "to_review": verdict.with_outcome(Outcome.TO_REVIEW) if verdict else (),
        "today": timezone.localdate(),
        "trail": presentation.trail(state.dossier, "Relire et déposer"),
    }


@require_safe
@never_cache
def deposited(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Confirm a deposit: number, server's hour, receipt, what comes next. Safe to reload."""
    dossier = own(request, key)
    asked = request.GET.get("version", "")
    found = Deposit.objects.filter(dossier=dossier).select_related("receipt", "by").order_by("-version")
    sent = found.filter(version=int(asked)).first() if asked.isdecimal() and len(asked) < 5 else found.first()
    if sent is None:
        raise Http404
    context = {
        "dossier": dossier,
        "sent": sent,
        "scheme": schemes.by_slug()[dossier.scheme],
        "steps": schemes.application_of(dossier.scheme).next_steps,
        "service": schemes.application_of(dossier.scheme).service,
        "verdict": Verdict.from_record(dossier.verdict) if dossier.verdict else None,
        "trail": presentation.trail(dossier, "Demande déposée"),
    }
    return render(request, "dossiers/applicant/deposited.html", context)


@require_POST
def answer(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Receive the files that were asked for and, once all is there, send the dossier back to its agent."""
    at = arrival(request)
    dossier = own(request, key)
    back = reverse("dossiers:dossier", args=[key])
    sending = _key(request)
    if sending is None:
        raise Http404
    sent = Deposit.objects.filter(dossier=dossier, key=sending)
    if (made := sent.first()) and _brings_more(request, made):
        return _other_files(request, dossier)
    try:
        if not sent.exists():
            if not _receive(request, dossier):
                return HttpResponseRedirect(back)
            deposits.answer(dossier, key=sending, by=person(request), at=at)
    except NotDone as refusal:
        # The other half of a double click may have sent it meanwhile: this answer is the one that is shown.
        if not sent.exists():
            return presentation.refused(request, refusal, back)
    return presentation.done(request, "C’est envoyé. L’examen de votre dossier reprend.", back)


def _brings_more(request: HttpRequest, made: Deposit) -> bool:
    """Tell whether a page already sent comes back with a file that its deposit does not hold."""
    held = {piece["sha256"] for piece in made.pieces}
    return any(_sha256(file) not in held for files in request.FILES.lists() for file in files[1])


def _sha256(file: UploadedFile) -> str:  # type: ignore[type-arg]
    digest = hashlib.sha256()
    for block in file.chunks():
        digest.update(block)
    file.seek(0)
    return digest.hexdigest()


def _other_files(request: HttpRequest, dossier: Dossier) -> HttpResponse:
    context = {
        "title": "Ce fichier n’a pas été envoyé",
        "text": "Cette page avait déjà servi à envoyer votre réponse : le nouveau fichier n’a pas été gardé. Revenez "
        "au dossier et joignez-le à un message, ou modifiez la demande si elle est ouverte.",
        "back": reverse("dossiers:dossier", args=[dossier.key]),
        "dossier": dossier,
    }
    return render(request, "dossiers/applicant/not_sent.html", context, status=409)


def _receive(request: HttpRequest, dossier: Dossier) -> bool:
    """Join each file to the piece whose field brought it; False when one was refused, the others being kept.

    Raises NotNow when the dossier does not take them any more.
    """
    is_whole = True
    for state in drafts.read(dossier).pieces:
        slug = state.piece.slug

        def join(upload: Upload, slug: str = slug) -> None:
            gestures.attach(dossier, slug, upload, by=person(request), at=arrival(request))

        files, limits, already = request.FILES.getlist(f"piece-{slug}"), state.piece.limits, len(state.files)
        outcomes = uploads.receive_all(files, by=person(request), limits=limits, keep=join, already=already)
        for outcome in outcomes:
            if outcome.upload is None:
                is_whole = False
                messages.error(request, outcome.message)
    return is_whole
