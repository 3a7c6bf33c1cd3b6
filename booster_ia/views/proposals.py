"""The agents' pages of a proposal on one dossier: a grant or a refusal proposed, then validated by somebody else."""

from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from normandata.dossiers.gesture_forms import ReasonForm
from normandata.dossiers.models import Dossier
from normandata.dossiers.views.access import person
from normandata.dossiers.views.desk_access import refused
from normandata.dossiers.views.desk_gestures import gesture, make, posted, show
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotNow

from .. import desk, proposals
from ..models import BoosterApplication
from ..proposal_forms import ProposeForm
from ..services import decisions, places


def _application(dossier: Dossier) -> BoosterApplication:
    return BoosterApplication.objects.select_related("wave").get(pk=dossier.pk)


def _is_preview(request: HttpRequest) -> bool:
    return request.POST.get("geste") == "apercu"


def _content(request: HttpRequest, dossier: Dossier, amount: Decimal | None = None) -> dict[str, Any]:
    """Gather the same money and proposal as the dossier's page, with what `amount` euros would leave."""
    application = _application(dossier)
    money = desk.money(dossier, application)
    asked = money.grantable_max if amount is None else amount
    found = proposals.shown(dossier, person(request))
    return {"money": money, "found": proposals.gauged(found, dossier, application, asked, beside=True)}


@gesture(decisions.SCHEME, "propose")
def propose(request: HttpRequest, dossier: Dossier) -> HttpResponse:
    """Type an amount, see what it leaves of the envelope, propose it."""
    most = decisions.most(dossier, timezone.localdate())
    form = ProposeForm(posted(request), most=most, initial={"seen": proposals.mark(dossier)})

    def act() -> None:
        said = form.cleaned_data
        kept = places.place_of(dossier)
        decisions.propose(dossier, amount=said["amount"], reason=said["reason"], by=person(request), **kept)

    said = "La subvention est proposée. Une autre personne valide cette proposition."
    if not _is_preview(request) and (answer := make(request, dossier, form, act, said)):
        return answer
    asked = form.cleaned_data.get("amount") if form.is_bound and form.is_valid() else None
    return show(request, dossier, "booster_ia/desk/propose.html", form, **_content(request, dossier, asked))


@gesture(decisions.SCHEME, "propose_refusal")
def propose_refusal(request: HttpRequest, dossier: Dossier) -> HttpResponse:
    """Write why, propose a refusal."""
    form = ReasonForm(
        posted(request),
        initial={"seen": proposals.mark(dossier), "reason": places.refusal_of(dossier, person(request))},
        label="Motif, donné dans la lettre",
        help_text="La structure lit ce motif dans la lettre, une fois la décision prise.",
    )

    def act() -> None:
        kept = places.place_of(dossier)
        decisions.propose_refusal(dossier, reason=form.cleaned_data["reason"], by=person(request), **kept)

    said = "Le refus est proposé. Une autre personne valide cette proposition."
    if answer := make(request, dossier, form, act, said):
        return answer
    return show(request, dossier, "booster_ia/desk/propose_refusal.html", form, **_content(request, dossier))


@gesture(decisions.SCHEME, "validate_proposal")
def decide(request: HttpRequest, dossier: Dossier) -> HttpResponse:
    """Validate what a colleague proposed, or send it back with a reason."""
    proposal = decisions.open_proposal(dossier)
    if proposal is None:
        return refused(request, dossier, NotNow(procedure.TOO_LATE))
    wish = request.POST.get("geste", "")
    form = ReasonForm(
        posted(request),
        initial={"seen": proposals.mark(dossier, proposal)},
        label="Motif du renvoi",
        help_text="Seulement pour renvoyer à l’instruction.",
    )
    form.fields["reason"].required = wish == "send_back"
    if answer := _decided(request, dossier, form, wish):
        return answer
    return show(request, dossier, "booster_ia/desk/decide.html", form, **_content(request, dossier))


def _decided(request: HttpRequest, dossier: Dossier, form: ReasonForm, wish: str) -> HttpResponse | None:
    """Validate or send back, as wished."""
    if wish == "validate":
        said = "La proposition est validée : elle attend une séance de la Commission permanente."
        return make(request, dossier, form, lambda: decisions.validate(dossier, by=person(request)), said)
    if wish == "send_back":
        said = "La proposition est renvoyée à l’instruction."
        return make(
            request,
            dossier,
            form,
            lambda: decisions.send_back(dossier, reason=form.cleaned_data["reason"], by=person(request)),
            said,
        )
    if form.is_bound and form.is_valid():
        form.add_error(None, "Choisissez de valider ou de renvoyer.")
    return None
