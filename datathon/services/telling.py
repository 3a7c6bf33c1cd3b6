"""Writing to participants: each mail is about a registration, so that it goes with the person's data."""

import uuid
from collections.abc import Iterable

from django.conf import settings
from django.urls import reverse

from normandata.notifications import services as notifications

from ..editions import Edition
from ..registrations import Registration
from ..teams import Team


def tell(kind: str, people: Iterable[Registration], *, naming: Registration | None = None, **values: str) -> None:
    """Write a mail of this scheme to participants, in the caller's transaction; who was erased gets none.

    `naming` is the participant whom the text names or quotes: the mail goes with that person's data too.
    """
    key = f"{naming_key(naming)}{uuid.uuid4()}" if naming else None
    for one in people:
        if one.person is not None:
            notifications.notify(
                f"datathon.{kind}",
                to=[one.person],
                values=common(one.edition) | values,
                about=one,
                key=key,
            )


def naming_key(registration: Registration) -> str:
    """Return how the keys of the mails that name a participant begin, by which they are erased."""
    return f"datathon-nomme:{registration.pk}:"


def common(edition: Edition) -> dict[str, str]:
    """Return the tags of every mail: the edition, and the participant's page."""
    return {
        "edition": edition.title,
        "adresse": f"{settings.SITE_URL}{reverse('datathon:participation', args=[edition.slug])}",
    }


def members(team: Team) -> list[Registration]:
    """List the registrations of a team, by seat; one query."""
    rows = Registration.objects.filter(seats__team=team).select_related("person", "edition").order_by("seats__number")
    return list(rows)


def name_of(registration: Registration) -> str:
    """Name a participant to others of the edition: never by the address."""
    person = registration.person
    return (person.name if person else "") or f"Participant {registration.pk}"
