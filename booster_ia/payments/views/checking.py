"""The agent's pages of a request: its lines beside their papers, the live sum, and what becomes of it."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from normandata.documents.rows import Row
from normandata.dossiers import presentation
from normandata.dossiers.views.access import person
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotDone
from normandata.regulation.formats import plural

from .. import permissions, reckoning, shown, states
from ..desk_forms import AdvanceCheckForm, ConfirmForm, LineForm, ReasonForm
from ..reckoning import Judged
from ..requests import PaymentRequest
from ..services import bank, checking
from .access import attempt, posted, read_mark, refused, region, seen, show
from .files import row

FORM = require_http_methods(["GET", "HEAD", "POST"])


def around(request: HttpRequest, found: PaymentRequest) -> dict[str, Any]:
    """Return what every page of a request shows to the Region, and what this person may do of it."""
    user, dossier = person(request), found.award.dossier
    may = {one.name for one in procedure.available(found, user)}
    return {
        "payment": found,
        "award": found.award,
        "dossier": dossier,
        "amount": shown.amount(found),
        "may": may,
        "is_officer": permissions.is_officer(user, dossier),
        "reads_dossier": permissions.examine(user, found),
        "account": bank.current(dossier.organisation),
    }


@require_safe
@region
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a request: what is asked, each line with what is found in it, the sum so far, the gestures."""
    found = seen(request, pk)
    rows = [] if found.is_advance else reckoning.judged(found)
    context = around(request, found) | {
        "rows": [(line, papers(line, found)) for line in rows],
        "left": sum(not line.line.is_decided for line in rows),
        "plain": sum(not line.line.is_decided and line.tone == "met" for line in rows),
        "reckoning": _reckoning(found, rows),
        "steps": shown.steps(found),
        "aside": found.explanation.get("aside", ""),
    }
    return show(request, "booster_ia/payments/desk/request.html", context)


def papers(line: Judged, found: PaymentRequest) -> list[tuple[str, Row]]:
    """List the files of a line with their kinds."""
    key = found.award.dossier.key
    return [(file.get_kind_display(), row(file, key)) for file in line.files]


def _reckoning(found: PaymentRequest, rows: Sequence[Judged]) -> Any:
    """Return the sum so far, of a request that is being checked."""
    if found.state != states.SUBMITTED:
        return None
    if found.is_advance:
        return reckoning.advance(found, found.asked) if found.asked else None
    return reckoning.estimate(found, rows)


@FORM
@region
def line(request: HttpRequest, pk: int, line: int) -> HttpResponse:
    """Decide a line beside its papers, then go to the next one that waits."""
    found = seen(request, pk)
    rows = reckoning.judged(found)
    here = next((one for one in rows if one.line.pk == line), None)
    if here is None or not permissions.examine(person(request), found) or found.state != states.SUBMITTED:
        raise Http404
    known = here.line.accepted if here.line.is_decided else here.proposed
    form = LineForm(
        posted(request),
        basis=here.line.basis,
        initial={"accepted": f"{known:.2f}".replace(".", ","), "reason": here.line.reason},
    )
    here.line.request = found

    def gesture() -> None:
        typed = form.cleaned_data
        said = {"accepted": typed["accepted"], "reason": typed["reason"]}
        checking.decide(here.line, **said, by=person(request), seen=read_mark(request))

    if attempt(form, gesture, "accepted"):
        return HttpResponseRedirect(_next(found, rows, line, is_next="suite" in request.POST))
    context = around(request, found) | {
        "one": here,
        "papers": papers(here, found),
        "position": rows.index(here) + 1,
        "count": len(rows),
        "reckoning": reckoning.estimate(found, rows),
    }
    return show(request, "booster_ia/payments/desk/line.html", context, form)


def _next(found: PaymentRequest, rows: Sequence[Judged], pk: int, *, is_next: bool) -> str:
    """Return the address of the next line that waits, after this one then from the first; the request where none."""
    at = next(rank for rank, one in enumerate(rows) if one.line.pk == pk)
    waiting = [one for one in (*rows[at + 1 :], *rows[:at]) if not one.line.is_decided]
    if is_next and waiting:
        return reverse("booster_ia:payment_line", args=[found.pk, waiting[0].line.pk])
    return reverse("booster_ia:payment", args=[found.pk]) + "#lignes"


@require_POST
@region
def accept_plain(request: HttpRequest, pk: int) -> HttpResponse:
    """Accept whole every line in which nothing is found against."""
    found = seen(request, pk)
    back = reverse("booster_ia:payment", args=[pk]) + "#lignes"
    try:
        count = checking.decide_as_proposed(found, by=person(request))
    except NotDone as error:
        return refused(request, error, back)
    said = plural(count, "dépense acceptée", "dépenses acceptées")
    messages.success(request, f"{said}. Celles qui ont un constat restent à décider une par une.")
    return HttpResponseRedirect(back)


@FORM
@region
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """Close the check: read the sum again, and pass the request to a second person."""
    found = _for(request, pk, "check")
    initial = {"accepted": f"{found.asked:.2f}".replace(".", ",")} if found.asked else {}
    form = AdvanceCheckForm(posted(request), initial=initial) if found.is_advance else ConfirmForm(posted(request))

    def gesture() -> None:
        typed = form.cleaned_data
        said = {"accepted": typed.get("accepted"), "reason": typed.get("reason", "")}
        checking.check(found, **said, by=person(request), seen=read_mark(request))

    if attempt(form, gesture, "accepted"):
        said = "Le contrôle est validé. Une seconde personne certifie le paiement."
        return presentation.done(request, said, reverse("booster_ia:payment", args=[pk]))
    rows = [] if found.is_advance else reckoning.judged(found)
    context = around(request, found) | {"reckoning": _reckoning(found, rows), "mark": reckoning.mark(rows)}
    return show(request, "booster_ia/payments/desk/check.html", context, form)


@FORM
@region
def send_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a request back with what is wanting."""
    said = "La demande est renvoyée à la structure, qui en est prévenue."
    return _with_reason(request, pk, "send_back", checking.send_back, said)


@FORM
@region
def refuse(request: HttpRequest, pk: int) -> HttpResponse:
    """Refuse a request."""
    return _with_reason(request, pk, "refuse", checking.refuse, "La demande est refusée. La structure en est prévenue.")


@FORM
@region
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a check again, before it is certified."""
    return _with_reason(request, pk, "reopen", checking.reopen, "Le contrôle est rouvert.")


def _with_reason(request: HttpRequest, pk: int, name: str, act: Any, said: str) -> HttpResponse:
    found = _for(request, pk, name)
    form = ReasonForm(posted(request))
    if name == "reopen":
        form.fields["reason"].help_text = "Les agents du dossier le lisent."

    def gesture() -> None:
        act(found, reason=form.cleaned_data["reason"], by=person(request))

    if attempt(form, gesture, "reason"):
        return presentation.done(request, said, reverse("booster_ia:payment", args=[pk]))
    transition = found.procedure.workflow.find(name)
    return show(
        request, "booster_ia/payments/desk/reason.html", around(request, found) | {"transition": transition}, form
    )


def _for(request: HttpRequest, pk: int, name: str) -> PaymentRequest:
    """Return a request on which this person may do this now; raises Http404."""
    found = seen(request, pk)
    if name not in {one.name for one in procedure.available(found, person(request))}:
        raise Http404
    return found
