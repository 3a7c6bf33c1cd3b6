"""The public calendar: what each room hands up, in order; a file that a calendar program reads and keeps up to date."""

from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from booster_ia.waves import Wave
from datathon import phases
from datathon.editions import Edition
from normandata.bulletin import dates
from normandata.bulletin.dates import PublicDate, Source
from normandata.dossiers.delays import PARIS
from roadmap.models import Action, Milestone
from tests.factories.accounts import UserFactory
from tests.factories.bulletin import Unreadable, events
from tests.factories.committee import SessionFactory
from tests.factories.datathon import make_edition
from tests.factories.roadmap import make_action
from tests.factories.waves import make_wave

pytestmark = pytest.mark.django_db
TODAY = date(2026, 10, 5)
CHANGED = datetime(2026, 9, 1, 8, tzinfo=UTC)


def dated(key: str, begins: datetime | date, **fields: object) -> PublicDate:
    given = {"title": key, "url": "/aides/", "sequence": 0, "changed_at": CHANGED, **fields}
    return PublicDate(key=key, begins=begins, **given)  # type: ignore[arg-type]


def source(*listed: PublicDate, slug: str = "essai", rank: int = 1, is_aid: bool = True) -> Source:
    return Source(slug, "Essai", rank, lambda since: iter(listed), is_aid)


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dates, "_registry", {})


def keys(today: date = TODAY) -> list[str]:
    return [one.date.key for one in dates.entries(today)]


@pytest.mark.usefixtures("alone")
def test_dates_are_in_order_and_those_past_for_over_a_year_are_gone() -> None:
    dates.register(
        source(
            dated("hier", date(2026, 10, 4)),
            dated("soir", datetime(2026, 10, 6, 18, tzinfo=PARIS)),
            dated("matin", datetime(2026, 10, 6, 9, tzinfo=PARIS)),
            dated("journee", date(2026, 10, 6)),
            dated("un-an", date(2025, 10, 4)),
            dated("trop-vieux", date(2025, 10, 3)),
            dated("fini-hier", date(2025, 9, 1), ends=date(2026, 10, 4)),
        )
    )
    assert keys() == ["fini-hier", "un-an", "hier", "journee", "matin", "soir"]


@pytest.mark.usefixtures("alone")
def test_the_home_page_shows_what_people_wait_for() -> None:
    dates.register(source(dated("a", date(2026, 10, 9)), dated("b", date(2026, 10, 5)), dated("c", date(2026, 10, 4))))
    dates.register(source(dated("jalon", date(2026, 10, 6)), slug="plan", rank=2, is_aid=False))
    dates.register(source(dated("annule", date(2026, 10, 7), is_cancelled=True), slug="autre", rank=3))
    assert [one.date.key for one in dates.coming(TODAY, 4)] == ["b", "a"]
    assert [one.date.key for one in dates.coming(TODAY, 1)] == ["b"]


@pytest.mark.usefixtures("alone")
def test_months_are_those_of_the_first_day() -> None:
    dates.register(
        source(
            dated("a", date(2026, 10, 31), ends=date(2026, 11, 2)),
            dated("b", datetime(2026, 10, 31, 23, 30, tzinfo=UTC)),
            dated("c", date(2027, 10, 1)),
        )
    )
    found = [(one.label, [entry.date.key for entry in one.entries]) for one in dates.months(dates.entries(TODAY))]
    assert found == [("Octobre\u00a02026", ["a"]), ("Novembre\u00a02026", ["b"]), ("Octobre\u00a02027", ["c"])]


@pytest.mark.parametrize(
    ("begins", "ends", "written"),
    [
        (date(2026, 10, 6), None, "6 octobre 2026"),
        (date(2026, 10, 6), date(2026, 10, 8), "du 6 octobre 2026 au 8 octobre 2026"),
        (datetime(2026, 10, 6, 16, 5, tzinfo=UTC), None, "6 octobre 2026 à 18 h 05"),
        (datetime(2026, 12, 6, 23, 30, tzinfo=UTC), None, "7 décembre 2026 à 0 h 30"),
    ],
)
def test_a_date_is_written_in_paris(begins: datetime | date, ends: date | None, written: str) -> None:
    assert dated("a", begins, ends=ends).written.replace("\u00a0", " ") == written


