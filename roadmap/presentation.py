"""Prepares actions for the pages: cards, filters, the sentence that sums them up, the lanes of the timeline."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby

from django.urls import reverse

from normandata.bulletin.subjects import Subject
from normandata.dossiers import schemes
from normandata.organisations.models import searchable
from normandata.regulation.formats import NBSP, listing, percent, plural, spaced
from normandata.regulation.formats import day as written_day
from normandata.ui import charts
from normandata.workflow.table import State

from . import rules, workflow
from .models import Action, Axis, Chantier, Milestone

PERIOD = (rules.FIRST_DAY, rules.LAST_DAY)
MONTHS = ("janv.", "févr.", "mars", "avril", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.")
LATE = State("late", "Jalon en retard", "Jalon en retard", "pilot", tone="todo", icon="alert")
"""What the tag says in the place of the state, where a milestone is late."""
UNNAMED = "À désigner"


@dataclass(frozen=True, slots=True)
class Way:
    """A link to a scheme; `pk` is that of the row that says so."""

    label: str
    url: str
    pk: int


@dataclass(frozen=True, slots=True)
class Card:
    """An action as a list shows it."""

    action: Action
    tag: State
    late: Sequence[Milestone]
    steps: str
    progress: str
    period: str
    ways: Sequence[Way]
    lane: charts.Lane

    @property
    def direction(self) -> str:
        return self.action.pilot_direction or UNNAMED

    @property
    def marks(self) -> list[str]:
        """Say each milestone as the table of the timeline does."""
        late = list(self.late)
        words = {one: "tenu" if one.done_on else "en retard" if one in late else "à venir" for one in self._milestones}
        return [spaced(f"{one.title}, {written_day(one.due_on)} ({said})") for one, said in words.items()]

    @property
    def _milestones(self) -> Sequence[Milestone]:
        return list(self.action.milestones.all())

    @property
    def bar(self) -> str:
        """The length of the progress as a drawing writes it."""
        return f"{self.action.progress or 0}%"

    @property
    def url(self) -> str:
        return reverse("roadmap:action", args=[self.action.slug])


@dataclass(frozen=True, slots=True)
class Group:
    """A chantier with its cards."""

    chantier: Chantier
    cards: Sequence[Card]


@dataclass(frozen=True, slots=True)
class Standing:
    """A state with the cards of the actions that are in it."""

    state: State
    cards: Sequence[Card]


@dataclass(frozen=True, slots=True)
class Section:
    """An axis with its chantiers."""

    axis: Axis
    groups: Sequence[Group]


@dataclass(frozen=True, slots=True)
class Filters:
    """What a reader asked for; what is not understood is left out."""

    axis: str = ""
    state: str = ""
    direction: str = ""
    search: str = ""
    directions: Sequence[str] = field(default=())

    @classmethod
    def read(cls, data: Mapping[str, str], actions: Iterable[Action]) -> "Filters":
        directions = sorted({one.pilot_direction for one in actions if one.pilot_direction})
        axis, state, direction = data.get("axe", ""), data.get("etat", ""), data.get("pilote", "")
        return cls(
            axis=axis if axis in ("1", "2") else "",
            state=state if state in workflow.STATES else "",
            direction=direction if direction in directions else "",
            search=data.get("q", "").strip()[:100],
            directions=directions,
        )

    @property
    def is_set(self) -> bool:
        return bool(self.axis or self.state or self.direction or self.search)

    def keep(self, actions: Iterable[Action]) -> list[Action]:
        """Keep the actions asked for; accents, apostrophes and case do not count in a search."""
        words = searchable(self.search).split()
        return [one for one in actions if self._fits(one) and all(word in _said(one) for word in words)]

    def _fits(self, action: Action) -> bool:
        return (
            self.axis in ("", str(action.chantier.axis.number))
            and self.state in ("", action.state)
            and self.direction in ("", action.pilot_direction)
        )


def _said(action: Action) -> str:
    parts = (action.title, action.chantier.title, action.pilot_direction, action.partners, action.objectives)
    return searchable(" ".join(parts))


def card(action: Action, today: date) -> Card:
    """Prepare an action read with `ActionQuerySet.whole`."""
    late = action.late(today)
    return Card(
        action=action,
        tag=LATE if late else action.standing,
        late=late,
        steps=steps(action),
        progress="" if action.progress is None else percent(action.progress),
        period=period(action),
        ways=ways(action),
        lane=lane(action, today),
    )


def steps(action: Action) -> str:
    """Write how many milestones are held: `1 jalon sur 3`."""
    counted = action.steps
    if not counted:
        return "Aucun jalon"
    held = sum(one.done_on is not None for one in counted)
    return f"{plural(held, 'jalon')} sur{NBSP}{len(counted)}"


def month(day: date) -> str:
    return f"{MONTHS[day.month - 1]}{NBSP}{day.year}"


def period(action: Action) -> str:
    """Write when an action runs: `févr. 2026 à juin 2027`."""
    if action.starts_on is None or action.ends_on is None:
        return "Dates à fixer"
    return f"{month(action.starts_on)} à {month(action.ends_on)}"


def lane(action: Action, today: date) -> charts.Lane:
    """Draw an action's row of the timeline."""
    late = action.late(today)
    return charts.lane(
        PERIOD,
        span=(action.starts_on, action.ends_on) if action.starts_on and action.ends_on else None,
        progress=action.progress or 0,
        marks=[
            (one.due_on, "held" if one.done_on is not None else "late" if one in late else "coming")
            for one in action.milestones.all()
        ],
        today=today,
    )


