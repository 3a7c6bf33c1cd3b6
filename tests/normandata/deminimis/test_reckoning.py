"""Each aid once, whoever tells of it: worked out by hand."""

import itertools
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from normandata.deminimis.reckoning import (
    ADJUSTMENT,
    DECLARATION,
    OTHER_CEILING,
    PORTAL,
    REGISTER,
    REVERSAL,
    REVERSED,
    SAME,
    Entry,
    reckon,
    total,
)

DAY = date(2026, 3, 2)
A, B = "999500007", "999500015"
_pks = itertools.count(1)


def entry(source: str, amount: int | str = 10_000, **fields: Any) -> Entry:
    pk = next(_pks)
    values: dict[str, Any] = {"key": f"e{pk}", "siren": A, "on": DAY, "regime": "DM-2831"}
    if source == DECLARATION:
        values["declaration"] = 1
    return Entry(pk=pk, amount=Decimal(amount), source=source, **(values | fields))


def counted(*entries: Entry) -> list[str]:
    return [line.entry.key for line in reckon(entries) if line.counts]


def test_a_declared_aid_that_the_register_lists_counts_once_and_is_shown() -> None:
    declared, listed = entry(DECLARATION), entry(REGISTER)
    lines = {line.entry.key: line for line in reckon([declared, listed])}
    assert counted(declared, listed) == [listed.key]
    assert (lines[declared.key].why, lines[declared.key].same_as) == (SAME, listed.key)
    assert total(lines.values()) == Decimal(10_000)


def test_the_portal_then_the_register_then_the_newest_declaration_stand() -> None:
    old, new = entry(DECLARATION, declaration=1), entry(DECLARATION, declaration=2)
    ours, granted = entry(REGISTER, is_regional=True), entry(PORTAL)
    assert counted(old, new, ours, granted) == [granted.key]
    assert counted(old, new, ours) == [ours.key]
    assert counted(old, new) == [new.key]


def test_another_day_or_a_cent_more_is_another_aid() -> None:
    declared = entry(DECLARATION)
    assert len(counted(declared, entry(REGISTER, on=date(2026, 3, 3)))) == 2
    assert len(counted(declared, entry(REGISTER, "10000.01"))) == 2


def test_the_register_s_line_of_another_authority_is_not_the_portal_s_grant() -> None:
    assert len(counted(entry(PORTAL), entry(REGISTER))) == 2
    assert len(counted(entry(PORTAL), entry(REGISTER, is_regional=True))) == 1


def test_the_region_s_line_for_another_siren_is_another_grant() -> None:
    assert len(counted(entry(PORTAL), entry(REGISTER, is_regional=True, siren=B))) == 2


def test_a_declared_aid_is_found_whatever_the_siren_of_the_group() -> None:
    assert len(counted(entry(DECLARATION), entry(REGISTER, siren=B))) == 1


def test_two_equal_lines_of_one_source_are_two_aids() -> None:
    first, second = entry(REGISTER), entry(REGISTER)
    assert counted(first, second) == [first.key, second.key]
    twice = [entry(DECLARATION), entry(DECLARATION)]
    assert len(counted(*twice, first)) == 2
    assert len(counted(*twice, first, second)) == 2
    assert len(counted(*twice, first, second, entry(PORTAL))) == 3


def test_a_reversed_aid_and_its_reversal_count_for_nothing() -> None:
    granted = entry(PORTAL)
    back = entry(PORTAL, -10_000, reverses=granted.pk)
    assert [(line.counts, line.why) for line in reckon([granted, back])] == [(False, REVERSED), (False, REVERSAL)]
    # What a dossier declares is then no longer told by the portal.
    declared = entry(DECLARATION)
    assert counted(granted, back, declared) == [declared.key]


def test_services_of_general_interest_fill_another_ceiling() -> None:
    listed = entry(REGISTER, regime="DM-SIEG")
    declared = entry(DECLARATION)
    lines = {line.entry.key: (line.counts, line.why, line.same_as) for line in reckon([listed, declared])}
    assert lines == {listed.key: (False, OTHER_CEILING, ""), declared.key: (False, SAME, listed.key)}
    assert counted(entry(REGISTER, regime="DM-AGRI")) != []


def test_an_adjustment_is_never_taken_for_another_entry() -> None:
    assert len(counted(entry(ADJUSTMENT), entry(REGISTER), entry(DECLARATION))) == 2
    assert total(reckon([entry(REGISTER), entry(ADJUSTMENT, -4_000), entry(ADJUSTMENT, 4_000, siren=B)])) == 10_000


VOICES = st.lists(st.sampled_from([(PORTAL, 0), (REGISTER, 0), (DECLARATION, 1), (DECLARATION, 2)]), max_size=12)


@given(VOICES)
def test_as_many_as_the_source_that_tells_of_most(voices: list[tuple[str, int]]) -> None:
    rows = [
        entry(source, is_regional=source == REGISTER, **({"declaration": which} if which else {}))
        for source, which in voices
    ]
    lines = reckon(rows)
    assert total(lines) == 10_000 * max((voices.count(voice) for voice in voices), default=0)
    assert [line.entry for line in lines] == sorted(rows, key=lambda row: row.pk)
    standing = {line.entry.key for line in lines if line.counts}
    assert {line.same_as for line in lines if line.why == SAME} <= standing
