"""Filling a payment request: saved as it is typed, computed by the server, read again, then sent."""

import uuid
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from normandata.dossiers import presentation
from normandata.dossiers.forms import Context, SectionForm, as_data, as_typed
from normandata.dossiers.views.access import person
from normandata.dossiers.views.draft import AUTOSAVE
from normandata.procedure.errors import NotAllowed, NotDone
from normandata.regulation.formats import plural
from normandata.ui.templatetags.nd import hour

from .. import reckoning, shown, states
from ..forms import AdvanceForm, BalanceForm
from ..requests import PaymentRequest
from ..services import requests
from ..services.requests import Conflict
from .access import own_request, refused, show

FORM = require_http_methods(["GET", "HEAD", "POST"])


@FORM
@never_cache
def page(request: HttpRequest, key: uuid.UUID, pk: int) -> HttpResponse:
    """Show a request to fill, or save it; one that was sent is shown as it was sent."""
    found = own_request(request, key, pk)
    if not found.is_filled and request.method != "POST":
        return _sent(request, found)
    if request.method != "POST":
        return _live(request, found) or _page(request, found, form_of(found))
    typed = as_typed(request.POST, form_of(found, request.POST))
    try:
        requests.save(found, typed, version=_version(request), by=person(request))
    except Conflict as conflict:
        return _conflict(request, found, typed, conflict)
    except NotDone as error:
        return _refused(request, found, error)
    return _saved(request, found)


def form_of(found: PaymentRequest, data: Any = None) -> SectionForm:
    """Make the form of a request from what was sent, or from what was saved."""
    context = Context(organisation=found.award.dossier.organisation)
    initial = {} if data is not None else dict(found.typed)
    if found.is_advance:
        return AdvanceForm(data, context=context, most=reckoning.advance_most(found.award), initial=initial)
    return BalanceForm(data, context=context, request=found, initial=initial)


def checked(found: PaymentRequest) -> SectionForm:
    """Make the form of a request from what was saved, read and judged."""
    form = form_of(found, as_data(found.typed))
    form.full_clean()
    return form


def computed(found: PaymentRequest, form: SectionForm, *, looks_at_papers: bool = True) -> dict[str, Any]:
    """Return what the lines read so far give, each as the portal proposes it."""
    if not isinstance(form, BalanceForm):
        return {}
    rows = reckoning.judged(found, form.cleaned_data.get("lines", []), looks_at_papers=looks_at_papers)
    left = form.begun - len(rows)
    counted = plural(len(rows), "dépense lue", "dépenses lues")
    return {
        "rows": rows,
        "estimate": reckoning.estimate(found, rows, form.other_public_aid),
        "counted": f"{counted}, {plural(left, 'à compléter', 'à compléter')}" if left else counted,
    }


def _page(request: HttpRequest, found: PaymentRequest, form: SectionForm, *, status: int = 200) -> HttpResponse:
    template = "booster_ia/payments/advance.html" if found.is_advance else "booster_ia/payments/balance.html"
    context = around(found) | computed(found, checked(found), looks_at_papers=False)
    answer = show(request, template, context, form)
    answer.status_code = status if status != 200 else answer.status_code
    return answer


def around(found: PaymentRequest) -> dict[str, Any]:
    """Return what every page of a request shows."""
    dossier = found.award.dossier
    return {
        "payment": found,
        "award": found.award,
        "dossier": dossier,
        "trail": [
            *presentation.trail(dossier, "")[:1],
            ("Mes paiements", reverse("booster_ia:payments_own", args=[dossier.key])),
            (found.get_kind_display(), ""),
        ],
    }


def _sent(request: HttpRequest, found: PaymentRequest) -> HttpResponse:
    """Show a request as it was sent, with what was decided of each line."""
    context = around(found) | {
        "rows": [] if found.is_advance else reckoning.judged(found),
        "steps": shown.steps(found),
        "is_told": found.state in (states.CHECKED, *states.FROZEN),
    }
    return show(request, "booster_ia/payments/sent.html", context)


def _live(request: HttpRequest, found: PaymentRequest) -> HttpResponse | None:
    """Draw the computation alone, when the page asks for it after a save."""
    if found.is_advance or not request.headers.get("HX-Request"):
        return None
    context = around(found) | computed(found, checked(found), looks_at_papers=False)
    return show(request, "booster_ia/payments/live.html", context)


def _version(request: HttpRequest) -> int:
    version = request.POST.get("version", "0")
    return int(version) if version.isdecimal() and len(version) < 9 else 0


