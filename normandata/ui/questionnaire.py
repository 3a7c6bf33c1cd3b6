"""One question a page, without account: the answers travel in the page's address and nowhere else."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.forms import MultipleChoiceField
from django.http import QueryDict

from .forms import Form

Answers = Mapping[str, Any]
SENT = "envoi"
"""Marks an address as a sent form: its question is then checked and errors are shown."""


def always(answers: Answers) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Step:
    """One question: its address, its short name in the recap, its form, and whom it concerns."""

    slug: str
    label: str
    form_class: type[Form]
    concerns: Callable[[Answers], bool] = always

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.form_class.base_fields)

    def bound(self, data: QueryDict) -> Form:
        return self.form_class(data)

    def shown(self, data: QueryDict) -> Form:
        """Build the form as first shown, holding what was answered before."""
        return self.form_class(
            initial={
                name: data.getlist(name) if isinstance(field, MultipleChoiceField) else data[name]
                for name, field in self.form_class.base_fields.items()
                if name in data
            }
        )


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the answers of an address go."""

    answers: Answers
    done: tuple[Step, ...]
    pending: Step | None
    path: tuple[Step, ...]
    skipped: tuple[Step, ...] = ()
    """Questions that the answers already given rule out."""


class Questionnaire:
    """An ordered list of questions, some of which depend on earlier answers."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self.steps = tuple(steps)

    def step(self, slug: str) -> Step | None:
        return next((step for step in self.steps if step.slug == slug), None)

    def read(self, data: QueryDict) -> Progress:
        """Check the answers in order and stop at the first question without a valid one."""
        answers: dict[str, Any] = {}
        done: list[Step] = []
        pending: Step | None = None
        path: list[Step] = []
        skipped: list[Step] = []
        for step in self.steps:
            if not step.concerns(answers):
                if pending is None:
                    skipped.append(step)
                continue
            path.append(step)
            if pending is not None:
                continue
            form = step.bound(data)
            if form.is_valid():
                answers |= form.cleaned_data
                done.append(step)
            else:
                pending = step
        return Progress(answers, tuple(done), pending, tuple(path), tuple(skipped))

    def kept(self, data: QueryDict, *, besides: Step | None = None) -> QueryDict:
        """Keep all answers but those of one question and of questions that the others rule out."""
        result = QueryDict(mutable=True)
        skipped = self.read(data).skipped
        for step in self.steps:
            if step is besides or step in skipped:
                continue
            for name in step.names:
                if values := [value for value in data.getlist(name) if value]:
                    result.setlist(name, values)
        return result
