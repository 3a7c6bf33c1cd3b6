"""Before the deposit: begun once, saved without overwriting, erased without a trace on the disk."""

from functools import partial
from pathlib import Path

import pytest
from django.http import QueryDict

from normandata.documents.models import Upload
from normandata.dossiers.models import Attachment, Dossier, Section
from normandata.dossiers.services import drafts
from normandata.dossiers.services.drafts import Conflict
from normandata.procedure.errors import NotAllowed, NotNow
from normandata.procedure.models import Event
from tests.factories.accounts import UserFactory, make_agent
from tests.factories.documents import UploadFactory
from tests.factories.dossiers import FIRM, make_deposit, make_draft
from tests.factories.organisations import MembershipFactory
from tests.normandata.documents.conftest import files_under
from tests.threads import together

pytestmark = pytest.mark.django_db


def save(dossier: Dossier, text: str, version: int) -> Section:
    return drafts.save_section(dossier, "motivations", {"projet": text}, version=version, by=dossier.created_by)


def test_only_a_member_begins_and_nothing_is_half_written() -> None:
    membership = MembershipFactory(left=True)
    with pytest.raises(NotAllowed):
        drafts.begin("diagnostic", membership.organisation, QueryDict(), by=membership.user)
    assert (Dossier.objects.count(), Section.objects.count(), Event.objects.count()) == (0, 0, 0)


def test_an_untouched_draft_is_taken_up_again_and_a_touched_one_is_not() -> None:
    membership = MembershipFactory()
    first = drafts.begin("diagnostic", membership.organisation, QueryDict("etp=45,5"), by=membership.user)
    again = drafts.begin("diagnostic", membership.organisation, QueryDict("etp=45,5"), by=membership.user)
    assert first.pk == again.pk
    other = drafts.begin("diagnostic", membership.organisation, QueryDict("etp=46"), by=membership.user)
    assert other.pk != first.pk


def test_each_save_is_a_version_and_the_same_text_is_not() -> None:
    draft = make_draft()
    assert [save(draft, "A", 1).version, save(draft, "A", 1).version, save(draft, "B", 2).version] == [2, 2, 3]
    assert save(draft, "B", 3).saved_by == draft.created_by


def test_a_text_that_started_from_an_older_version_is_refused_and_the_kept_one_returned() -> None:
    draft = make_draft()
    save(draft, "A", 1)
    for version in (0, 1, 7):
        with pytest.raises(Conflict) as refused:
            save(draft, "B", version)
        assert refused.value.kept.answers == {"projet": "A"}
    assert draft.sections.get(slug="motivations").answers == {"projet": "A"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_new", [True, False])
def test_twenty_saves_at_once_from_the_same_version_write_one(is_new: bool) -> None:
    draft = make_draft()
    if is_new:
        draft.sections.filter(slug="motivations").delete()
    version, by = (0 if is_new else 1), draft.created_by

    def type_in(text: str) -> str:
        mine = Dossier.objects.get(pk=draft.pk)
        drafts.save_section(mine, "motivations", {"projet": text}, version=version, by=by)
        return text

    results = together(*[partial(type_in, f"Texte {number}") for number in range(20)])
    kept = [result for result in results if isinstance(result, str)]
    assert (len(kept), [type(result) for result in results if result not in kept]) == (1, [Conflict] * 19)
    assert draft.sections.get(slug="motivations").answers == {"projet": kept[0]}


@pytest.mark.parametrize("state", ["review", "withdrawn"])
def test_a_dossier_that_is_closed_takes_nothing(state: str, media: Path) -> None:
    dossier = make_deposit().dossier
    Dossier.objects.update(state=state, editable="none")
    with pytest.raises(NotNow):
        save(dossier, "A", 1)
    with pytest.raises(NotNow):
        drafts.attach(dossier, "complement", UploadFactory(), by=dossier.created_by)


def test_somebody_else_changes_nothing(media: Path) -> None:
    draft = make_draft()
    for stranger in (UserFactory(), make_agent()):
        with pytest.raises(NotAllowed):
            drafts.save_section(draft, "structure", {}, version=1, by=stranger)
        with pytest.raises(NotAllowed):
            drafts.attach(draft, "complement", UploadFactory(), by=stranger)
        with pytest.raises(NotAllowed):
            drafts.discard(draft, by=stranger)
    assert draft.sections.get(slug="structure").answers == FIRM["structure"]


@pytest.mark.django_db(transaction=True)
def test_an_erased_draft_leaves_no_row_and_no_file(media: Path) -> None:
    draft = make_draft()
    for taken_away in (False, True):
        file = drafts.attach(draft, "complement", UploadFactory(), by=draft.created_by)
        if taken_away:
            drafts.detach(file, by=draft.created_by)
    assert (Upload.objects.count(), len(files_under(media))) == (1, 1)
    drafts.discard(draft, by=draft.created_by)
    counts = [model.objects.count() for model in (Dossier, Section, Attachment, Upload)]
    assert (counts, files_under(media)) == ([0, 0, 0, 0], [])
    assert Event.objects.filter(name="discard").count() == 1


def test_a_deposited_dossier_is_not_erased() -> None:
    dossier = make_deposit().dossier
    with pytest.raises(NotNow, match="il se retire, il ne s’efface pas"):
        drafts.discard(dossier, by=dossier.created_by)
    assert Dossier.objects.exists()
