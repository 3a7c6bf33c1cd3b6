"""What the agents read and note after a grant: the account, the exchange, the review, two answers, the network."""

import uuid
from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from normandata.documents import responses, uploads
from normandata.documents.checks.refusal import Refused
from normandata.documents.models import Upload
from normandata.dossiers import examination
from normandata.dossiers.models import Dossier
from normandata.dossiers.views.access import person
from normandata.dossiers.views.desk_access import done, instructors, readable_by_region, readers
from normandata.procedure.errors import NotAllowed, NotDone

from ..after import Reply
from ..after_forms import FILE, ExchangeForm, FeedbackForm, NetworkForm, NoteForm, ProofForm, ReviewForm, entered, said
from ..awards import Award
from ..services import after as gestures
from .after import told

FORM = require_http_methods(["GET", "HEAD", "POST"])
PAGE = "booster_ia:desk_outcome"


def _award(dossier: Dossier) -> Award:
    """Return the notified grant of a dossier; raises Http404."""
    award = gestures.followed(dossier)
    if award is None:
        raise Http404
    return award


@require_safe
@readers
def outcome(request: HttpRequest, dossier: Dossier) -> HttpResponse:
    """Show all that follows a grant besides money."""
    award = _award(dossier)
    kept, answers = gestures.outcome_of(award), gestures.replies(award)
    context = examination.head(request, dossier, person(request), "") | {
        "award": award,
        "outcome": kept,
        "proof": answers.get(Reply.Question.PROOF),
        "feedback": answers.get(Reply.Question.FEEDBACK),
        "structures": gestures.structures(award),
    }
    if kept is not None and kept.is_sent:
        context |= told(award, kept)
    return render(request, "booster_ia/after/desk.html", context)


@FORM
@instructors
def exchange(request: HttpRequest, dossier: Dossier) -> HttpResponse:
    """Note the exchange at the end of the project."""
    award = _award(dossier)
    kept = gestures.outcome_of(award)
    known = {"on": kept.exchange_on or "", "mode": kept.exchange_mode, "notes": kept.exchange_notes} if kept else {}
    form = ExchangeForm.of(known, _posted(request))

    def gesture() -> None:
        gestures.note_exchange(award, by=person(request), seen=request.POST.get("vu"), **form.cleaned_data)

    before = "La structure reçoit le jour et la forme de l’échange ; le compte rendu reste entre agents."
    title, mark = "Échange de fin de projet", kept.exchange_mark if kept else ""
    return _note(request, dossier, form, gesture, title, "L’échange est noté.", before, mark=mark)


@FORM
@instructors
def review(request: HttpRequest, dossier: Dossier) -> HttpResponse:
    """Note the collective project review."""
    award = _award(dossier)
    kept = gestures.outcome_of(award)
    known: dict[str, Any] = {}
    if kept is not None and kept.review_on:
        known = {"on": kept.review_on, "attended": "oui" if kept.review_attended else "non"}
    form = ReviewForm.of(known, _posted(request))

    def gesture() -> None:
        gestures.note_review(award, by=person(request), **form.cleaned_data)

    return _note(request, dossier, form, gesture, "Revue de projets collective", "La revue de projets est notée.")


@FORM
@instructors
def proof(request: HttpRequest, dossier: Dossier) -> HttpResponse:
    """Say whether the proof of concept is validated."""
    award = _award(dossier)
    form = ProofForm.of(said(gestures.replies(award).get(Reply.Question.PROOF)), _posted(request))

    def gesture() -> None:
        gestures.reply(award, Reply.Question.PROOF, by=person(request), **form.cleaned_data)

    before = "Cette réponse ne dit rien du retour d’expérience : un projet dont la preuve échoue peut en produire un."
    return _note(request, dossier, form, gesture, "Preuve de concept", "Votre réponse est enregistrée.", before)


@FORM
@instructors
def feedback(request: HttpRequest, dossier: Dossier) -> HttpResponse:
    """Say whether feedback was produced, and where it is."""
    award = _award(dossier)
    last = gestures.replies(award).get(Reply.Question.FEEDBACK)
    form = FeedbackForm.of(
        said(last), _posted(request), files=request.FILES or None, has_file=bool(last and last.upload)
    )

    def gesture() -> None:
        answer = form.cleaned_data
        upload = _received(request, answer["file"])
        gestures.reply(
            award,
            Reply.Question.FEEDBACK,
            is_yes=answer["is_yes"],
            link=answer["link"],
            upload=upload,
            by=person(request),
        )

    return _note(
        request, dossier, form, gesture, "Retour d’expérience", "Votre réponse est enregistrée.", has_file=True
    )


def _received(request: HttpRequest, file: Any) -> Upload | None:
    """Keep the file of a form; raises NotDone for one that is refused."""
    if not file:
        return None
    try:
        return uploads.receive(file, by=person(request), limits=FILE)
    except Refused as refusal:
        raise NotDone(refusal.message) from refusal


@require_safe
@never_cache
def feedback_file(request: HttpRequest, key: uuid.UUID) -> HttpResponseBase:
    """Send the file of the feedback."""
    last = gestures.replies(_award(readable_by_region(request, key))).get(Reply.Question.FEEDBACK)
    if last is None or last.upload is None:
        raise Http404
    return responses.send(last.upload)


@FORM
@instructors
def network(request: HttpRequest, dossier: Dossier, siret: str) -> HttpResponse:
    """Say whether a structure of the project came new in the network of the DataLab."""
    award = _award(dossier)
    found = next((one for one in gestures.structures(award) if one.siret == siret), None)
    if found is None:
        raise Http404
    known = entered(found.entry)
    if not known and found.is_public is not None:
        known = {"is_public": "oui" if found.is_public else "non"}
    form = NetworkForm.of(known, _posted(request))

    def gesture() -> None:
        gestures.enter(award, siret, by=person(request), **form.cleaned_data)

    return _note(request, dossier, form, gesture, f"Réseau du DataLab : {found.name}", "La structure est notée.")


def _posted(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _note(
    request: HttpRequest,
    dossier: Dossier,
    form: NoteForm,
    gesture: Callable[[], None],
    title: str,
    sentence: str,
    before: str = "",
    *,
    has_file: bool = False,
    mark: str = "",
) -> HttpResponse:
    """Make the gesture of a form and lead back; a refusal is shown beside what was typed."""
    if form.is_bound and form.is_valid():
        try:
            gesture()
        except NotAllowed as error:
            raise Http404 from error
        except NotDone as error:
            form.add_error(None, list(error.messages))
        else:
            return done(request, dossier, sentence, name=PAGE)
    context = examination.head(request, dossier, person(request), "") | {
        "form": form,
        "title": title,
        "before": before,
        "has_file": has_file,
        "mark": mark,
    }
    return render(request, "booster_ia/after/note.html", context, status=422 if form.errors else 200)
