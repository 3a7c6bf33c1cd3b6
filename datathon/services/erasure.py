"""Erasing a participant from an edition that is over: nothing personal stays; teams, deliverables and outcomes do.

Each room that keeps something personal says how it is forgotten (`register`); the retention is a figure of the
règlement. The account is not touched: it is the person's, and serves elsewhere.
"""

import logging
from collections.abc import Callable
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from normandata.accounts.models import User
from normandata.documents import services as documents
from normandata.documents.checks.formats import FORMATS
from normandata.documents.models import Document, Upload
from normandata.notifications.models import Mail
from normandata.outbox.models import Message
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotNow
from normandata.procedure.models import Event, kind_of
from normandata.regulation.calendar import add_months

from .. import mentor_mails, permissions, phases, receipts, workflow
from ..deliverables import Deliverable
from ..editions import Edition
from ..mentoring import HelpRequest, Meeting, MentorNote
from ..registrations import Registration, Remark
from ..rules import REGLEMENT
from ..teams import JoinRequest, Team
from . import certificates, guardians, telling

logger = logging.getLogger(__name__)
NOT_OVER = "Vos données s’effacent une fois l’édition terminée. D’ici là, vous pouvez vous désinscrire."
ERASED = "Texte effacé."
Eraser = Callable[[Registration, User], None]
_erasers: list[Eraser] = []


def register(eraser: Eraser) -> Eraser:
    """Have a function called, in the transaction that erases: it forgets what its room keeps of a person."""
    if eraser not in _erasers:
        _erasers.append(eraser)
    return eraser


@transaction.atomic
def erase(registration: Registration, *, by: User | None) -> bool:
    """Erase a participant from an edition; False when it was done before.

    The person, an organiser, or the portal itself (None) once the time is over. Raises NotAllowed, NotNow before.
    """
    procedure.lock(registration)
    if registration.person is None:
        return False
    edition, person = registration.edition, registration.person
    if by is not None and not (workflow.is_own(by, registration) or permissions.organises(by, edition)):
        raise NotAllowed(procedure.FORBIDDEN)
    if edition.state not in phases.OVER:
        raise NotNow(NOT_OVER)
    for eraser in _erasers:
        eraser(registration, person)
    _blank(registration)
    procedure.record(registration, "erase", by=None)
    return True


def _blank(registration: Registration) -> None:
    guardians.forget(registration)
    registration.guardian_refused_at = None
    registration.person, registration.erased_at = None, timezone.now()
    registration.profile = registration.pitch = registration.refusal_message = ""
    registration.skills, registration.wants_team, registration.is_minor = [], False, False
    registration.present_at = registration.lot_given_at = None
    registration.revision += 1
    registration.save()


# ----------------------------------------------------------------------------------------------------- what is erased
@register
def forget_words(registration: Registration, person: User) -> None:
    """Consents, requests, remarks with their letters; mails about the registration, to the guardian, of the edition."""
    registration.consents.all().delete()
    registration.join_requests.all().delete()
    # Whoever wrote them: they have no object any more.
    JoinRequest.objects.filter(team__edition=registration.edition_id).update(message="")
    Remark.objects.filter(registration__edition=registration.edition_id, by=person).update(by=None)
    for remark in registration.remarks.select_related("document"):
        remark.delete()
        if remark.document is not None:
            documents.erase(remark.document)
    edition = registration.edition
    about = Q(about_kind=kind_of(registration), about_key=str(registration.pk))
    about |= Q(about_kind=kind_of(edition), about_key=str(edition.pk), recipient=person)
    _forget_mails(about | Q(key__startswith=telling.naming_key(registration)))
    Message.objects.filter(key__startswith=guardians.mail_key(registration)).delete()


def _forget_mails(wanted: Q) -> None:
    """Erase mails with the rows that carry them."""
    mails = Mail.objects.filter(wanted)
    Message.objects.filter(key__in=[str(pk) for pk in mails.values_list("pk", flat=True)]).delete()
    mails.delete()


@register
def forget_authorship(registration: Registration, person: User) -> None:
    """Who handed in, and under which name a file came: what was handed in stays, its receipts are made anew."""
    handed = Deliverable.objects.filter(team__edition=registration.edition_id, handed_by=person)
    for one in handed.filter(upload__isnull=False).select_related("upload"):
        if one.upload is not None:
            name = f"livrable-{one.kind}-{one.version}{FORMATS[one.upload.format].extension}"
            Upload.objects.filter(pk=one.upload.pk).update(uploaded_by=None, name=name)
    handed.update(handed_by=None)
    for team in Team.objects.filter(seats__registration=registration):
        for document in Document.objects.filter(kind=receipts.KIND, record__team_key=team.pk):
            documents.erase(document)


@register
def forget_team_notes(registration: Registration, person: User) -> None:
    """What mentors wrote of a team, what it asked them, what its meetings noted: any of it may name a member."""
    team = Team.objects.filter(seats__registration=registration).first()
    if team is None:
        return
    MentorNote.objects.filter(team=team).delete()
    HelpRequest.objects.filter(team=team).update(question=ERASED)
    _forget_mails(Q(key__startswith=mentor_mails.asked_key(team)))
    Meeting.objects.filter(team=team).update(notes="")


@register
def forget_certificates(registration: Registration, person: User) -> None:
    """A certificate of participation bears a name."""
    certificates.forget(registration)


@register
def forget_in_journal(registration: Registration, person: User) -> None:
    """The journal keeps what was done, not by which participant."""
    edition = registration.edition_id
    teams = [str(pk) for pk in Team.objects.filter(edition=edition).values_list("pk", flat=True)]
    about = Q(thing_kind="datathon.team", thing_key__in=teams)
    about |= Q(thing_kind="datathon.registration", thing_key=str(registration.pk))
    Event.objects.filter(about, by=person).forget_author()


# -------------------------------------------------------------------------------------------------------------- nightly
def due(at: datetime) -> list[Registration]:
    """List the registrations whose time is over: so many months after the closing of an edition that is over."""
    rows = Registration.objects.filter(person__isnull=False, edition__state__in=phases.OVER)
    return [one for one in rows.select_related("edition").order_by("pk") if _is_due(one.edition, at)]


def _is_due(edition: Edition, at: datetime) -> bool:
    if edition.published_at is None and edition.closing_at is None:
        return False
    return term(edition)[1] <= timezone.localdate(at)


def term(edition: Edition) -> tuple[date, date]:
    """Return the day an edition ended and the one its participants are erased; raises ValueError where it has none."""
    ended = edition.published_at or edition.closing_at
    if ended is None:
        raise ValueError("the edition has no end yet")
    day = timezone.localdate(max(ended, edition.closing_at or ended))
    return day, add_months(day, int(REGLEMENT.on(day).number("erase_months")))


def erase_due(at: datetime) -> int:
    """Erase all that is due, each in a transaction of its own; returns how many."""
    done = 0
    for one in due(at):
        try:
            done += erase(one, by=None)
        except Exception as error:  # whatever breaks one, the others are erased
            logger.exception("A participant could not be erased (%s, %s).", one.pk, type(error).__name__)
    return done
