"""Editions created, cloned, set; their prizes; what each phase lets see; what they say; all journalled."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from datathon import phases, showcase
from datathon.models import Criterion, DataSet, Edition, Registration, RulesText, Theme
from datathon.services import contents, editions
from datathon.services.holding import Stale
from normandata.accounts.models import Role, RoleAssignment, User
from normandata.documents.models import Document
from normandata.notifications.models import Mail
from normandata.procedure.errors import NotAllowed, NotDone, NotNow, Unmet
from normandata.procedure.models import Event
from tests.factories.accounts import make_user_with
from tests.factories.datathon import (
    PARIS,
    SCHEME,
    make_edition,
    make_juror,
    make_organiser,
    make_registration,
    make_rules,
    make_team,
)
from tests.factories.datathon_mentors import make_mentor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]
D = Decimal


@pytest.fixture
def lead() -> User:
    return make_user_with(Role.LEAD_AGENT, SCHEME)


def acts(edition: Edition) -> list[str]:
    return [event.name for event in Event.objects.about(edition)]


# ------------------------------------------------------------------------------------------------------------- making
def test_an_edition_begins_with_the_six_criteria_of_the_annex_and_nobody(lead: User) -> None:
    edition = editions.create(title="Datathon Normandie 2027", year=2027, by=lead)
    assert (edition.slug, edition.state, edition.revision) == ("datathon-normandie-2027", "preparing", 1)
    assert list(edition.criteria.values_list("slug", "weight")) == [
        (slug, D(1)) for slug in ("pertinence", "originalite", "innovation", "sobriete", "faisabilite", "oral")
    ]
    assert acts(edition) == ["create"]


@pytest.mark.parametrize(("scheme", "scope"), [("booster_ia", ""), (SCHEME, "datathon-2026")])
def test_only_who_organises_all_editions_makes_one(scheme: str, scope: str) -> None:
    with pytest.raises(NotAllowed):
        editions.create(title="Une", year=2027, by=make_user_with(Role.ORGANISER, scheme, scope))
    assert Edition.objects.count() == 0


def test_two_editions_have_two_addresses_and_none_is_a_page_of_ours(lead: User) -> None:
    editions.create(title="Une", year=2027, by=lead)
    with pytest.raises(ValidationError) as refused:
        editions.create(title="Une", year=2028, by=lead)
    assert list(refused.value.message_dict) == ["slug"]
    with pytest.raises(NotDone, match="prise par le portail"):
        editions.create(title="Nouvelle", year=2028, by=lead)


def furnished() -> Edition:
    """Make an edition with all that a clone takes up, and people of every kind."""
    edition = make_edition(
        phases.CHALLENGE, quorum=4, recusal_is_whole=True, closing_place="Caen", format="remote",
        summary="Des données.", prize_1=D(2500), prize_2=D(1500), prize_3=D(1000),
        embargo_until=datetime(2027, 11, 1, tzinfo=PARIS),
    )  # fmt: skip
    theme = edition.themes.get()
    DataSet.objects.create(
        edition=edition, theme=theme, title="Lignes", url="https://exemple.invalid/a", licence="ODbL"
    )
    DataSet.objects.create(edition=edition, title="Relief", url="https://exemple.invalid/b", licence="Licence Ouverte")
    edition.shut.create(phase=phases.SCORING, right="jury_reads")
    make_rules(edition, 2, text="Le règlement d’aujourd’hui.")
    make_team(edition, 2, theme=theme)
    make_juror(edition)
    make_mentor(edition)
    make_organiser(edition)
    return edition


def test_a_clone_takes_up_what_was_said_and_nobody(lead: User) -> None:
    source = furnished()
    before = (Registration.objects.count(), RoleAssignment.objects.count())
    made = editions.clone(source, title="Datathon 2028", year=2028, keeps_dates=True, by=lead)
    assert (made.state, made.cloned_from, made.revision) == (phases.PREPARING, source, 1)
    kept = ("format", "summary", "quorum", "recusal_is_whole", "prizes")
    assert [getattr(made, name) for name in kept] == [getattr(source, name) for name in kept]
    assert (made.closing_place, made.embargo_until, made.published_at) == ("", None, None)
    assert [(one.title, one.theme and one.theme.edition_id) for one in made.data_sets.order_by("title")] == [
        ("Lignes", made.pk),
        ("Relief", None),
    ]
    assert list(made.criteria.values_list("slug", "weight")) == list(source.criteria.values_list("slug", "weight"))
    assert [(one.phase, one.right) for one in made.shut.all()] == [(phases.SCORING, "jury_reads")]
    rules = made.rules_texts.get()
    assert (rules.version, rules.text, rules.change) == (1, "Le règlement d’aujourd’hui.", "")
    assert rules.document is not None
    assert (made.teams.count(), made.registrations.count(), made.jurors.count(), made.mentors.count()) == (0, 0, 0, 0)
    assert (Registration.objects.count(), RoleAssignment.objects.count()) == before
    assert (made.opens_on, made.deliverables_due_at) == (
        date(2028, 8, 30),
        datetime(2028, 10, 20, 12, tzinfo=PARIS),
    )
    assert acts(made) == ["clone"]
    made.full_clean()


def test_a_clone_may_leave_its_dates_to_be_typed(lead: User) -> None:
    made = editions.clone(furnished(), title="Datathon bis", year=2027, keeps_dates=False, by=lead)
    assert [getattr(made, name) for name in editions.DATES] == [None] * 6
    with pytest.raises(NotDone, match="laissez-les vides"):
        editions.clone(made, title="Datathon ter", year=2027, keeps_dates=True, by=lead)


# ----------------------------------------------------------------------------------------------------------- settings
def test_settings_change_under_the_revision_of_the_page(lead: User) -> None:
    edition = make_edition(phases.PREPARING)
    assert editions.change(edition, title="Autre", opens_on=None, by=lead, seen=1) == ["opens_on", "title"]
    assert (edition.revision, Mail.objects.count()) == (2, 0)
    with pytest.raises(Stale):
        editions.change(edition, title="Encore", by=lead, seen=1)
    assert Edition.objects.get().title == "Autre"
    assert editions.change(edition, title="Autre", by=lead, seen=2) == []
    assert (edition.revision, acts(edition)) == (2, ["change"])


def test_participants_are_told_when_a_date_or_the_place_changes(lead: User) -> None:
    edition = make_edition(phases.CHALLENGE)
    one = make_registration(edition)
    make_registration(edition, rehearsal=True)
    make_registration(edition, state="withdrawn")
    editions.change(edition, summary="Autrement dit.", by=lead)
    assert Mail.objects.count() == 0
    editions.change(edition, closing_place="Le Dôme, Caen", by=lead)
    mail = Mail.objects.get()
    assert (mail.kind, mail.recipient) == ("datathon.dates_changed", one.person)
    assert "Le Dôme, Caen" in mail.text


def test_an_open_edition_goes_on_saying_what_it_must(lead: User) -> None:
    edition = make_edition()
    with pytest.raises(Unmet, match="la fin des inscriptions"):
        editions.change(edition, registration_closes_on=None, by=lead)
    with pytest.raises(ValidationError, match="se closent après avoir ouvert"):
        editions.change(Edition.objects.get(), registration_closes_on=date(2027, 8, 1), by=lead)
    assert Edition.objects.get().registration_closes_on == date(2027, 9, 30)


@pytest.mark.parametrize("state", [phases.SCORING, phases.DELIBERATION, phases.DECIDED])
def test_how_the_jury_judges_is_frozen_when_scoring_opens(lead: User, state: str) -> None:
    edition = make_edition(state)
    with pytest.raises(NotNow, match="La notation est ouverte"):
        editions.change(edition, quorum=2, by=lead)
    assert editions.change(edition, closing_place="Rouen", by=lead) == ["closing_place"]
    with pytest.raises(NotNow):
        contents.put(Criterion(edition=edition, label="Autre"), by=lead)
    with pytest.raises(NotNow):
        contents.publish_rules(edition, text="Autre", change="Tout.", by=lead)


def test_a_registration_elsewhere_has_its_address(lead: User) -> None:
    edition = make_edition()
    with pytest.raises(ValidationError, match="Indiquez l’adresse"):
        editions.change(edition, registration_mode="elsewhere", by=lead)
    editions.change(edition, registration_mode="elsewhere", registration_url="https://exemple.invalid", by=lead)
    found = showcase.registering(edition, datetime(2027, 9, 15, tzinfo=PARIS))
    assert (found.url, found.is_elsewhere) == ("https://exemple.invalid", True)


# ------------------------------------------------------------------------------------------------------------- prizes
@pytest.mark.parametrize(
    ("prizes", "sentence"),
    [
        (("2000", "1500", "1000", "500"), "4 équipes lauréates sont prévues ; le règlement en admet 3 au plus."),
        (("1500", "1500"), "Chaque prix doit valoir moins que celui du rang précédent."),
        (
            ("2500", "1500", "1000.01"),
            "Le total des prix est de 5 000,01 € ; il dépasse les 5 000,00 € admis par édition.",
        ),
        (("2500", "0"), "Un prix doit valoir plus de zéro euro : rang 2."),
    ],
)
def test_prizes_are_refused_with_the_sentence_of_the_rule(lead: User, prizes: tuple[str, ...], sentence: str) -> None:
    edition = make_edition()
    with pytest.raises(Unmet) as refused:
        editions.set_prizes(edition, [D(one) for one in prizes], by=lead)
    assert [text.replace("\u00a0", " ") for text in refused.value.messages] == [sentence]
    assert (Edition.objects.get().prizes, acts(edition)) == ((), [])


def test_prizes_are_set_with_their_verdict_and_taken_back(lead: User) -> None:
    edition = make_edition()
    editions.set_prizes(edition, [D("2500"), D("1500"), D("1000")], by=lead, seen=1)
    event = Event.objects.about(edition).get()
    assert event.verdict is not None
    assert (event.name, event.data, len(event.verdict["findings"])) == (
        "set_prizes",
        {"prizes": ["2500", "1500", "1000"]},
        4,
    )
    editions.set_prizes(edition, [D("500.50")], by=lead, seen=2)
    assert Edition.objects.get().prizes == (D("500.50"),)
    editions.set_prizes(edition, [], by=lead)
    assert Edition.objects.get().prizes == ()
    decided = make_edition(phases.DELIBERATION)
    with pytest.raises(NotNow):
        editions.set_prizes(decided, [], by=lead)


def test_a_phase_is_shut_and_opened_again(lead: User) -> None:
    edition = make_edition()
    pairs = {(phases.REGISTRATION, "board"), (phases.SCORING, "mentors_read")}
    editions.shut(edition, pairs, by=lead)
    assert not edition.rights.board
    editions.shut(edition, set(), by=lead)
    assert edition.rights.board
    with pytest.raises(ValueError, match="nothing to shut"):
        editions.shut(edition, {(phases.PREPARING, "board")}, by=lead)


# ----------------------------------------------------------------------------------------------------------- contents
def test_themes_data_and_criteria_are_added_changed_and_taken_out(lead: User) -> None:
    edition = make_edition(phases.PREPARING)
    added = contents.put(
        Criterion(edition=edition, label="Accessibilité à tous", weight=D("1.5"), rank=7), by=lead, seen=1
    )
    twin = contents.put(Criterion(edition=edition, label="Accessibilité à tous", weight=D(1), rank=8), by=lead)
    assert [one.slug for one in (added, twin)] == ["accessibilite-a-tous", "accessibilite-a-tous-2"]  # type: ignore[union-attr]
    theme = Theme.objects.get()
    theme.title = "Littoral"
    contents.put(theme, by=lead)
    data = contents.put(DataSet(edition=edition, title="Marées", url="https://a.invalid", licence="ODbL"), by=lead)
    contents.take_out(data, by=lead)
    assert (edition.criteria.count(), Theme.objects.get().title, edition.data_sets.count()) == (8, "Littoral", 0)
    assert acts(edition) == ["take_out", "put", "put", "put", "put"]
    with pytest.raises(ValidationError):
        contents.put(DataSet(edition=edition, title="Sans licence", url="https://b.invalid"), by=lead)


def test_a_theme_that_a_team_chose_stays_and_an_open_edition_keeps_one(lead: User) -> None:
    edition = make_edition()
    theme = edition.themes.get()
    with pytest.raises(Unmet, match="un thème au moins"):
        contents.take_out(theme, by=lead)
    theme = edition.themes.get()
    make_team(edition, theme=theme)
    with pytest.raises(NotDone, match="Des équipes ont choisi ce thème"):
        contents.take_out(theme, by=lead)
    assert edition.themes.count() == 1


def test_rules_are_published_once_and_a_version_says_what_changes(lead: User) -> None:
    edition = make_edition()
    first = edition.rules_texts.get()
    one = make_registration(edition)
    for change, text, sentence in (
        ("", "Autre texte.", "Dites ce qui change"),
        ("Rien.", first.text, "rien n’a changé"),
    ):
        with pytest.raises(NotDone, match=sentence):
            contents.publish_rules(edition, text=text, change=change, by=lead)
    rules = contents.publish_rules(edition, text="Article 1\n\nAutre texte.", change="Tout.", by=lead, seen=1)
    assert (rules.version, edition.rules_texts.count(), one.rules) == (2, 2, first)
    document = Document.objects.get()
    assert (rules.document, document.filename) == (document, f"reglement-{edition.slug}-v2.pdf")
    mail = Mail.objects.get()
    assert (mail.kind, mail.recipient) == ("datathon.rules_changed", one.person)
    assert f"/datathon/{edition.slug}/reglement/2/" in mail.text
    assert list(RulesText.objects.values_list("version", flat=True)) == [2, 1]


# -------------------------------------------------------------------------------------------------------------- who
GESTURES: list[Any] = [
    lambda edition, by: editions.change(edition, title="Autre", by=by),
    lambda edition, by: editions.set_prizes(edition, [], by=by),
    lambda edition, by: editions.shut(edition, set(), by=by),
    lambda edition, by: contents.put(Theme(edition=edition, title="Un autre"), by=by),
    lambda edition, by: contents.take_out(edition.themes.get(), by=by),
    lambda edition, by: contents.publish_rules(edition, text="Un autre", change="Tout.", by=by),
    lambda edition, by: editions.clone(edition, title="Un autre", year=2028, keeps_dates=True, by=by),
]


@pytest.mark.parametrize("gesture", GESTURES)
@pytest.mark.parametrize("role", [Role.AGENT, Role.AUDITOR, Role.JUROR, Role.MENTOR, Role.ADMINISTRATOR])
def test_nobody_else_makes_a_gesture_of_the_organisers(gesture: Any, role: Role) -> None:
    edition = make_edition()
    elsewhere = make_organiser(make_edition())
    for by in (make_user_with(role, SCHEME), elsewhere):
        with pytest.raises(NotAllowed):
            gesture(edition, by)
    assert (Event.objects.count(), edition.revision) == (0, 1)
