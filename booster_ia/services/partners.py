"""The gestures on partners: declare, invite, confirm, decline. They answer by a signed link, without an account."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from normandata.accounts import throttle
from normandata.accounts.models import User
from normandata.dossiers import permissions
from normandata.dossiers.models import Dossier
from normandata.dossiers.services import thread
from normandata.notifications import services as notifications
from normandata.outbox import mail
from normandata.outbox import services as outbox
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotDone, NotNow
from normandata.procedure.services import Firing
from normandata.regulation.formats import day as written_day
from normandata.regulation.formats import listing, spaced

from ..partners import CONFIRMED, INVITED, WITHDRAWN, Partner

HANDLER = "booster_ia.invite_partners"
SALT = "booster_ia.partner"
LINK_LIFE = timedelta(days=30)
"""How long the link of a mail opens the page of the confirmation."""
FULL = "Cette adresse a déjà reçu trois courriels en une heure. Réessayez dans une heure."
OVER = "Ce dossier n’est plus examiné : il n’y a plus rien à confirmer."
ACTS = {
    "partner_confirmed": "Participation confirmée par un partenaire",
    "partner_declined": "Participation déclinée par un partenaire",
    "partner_invited": "Courriel renvoyé à un partenaire",
}


@dataclass(frozen=True, slots=True)
class Declared:
    """A partner as the form names it; `department` is empty where the directory did not answer."""

    siret: str
    name: str
    email: str
    contact: str = ""
    department: str = ""


class Expired(Exception):
    """The link is right and too old; `partner` is whom it was sent to."""

    def __init__(self, partner: Partner) -> None:
        super().__init__(partner)
        self.partner = partner


# ---------------------------------------------------------------------------------------------------------- declare
@transaction.atomic
def declare(dossier: Dossier, declared: Sequence[Declared], *, by: User | None) -> None:
    """Bring the partners of a dossier to what its form names, in the deposit's transaction: new ones are invited.

    One named already keeps its answer, unless it had declined or left and comes back with another address. ValueError
    for a SIRET named twice.
    """
    named = {one.siret: one for one in declared}
    if len(named) < len(declared):
        raise ValueError("a partner is named twice")
    known = {one.siret: one for one in Partner.objects.select_for_update().filter(dossier=dossier).order_by("pk")}
    for siret, partner in known.items():
        if siret in named:
            _keep(partner, named[siret], by)
        elif partner.state != WITHDRAWN:
            _fire(partner, "withdraw", by)
    new = [one for one in declared if one.siret not in known]
    fresh = [Partner(dossier=dossier, siren=one.siret[:9], **_columns(one)) for one in new]
    Partner.objects.bulk_create(fresh)
    if fresh or any(one.is_awaited and one.mailed_at is None for one in known.values()):
        outbox.post(HANDLER, {"dossier": dossier.pk})


def _columns(declared: Declared) -> dict[str, str]:
    return {
        "siret": declared.siret,
        "name": declared.name,
        "email": declared.email,
        "contact": declared.contact,
        "department": declared.department,
    }


def _keep(partner: Partner, declared: Declared, by: User | None) -> None:
    """Bring a partner to what the form says of it now; another address gets a mail of its own."""
    wanted = _columns(declared) | {"department": declared.department or partner.department}
    moved = partner.email != wanted["email"]
    changed = [name for name, value in wanted.items() if getattr(partner, name) != value]
    for name in changed:
        setattr(partner, name, wanted[name])
    if changed:
        partner.save(update_fields=changed)
    if partner.state == WITHDRAWN or (moved and partner.state not in (INVITED, CONFIRMED)):
        _fire(partner, "invite_again", by)
    elif moved and partner.is_awaited:
        partner.round, partner.mailed_at, partner.reminded_on = partner.round + 1, None, None
        partner.save(update_fields=["round", "mailed_at", "reminded_on"])


def _fire(partner: Partner, name: str, by: User | None) -> None:
    """Fire a gesture that the deposit makes; its author is the deposit's."""
    procedure.fire(partner, name, by=None, journal={"by": str(by or "")})


def partners_of(dossier: Dossier) -> list[Partner]:
    """List the partners that the carrier still names; one query."""
    return list(Partner.objects.filter(dossier=dossier).taking_part())


def unconfirmed(dossier: Dossier) -> list[Partner]:
    """List the partners whose confirmation is wanting."""
    return list(Partner.objects.filter(dossier=dossier).unconfirmed())


def partners_confirmed(firing: Firing) -> list[str]:
    """A condition of the proposal: every partner that the carrier names has confirmed."""
    wanting = unconfirmed(firing.thing)
    if not wanting:
        return []
    names = listing([one.name for one in wanting])
    verb = "n’a pas confirmé sa" if len(wanting) == 1 else "n’ont pas confirmé leur"
    return [spaced(f"{names} {verb} participation : le dossier ne peut pas encore être proposé.")]


# ------------------------------------------------------------------------------------------------------------- mails
def send_invitations(dossier: int) -> None:
    """Write the mail of each partner of a dossier that has none yet; an address that is full waits for the hour."""
    waiting = Partner.objects.filter(dossier=dossier, state=INVITED, mailed_at=None)
    for pk in list(waiting.order_by("pk").values_list("pk", flat=True)):
        with transaction.atomic():
            partner = _held(pk)
            if partner.is_awaited and partner.mailed_at is None and throttle.take_slot(partner.email):
                _write(partner, "booster_ia.partner_invited")


