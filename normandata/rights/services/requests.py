"""What people ask about their data: kept with its term, answered by whoever is in charge of it."""

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from normandata.accounts.models import Role, RoleAssignment, User
from normandata.notifications import services as notifications
from normandata.outbox import mail
from normandata.privacy.retention import retention
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotNow
from normandata.regulation.formats import day as written_day

from ..models import Kind, Request, handles
from . import erasure

ALREADY = "Cette demande est déjà en cours\u00a0: nous y répondons au plus tard à la date indiquée."
ANSWERED = "Cette demande a déjà sa réponse."


def file(person: User, kind: str, text: str) -> Request:
    """Keep a request and acknowledge it; the answer is due within one month. Raises NotNow when one is open."""
    now = timezone.now()
    today = timezone.localdate(now)
    due_on = retention().figure("answer", today).end(today)
    try:
        with transaction.atomic():
            asked = Request.objects.create(person=person, kind=kind, text=text.strip(), asked_at=now, due_on=due_on)
            procedure.record(asked, "ask_right", by=person)
            _tell(asked)
    except IntegrityError:
        raise NotNow(ALREADY) from None
    return asked


@transaction.atomic
def note(email: str, name: str, kind: str, text: str, *, by: User) -> Request:
    """Keep a request that came by letter. Raises NotAllowed, NotNow.

    Somebody without an account, whom a dossier or a directory may name, can be erased all the same: a closed account
    is made in their name, which the erasure then empties. Their other rights are answered outside the portal.
    """
    if not handles(by):
        raise NotAllowed(procedure.FORBIDDEN)
    address = email.strip().lower()
    person = User.objects.filter(email=address).first()
    if person is None and kind != Kind.ERASURE:
        raise NotNow("Aucun compte n’a cette adresse\u00a0: répondez à cette personne par courrier.")
    if person is None:
        person = User.objects.create_user(address, name=name.strip(), is_active=False)
    return file(person, kind, text)


@transaction.atomic
def answer(asked: Request, outcome: str, text: str, *, by: User) -> Request:
    """Answer a request, and tell the person. Raises NotAllowed, NotNow."""
    locked = _held(asked, by)
    _close(locked, outcome, text, by)
    values = {"droit": locked.get_kind_display().lower(), "reponse": text.strip()}
    notifications.notify("rights.answered", to=[locked.person], values=values, about=locked)
    return locked


@transaction.atomic
def erase(asked: Request, text: str, *, by: User) -> Request:
    """Erase the person who asked, and tell them by a mail of which nothing stays.

    Raises NotAllowed, NotNow, Prevented.
    """
    locked = _held(asked, by)
    if locked.kind != Kind.ERASURE:
        raise NotNow("Cette demande n’est pas une demande d’effacement.")
    address = locked.person.email
    _close(locked, Request.Outcome.GRANTED, "Les données sont effacées.", by)
    erasure.erase(locked.person, by=by)
    said = notifications.rendered("rights.erased", {"reponse": text.strip()})
    mail.send(address, said.subject, said.text, is_secret=True)
    return locked


def _tell(asked: Request) -> None:
    """Acknowledge a request, and tell whoever answers."""
    values = {"droit": asked.get_kind_display().lower(), "echeance": written_day(asked.due_on)}
    home = values | {"adresse": settings.SITE_URL + reverse("rights:mine")}
    notifications.notify("rights.received", to=[asked.person], values=home, about=asked)
    held = RoleAssignment.objects.current().filter(role=Role.DATA_PROTECTION_OFFICER).values("user")
    officers = User.objects.filter(pk__in=held, is_active=True)
    desk = values | {"adresse": settings.SITE_URL + reverse("rights:request", args=[asked.pk])}
    notifications.notify("rights.to_answer", to=officers, values=desk, about=asked)


def _held(asked: Request, by: User) -> Request:
    if not handles(by):
        raise NotAllowed(procedure.FORBIDDEN)
    locked = Request.objects.select_for_update().select_related("person").get(pk=asked.pk)
    if locked.answered_at is not None:
        raise NotNow(ANSWERED)
    if locked.person_id == by.pk:
        raise NotAllowed("Une autre personne que vous répond à votre demande.")
    return locked


def _close(asked: Request, outcome: str, text: str, by: User) -> None:
    asked.outcome, asked.answer = outcome, text.strip()
    asked.answered_at, asked.answered_by = timezone.now(), by
    asked.save()
    procedure.record(asked, "answer_right", by=by, data={"outcome": outcome})
