"""Certificates of participation: who is entitled to one, and asking for it."""

from normandata.accounts.models import User
from normandata.documents.models import Document
from normandata.procedure.errors import NotAllowed

from .. import jury_papers
from ..editions import Edition
from ..registrations import Registration
from ..teams import Seat


def entitled(edition: Edition, user: User) -> Registration | None:
    """Return the participation of a person in an edition, with a seat in a team that was not dissolved."""
    rows = Registration.objects.taking_part().of(user).filter(edition=edition, rehearsal=False)
    return rows.filter(seats__team__dissolved_at=None, seats__isnull=False).select_related("edition").first()


def is_entitled(registration: Registration, seat: Seat | None) -> bool:
    """Tell the same of a registration and its seat that were read, with its team."""
    return registration.takes_part and not registration.rehearsal and seat is not None and seat.team.is_active


def ask(registration: Registration, *, by: User) -> Document:
    """Ask for one's own certificate; the one that waits is given back. Raises NotAllowed."""
    if registration.person_id != by.pk:
        raise NotAllowed("Chacun demande sa propre attestation.")
    return jury_papers.certificate_of(registration) or jury_papers.ask_certificate(registration)


def forget(registration: Registration) -> int:
    """Erase the certificates of somebody who is erased; returns how many."""
    return jury_papers.forget_certificates(registration)
