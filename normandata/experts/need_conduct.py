"""Conditions and effects of a cœur expert request: its appointments, its introductions, its mails, its journal."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from normandata.accounts.models import RoleAssignment, User
from normandata.dossiers.delays import PARIS
from normandata.dossiers.models import INSTRUCTORS
from normandata.notifications import services as notifications
from normandata.organisations.models import Membership
from normandata.procedure import services as procedure
from normandata.procedure.services import Firing
from normandata.regulation.formats import day as written_day
from normandata.regulation.formats import spaced
from normandata.ui.templatetags.nd import hour

from . import permissions

if TYPE_CHECKING:
    from .models import Expert
    from .needs import Introduction, Need

ACTS = {
    "need_asked": "Demande reçue",
    "need_emptied": "Contenu effacé, sa durée est passée",
    "schedule": "Premier échange fixé",
    "hold": "Compte rendu du premier échange",
    "seek": "Experts sollicités",
    "seek_more": "Autres experts sollicités",
    "meet": "Besoin et expert en relation",
    "fall_back": "Plus aucun expert attendu : à la Région de reprendre",
    "conclude": "Demande close par la Région",
    "tell_outcome": "Suite donnée par le porteur du besoin",
    "withdraw": "Demande retirée par son porteur",
    "introduction_asked": "Expert sollicité",
    "introduction_accepted": "Mise en relation acceptée par l’expert",
    "introduction_declined": "Mise en relation déclinée par l’expert",
    "introduction_dropped": "Expert qui n’est plus attendu",
}
"""What the journal of a request says of each act, in words."""
POINTS = ("technology", "delays", "costs", "partnership")
MOST_EXPERTS = 10
NOT_AGREED = "{} n’a pas donné son accord pour être mis en relation, ou l’a retiré."
TWICE = "{} est déjà sollicité pour cette demande."
OF_THE_HOUSE = "{} fait partie de la structure qui demande, ou est la personne qui demande."
YOU_ARE_OF_THE_HOUSE = "Vous êtes de la structure qui demande : déclinez cette mise en relation."


# ---------------------------------------------------------------------------------------------------------- conditions
def to_come(firing: Firing) -> list[str]:
    return [] if firing.data["day"] > firing.at else ["Le premier échange se fixe à une date à venir."]


def held(firing: Firing) -> list[str]:
    """The exchange took place between the request and today."""
    on, need = firing.data["held_on"], firing.thing
    if on > firing.at.astimezone(PARIS).date():
        return ["La date du premier échange est passée, ou celle du jour."]
    if on < timezone.localdate(need.asked_at):
        return ["La date du premier échange ne peut pas précéder la demande."]
    return []


def feasibility(firing: Firing) -> list[str]:
    """What the exchange said of feasibility is written, on one point at least (C-03)."""
    if any(firing.data["found"].get(name, "").strip() for name in POINTS):
        return []
    return ["Écrivez ce que l’échange a dit d’au moins un point : technologie, délais, coûts ou partenariat."]


def may_be_sought(firing: Firing) -> list[str]:
    """Each expert agreed to be introduced, is not asked already, and is not of the house."""
    need, experts = firing.thing, firing.data["experts"]
    if not experts:
        return ["Choisissez au moins un expert."]
    if len(experts) > MOST_EXPERTS:
        return [f"Choisissez {MOST_EXPERTS} experts au plus à la fois."]
    known = set(need.introductions.exclude(state="dropped").values_list("expert", flat=True))
    found = []
    for expert in experts:
        if not expert.agreements.standing().filter(kind="introduced").exists():
            found.append(NOT_AGREED.format(expert.name))
        if expert.pk in known:
            found.append(TWICE.format(expert.name))
        if permissions.is_of_the_house(account_of(expert), need):
            found.append(OF_THE_HOUSE.format(expert.name))
    return [spaced(sentence) for sentence in found]


def outcome_is_said(firing: Firing) -> list[str]:
    found = [] if firing.data["outcome"] else ["Dites quelle suite a été donnée."]
    return found + ([] if firing.data["words"].strip() else ["Racontez la suite en quelques mots."])


def outcome_day(firing: Firing) -> list[str]:
    """What followed has a day, between the request and today."""
    on = firing.data["outcome_on"]
    if on > firing.at.astimezone(PARIS).date():
        return ["La date de la suite donnée est passée, ou celle du jour."]
    if on < timezone.localdate(firing.thing.asked_at):
        return ["La date de la suite donnée ne peut pas précéder la demande."]
    return []


def not_of_the_house(firing: Firing) -> list[str]:
    """Nobody meets their own house as an expert."""
    introduction: Introduction = firing.thing
    house = permissions.is_of_the_house(introduction.expert.user, firing.data["need"])
    return [spaced(YOU_ARE_OF_THE_HOUSE)] if house else []


# ------------------------------------------------------------------------------------------------------------- effects
def keep_appointment(firing: Firing) -> None:
    need: Need = firing.thing
    need.exchange_at, need.exchange_place, need.handled_by = firing.data["day"], firing.data["place"], firing.author
    at = firing.data["day"].astimezone(PARIS)
    tell_requester(
        need, "need_scheduled", date=spaced(f"{written_day(at.date())} à {hour(at)}"), lieu=need.exchange_place
    )


def keep_exchange(firing: Firing) -> None:
    """Keep what the exchange said; the requester is told that it can be read."""
    need: Need = firing.thing
    need.held_on, need.handled_by = firing.data["held_on"], firing.author
    for name in POINTS:
        setattr(need, f"found_{name}", firing.data["found"].get(name, "").strip())
    tell_requester(need, "need_exchanged", date=written_day(need.held_on))


def solicit(firing: Firing) -> None:
    """Write to each expert: the need, and nobody's address."""
    need: Need = firing.thing
    need.handled_by = firing.author
    for expert in firing.data["experts"]:
        message = firing.data["message"].strip()
        offer = need.introductions.create(expert=expert, message=message, asked_by=firing.author, asked_at=firing.at)
        note(need, "introduction_asked", expert, by=firing.by)
        tell_expert(offer, need, "need_asked" if account_of(expert) else "need_invited")


