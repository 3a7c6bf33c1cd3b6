"""The calendar file: one event in UTC, escaped, cut at 75 octets."""

from datetime import date, datetime

import pytest

from normandata.dossiers.delays import PARIS
from normandata.ui import agenda

MADE = datetime(2026, 10, 1, 9, tzinfo=PARIS)


def written(**fields: object) -> str:
    values = {
        "uid": "rencontre-1@essai.invalid",
        "sequence": 0,
        "made_at": MADE,
        "begins_at": datetime(2026, 10, 12, 14, 30, tzinfo=PARIS),
        "ends_at": datetime(2026, 10, 12, 15, 30, tzinfo=PARIS),
        "summary": "Rencontre",
        **fields,
    }
    return agenda.event(**values)  # type: ignore[arg-type]


def test_a_meeting_is_one_event_in_utc() -> None:
    assert written(place="Hôtel de Région, Caen").split("\r\n") == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Region Normandie//NormanDATA//FR",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        "UID:rencontre-1@essai.invalid",
        "SEQUENCE:0",
        "DTSTAMP:20261001T070000Z",
        "DTSTART:20261012T123000Z",
        "DTEND:20261012T133000Z",
        "SUMMARY:Rencontre",
        "LOCATION:Hôtel de Région\\, Caen",
        "STATUS:CONFIRMED",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]


@pytest.mark.parametrize(
    ("hour", "utc"),
    [
        (datetime(2026, 10, 25, 10, tzinfo=PARIS), "20261025T090000Z"),
        (datetime(2026, 10, 24, 10, tzinfo=PARIS), "20261024T080000Z"),
        (datetime(2026, 3, 29, 10, tzinfo=PARIS), "20260329T080000Z"),
        (datetime(2026, 3, 28, 10, tzinfo=PARIS), "20260328T090000Z"),
    ],
)
def test_the_changes_of_hour_are_counted(hour: datetime, utc: str) -> None:
    assert f"DTSTART:{utc}\r\n" in written(begins_at=hour)


@pytest.mark.parametrize("evil", ["a\r\nATTENDEE:x", "a\nATTENDEE:x", "a\rATTENDEE:x", "a\u2028ATTENDEE:x"])
def test_nothing_typed_adds_a_line(evil: str) -> None:
    lines = written(summary=evil, place=evil).split("\r\n")
    assert [line for line in lines if line.startswith("ATTENDEE")] == []
    assert lines[10] == "SUMMARY:a\\nATTENDEE:x"


def test_a_long_line_goes_on_without_cutting_a_character() -> None:
    text = written(place="é" * 100)
    assert max(len(line.encode()) for line in text.split("\r\n")) <= 75
    assert "LOCATION:" + "é" * 100 in text.replace("\r\n ", "")


def test_a_cancelled_meeting_takes_itself_out() -> None:
    lines = written(is_cancelled=True, sequence=2).split("\r\n")
    assert [line for line in lines if line.startswith(("METHOD", "STATUS", "SEQUENCE"))] == [
        "METHOD:CANCEL",
        "SEQUENCE:2",
        "STATUS:CANCELLED",
    ]


def test_a_link_is_the_place_where_there_is_no_other() -> None:
    lines = written(link="https://visio.exemple.invalid/abc").split("\r\n")
    assert lines[11:13] == ["LOCATION:https://visio.exemple.invalid/abc", "URL:https://visio.exemple.invalid/abc"]


def test_several_events_some_on_a_civil_day_hold_in_one_file() -> None:
    made = {"sequence": 2, "made_at": MADE}
    text = agenda.calendar(
        [
            agenda.Entry(uid="a", begins=date(2027, 9, 1), summary="Ouverture", **made),
            agenda.Entry(uid="b", begins=datetime(2027, 10, 31, 12, tzinfo=PARIS), summary="Livrables", **made),
        ]
    )
    assert [line for line in text.split("\r\n") if line.startswith(("DT", "UID", "SEQ", "BEGIN"))] == [
        "BEGIN:VCALENDAR",
        "BEGIN:VEVENT",
        "UID:a",
        "SEQUENCE:2",
        "DTSTAMP:20261001T070000Z",
        "DTSTART;VALUE=DATE:20270901",
        "BEGIN:VEVENT",
        "UID:b",
        "SEQUENCE:2",
        "DTSTAMP:20261001T070000Z",
        "DTSTART:20271031T110000Z",
    ]