def test_two_rooms_do_not_take_the_same_address(alone: None) -> None:
    first = source()
    dates.register(first)
    dates.register(first)
    with pytest.raises(ValueError, match="already registered"):
        dates.register(source(slug="essai"))


# ------------------------------------------------------------------------------------------------------------ the file
@pytest.mark.usefixtures("alone")
def test_the_file_to_the_line(settings) -> None:
    settings.SITE_URL = "https://portail.invalid"
    only = source(
        dated("jour", date(2026, 10, 6), ends=date(2026, 10, 8), note="Trois jours ; à Caen, Rouen.", sequence=3),
        dated("heure", datetime(2026, 10, 9, 14, tzinfo=PARIS), place="Rouen", is_cancelled=True),
    )
    text = dates.feed(TODAY, only, page="https://portail.invalid/calendrier/essai.ics")
    assert text.split("\r\n") == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Region Normandie//NormanDATA//FR",
        "NAME:NormanDATA\u00a0: Essai",
        "X-WR-CALNAME:NormanDATA\u00a0: Essai",
        "X-WR-TIMEZONE:Europe/Paris",
        "SOURCE;VALUE=URI:https://portail.invalid/calendrier/essai.ics",
        "REFRESH-INTERVAL;VALUE=DURATION:PT6H",
        "X-PUBLISHED-TTL:PT6H",
        "BEGIN:VEVENT",
        "UID:jour@portail.invalid",
        "SEQUENCE:3",
        "DTSTAMP:20260901T080000Z",
        "DTSTART;VALUE=DATE:20261006",
        "DTEND;VALUE=DATE:20261009",
        "LAST-MODIFIED:20260901T080000Z",
        "SUMMARY:Essai\u00a0: jour",
        "DESCRIPTION:Trois jours \\; à Caen\\, Rouen.",
        "CATEGORIES:Essai",
        "LOCATION:https://portail.invalid/aides/",
        "URL:https://portail.invalid/aides/",
        "STATUS:CONFIRMED",
        "END:VEVENT",
        "BEGIN:VEVENT",
        "UID:heure@portail.invalid",
        "SEQUENCE:0",
        "DTSTAMP:20260901T080000Z",
        "DTSTART:20261009T120000Z",
        "LAST-MODIFIED:20260901T080000Z",
        "SUMMARY:Essai\u00a0: heure",
        "CATEGORIES:Essai",
        "LOCATION:Rouen",
        "URL:https://portail.invalid/aides/",
        "STATUS:CANCELLED",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]
    assert len(events(text)) == 2


@pytest.mark.parametrize(
    "broken",
    [
        "BEGIN:VCALENDAR\nEND:VCALENDAR\n",
        f"BEGIN:VCALENDAR\r\nNAME:{'a' * 80}\r\nEND:VCALENDAR\r\n",
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        "BEGIN:VCALENDAR\r\nune ligne\r\nEND:VCALENDAR\r\n",
    ],
)
def test_the_reader_of_these_tests_refuses_what_is_not_a_calendar(broken: str) -> None:
    with pytest.raises(Unreadable):
        events(broken)


# ------------------------------------------------------------------------------------------- what the schemes hand up
def make_tabled(held_on: date) -> None:
    """Make a session whose agenda is settled."""
    SessionFactory.create(held_on=held_on, state="tabled", settled_by=UserFactory(), settled_at=CHANGED)


