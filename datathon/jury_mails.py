"""The mails of the jury's part, with their tags: results published. Certificates and results are behind their links."""

from collections.abc import Mapping

from django.conf import settings
from django.urls import reverse

from normandata.accounts.models import User
from normandata.notifications import kinds as mails
from normandata.notifications import services as notifications
from normandata.notifications.kinds import Tag

from .editions import Edition
from .registrations import Registration

PARTICIPANTS = "les participants"
RESULTS = {
    "edition": Tag("Titre de l’édition", "Datathon d’essai 2027", is_required=True),
    "resultats": Tag("Adresse des résultats", "https://normandata.invalid/datathon/…", is_required=True),
    "attestation": Tag("Adresse de l’attestation", "https://normandata.invalid/espace/…", is_required=True),
}


def declare(name: str, label: str, audience: str, tags: Mapping[str, Tag]) -> None:
    """Register a mail whose original words are in templates/email/datathon."""
    mails.register(mails.from_file(f"datathon.{name}", label=label, audience=audience, tags=tags))


declare("results", "Résultats publiés", PARTICIPANTS, RESULTS)


def tell_results(edition: Edition, *, key: str) -> None:
    """Tell the members of the teams that the results are there; `key` makes it once for each publication."""
    address = settings.SITE_URL
    values = {
        "edition": edition.title,
        "resultats": f"{address}{reverse('datathon:results', args=[edition.slug])}",
        "attestation": f"{address}{reverse('datathon:certificate', args=[edition.slug])}",
    }
    notifications.notify("datathon.results", to=members(edition), values=values, about=edition, key=key)


def members(edition: Edition) -> list[User]:
    """List the people with a seat in a team of an edition, those who were erased left out."""
    taking_part = Registration.objects.taking_part().filter(edition=edition, rehearsal=False, person__isnull=False)
    seated = taking_part.filter(seats__team__dissolved_at=None, seats__isnull=False).values("person")
    return list(User.objects.filter(pk__in=seated, is_active=True).order_by("pk"))
