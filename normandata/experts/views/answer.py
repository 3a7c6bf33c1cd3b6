"""Writing an opinion: saved as it is typed, read again, given."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from normandata.dossiers.views.access import person
from normandata.procedure.errors import NotAllowed, NotDone, NotNow
from normandata.regulation.formats import spaced
from normandata.ui.templatetags.nd import hour

from .. import reading
from ..forms import AnswerForm, ConflictForm
from ..models import Opinion
from ..services import opinions
from .access import question as asked
from .access import readable_question
from .files import pieces

AUTOSAVE = "autosave"
MOST_DIGITS = 9


def shown(
    request: HttpRequest,
    opinion: Opinion,
    *,
    status: int = 200,
    conflict: ConflictForm | None = None,
    answer: AnswerForm | None = None,
) -> HttpResponse:
    """Draw the page of a question; a form that was refused takes the place of the empty one."""
    context = {
        "opinion": opinion,
        "dossier": opinion.dossier,
        "scheme": reading.scheme_of(opinion),
        "state": opinion.standing,
        "sentence": spaced(reading.expected(opinion)),
        "given": reading.answer_of(opinion),
        "conflict_form": conflict or ConflictForm(),
        "answer_form": answer or AnswerForm(initial={"text": opinion.draft}, is_shared=not opinion.is_confidential),
        "version": request.POST.get("version", "0") if answer else opinion.draft_version,
        "form": conflict or answer,
    }
    if opinion.is_readable:
        context |= {"recap": opinion.deposit.recap, "pieces": pieces(opinion)}
    return render(request, "experts/space/question.html", context, status=status)


@require_POST
def save(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Keep what is typed, for the page's script or for the button; « Relire et rendre » then leads to the last page."""
    opinion = asked(request, key)
    text = request.POST.get("text", "").replace("\r\n", "\n")
    try:
        saved = opinions.save_draft(opinion, text, version=seen(request), by=person(request))
    except opinions.Conflict as conflict:
        return conflicting(request, conflict.kept, text)
    except NotDone as error:
        return unsaved(request, opinion, error)
    if request.headers.get("X-Requested-With") == AUTOSAVE:
        at = saved.draft_saved_at
        words = f"Enregistré à {hour(at)}" if at else ""
        return JsonResponse({"version": saved.draft_version, "saved": words, "left": 0, "tag": ""})
    route = "experts:give" if "suite" in request.POST else "experts:question"
    return HttpResponseRedirect(reverse(route, args=[key]))


def seen(request: HttpRequest) -> int:
    """Return the version of the draft that the page was written from."""
    typed = request.POST.get("version", "0")
    return int(typed) if typed.isdecimal() and len(typed) < MOST_DIGITS else 0


def conflicting(request: HttpRequest, kept: Opinion, text: str) -> HttpResponse:
    """Show both texts of an opinion saved elsewhere meanwhile."""
    if request.headers.get("X-Requested-With") == AUTOSAVE:
        at = kept.draft_saved_at
        words = f"Votre avis a été modifié ailleurs à {hour(at)}." if at else "Votre avis a été modifié ailleurs."
        return JsonResponse({"conflict": words, "version": kept.draft_version}, status=409)
    context = {"opinion": kept, "dossier": kept.dossier, "text": text}
    return render(request, "experts/space/conflict.html", context, status=409)


def unsaved(request: HttpRequest, opinion: Opinion, error: NotDone) -> HttpResponse:
    """Keep on screen a text that was not saved, and say why."""
    if isinstance(error, NotAllowed):
        raise Http404
    if request.headers.get("X-Requested-With") == AUTOSAVE:
        return JsonResponse({"message": spaced(" ".join(error.messages))}, status=410)
    form = AnswerForm(request.POST, is_shared=not opinion.is_confidential)
    form.is_valid()
    form.add_error("text", list(error.messages))
    return shown(request, opinion, status=409 if isinstance(error, NotNow) else 422, answer=form)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def give(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Read one's opinion again, then give it: it does not change any more."""
    here = reverse("experts:question", args=[key])
    opinion = asked(request, key)
    if request.method == "POST":
        try:
            opinions.give(opinion, version=seen(request), by=person(request))
        except NotDone as error:
            return refused(request, error, here)
        messages.success(request, "Votre avis est rendu. Merci : la Région en est avertie.")
        return HttpResponseRedirect(here)
    opinion = readable_question(request, key)
    if not opinion.draft.strip():
        messages.error(request, "Écrivez votre avis avant de le rendre.")
        return HttpResponseRedirect(here)
    return render(request, "experts/space/give.html", {"opinion": opinion, "dossier": opinion.dossier})


def refused(request: HttpRequest, error: NotDone, back: str) -> HttpResponse:
    """Say why a gesture was not done; what a person may not do does not exist."""
    if isinstance(error, NotAllowed):
        raise Http404
    for sentence in error.messages:
        messages.error(request, sentence)
    return HttpResponseRedirect(back)
