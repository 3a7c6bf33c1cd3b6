"""Why a gesture on a panel was refused, or a reading: each says in French what its author can do about it."""

from normandata.procedure.errors import NotAllowed, NotDone, NotNow


class Blind(NotAllowed):
    """Others' sheets stay closed until this person has submitted a sheet, or the panel is closed."""


class InConflict(NotAllowed):
    """A conflict of interest closes this subject to the person."""


class Stale(NotNow):
    """The sheet was changed elsewhere since the page was opened: another tab, another device."""


class MarkRefused(NotDone):
    """One mark could not be kept; `criterion` is its slug."""

    def __init__(self, criterion: str, message: str) -> None:
        super().__init__(message)
        self.criterion = criterion


class Frozen(TypeError):
    """A grid that served is written once: make another version."""
