"""The letters' part of the house: a decision to tell, a grant told with its convention, a batch with a line refused."""

from datetime import date
from typing import Any

from django.utils import timezone

from booster_ia.services import notification
from normandata.accounts.models import User
from normandata.committee.models import Session
from normandata.documents import services as documents
from normandata.dossiers.models import BulkJob, BulkOutcome
from normandata.dossiers.services import letter_batches
from normandata.organisations.models import Organisation
from tests.factories.committee import SessionFactory
from tests.factories.letters import agreement_of, make_light, make_signatory


def told(ours: Organisation, elsewhere: Organisation, agent: User) -> tuple[dict[str, Any], dict[str, Any]]:
    """Make our things, and theirs; the batch is that of `agent`."""
    make_signatory(scheme="booster_ia")
    session = SessionFactory(held_on=date(2026, 7, 6), deliberation_number="CP D 26-07-1")
    mine, theirs = _things(ours, session, agent), _things(elsewhere, session, agent)
    [refused] = make_light(organisation=elsewhere, session=session)
    job = BulkJob.objects.create(action=BulkJob.Action.SEND_LETTERS, by=agent)
    row = BulkOutcome.objects.create(
        job=job, dossier=refused, state=BulkOutcome.State.REFUSED, cause="Essai.", at=timezone.now()
    )
    mine |= {"letter_job": job.key, "letter_row": row.pk, "nothing_read": letter_batches.sealed({})}
    return mine, theirs


def _things(organisation: Organisation, session: Session, agent: User) -> dict[str, Any]:
    [waiting] = make_light(organisation=organisation, session=session)
    [granted] = make_light(outcome="granted", organisation=organisation, session=session)
    notification.tell(granted, by=agent)
    documents.make(agreement_of(granted).letter.document_id)
    return {"to_tell": waiting.key, "agreed": granted.key}
