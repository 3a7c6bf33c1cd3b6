"""Repayments and lapses: opened, heard, decided by a second person; the structure's own page to answer."""

import uuid
from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from normandata.dossiers import permissions as dossiers
from normandata.dossiers import presentation
from normandata.dossiers.views.access import person
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotDone
from normandata.ui.forms import Form

from .. import reckoning, settlement, states
from ..desk_forms import AnswerForm, BreachForm, NumberForm, ObservationsForm, ReasonForm
from ..recoveries import Recovery
from ..services import ending
from ..services import recoveries as services
from .access import attempt, own_award, posted, read_mark, region, seen_award, seen_recovery, show

FORM = require_http_methods(["GET", "HEAD", "POST"])
SAID = {
    "notify": "Le courrier contradictoire est envoyé. Le délai d’observations court.",
    "order": "L’ordre de reversement est signé. La structure en est prévenue.",
    "waive": "Le reversement est abandonné.",
    "issue": "Le titre de recette est inscrit.",
    "correct_claim": "Le titre de recette est corrigé. La structure en est prévenue.",
}


@FORM
@never_cache
def own(request: HttpRequest, key: uuid.UUID, pk: int) -> HttpResponse:
    """Show a repayment to its organisation, which answers before its last day."""
    award = own_award(request, key)
    found = award.recoveries.exclude(notified_on=None).filter(pk=pk).select_related("letter", "order").first()
    if found is None:
        raise Http404
    form = ObservationsForm(posted(request), initial={"observations": found.observations})

    def gesture() -> None:
        said = form.cleaned_data["observations"]
        services.observe(found, observations=said, by=person(request), seen=read_mark(request))

    if attempt(form, gesture, "observations"):
        said = "Vos observations sont enregistrées. La Région les lit avant toute décision."
        return presentation.done(request, said, reverse("booster_ia:recovery_own", args=[key, pk]))
    today = timezone.localdate()
    context = {
        "recovery": found,
        "award": award,
        "dossier": award.dossier,
        "steps": settlement.steps_of(found.explanation),
        "may_answer": found.state == states.NOTIFIED and (found.observations_by or today) >= today,
        "trail": [
            *presentation.trail(award.dossier, "")[:1],
            ("Mes paiements", reverse("booster_ia:payments_own", args=[key])),
            ("Reversement", ""),
        ],
    }
    return show(request, "booster_ia/payments/recovery.html", context, form)


@FORM
@region
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a repayment to the Region, with the gesture that comes next."""
    found = seen_recovery(request, pk)
    wish = request.POST.get("geste", "")
    form = _form(found, request, wish)
    if request.method == "POST" and wish not in SAID:
        raise Http404
    if attempt(
        form, _gesture(found, wish, form, request), "number" if wish in ("issue", "correct_claim") else "reason"
    ):
        return presentation.done(request, SAID[wish], reverse("booster_ia:recovery", args=[pk]))
    today = timezone.localdate()
    context = {
        "recovery": found,
        "award": found.award,
        "dossier": found.award.dossier,
        "may": {row.name for row in procedure.available(found, person(request))},
        "steps": settlement.steps_of(found.explanation),
        "days": reckoning.adversarial_days(today),
        "was_heard": found.may_be_ordered(today),
        "is_its_author": person(request).pk in (found.opened_by_id, found.notified_by_id),
        "reads_dossier": dossiers.can_examine(person(request), found.award.dossier),
    }
    return show(request, "booster_ia/payments/desk/recovery.html", context, form)


def _form(found: Recovery, request: HttpRequest, wish: str) -> Form:
    if found.state == states.ORDERED and wish != "waive":
        return NumberForm(posted(request), label="Numéro du titre de recette")
    if found.state == states.ISSUED:
        written = {"number": found.claim, "on": f"{found.claimed_on:%d/%m/%Y}"}
        return NumberForm(posted(request), label="Numéro du titre de recette", with_reason=True, initial=written)
    return AnswerForm(posted(request))


def _gesture(found: Recovery, wish: str, form: Form, request: HttpRequest) -> Callable[[], Any]:
    user, seen = person(request), read_mark(request)

    def gesture() -> None:
        typed = form.cleaned_data
        if wish == "notify":
            services.notify(found, by=user)
        elif wish == "order":
            services.order(found, answer=typed.get("reason", ""), by=user, seen=seen)
        elif wish == "waive":
            services.waive(found, reason=typed.get("reason", ""), by=user, seen=seen)
        elif wish == "correct_claim":
            services.correct_claim(found, number=typed["number"], on=typed["on"], reason=typed["reason"], by=user)
        else:
            services.issue(found, number=typed["number"], on=typed["on"], by=user)

    return gesture


@FORM
@region
def breach(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Ask money back for a breach of the convention."""
    award = seen_award(request, key, may=dossiers.can_examine)
    most = award.paid - services.asked_back(award)
    form = BreachForm(posted(request), most=most)

    def gesture() -> None:
        typed = form.cleaned_data
        services.open_breach(award, amount=typed["amount"], reason=typed["reason"], by=person(request))

    if attempt(form, gesture, "amount"):
        said = "Le reversement est ouvert. Envoyez le courrier contradictoire."
        made = award.recoveries.latest("pk")
        return presentation.done(request, said, reverse("booster_ia:recovery", args=[made.pk]))
    context = {"award": award, "dossier": award.dossier, "most": most}
    return show(request, "booster_ia/payments/desk/breach.html", context, form)


@FORM
@region
def lapse(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Propose a lapse, or decide the one that a colleague proposed."""
    award = seen_award(request, key, may=dossiers.can_examine)
    found, user = ending.open_lapse(award), person(request)
    wish = request.POST.get("geste", "")
    form = AnswerForm(posted(request)) if wish == "lapse" else ReasonForm(posted(request))

    def gesture() -> None:
        if wish == "lapse":
            ending.lapse(award, by=user)
        elif wish == "drop":
            ending.drop_lapse(award, reason=form.cleaned_data["reason"], by=user)
        elif found is None:
            ending.propose_lapse(award, reason=form.cleaned_data["reason"], by=user)
        else:
            raise NotDone("Choisissez une décision.")

    if attempt(form, gesture, "reason"):
        said = {"lapse": "La subvention est caduque. La structure en est prévenue.", "drop": "La caducité est écartée."}
        done = said.get(wish, "La caducité est proposée. Une autre personne la décide.")
        return presentation.done(request, done, reverse("dossiers:examine", args=[key]))
    context = {
        "award": award,
        "dossier": award.dossier,
        "lapse": found,
        "is_its_author": found is not None and found.by_id == user.pk,
        "due": award.paid - services.asked_back(award),
        "is_lapsable": award.dossier.state in ending.LAPSABLE,
    }
    return show(request, "booster_ia/payments/desk/lapse.html", context, form)
