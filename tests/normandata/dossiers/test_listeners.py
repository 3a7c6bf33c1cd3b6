from datetime import UTC, datetime

import pytest
from django.utils import timezone

from normandata.documents.models import Upload
from normandata.dossiers import listeners
from normandata.dossiers.services import drafts
from normandata.notifications.models import Mail
from normandata.organisations.hooks import refreshed
from normandata.procedure.models import Event
from tests.factories.documents import UploadFactory
from tests.factories.dossiers import FIRM, make_deposit, make_draft
from tests.factories.organisations import MembershipFactory, OrganisationFactory

pytestmark = pytest.mark.django_db
AT = datetime(2026, 10, 1, 7, 14, tzinfo=UTC)


def outcome(verdict: dict | None, rule: str) -> str:
    assert verdict is not None
    return {one["rule"]: one["outcome"] for one in verdict["findings"]}[f"diagnostic.{rule}"]


def test_a_request_is_judged_again_when_the_directory_answers_at_last() -> None:
    organisation = OrganisationFactory(pending=True)
    membership = MembershipFactory(organisation=organisation)
    answers = {slug: dict(typed) for slug, typed in FIRM.items()}
    answers["structure"]["departement"] = "14"
    dossier = make_draft(by=membership.user, organisation=organisation, answers=answers)
    make_deposit(dossier, at=AT)
    assert outcome(dossier.verdict, "normandy") == "to_review"
    draft = make_draft(by=membership.user, organisation=organisation, answers=answers)
    organisation.department, organisation.directory_state = "14", organisation.State.FOUND
    organisation.fetched_at = timezone.now()
    organisation.save()
    refreshed(organisation)
    dossier.refresh_from_db()
    assert (outcome(dossier.verdict, "normandy"), dossier.department) == ("met", "14")
    event = Event.objects.named("judge_again").get()
    assert (event.verdict, event.by, event.thing_key) == (dossier.verdict, None, str(dossier.pk))
    draft.refresh_from_db()
    assert draft.verdict is None
    refreshed(organisation)
    assert Event.objects.named("judge_again").count() == 1


def test_what_was_typed_after_the_deposit_is_not_judged() -> None:
    dossier = make_deposit(at=AT).dossier
    section = dossier.sections.get(slug="structure")
    section.answers |= {"etp": "3"}
    section.save()
    organisation = dossier.organisation
    organisation.department = "75"
    refreshed(organisation)
    dossier.refresh_from_db()
    assert outcome(dossier.verdict, "fte") == "met"


@pytest.mark.parametrize("state", [Upload.State.INFECTED, Upload.State.REFUSED])
def test_a_file_refused_by_the_antivirus_leaves_the_dossier_and_the_organisation_is_told(state: str) -> None:
    dossier = make_draft()
    found = drafts.attach(dossier, "complement", UploadFactory(), by=dossier.created_by)
    upload = found.upload
    listeners.drop_refused(upload)
    found.refresh_from_db()
    assert found.removed_at is None
    upload.state, upload.checked_at = state, timezone.now()
    listeners.drop_refused(upload)
    listeners.drop_refused(upload)
    found.refresh_from_db()
    assert found.removed_at == upload.checked_at
    mail = Mail.objects.get()
    assert (mail.kind, mail.address) == ("dossiers.file_refused", dossier.created_by.email)
    assert upload.name in mail.text