def close_by_agent(firing: Firing) -> None:
    need: Need = firing.thing
    _keep_outcome(firing)
    tell_requester(need, "need_closed", suite=need.get_outcome_display(), recit=need.outcome_words)
    _end_introductions(firing, f"Suite donnée : {need.get_outcome_display().lower()}.")


def close_by_owner(firing: Firing) -> None:
    need: Need = firing.thing
    _keep_outcome(firing)
    said = f"Suite donnée : {need.get_outcome_display().lower()}."
    tell_agents(need, "need_ended", motif=spaced(said))
    _end_introductions(firing, said)


def tell_withdrawn(firing: Firing) -> None:
    said = f"Demande retirée par le porteur du besoin. {firing.reason}".strip()
    tell_agents(firing.thing, "need_ended", motif=spaced(said))
    _end_introductions(firing, "Le porteur du besoin a retiré sa demande.")


def put_in_touch(firing: Firing) -> None:
    """Give each the other's contact, now that the expert accepted."""
    introduction: Introduction = firing.thing
    need, expert = firing.data["need"], introduction.expert
    note(need, "introduction_accepted", expert, by=firing.by)
    tell_requester(need, "need_introduced", expert=str(expert), courriel=firing.author.email)
    phone = f", {need.contact_phone}" if need.contact_phone else ""
    contact = f"{need.contact_name}, {address(need)}{phone}"
    tell_expert(introduction, need, "need_contact", contact=contact)
    if need.state == "sought":
        procedure.fire_held(need, "meet", by=None, at=firing.at)


def tell_declined(firing: Firing) -> None:
    need, expert = firing.data["need"], firing.thing.expert
    note(need, "introduction_declined", expert, by=firing.by, why=firing.reason)
    tell_agents(need, "need_declined", expert=str(expert), motif=firing.reason or "Aucun motif donné.")
    _look_again(firing)