def _saved(request: HttpRequest, found: PaymentRequest) -> HttpResponse:
    if request.headers.get("X-Requested-With") == AUTOSAVE:
        saved = f"Enregistré à {hour(found.saved_at)}"
        return JsonResponse({"version": found.version, "saved": saved, "left": "", "tag": ""})
    here = reverse("booster_ia:payment_fill", args=[found.award.dossier.key, found.pk])
    if "suite" not in request.POST:
        kept = request.POST.get("garder", "")
        return HttpResponseRedirect(f"{here}#{kept}" if kept in BalanceForm.anchors else here)
    form = checked(found)
    if form.errors:
        return _page(request, found, form)
    following = "payment_review" if found.is_advance else "payment_papers"
    return HttpResponseRedirect(reverse(f"booster_ia:{following}", args=[found.award.dossier.key, found.pk]))


def _conflict(request: HttpRequest, found: PaymentRequest, typed: Any, conflict: Conflict) -> HttpResponse:
    """Say that another window saved another text; what was typed here stays on the page, unsaved."""
    said = _overtaken(request, conflict)
    if request.headers.get("X-Requested-With") == AUTOSAVE:
        return JsonResponse({"conflict": said, "version": conflict.kept.version}, status=409)
    form = form_of(found, as_data(typed))
    form.full_clean()
    form.add_error(None, f"{said} Votre texte est ci-dessous : enregistrez-le de nouveau pour le garder à sa place.")
    return _page(request, found, form, status=409)


def _overtaken(request: HttpRequest, conflict: Conflict) -> str:
    """Say when the request was saved elsewhere, and by whom when it is somebody else."""
    kept = conflict.kept
    who = f" par {kept.saved_by}" if kept.saved_by_id != person(request).pk else ""
    return f"Cette demande a été modifiée ailleurs{who} à {hour(kept.saved_at)}."


def _refused(request: HttpRequest, found: PaymentRequest, error: NotDone) -> HttpResponse:
    if isinstance(error, NotAllowed):
        raise Http404
    if request.headers.get("X-Requested-With") == AUTOSAVE:
        return JsonResponse({"message": " ".join(error.messages)}, status=410)
    return refused(request, error, reverse("booster_ia:payments_own", args=[found.award.dossier.key]))


@FORM
@never_cache
def review(request: HttpRequest, key: uuid.UUID, pk: int) -> HttpResponse:
    """Read a request again with what it gives, attest, and send it."""
    found = own_request(request, key, pk)
    if not found.is_filled:
        return HttpResponseRedirect(reverse("booster_ia:payment_fill", args=[key, pk]))
    form = checked(found)
    if request.method == "POST" and not form.errors and _attests(request, form):
        try:
            _send(found, form, request)
        except Conflict as conflict:
            form = checked(found)
            form.add_error(None, f"{_overtaken(request, conflict)} Relisez-la : elle est ci-dessous comme elle est.")
        except NotAllowed as error:
            raise Http404 from error
        except NotDone as error:
            form.add_error(None, list(error.messages))
        else:
            said = "Votre demande est envoyée. Vous recevez un courriel à chaque étape."
            return presentation.done(request, said, reverse("booster_ia:payments_own", args=[key]))
    context = around(found) | computed(found, form) | {"lines": list(form.lines()) if found.is_advance else []}
    answer = show(request, "booster_ia/payments/review.html", context, form)
    answer.status_code = 422 if request.method == "POST" else 200
    return answer


def _attests(request: HttpRequest, form: SectionForm) -> bool:
    if request.POST.get("atteste") == "oui":
        return True
    form.add_error(None, "Cochez l’attestation avant d’envoyer la demande.")
    return False


def _send(found: PaymentRequest, form: SectionForm, request: HttpRequest) -> None:
    typed, by = form.cleaned_data, person(request)
    version = _version(request) if "version" in request.POST else None
    if isinstance(form, BalanceForm):
        aid = form.other_public_aid
        requests.send_balance(found, typed["lines"], other_public_aid=aid, by=by, version=version)
    else:
        said = {"amount": typed["montant"], "justification": typed["justification"]}
        requests.send_advance(found, **said, by=by, version=version)


@require_POST
def give_up(request: HttpRequest, key: uuid.UUID, pk: int) -> HttpResponse:
    """Give a request up."""
    found = own_request(request, key, pk)
    back = reverse("booster_ia:payments_own", args=[key])
    try:
        requests.give_up(found, by=person(request))
    except NotDone as error:
        return refused(request, error, back)
    return presentation.done(request, "La demande est abandonnée.", back)
