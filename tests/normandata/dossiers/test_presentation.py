"""What the pages of a form draw around it: banner, steps, what is missing, what differs."""

from datetime import UTC, date, datetime, timedelta

import pytest

from normandata.dossiers import drafts, presentation
from normandata.dossiers.models import Dossier, FilingPeriod
from normandata.dossiers.services import corrections
from normandata.dossiers.services.corrections import Asked
from tests.factories.accounts import make_agent
from tests.factories.dossiers import FIRM, make_deposit, make_draft

pytestmark = pytest.mark.django_db
CLOSING = datetime(2026, 10, 30, 23, 0, tzinfo=UTC)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def test_the_banner_of_a_draft_says_whether_there_is_a_last_day() -> None:
    banner = presentation.banner(make_draft(), CLOSING)
    assert banner == presentation.Banner("Dossier non déposé", "Le dépôt est ouvert toute l’année, sans date limite.")


@pytest.mark.parametrize(
    ("before", "remaining"),
    [
        (timedelta(days=17, hours=2), "17 jours"),
        (timedelta(days=1), "1 jour"),
        (timedelta(hours=23, minutes=59), "23 heures"),
        (timedelta(minutes=90), "1 heure"),
        (timedelta(minutes=59), "59 minutes"),
        (timedelta(seconds=20), "1 minute"),
        (timedelta(seconds=-60), "quelques minutes"),
    ],
)
def test_the_banner_counts_down_to_the_end_of_the_last_day(before: timedelta, remaining: str) -> None:
    FilingPeriod.objects.create(scheme="diagnostic", opens_on=date(2026, 1, 1), closes_on=date(2026, 10, 30))
    banner = presentation.banner(make_draft(), CLOSING - before)
    assert banner is not None
    assert plain(banner.sentence) == "Date limite : vendredi 30 octobre 2026, 23 h 59"
    assert (plain(banner.remaining), banner.is_closed) == (remaining, False)


def test_the_banner_after_the_closing_says_what_is_kept() -> None:
    FilingPeriod.objects.create(scheme="diagnostic", opens_on=date(2026, 1, 1), closes_on=date(2026, 10, 30))
    banner = presentation.banner(make_draft(), CLOSING + timedelta(minutes=6))
    assert banner is not None
    assert (banner.is_closed, "Votre brouillon est gardé." in banner.sentence) == (True, True)


def test_a_deposited_dossier_has_a_banner_while_it_can_be_changed() -> None:
    dossier = make_deposit().dossier
    banner = presentation.banner(dossier, CLOSING)
    assert banner is not None
    assert banner.title == "Modifications non déposées"
    Dossier.objects.update(state="review", editable="none")
    dossier.refresh_from_db()
    assert presentation.banner(dossier, CLOSING) is None


def test_the_last_step_opens_once_all_is_filled() -> None:
    whole = presentation.tasks(drafts.read(make_draft()), "aides")
    assert [(task.title, task.label) for task in whole] == [
        ("Votre structure", "Rempli"),
        ("Votre situation", "Rempli"),
        ("Aides déjà reçues", "Rempli"),
        ("Les personnes", "Rempli"),
        ("Vos motivations", "Rempli"),
        ("Pièces", "Facultatif"),
        ("Relire et déposer", "Prêt"),
    ]
    assert [task.title for task in whole if task.is_current] == ["Aides déjà reçues"]
    partial = presentation.tasks(drafts.read(make_draft(answers={"structure": FIRM["structure"]})))
    assert (partial[-1].is_locked, partial[-1].url, partial[-1].label) == (True, "", "Quand tout est rempli")


def test_what_is_missing_leads_to_its_place() -> None:
    draft = make_draft(answers=dict(FIRM) | {"personnes": {"projet_nom": "A"}, "motivations": {}})
    assert [(plain(said), url) for said, url in presentation.missing(drafts.read(draft))] == [
        ("Les personnes : en cours", f"/dossiers/{draft.key}/sections/personnes/"),
        ("Vos motivations : à remplir", f"/dossiers/{draft.key}/sections/motivations/"),
    ]


def test_two_versions_are_compared_field_by_field_in_clear() -> None:
    state = drafts.read(make_draft()).section("structure")
    assert state is not None
    mine, theirs = FIRM["structure"] | {"etp": ""}, FIRM["structure"] | {"type": "association"}
    assert [(plain(one.label), one.mine, one.theirs) for one in presentation.differences(state, mine, theirs)] == [
        ("Type de structure", "Une entreprise", "Une association"),
        ("Effectif, en équivalents temps plein", "(vide)", "45,5"),
    ]


def test_a_section_asked_for_leads_back_to_the_dossier() -> None:
    dossier, agent = make_deposit().dossier, make_agent()
    due = date.fromordinal(date.today().toordinal() + 20)  # noqa: DTZ011
    corrections.ask(dossier, [Asked("section:motivations", "")], due_on=due, by=agent)
    form = drafts.read(dossier)
    state = form.section("motivations")
    assert state is not None
    framed = presentation.frame(form, state)
    assert (framed["next_title"], framed["previous"]) == ("Revenir au dossier", None)
    assert presentation.after(form, "motivations") == f"/dossiers/{dossier.key}/"
    assert "Relire et déposer" not in [task.title for task in framed["tasks"]]


def test_an_unchecked_section_says_no_error() -> None:
    state = drafts.read(make_draft(answers={"structure": {"etp": "douze"}})).section("structure")
    assert state is not None
    shown = presentation.unchecked(state)
    assert (shown.errors, shown["etp"].value()) == ({}, "douze")


def test_a_change_is_seen_and_its_undoing_too() -> None:
    dossier = make_deposit().dossier
    section = dossier.sections.get(slug="motivations")
    typed = dict(section.answers)
    assert not presentation.is_changed(dossier, drafts.read(dossier))
    section.answers = typed | {"projet": "Autre."}
    section.save()
    assert presentation.is_changed(dossier, drafts.read(dossier))
    section.answers = typed
    section.save()
    assert not presentation.is_changed(dossier, drafts.read(dossier))