def test_every_scheme_hands_up_its_dates() -> None:
    make_wave()
    make_tabled(date(2026, 11, 20))
    edition = make_edition(slug="marees", title="Datathon Normandie, marées")
    make_edition(phases.PREPARING)
    make_action(slug="foncier", title="#Le foncier :", steps=[(1, date(2026, 12, 1), None)])
    Milestone.objects.update(title="Cartographie")
    make_action(state="abandoned", state_reason="Essai.", steps=[(1, date(2026, 12, 2), None)])
    found = [(one.date.first_day, one.source.label, one.date.title) for one in dates.entries(TODAY)]
    assert found == [
        (date(2026, 3, 1), "Diagnostic", "ouverture des demandes"),
        (date(2026, 6, 1), "Booster IA", "ouverture des dépôts, 2e vague 2026"),
        (date(2026, 9, 30), "Booster IA", "clôture des dépôts, 2e vague 2026"),
        (date(2026, 11, 20), "Booster IA", "Commission permanente"),
        (date(2026, 12, 1), "Feuille de route", "jalon « Cartographie »"),
        (date(2026, 12, 14), "Booster IA", "Commission permanente, 2e vague 2026"),
        (date(2027, 9, 1), "Datathon Normandie", "ouverture des inscriptions, marées"),
        (date(2027, 9, 30), "Datathon Normandie", "dernier jour des inscriptions, marées"),
        (date(2027, 10, 4), "Datathon Normandie", "début du challenge, marées"),
        (date(2027, 10, 8), "Datathon Normandie", "dernier jour pour changer d’équipe, marées"),
        (date(2027, 10, 22), "Datathon Normandie", "limite des livrables, marées"),
        (date(2027, 10, 23), "Datathon Normandie", "clôture, marées"),
    ]
    text = dates.feed(TODAY, None, page="http://localhost:8000/calendrier.ics")
    assert len(events(text)) == len(found)
    own = {one["UID"] for one in events(dates.feed(TODAY, dates.find("datathon"), page="x"))}
    assert own == {
        f"marees-{name}@localhost"
        for name in (
            "opens-on", "registration-closes-on", "starts-on", "teams-lock-on", "deliverables-due-at", "closing-at"
        )
    }  # fmt: skip
    assert {f"{one.date.key}@localhost" for one in dates.entries(TODAY, dates.find("datathon"))} == own
    assert edition.revision == 1


def test_a_session_in_preparation_is_nobodys_business_and_one_of_a_wave_is_told_once() -> None:
    wave = make_wave()
    SessionFactory.create(held_on=date(2026, 11, 20))
    make_tabled(wave.committee_on)
    told = [one.date.key for one in dates.entries(TODAY) if "commission" in one.date.key]
    assert told == ["booster-ia-vague-2026-2-commission"]


def test_a_move_keeps_the_event_and_takes_its_place() -> None:
    edition = make_edition()
    before = events(dates.feed(TODAY, dates.find("datathon"), page="x"))
    Edition.objects.filter(pk=edition.pk).update(starts_on=date(2027, 10, 5), revision=2)
    after = events(dates.feed(TODAY, dates.find("datathon"), page="x"))
    assert [one["UID"] for one in after] == [one["UID"] for one in before]
    moved = {one["UID"]: one for one in after}[f"{edition.slug}-starts-on@localhost"]
    assert (moved["DTSTART"], moved["SEQUENCE"]) == ("DATE:20271005", "2")


def test_a_cancelled_edition_says_so_in_the_calendars_that_kept_it() -> None:
    make_edition(phases.CANCELLED)
    assert {one["STATUS"] for one in events(dates.feed(TODAY, dates.find("datathon"), page="x"))} == {"CANCELLED"}


def test_the_calendar_costs_the_same_for_one_thing_and_for_thirty() -> None:
    costs = []
    for number in (1, 29):
        for _ in range(number):
            count = Wave.objects.count()
            make_wave(year=2000 + count, closing_on=date(2026, 7, 1 + count), committee_on=date(2027, 1, 1 + count))
            make_edition()
            make_action(steps=[(1, date(2026, 12, 1), None)])
        with CaptureQueriesContext(connection) as queries:
            found = dates.entries(TODAY)
        assert len(found) == 1 + 10 * Action.objects.count()
        costs.append(len(queries))
    assert costs == [7, 7]
