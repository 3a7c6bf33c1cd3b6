"""What follows a Booster IA grant, in the house: a project under way, its account, the feedback that it gave."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from booster_ia.after import Reply
from normandata.accounts.models import User
from normandata.organisations.models import Organisation
from tests.factories.booster_after import make_award
from tests.factories.documents import UploadFactory


def followed(organisation: Organisation, by: User) -> dict[str, Any]:
    """Make a notified grant of an organisation, whose feedback is a file."""
    today = timezone.localdate()
    award = make_award(
        organisation=organisation,
        granted_on=today - timedelta(days=200),
        notified_on=today - timedelta(days=190),
        starts_on=today - timedelta(days=180),
        ends_on=today - timedelta(days=10),
    )
    Reply.objects.create(award=award, question="feedback", number=1, is_yes=True, upload=UploadFactory(), by=by)
    return {"followed": award.dossier.key, "siret": organisation.siret}


__all__ = ["followed"]
