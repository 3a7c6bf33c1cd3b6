"""What the Booster IA tells the scoring: until when a wave is scored, and who is tied to a dossier by its partners."""

from django.db.models import Q

from normandata.accounts.models import User
from normandata.dossiers import periods
from normandata.organisations.models import Membership
from normandata.scoring.kinds import Deadline

from .partners import Partner
from .services.scoring import SCHEME
from .waves import Wave

PARTNER = "Vous êtes membre d’une structure partenaire de ce dossier."


def is_of_a_partner(user: User) -> Q:
    """Describe the dossiers of which a partner, confirmed or not, has the SIREN of an organisation of this person."""
    mine = Membership.objects.active().filter(user=user).values("organisation__siren")
    return Q(pk__in=Partner.objects.filter(siren__in=mine).taking_part().order_by().values("dossier"))


def deadline_of(key: str) -> Deadline | None:
    """Return the last day on which the sheets of a wave are submitted, and the grace of the règlement of that day."""
    day = Wave.objects.filter(pk=key).values_list("scoring_closes_on", flat=True).first()
    return Deadline(day, periods.grace_minutes(SCHEME, day)) if day else None
