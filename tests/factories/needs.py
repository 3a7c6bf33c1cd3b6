"""Cœur expert requests of the tests, brought to a state by the gestures that people would make."""

import uuid
from datetime import timedelta
from typing import Any

from django.utils import timezone

from normandata.accounts.models import User
from normandata.experts.models import Domain, Expert, Introduction, Listing, Need
from normandata.experts.services import directory, needs
from normandata.organisations.models import Organisation
from tests.factories.accounts import UserFactory, make_agent
from tests.factories.experts import make_expert, person_of

FOUND = {"technology": "Faisable.", "delays": "Trois mois.", "costs": "", "partnership": ""}
SAID = {"title": "Prévoir la fréquentation", "need": "Ouvrir les bons bassins.", "contact_name": "Camille Exemple"}


def make_need(*, by: User | None = None, organisation: Organisation | None = None, **fields: Any) -> Need:
    """Ask the cœur expert, in one's own name unless said."""
    wished: Listing | None = fields.pop("wished", None)
    said = SAID | fields
    return needs.ask(uuid.uuid4(), said, organisation=organisation, wished=wished, by=by or UserFactory())


def make_scheduled(agent: User | None = None, **fields: Any) -> Need:
    need, day = make_need(**fields), timezone.now() + timedelta(days=3)
    needs.schedule(need, day=day, place="Visioconférence.", by=agent or make_agent())
    return need


def make_exchanged(agent: User | None = None, **fields: Any) -> Need:
    need = make_need(**fields)
    needs.hold(need, held_on=timezone.localdate(), found=FOUND, by=agent or make_agent())
    return need


def make_meeting(expert: Expert | None = None, *, agent: User | None = None, **fields: Any) -> Introduction:
    """Ask an expert to meet a requester."""
    agent = agent or make_agent()
    need, expert = make_exchanged(agent, **fields), expert or make_expert(agrees=("introduced",))
    needs.solicit(need, [expert], message="", by=agent)
    return Introduction.objects.select_related("need", "expert__user").get(need=need, expert=expert)


def make_accepted(expert: Expert | None = None, **fields: Any) -> Introduction:
    offer = make_meeting(expert, **fields)
    needs.accept(offer, by=person_of(offer.expert))
    return Introduction.objects.select_related("need", "expert__user").get(pk=offer.pk)


def make_listing(expert: Expert | None = None, **chosen: Any) -> Listing:
    """Have an expert choose their public entry."""
    expert = expert or make_expert()
    shown = {"shows_name": True, "shows_organisation": True, "domains": [Domain.HEALTH], "presentation": "Bonjour."}
    return directory.list_publicly(expert, by=person_of(expert), **{**shown, **chosen})


def again(need: Need) -> Need:
    """Read a request again."""
    return Need.objects.select_related("organisation", "asked_by", "handled_by").get(pk=need.pk)


__all__ = [
    "FOUND",
    "SAID",
    "again",
    "make_accepted",
    "make_exchanged",
    "make_listing",
    "make_meeting",
    "make_need",
    "make_scheduled",
]