def tell_released(firing: Firing) -> None:
    need, expert = firing.data["need"], firing.thing.expert
    note(need, "introduction_dropped", expert, by=firing.by, why=firing.reason)
    tell_expert(firing.thing, need, "need_released", motif=firing.reason or "La Région ne l’attend plus.")
    _look_again(firing)


def _keep_outcome(firing: Firing) -> None:
    need: Need = firing.thing
    need.outcome, need.outcome_on = firing.data["outcome"], firing.data["outcome_on"]
    need.outcome_words = firing.data["words"].strip()


def _end_introductions(firing: Firing, said: str) -> None:
    """Stop waiting for the experts who did not answer, and tell those who met the requester."""
    need: Need = firing.thing
    for offer in need.introductions.pending().order_by("pk"):
        procedure.fire(offer, "drop", by=None, at=firing.at, reason=said, need=need)
    for met in need.introductions.accepted().select_related("expert__user").order_by("pk"):
        tell_expert(met, need, "need_released", motif=spaced(said))


def _look_again(firing: Firing) -> None:
    """Give a request back to the Region once no expert is awaited; this one's answer is not written yet."""
    need: Need = firing.data["need"]
    if need.state == "sought" and not need.introductions.pending().exclude(pk=firing.thing.pk).exists():
        procedure.fire_held(need, "fall_back", by=None, at=firing.at)


# --------------------------------------------------------------------------------------------------- journal and mails
def note(need: "Need", act: str, expert: "Expert", *, by: User | None, why: str = "") -> None:
    """Write an act about an expert in the journal of the request."""
    procedure.record(need, act, by=by, reason=spaced(f"{expert}. {why}".strip()), data={"expert": expert.pk})


def account_of(expert: "Expert") -> User | None:
    """Return the account of an expert, the one of the same address where they did not open their space yet."""
    return expert.user or User.objects.filter(email=expert.email).first()


def requesters(need: "Need") -> list[User]:
    """Return who asked; once they left the organisation, its active members."""
    if permissions.is_requester(need.asked_by, need):
        return [need.asked_by]
    members = Membership.objects.active().filter(organisation=need.organisation_id, user__is_active=True)
    return [one.user for one in members.select_related("user").order_by("pk")] if need.organisation_id else []


def address(need: "Need") -> str:
    """Return where whoever asked is written to; that of the organisation's first member once they left it."""
    return next((one.email for one in requesters(need)), "")


def animators(need: "Need") -> list[User]:
    """Return who leads the request; while nobody does, every agent who may."""
    if need.handled_by and permissions.can_animate(need.handled_by, need):
        return [need.handled_by]
    held = RoleAssignment.objects.current().filter(role__in=INSTRUCTORS, user__is_active=True)
    people = User.objects.filter(pk__in=held.values("user")).order_by("pk")
    return [one for one in people if not permissions.is_of_the_house(one, need)]


def tell_requester(need: "Need", kind: str, **more: str) -> None:
    _send(need, kind, requesters(need), reverse("experts:need", args=[need.key]), more)


def tell_agents(need: "Need", kind: str, **more: str) -> None:
    _send(need, kind, animators(need), reverse("experts:desk_need", args=[need.key]), more)


def tell_expert(introduction: "Introduction", need: "Need", kind: str, *, key: str = "", **more: str) -> None:
    """Write to an expert; somebody without an account is led to where one is made first. The same `key` is one mail."""
    page = reverse("experts:introduction", args=[introduction.key])
    person = account_of(introduction.expert)
    address = page if person else f"{reverse('account_signup')}?{urlencode({'next': page})}"
    _send(need, kind, [person or introduction.expert.email], address, more, key=key)


def _send(need: "Need", kind: str, to: Iterable[User | str], page: str, more: dict[str, str], *, key: str = "") -> None:
    common = {"reference": need.reference, "besoin": need.title, "porteur": need.requester}
    values = common | {"adresse": f"{settings.SITE_URL}{page}"} | more
    notifications.notify(f"experts.{kind}", to=to, values=values, about=need, key=key or None)
