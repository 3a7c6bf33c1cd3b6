"""The calls' part of the house: one open with a proposal under review, one assessed, one that nobody reads yet."""

from typing import Any

from django.utils import timezone

from normandata.accounts.models import User
from normandata.organisations.models import Organisation
from normandata.procedure import services as procedure
from roadmap.calls import paper
from roadmap.calls.models import Call
from roadmap.models import Action
from tests.factories.calls import make_answered, make_call, make_proposal
from tests.world_roadmap import PILOTED, printed

OPEN = "appel-ouvert"


def things(organisation: Organisation, by: User, agent: User, pilot: User) -> dict[str, Any]:
    """Open a call on the pilot's chantier, publish another's assessment, begin a third."""
    chantier = Action.objects.get(slug=PILOTED).chantier
    make_call(chantier=chantier, slug=OPEN)
    assessed = make_call(chantier=chantier, slug="appel-depouille", names_carriers=True)
    make_answered(assessed, agent=agent, by=by, organisation=organisation)
    Call.objects.filter(pk=assessed.pk).update(state="published")
    made = printed(paper.ask(paper.of_call(Call.objects.get(pk=assessed.pk)))).pk
    unwritten = make_call("draft", chantier=chantier, slug="appel-en-preparation")
    found = {
        "call": OPEN,
        "assessed_call": assessed.slug,
        "unwritten_call": unwritten.slug,
        "call_chantier": chantier.pk,
        "assessment": made,
    }
    found |= proposals(organisation, by, agent)
    early = paper.of_call(Call.objects.get(slug=OPEN), on=timezone.localdate())
    return found | {"early_assessment": printed(paper.ask(early)).pk}


def proposals(organisation: Organisation, by: User, agent: User) -> dict[str, Any]:
    """Deposit a proposal to the open call, and begin to examine it."""
    dossier = make_proposal(Call.objects.whole().get(slug=OPEN), by=by, organisation=organisation).dossier
    procedure.fire(dossier, "start_review", by=agent)
    return {"call_proposal": dossier.key}
