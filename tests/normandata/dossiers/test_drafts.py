"""Where a form stands, from what was typed and what was joined."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from normandata.dossiers import drafts
from normandata.dossiers.drafts import Fill
from normandata.dossiers.models import Attachment, Dossier
from tests.factories.documents import UploadFactory
from tests.factories.dossiers import FIRM, NO_AID, PEOPLE, REASONS, make_draft

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


def fills(dossier: Dossier) -> dict[str, Fill]:
    return {state.section.slug: state.fill for state in drafts.read(dossier).sections}


def test_a_whole_form_is_complete_in_two_queries() -> None:
    dossier = Dossier.objects.select_related("organisation").get(pk=make_draft().pk)
    with CaptureQueriesContext(connection) as queries:
        form = drafts.read(dossier)
        assert (form.is_complete, form.left) == (True, 0)
    assert len(queries) == 2
    assert set(fills(dossier).values()) == {Fill.FILLED}


def test_a_section_is_empty_partial_or_filled() -> None:
    dossier = make_draft(answers={"structure": FIRM["structure"], "situation": {"creation": "douze"}, "aides": {}})
    assert fills(dossier) == {
        "structure": Fill.FILLED,
        "situation": Fill.PARTIAL,
        "aides": Fill.EMPTY,
        "personnes": Fill.EMPTY,
        "motivations": Fill.EMPTY,
    }
    assert drafts.read(dossier).left == 4


@pytest.mark.parametrize(
    ("kind", "slugs"),
    [
        ("enterprise", ["structure", "situation", "aides", "personnes", "motivations"]),
        ("local_authority", ["structure", "situation", "personnes", "motivations"]),
        ("health_facility", ["structure", "situation", "personnes", "motivations"]),
        ("association", ["structure", "personnes", "motivations"]),
        ("", ["structure", "personnes", "motivations"]),
    ],
)
def test_the_type_of_structure_decides_the_sections(kind: str, slugs: list[str]) -> None:
    dossier = make_draft(answers={"structure": FIRM["structure"] | {"type": kind}})
    assert list(fills(dossier)) == slugs


def test_answers_that_concern_no_more_neither_block_nor_leave() -> None:
    stale = {"creation": "12/05/2009", "activite": "production", "population": "12 000"}
    answers = {
        "structure": FIRM["structure"] | {"type": "local_authority"},
        "situation": stale,
        "aides": NO_AID | {"recues": "oui", "aide1_jour": "hier"},
        "personnes": PEOPLE,
        "motivations": REASONS,
    }
    form = drafts.read(make_draft(answers=answers))
    state = form.section("situation")
    assert form.is_complete
    assert state is not None
    assert (state.answers, state.aside) == (
        {"population": "12 000"},
        {"creation": "12/05/2009", "activite": "production"},
    )
    assert form.answers == {
        "structure": answers["structure"], "situation": {"population": "12 000"}, "personnes": PEOPLE,
        "motivations": REASONS,
    }  # fmt: skip
    only_stale = answers | {"situation": {"creation": "12/05/2009"}}
    assert fills(make_draft(answers=only_stale))["situation"] is Fill.EMPTY


def test_files_stand_with_their_piece_until_taken_away() -> None:
    dossier = make_draft()
    for name in ("a.pdf", "b.pdf"):
        upload = UploadFactory(name=name)
        Attachment.objects.create(dossier=dossier, piece="complement", upload=upload, added_by=dossier.created_by)
    Attachment.objects.filter(upload__name="a.pdf").update(removed_at=datetime(2026, 1, 1, tzinfo=UTC))
    state = drafts.read(dossier).piece("complement")
    assert state is not None
    assert [file.upload.name for file in state.files] == ["b.pdf"]
    assert (state.is_required, state.is_missing) == (False, False)
    assert drafts.read(dossier).piece("inconnue") is None


def test_a_case_is_judged_on_the_day_in_paris() -> None:
    case = drafts.read(make_draft()).case(datetime(2026, 10, 31, 23, 30, tzinfo=UTC))
    assert case.on == date(2026, 11, 1)
    assert case.answers["structure"]["etp"] == Decimal("45.5")


def test_the_recap_is_in_clear_section_by_section() -> None:
    recap = drafts.read(make_draft()).recap
    assert [part["title"] for part in recap] == [
        "Votre structure", "Votre situation", "Aides déjà reçues", "Les personnes", "Vos motivations",
    ]  # fmt: skip
    assert recap[1]["lines"] == [
        ["creation", "Date de création de l’entreprise", "12\u00a0mai\u00a02009"],
        ["activite", "Activité principale", "Production"],
    ]
