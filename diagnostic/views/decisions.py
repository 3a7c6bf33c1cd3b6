"""The agents’ decisions on a request: proposed by one, decided by another, or put on the waiting list."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from normandata.dossiers.gesture_forms import ReasonForm, SeenForm
from normandata.dossiers.models import Dossier
from normandata.dossiers.services import thread
from normandata.dossiers.views.access import person
from normandata.dossiers.views.desk_access import refused
from normandata.dossiers.views.desk_gestures import gesture, make, posted
from normandata.notifications import services as notifications
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotDone, NotNow
from normandata.regulation.formats import euros, spaced

from .. import desk, places
from ..desk_forms import ProposeForm
from ..market import Company
from ..orders import Proposal
from ..services import selection
from ..sharing import Sharing, choose
from .desk import show


# ---------------------------------------------------------------------------------------------------------- proposing
@gesture("diagnostic", "propose")
def propose(request: HttpRequest, dossier: Dossier) -> HttpResponse:
    """Choose a provider and a duration, see the price and what it leaves, propose."""
    try:
        form = _propose_form(request, dossier)
    except NotDone as error:
        return refused(request, dossier, error)

    def act() -> None:
        typed = {name: form.cleaned_data[name] for name in ("half_days", "reason")}
        chosen = Company.objects.get(pk=form.cleaned_data["company"])
        selection.propose(dossier, company=chosen, by=person(request), **typed)

    said = "La sélection est proposée. Une autre personne la décide."
    if not _is_preview(request) and (answer := make(request, dossier, form, act, said)):
        return answer
    return show(request, dossier, "diagnostic/desk/propose.html", form, half_days=form.asked)


def _is_preview(request: HttpRequest) -> bool:
    return request.POST.get("geste") == "apercu"


def _propose_form(request: HttpRequest, dossier: Dossier) -> ProposeForm:
    """Make the form with who is designated and why; raises NotNow without a market."""
    market = selection.market_in_force()
    known = selection.candidates(market, dossier)
    kind = selection.structure_type(dossier)
    choice = choose(Sharing(market.sharing), known, kind)
    form = ProposeForm(
        posted(request),
        market=market,
        candidates=known,
        designated=choice.candidate.key if choice.candidate else None,
        why=choice.why,
        most=places.most_half_days(timezone.localdate()),
        initial={"seen": dossier.state},
    )
    if choice.candidate is None:
        form.fields["company"].help_text = choice.why
    return form


@gesture("diagnostic", "propose_refusal")
def propose_refusal(request: HttpRequest, dossier: Dossier) -> HttpResponse:
    """Write why, see the letter and the mail, propose a refusal."""
    form = ReasonForm(
        posted(request),
        initial={"seen": dossier.state},
        label="Motif, donné dans la lettre",
        help_text="La structure lit ce motif dans la lettre et dans le courriel.",
    )

    def act() -> None:
        selection.propose_refusal(dossier, reason=form.cleaned_data["reason"], by=person(request))

    said = "Le refus est proposé. Une autre personne le décide."
    if not _is_preview(request) and (answer := make(request, dossier, form, act, said)):
        return answer
    is_shown = _is_preview(request) and form.is_valid()
    context = refusal_preview(dossier, form.cleaned_data["reason"]) if is_shown else {}
    return show(request, dossier, "diagnostic/desk/propose_refusal.html", form, unmet=desk.unmet(dossier), **context)


def refusal_preview(dossier: Dossier, reason: str) -> dict[str, Any]:
    """Return what the letter and the mail of a refusal say."""
    filled = thread.values(dossier) | {"motif": reason}
    return {"reason": reason, "mail": notifications.rendered("diagnostic.refused", filled)}


# ------------------------------------------------------------------------------------------------------------ deciding
@gesture("diagnostic", "send_back")
def decide(request: HttpRequest, dossier: Dossier) -> HttpResponse:
    """Decide what a colleague proposed, or send it back with a reason."""
    proposal = selection.open_proposal(dossier)
    if proposal is None:
        return refused(request, dossier, NotNow(procedure.TOO_LATE))
    wish = request.POST.get("geste", "")
    form = ReasonForm(
        posted(request),
        initial={"seen": selection.mark(proposal)},
        label="Motif du renvoi",
        help_text="Seulement pour renvoyer.",
    )
    form.fields["reason"].required = wish == "send_back"
    if answer := _decided(request, dossier, proposal, form, wish):
        return answer
    context: dict[str, Any] = {"proposal": proposal, "unmet": desk.unmet(dossier)}
    if proposal.kind == Proposal.Kind.REFUSE:
        context |= refusal_preview(dossier, proposal.reason)
    return show(request, dossier, "diagnostic/desk/decide.html", form, **context)


def _decided(
    request: HttpRequest, dossier: Dossier, proposal: Proposal, form: ReasonForm, wish: str
) -> HttpResponse | None:
    """Make the wished decision: to select, to refuse, to send back."""
    wishes: dict[str, tuple[Callable[..., Any], str]] = {
        "send_back": (selection.send_back, "La proposition est renvoyée à l’instruction."),
        "refuse": (selection.refuse, "Le refus est décidé. La lettre et le courriel partent."),
        "select": (
            selection.select,
            f"La demande est sélectionnée : {_price(proposal)} sont réservés. Éditez le bon de commande.",
        ),
    }
    if wish not in wishes:
        if form.is_bound and form.is_valid():
            form.add_error(None, "Choisissez une décision.")
        return None
    decide_it, said = wishes[wish]

    def act() -> None:
        why = {"reason": form.cleaned_data["reason"]} if wish == "send_back" else {}
        decide_it(dossier, by=person(request), seen=form.cleaned_data["seen"], **why)

    return make(request, dossier, form, act, spaced(said))


def _price(proposal: Proposal) -> str:
    return f"{euros(proposal.market.price(proposal.half_days).ttc)} TTC" if proposal.market else ""


@gesture("diagnostic", "wait")
def wait(request: HttpRequest, dossier: Dossier) -> HttpResponse:
    """Put a request on the waiting list, once the envelope cannot pay it."""
    form = SeenForm(posted(request), initial={"seen": dossier.state})
    said = "La demande est en liste d’attente. La structure en est avertie."
    if answer := make(request, dossier, form, lambda: selection.wait(dossier, by=person(request)), said):
        return answer
    mail = notifications.rendered("diagnostic.waiting_list", thread.values(dossier))
    return show(request, dossier, "diagnostic/desk/wait.html", form, mail=mail)