def sections(cards: Sequence[Card]) -> list[Section]:
    """Group cards by axis and chantier, in the order of the deliberation."""
    groups = [Group(chantier, list(found)) for chantier, found in groupby(cards, key=lambda one: one.action.chantier)]
    return [Section(axis, list(found)) for axis, found in groupby(groups, key=lambda one: one.chantier.axis)]


def by_state(cards: Sequence[Card]) -> list[Standing]:
    """Group cards by state, in the order of a life."""
    found = [
        Standing(state, [one for one in cards if one.action.state == slug]) for slug, state in workflow.STATES.items()
    ]
    return [group for group in found if group.cards]


def summary(actions: Sequence[Action], today: date) -> str:
    """Say in two sentences how far the roadmap is on a day: what began, what ended, what is late."""
    began = sum(one.state not in (workflow.PLANNED, workflow.ABANDONED) for one in actions)
    done = sum(one.state == workflow.DONE for one in actions)
    have = f"{plural(began, 'action')} sur {len(actions)} {'a' if began < 2 else 'ont'} commencé"
    ended = f" et {done} {'est achevée' if done < 2 else 'sont achevées'}" if done else ""
    late = [f"« {one.title} »" for action in actions for one in action.late(today)]
    if not late:
        said = "Aucun jalon n’est en retard."
    elif len(late) <= 3:
        said = f"{plural(len(late), 'jalon est', 'jalons sont')} en retard : {listing(late)}."
    else:
        said = f"{plural(len(late), 'jalon')} sont en retard."
    return spaced(f"Au {written_day(today)}, {have}{ended}. {said}")


def ways(action: Action) -> list[Way]:
    """Link to the schemes that an action opened."""
    known = schemes.by_slug()
    found = [(known[one.scheme], one.pk) for one in action.scheme_links.all()]
    return [Way(one.sheet.short_title, reverse("portal:scheme", args=[one.url_slug]), pk) for one, pk in found]


@dataclass(frozen=True, slots=True)
class ShownStep:
    """A milestone as its table shows it: its share of the whole, and where it stands."""

    milestone: Milestone
    share: str
    standing: str
    icon: str
    is_late: bool


def shown_steps(action: Action, today: date) -> list[ShownStep]:
    """Write each milestone with what it weighs, so that anybody can add the progress up again."""
    late, whole = action.late(today), sum(one.weight for one in action.milestones.all())
    return [
        ShownStep(
            milestone=one,
            share=f"{one.weight} sur {whole}",
            standing=_standing(one, one in late, today),
            icon="met" if one.done_on else "alert" if one in late else "clock",
            is_late=one in late,
        )
        for one in action.milestones.all()
    ]


def _standing(one: Milestone, is_late: bool, today: date) -> str:
    if one.done_on is not None:
        return f"Tenu le {written_day(one.done_on)}"
    return f"En retard de {plural((today - one.due_on).days, 'jour')}" if is_late else "À venir"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of the voted text, or the items of a list."""

    text: str = ""
    items: tuple[str, ...] = ()


def paragraphs(text: str) -> list[Paragraph]:
    """Cut a voted text where it breaks: a line that begins with a dash is an item."""
    found: list[Paragraph] = []
    for is_list, lines in groupby(text.splitlines(), key=lambda line: line.startswith("- ")):
        if is_list:
            found.append(Paragraph(items=tuple(line.removeprefix("- ") for line in lines)))
        else:
            found += [Paragraph(line) for line in lines if line.strip()]
    return found


def subjects() -> Iterable[Subject]:
    """Give the chantiers as what a news may be about; one query."""
    page = reverse("roadmap:list")
    for one in Chantier.objects.select_related("axis"):
        label = f"Annexe {one.axis.number}, {one}"
        yield Subject(f"chantier:{one.key}", spaced(label), f"{page}#{one.key}")