@transaction.atomic
def resend(partner: Partner, *, by: User | None) -> None:
    """Send the link again, at most three an hour to one address; somebody who declined is invited again.

    Nobody as author is the partner itself, from a link that is too old. Raises NotAllowed, NotNow.
    """
    held = _held(partner.pk)
    dossier = held.dossier
    if by is not None and not may_resend(by, dossier):
        raise NotAllowed(procedure.FORBIDDEN)
    if not dossier.is_open:
        raise NotNow(OVER)
    if held.state in (CONFIRMED, WITHDRAWN) or (by is None and not held.is_awaited):
        raise NotNow("La réponse de ce partenaire est déjà donnée : rechargez la page.")
    if not throttle.take_slot(held.email):
        raise NotNow(FULL)
    if not held.is_awaited:
        _fire(held, "invite_again", by)
    _write(held, "booster_ia.partner_invited")
    procedure.record(dossier, "partner_invited", by=by, reason=held.name, data={"partner": held.name})


def may_resend(user: User, dossier: Dossier) -> bool:
    """The organisation that carries the project, and the agents who examine it."""
    return permissions.is_applicant(user, dossier) or permissions.can_examine(user, dossier)


@transaction.atomic
def remind(partner: Partner, *, since: date, today: date) -> bool:
    """Recall what is awaited, unless it was since a day, or the invitation itself is as recent; False when not done."""
    held = _held(partner.pk)
    is_recent = held.mailed_at is None or timezone.localdate(held.mailed_at) >= since
    if not held.is_awaited or is_recent or (held.reminded_on and held.reminded_on >= since):
        return False
    if not throttle.take_slot(held.email):
        return False
    held.reminded_on = today
    held.save(update_fields=["reminded_on"])
    _write(held, "booster_ia.partner_reminder")
    return True


def _held(pk: int) -> Partner:
    return Partner.objects.select_for_update(of=("self",)).select_related("dossier__organisation").get(pk=pk)


def _write(partner: Partner, kind: str) -> None:
    """Write a mail that holds a link: its text is forgotten once it is sent."""
    now = timezone.now()
    content = notifications.rendered(kind, values(partner, now))
    mail.send(partner.email, content.subject, content.text, is_secret=True)
    partner.mailed_at = now
    partner.save(update_fields=["mailed_at"])


def values(partner: Partner, at: datetime) -> dict[str, str]:
    """Return the tags of the mails to a partner."""
    dossier = partner.dossier
    return {
        "partenaire": partner.name,
        "projet": title_of(dossier),
        "structure": dossier.organisation.label,
        "lien": f"{settings.SITE_URL}{address(partner)}",
        "fin": written_day(timezone.localdate(at + LINK_LIFE)),
    }


def title_of(dossier: Dossier) -> str:
    """Return the title of the project as last deposited."""
    sent = dossier.deposits.order_by("-version").values_list("answers", flat=True).first() or {}
    return str(sent.get("projet", {}).get("titre", "")) or str(dossier)


# -------------------------------------------------------------------------------------------------------------- link
def address(partner: Partner) -> str:
    """Return the address of the page where a partner answers: signed, dated, of this invitation and no other."""
    token = signing.dumps([partner.pk, partner.round], salt=SALT)
    return reverse("booster_ia:partner", args=[partner.dossier.key, token])


def opened(key: uuid.UUID, token: str) -> Partner:
    """Return whom a link was sent to. Raises LookupError for a link that is not one of this dossier, Expired."""
    try:
        pk, turn = signing.loads(token, salt=SALT)
    except signing.BadSignature as error:
        raise LookupError("no such link") from error
    partner = Partner.objects.select_related("dossier__organisation").filter(pk=pk, dossier__key=key).first()
    if partner is None:
        raise LookupError("no such link")
    if turn != partner.round or _is_old(token):
        raise Expired(partner)
    return partner


def _is_old(token: str) -> bool:
    try:
        signing.loads(token, salt=SALT, max_age=LINK_LIFE)
    except signing.SignatureExpired:
        return True
    return False


# ----------------------------------------------------------------------------------------------------------- answers
@transaction.atomic
def confirm(partner: Partner, *, by_name: str) -> None:
    """Confirm that a structure takes part, in the name of whoever holds its link; raises NotDone, NotNow."""
    _answer(partner, "confirm", by_name)
    _record(partner, "partner_confirmed", by_name)
    thread.tell(partner.dossier, "booster_ia.partner_confirmed", also={"partenaire": partner.name, "auteur": by_name})


@transaction.atomic
def decline(partner: Partner, *, by_name: str, reason: str) -> None:
    """Say that a structure takes no part, and why; the agents are told too. Raises NotDone, ReasonMissing, NotNow."""
    _answer(partner, "decline", by_name, reason)
    said = {"partenaire": partner.name, "auteur": by_name, "motif": reason.strip()}
    _record(partner, "partner_declined", by_name, reason)
    thread.tell(partner.dossier, "booster_ia.partner_declined", also=said)
    thread.alert(partner.dossier, "booster_ia.partner_declined_to_agent", **said)


def _record(partner: Partner, name: str, by_name: str, reason: str = "") -> None:
    """Write an answer in the journal of the dossier, whose author has no account."""
    said = spaced(f"{partner.name}, par {by_name}" + (f" : {reason.strip()}" if reason else ""))
    data = {"partner": partner.name, "name": by_name}
    procedure.record(partner.dossier, name, by=None, reason=said, data=data)


def _answer(partner: Partner, name: str, by_name: str, reason: str = "") -> None:
    if not by_name.strip():
        raise NotDone("Indiquez votre nom et votre fonction.")
    procedure.lock(partner)
    partner.dossier.refresh_from_db(fields=["state"])
    if not partner.dossier.is_open:
        raise NotNow(OVER)
    procedure.fire_held(partner, name, by=None, reason=reason, journal={"by": by_name}, by_name=by_name.strip()[:200])
