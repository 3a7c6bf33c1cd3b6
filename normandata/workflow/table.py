"""A procedure as a table: states, and the transitions that lead from one to another. Pure vocabulary.

Permissions, conditions and effects are names here; `normandata.procedure` joins them to code.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Whether the author of a transition says why."""

    NONE = "none"
    OPTIONAL = "optional"
    REQUIRED = "required"


class Editable(StrEnum):
    """What the applicant may change in a state."""

    ALL = "all"
    PIECES = "pieces"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class State:
    """A state: its label for each audience, who is awaited, and what the applicant may change."""

    slug: str
    label: str
    public_label: str
    turn: str
    editable: Editable = Editable.NONE
    tone: str = "plain"
    icon: str = "clock"


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table. No target means that the state stays.

    `turn` names who is awaited afterwards where the target's own answer does not hold.
    """

    name: str
    label: str
    sources: tuple[str, ...]
    target: str = ""
    permission: str = ""
    conditions: tuple[str, ...] = ()
    effect: str = ""
    reason: Reason = Reason.NONE
    turn: str = ""
    is_danger: bool = False


class UnknownTransition(LookupError):
    """The table has no transition of this name."""


@dataclass(frozen=True, slots=True)
class Workflow:
    """The whole table of one kind of thing; raises ValueError when a transition names an unknown state."""

    states: Mapping[str, State]
    transitions: tuple[Transition, ...]

    def __post_init__(self) -> None:
        names = [transition.name for transition in self.transitions]
        if len(set(names)) < len(names):
            raise ValueError("two transitions have the same name")
        for transition in self.transitions:
            named = (*transition.sources, *([transition.target] if transition.target else []))
            if unknown := [slug for slug in named if slug not in self.states]:
                raise ValueError(f"« {transition.name} » names unknown states: {', '.join(unknown)}")
            if not transition.sources:
                raise ValueError(f"« {transition.name} » starts nowhere")

    def find(self, name: str) -> Transition:
        """Return a transition; raises UnknownTransition."""
        for transition in self.transitions:
            if transition.name == name:
                return transition
        raise UnknownTransition(name)

    def out_of(self, state: str) -> tuple[Transition, ...]:
        """Return the transitions that start from a state, in the order of the table."""
        return tuple(transition for transition in self.transitions if state in transition.sources)

    def extended(self, transitions: Iterable[Transition]) -> "Workflow":
        """Return a table with more rows: a scheme adds its own to those it shares."""
        return Workflow(self.states, (*self.transitions, *transitions))
