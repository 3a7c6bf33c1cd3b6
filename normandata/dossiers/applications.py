"""What a scheme declares so that dossiers may be filled, deposited and examined: one frozen `Application`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.http import QueryDict

from normandata.documents.limits import Limits
from normandata.organisations.models import Organisation
from normandata.procedure.services import Procedure
from normandata.regulation.findings import Verdict

from .forms import Context, SectionForm, Typed

if TYPE_CHECKING:
    from .models import Dossier

Cleaned = Mapping[str, Mapping[str, Any]]
"""Checked answers: by section, then by field."""


def always(context: Context) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class FormSection:
    """A section of the form: its address, its title, its fields, and whom it concerns."""

    slug: str
    title: str
    form_class: type[SectionForm]
    concerns: Callable[[Context], bool] = always


@dataclass(frozen=True, slots=True)
class Piece:
    """A document to join: its limits are said before it is chosen."""

    slug: str
    label: str
    hint: str
    limits: Limits
    is_required: Callable[[Context], bool]
    concerns: Callable[[Context], bool] = always


@dataclass(frozen=True, slots=True)
class Commitment:
    """A sentence that whoever commits the organisation accepts, ticked with the signature."""

    slug: str
    label: str


@dataclass(frozen=True, slots=True)
class Service:
    """Who handles the dossiers of a scheme, as the receipt must say (CRPA, art. R112-11-1)."""

    name: str
    address: str
    email: str
    phone: str


@dataclass(frozen=True, slots=True)
class Case:
    """A complete request, as the scheme judges and stores it."""

    dossier: "Dossier"
    organisation: Organisation
    answers: Cleaned
    at: datetime
    on: date


@dataclass(frozen=True, slots=True)
class Application:
    """The form of a scheme and its procedure.

    `judge` gives the verdict of a complete request on its day; `keep` writes the scheme's own row in the deposit's
    transaction; `prefill` says what the directory and the simulator already know, as typed answers by section.
    """

    prefix: str
    sections: tuple[FormSection, ...]
    pieces: tuple[Piece, ...]
    procedure: Procedure
    service: Service
    judge: Callable[[Case], Verdict]
    keep: Callable[[Case], None]
    prefill: Callable[[Organisation, QueryDict], Mapping[str, Typed]]
    signatory: tuple[str, str, str] = ("", "", "")
    """Where the form names whoever commits the organisation: section, field of the name, field of the function."""
    commitments: tuple[Commitment, ...] = ()
    next_steps: tuple[str, ...] = ()

    def section(self, slug: str) -> FormSection | None:
        return next((section for section in self.sections if section.slug == slug), None)

    def piece(self, slug: str) -> Piece | None:
        return next((piece for piece in self.pieces if piece.slug == slug), None)
