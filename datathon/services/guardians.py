"""The agreement of a minor's parent: asked by a link, given or refused on its page, without an account.

The link's token is kept as a digest; it opens one page, until it is used, replaced or too old.
"""

import secrets
import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from normandata.accounts import throttle
from normandata.accounts.models import User
from normandata.accounts.services import digest
from normandata.notifications import services as notifications
from normandata.outbox import mail
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotDone, NotNow
from normandata.regulation.formats import day as written_day

from .. import workflow
from ..phases import OVER
from ..registrations import IMAGE, Consent, Registration
from ..rules import REGLEMENT
from . import telling

FULL = "Cette adresse a déjà reçu trois courriels en une heure. Réessayez dans une heure."
SELF = "Indiquez l’adresse d’un parent, pas la vôtre."
UNNAMED = "Indiquez le nom et l’adresse électronique d’un parent."
OVER_NOW = "Cette édition est terminée : il n’y a plus rien à autoriser."


def life(at: datetime) -> timedelta:
    """Return how long a link opens its page."""
    return timedelta(days=int(REGLEMENT.on(timezone.localdate(at)).number("guardian_days")))


def ask(registration: Registration, name: str, email: str, *, by: User) -> None:
    """Write to a parent, in the caller's transaction that holds the row; an older link does not open any more.

    Raises NotDone for an address that is the minor's own, or that had its three mails of the hour.
    """
    address = email.strip().lower()
    if not name.strip() or not address:
        raise NotDone(UNNAMED)
    if registration.person is not None and address == registration.person.email:
        raise NotDone(SELF)
    if not throttle.take_slot(address):
        raise NotDone(FULL)
    token, now = secrets.token_urlsafe(32), timezone.now()
    registration.guardian_name, registration.guardian_email = name.strip(), address
    registration.guardian_token, registration.guardian_asked_at = digest(token), now
    registration.guardian_refused_at = None
    registration.save()
    content = notifications.rendered("datathon.guardian_asked", _values(registration, token, now))
    key = f"{mail_key(registration)}{uuid.uuid4()}"
    mail.send(address, content.subject, content.text, key=key, is_secret=True)
    procedure.record(registration, "ask_guardian", by=by)


def mail_key(registration: Registration) -> str:
    """Return how the keys of the mails to a parent begin, by which they are erased."""
    return f"datathon-parent:{registration.pk}:"


def _values(registration: Registration, token: str, now: datetime) -> dict[str, str]:
    return {
        "edition": registration.edition.title,
        "parent": registration.guardian_name,
        "participant": telling.name_of(registration),
        "lien": f"{settings.SITE_URL}{reverse('datathon:guardian', args=[token])}",
        "fin": written_day(timezone.localdate(now + life(now))),
    }


@transaction.atomic
def ask_again(registration: Registration, *, by: User) -> None:
    """Send another link to the same parent; raises NotAllowed, NotNow, NotDone."""
    procedure.lock(registration)
    if not workflow.is_own(by, registration):
        raise NotAllowed(procedure.FORBIDDEN)
    if registration.state != workflow.AWAITING:
        raise NotNow(procedure.TOO_LATE)
    ask(registration, registration.guardian_name, registration.guardian_email, by=by)


def opened(token: str, at: datetime | None = None) -> Registration:
    """Return the registration that a link is about; raises LookupError for one that is unknown, used or too old."""
    at = at or timezone.now()
    rows = Registration.objects.filter(guardian_token=digest(token), state=workflow.AWAITING)
    found = rows.select_related("edition", "person", "rules").first()
    if found is None or found.guardian_asked_at is None or found.guardian_asked_at + life(at) < at:
        raise LookupError("no such link")
    return found


@transaction.atomic
def agree(registration: Registration, *, token: str, image: bool = False) -> None:
    """Agree to a minor's part, and to the image where the parent says so; raises NotNow."""
    _hold(registration, token)
    registration.guardian_agreed_at, registration.guardian_token = timezone.now(), ""
    procedure.fire_held(registration, "authorise", by=None)
    if image and not registration.consents.filter(kind=IMAGE, withdrawn_at=None).exists():
        Consent.objects.create(registration=registration, kind=IMAGE)
        procedure.record(registration, "give_consent", by=None, data={"kind": IMAGE})
    telling.tell("guardian_agreed", [registration])


@transaction.atomic
def refuse(registration: Registration, *, token: str) -> None:
    """Refuse a minor's part: the registration ends. Raises NotNow."""
    _hold(registration, token)
    registration.guardian_refused_at, registration.guardian_token = timezone.now(), ""
    procedure.fire_held(registration, "parent_refuses", by=None)
    registration.join_requests.filter(answered_at=None).update(answered_at=timezone.now(), is_accepted=False)
    telling.tell("guardian_declined", [registration])


def forget(registration: Registration) -> None:
    """Forget a guardian who is not asked any more, unsaved."""
    registration.guardian_name = registration.guardian_email = registration.guardian_token = ""
    registration.guardian_asked_at = registration.guardian_agreed_at = None


def _hold(registration: Registration, token: str) -> None:
    """Lock a registration that still waits for the answer of this link."""
    procedure.lock(registration)
    if registration.edition.state in OVER:
        raise NotNow(OVER_NOW)
    if registration.state != workflow.AWAITING or registration.guardian_token != digest(token):
        raise NotNow("La réponse est déjà donnée, ou un lien plus récent l’attend.")
