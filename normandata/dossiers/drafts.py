"""Where a form stands: what was typed in each section, what is left, and the checked answers once all is there."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

from . import schemes
from .applications import Application, Case, Commitment, FormSection, Piece
from .delays import PARIS
from .forms import Context, SectionForm, Typed, as_data
from .models import Attachment, Deposit, Dossier, Section


class Fill(StrEnum):
    """How far a section or a piece is."""

    EMPTY = "empty"
    PARTIAL = "partial"
    FILLED = "filled"


@dataclass(frozen=True, slots=True)
class SectionState:
    """One section of a dossier: its form holding what was typed, and how far it is."""

    section: FormSection
    form: SectionForm
    row: Section | None
    fill: Fill

    @property
    def version(self) -> int:
        return self.row.version if self.row else 0

    @property
    def answers(self) -> dict[str, Any]:
        """What was typed in the fields that this request shows."""
        return {name: value for name, value in self._typed.items() if name in self.form.fields}

    @property
    def aside(self) -> dict[str, Any]:
        """What was typed in fields that this request does not show any more: kept, and not deposited."""
        return {name: value for name, value in self._typed.items() if name not in self.form.fields}

    @property
    def _typed(self) -> Typed:
        return self.row.answers if self.row else {}


@dataclass(frozen=True, slots=True)
class PieceState:
    """One piece of a dossier and the files given for it."""

    piece: Piece
    files: tuple[Attachment, ...]
    is_required: bool

    @property
    def is_missing(self) -> bool:
        return self.is_required and not self.files


@dataclass(frozen=True)
class FormState:
    """The whole form of a dossier as it stands."""

    dossier: Dossier
    application: Application
    rows: Mapping[str, Section]
    files: tuple[Attachment, ...]
    context: Context = field(init=False)

    def __post_init__(self) -> None:
        answers = {slug: row.answers for slug, row in self.rows.items()}
        at = self.dossier.submitted_at
        on = at.astimezone(PARIS).date() if at else None
        object.__setattr__(self, "context", Context(self.dossier.organisation, answers, on))

    @cached_property
    def sections(self) -> tuple[SectionState, ...]:
        """The sections that concern this request, in the order of the form."""
        return tuple(self._state(one) for one in self.application.sections if one.concerns(self.context))

    @cached_property
    def pieces(self) -> tuple[PieceState, ...]:
        """The pieces that concern this request."""
        return tuple(
            PieceState(
                piece, tuple(file for file in self.files if file.piece == piece.slug), piece.is_required(self.context)
            )
            for piece in self.application.pieces
            if piece.concerns(self.context)
        )

    def section(self, slug: str) -> SectionState | None:
        return next((state for state in self.sections if state.section.slug == slug), None)

    def piece(self, slug: str) -> PieceState | None:
        return next((state for state in self.pieces if state.piece.slug == slug), None)

    @property
    def commitments(self) -> tuple[Commitment, ...]:
        """The commitments that concern this request."""
        return tuple(one for one in self.application.commitments if one.concerns(self.context))

    @property
    def left(self) -> int:
        """How many sections and pieces are still to be filled."""
        unfilled = sum(state.fill is not Fill.FILLED for state in self.sections)
        return unfilled + sum(state.is_missing for state in self.pieces)

    @property
    def is_complete(self) -> bool:
        return self.left == 0

    @property
    def answers(self) -> dict[str, Typed]:
        """The answers as typed, of the sections and the fields that concern this request."""
        return {state.section.slug: state.answers for state in self.sections if state.row}

    @property
    def recap(self) -> list[dict[str, Any]]:
        """The answers in clear, section by section; of a section not filled, what can be read of it."""
        return [
            {
                "slug": state.section.slug,
                "title": state.section.title,
                "lines": [[line.name, line.label, line.value] for line in state.form.lines()],
            }
            for state in self.sections
        ]

    def case(self, at: datetime) -> Case:
        """Return the request as the scheme judges it, on the civil day of an instant."""
        cleaned = {state.section.slug: state.form.cleaned_data for state in self.sections}
        return Case(self.dossier, self.dossier.organisation, cleaned, at, at.astimezone(PARIS).date())

    def _state(self, section: FormSection) -> SectionState:
        row = self.rows.get(section.slug)
        form = section.form_class(as_data(row.answers if row else {}), context=self.context)
        is_valid = form.is_valid()
        if row is None or not any(value for name, value in row.answers.items() if name in form.fields):
            return SectionState(section, form, row, Fill.EMPTY)
        return SectionState(section, form, row, Fill.FILLED if is_valid else Fill.PARTIAL)


def frozen(dossier: Dossier, sent: Deposit) -> FormState:
    """Read a form as it was deposited, whatever was typed since."""
    rows = {slug: Section(dossier=dossier, slug=slug, answers=typed) for slug, typed in sent.answers.items()}
    return FormState(dossier, schemes.application_of(dossier.scheme), rows, ())


def answered(dossier: Dossier, targets: Container[str]) -> FormState:
    """Read the answer to a request: the last deposit, with what was typed and joined since for what was asked alone.

    A section that the answer makes necessary (another type of structure, say) is part of it too.
    """
    live = read(dossier)
    sent = dossier.deposits.order_by("-version").first()
    if sent is None:
        return live
    kept = {piece["attachment"] for piece in sent.pieces}
    rows = dict(frozen(dossier, sent).rows)
    rows |= {slug: row for slug, row in live.rows.items() if f"section:{slug}" in targets}
    files = tuple(file for file in live.files if file.pk in kept or f"piece:{file.piece}" in targets)
    form = FormState(dossier, live.application, rows, files)
    rows |= {slug: row for slug, row in live.rows.items() if slug in unfilled(form)}
    return FormState(dossier, live.application, rows, files)


def unfilled(form: FormState) -> list[str]:
    """List the sections that are still to be filled."""
    return [state.section.slug for state in form.sections if state.fill is not Fill.FILLED]


def made_necessary(dossier: Dossier, targets: Container[str]) -> list[str]:
    """List the sections that nobody asked for and that what was answered makes necessary."""
    live, sent = read(dossier), dossier.deposits.order_by("-version").first()
    if sent is None:
        return []
    rows = dict(frozen(dossier, sent).rows)
    rows |= {slug: row for slug, row in live.rows.items() if f"section:{slug}" in targets}
    wanting = unfilled(FormState(dossier, live.application, rows, live.files))
    return [slug for slug in wanting if f"section:{slug}" not in targets]


def read(dossier: Dossier) -> FormState:
    """Read the form of a dossier: two queries, and the organisation if it was not joined."""
    rows: Iterable[Section] = dossier.sections.all()
    files = dossier.attachments.current().select_related("upload")
    application = schemes.application_of(dossier.scheme)
    return FormState(dossier, application, {row.slug: row for row in rows}, tuple(files))
