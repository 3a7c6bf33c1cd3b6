"""What an operation of the API is. The routes, the OpenAPI document and the page are all made from these."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils import timezone

from .parameters import Day, Parameter
from .problems import BODY, CASE, CROWDED, FAILURE, HEAVY, MEDIA, METHOD, NOT_FOUND, PARAMETER, Kind

Schema = dict[str, Any]
ON = Day("on", "Le jour auquel tout s’apprécie ; aujourd’hui par défaut.")


@dataclass(frozen=True, slots=True)
class Call:
    """One request, read: the parts of its address, its parameters, its body."""

    path: Mapping[str, str]
    query: Mapping[str, Any]
    body: Any = None

    @property
    def on(self) -> date:
        """The day asked for, today by default."""
        return self.query.get("on") or timezone.localdate()


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One thing that can be asked. `path` is what follows `/api/v1/`, with its `{parts}`; `answer` raises Problem."""

    name: str
    group: str
    path: str
    title: str
    about: str
    answer: Callable[[Call], Any]
    schema: Schema
    parts: Sequence[Parameter] = ()
    query: Sequence[Parameter] = ()
    body: Schema | None = None
    """What is posted; an operation without a body is a GET."""
    example: Mapping[str, str] = field(default_factory=dict)
    """Parts of an address that answers, for the page and its tests."""
    sample: Any = None
    """A body that is answered."""
    problems: Sequence[Kind] = ()

    @property
    def method(self) -> str:
        return "GET" if self.body is None else "POST"

    @property
    def every_problem(self) -> tuple[Kind, ...]:
        """Every kind of problem that this can answer."""
        found = [METHOD, CROWDED, FAILURE, PARAMETER, *self.problems]
        found += [NOT_FOUND] if self.parts else []
        found += [BODY, HEAVY, MEDIA, CASE] if self.body is not None else []
        return tuple(sorted(dict.fromkeys(found), key=lambda one: one.status))
