"""The cœur expert's part of the house: an organisation's requests, told, heard, and in touch; experts who are named."""

from typing import Any

from django.utils import timezone

from normandata.accounts.models import User
from normandata.experts.models import Agreement, Expert, Introduction, Need
from normandata.experts.services import needs
from normandata.organisations.models import Organisation
from tests.factories.experts import make_expert, person_of
from tests.factories.needs import make_exchanged, make_listing, make_need


def requests(organisation: Organisation, by: User, agent: User, expert: Expert) -> dict[str, Any]:
    """Make three requests of an organisation; on the last, one expert accepted and `expert` did not answer yet.

    `expert` agreed to be introduced, then withdrew it: what was asked before stays theirs to answer.
    """
    accepting = make_expert(agrees=("introduced",))
    Agreement.objects.create(
        expert=expert, kind="introduced", given_on=timezone.localdate(), proof="Courriel", recorded_by=agent
    )
    met = make_exchanged(agent, by=by, organisation=organisation)
    needs.solicit(met, [accepting, expert], message="", by=agent)
    needs.accept(Introduction.objects.get(need=met, expert=accepting), by=person_of(accepting))
    agreed = Agreement.objects.filter(expert=expert, kind="introduced")
    agreed.update(withdrawn_on=timezone.localdate(), withdrawn_by=agent)
    offer = Introduction.objects.get(need=met, expert=expert)
    return {
        "need": make_need(by=by, organisation=organisation).key,
        "heard_need": make_exchanged(agent, by=by, organisation=organisation).key,
        "met_need": Need.objects.get(pk=met.pk).key,
        "offer": offer.pk,
        "introduction": offer.key,
    }


def named() -> dict[str, Any]:
    """Name an expert in the public directory, and another who may be introduced."""
    listing = make_listing(make_expert(agrees=("introduced",)))
    return {"named_expert": listing.agreement.expert_id, "free_expert": make_expert(agrees=("introduced",)).pk}
