"""The marks of a wave: its panel, the sheets of three agents who disagree, a conflict of interest.

A sheet is told by its total; marks by criterion follow from it, a little apart from one agent to the next.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from booster_ia.models import BoosterApplication
from booster_ia.services import scoring
from booster_ia.waves import Wave
from normandata.accounts.models import User
from normandata.dossiers.models import Dossier
from normandata.scoring.models import Panel, Subject
from normandata.scoring.services import conflicts, sheets
from normandata.scoring.services.sheets import Typed

from . import clock
from .script import Script, Story

SUBMITTED, DRAFT, ABSTAINED, CONFLICT = "submitted", "draft", "abstained", "conflict"
BEGUN = 3
"""Marks of a sheet that is left as a draft."""
BENT = ("1", "-1.5", "0.5", "0", "-0.5", "0.5")
"""How far marks of a sheet are from its total's share, by criterion; each agent begins elsewhere in this list."""
FAIR, GOOD = Decimal("0.45"), Decimal("0.7")
"""Parts of a criterion's maximum from which its words change."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What one agent does on one dossier; `place` is the agent's own, from 0."""

    days: int
    place: int
    person: User
    dossier: Dossier
    total: Decimal
    ends: str
    why: str


def judge(
    told: Script, people: Mapping[str, User], dossiers: Mapping[str, Dossier], how: Mapping[str, Any] | None = None
) -> None:
    """Open the scoring of the wave of these dossiers, and write what its agents do there; nothing where it has begun.

    `how` says from which day and for how long, as for the wave that is being scored unless told. A dossier that is in
    another wave than most, because somebody wrote its days, is left without marks.
    """
    scored = [one for one in told.stories if one.slug in dossiers and "scores" in one.project]
    wave = _wave_of([dossiers[one.slug] for one in scored])
    if wave is None or scoring.panel_of(wave) is not None:
        return
    how, agents = how or told.booster["scoring"], told.booster["agents"]
    with clock.travel(clock.ago(how["days"])):
        panel = scoring.open_scoring(wave, [people[slug] for slug in agents.values()], by=people[agents["lead"]])
    subjects = {one.key: one for one in panel.subjects.select_related("panel__grid")}
    given = [one for one in _given(agents, how, scored, people, dossiers) if str(one.dossier.pk) in subjects]
    given.sort(key=lambda one: (-one.days, one.place))
    among, met = Counter(clock.working_day(one.days) for one in given), Counter[object]()
    for one in given:
        day = clock.working_day(one.days)
        with clock.travel(clock.ago(one.days, met[day], among[day])):
            _write(subjects[str(one.dossier.pk)], one, panel, told.booster["scoring"]["words"])
        met[day] += 1


def _wave_of(dossiers: Sequence[Dossier]) -> Wave | None:
    """Return the wave of most of these dossiers, if they have one."""
    rows = BoosterApplication.objects.filter(dossier__in=dossiers, wave__isnull=False).values_list("wave", flat=True)
    most = Counter(rows).most_common(1)
    return Wave.objects.get(pk=most[0][0]) if most else None


def _given(
    agents: Mapping[str, str],
    how: Mapping[str, Any],
    scored: Sequence[Story],
    people: Mapping[str, User],
    dossiers: Mapping[str, Dossier],
) -> Iterator[Judged]:
    """List what is told of each dossier, spread over the days since the opening, in the order of the dossiers."""
    places = list(agents)
    for rank, story in enumerate(scored):
        for name, total, *more in story.project["scores"]:
            place = places.index(name)
            days = how["days"] - 1 - (rank * how["lasts"]) // len(scored) - place
            ends, why = (more[0] if more else SUBMITTED), (more[1] if len(more) > 1 else "")
            yield Judged(days, place, people[agents[name]], dossiers[story.slug], Decimal(total), ends, why)


def _write(subject: Subject, one: Judged, panel: Panel, words: Mapping[str, Sequence[str]]) -> None:
    sheet = sheets.start(subject, by=one.person)
    typed = _typed(panel, one, words)
    if one.ends != SUBMITTED:
        typed = dict(list(typed.items())[:BEGUN])
    _end(sheets.save(sheet, typed, by=one.person, revision=sheet.revision), subject, one)


def _end(saved: sheets.Saved, subject: Subject, one: Judged) -> None:
    revision = saved.sheet.revision
    if one.ends == SUBMITTED:
        sheets.submit(saved.sheet, by=one.person, revision=revision, judged=str(one.dossier.version))
    elif one.ends == ABSTAINED:
        sheets.abstain(saved.sheet, by=one.person, revision=revision, reason=one.why)
    elif one.ends == CONFLICT:
        conflicts.declare(one.person, subject, by=one.person, reason=one.why)


def _typed(panel: Panel, one: Judged, words: Mapping[str, Sequence[str]]) -> dict[str, Typed]:
    """Share a total among the criteria, and say of each mark what its level deserves."""
    tops = {line.slug: line.maximum for line in panel.grid.lines}
    marks = shared(one.total, tops, bent=one.place * 2)
    said = {slug: words[slug][_level(mark / tops[slug])] for slug, mark in marks.items()}
    return {slug: Typed(f"{mark:f}".replace(".", ","), said[slug]) for slug, mark in marks.items()}


def _level(part: Decimal) -> int:
    return (part >= FAIR) + (part >= GOOD)


def shared(total: Decimal, tops: Mapping[str, Decimal], *, bent: int = 0) -> dict[str, Decimal]:
    """Share a total among criteria by half points, what is left going where there is room; sums up exactly."""
    whole = sum(tops.values())
    marks = {}
    for rank, (slug, top) in enumerate(tops.items()):
        share = (total * top / whole * 2).to_integral_value() / 2 + Decimal(BENT[(rank + bent) % len(BENT)])
        marks[slug] = min(max(share, Decimal(0)), top)
    left = total - sum(marks.values())
    for slug, top in tops.items():
        moved = min(max(left, -marks[slug]), top - marks[slug])
        marks[slug], left = marks[slug] + moved, left - moved
    return marks
