"""Why an aid was not written in the ledger."""

from decimal import Decimal

from normandata.procedure.errors import NotDone


class CeilingExceeded(NotDone):
    """The aid would exceed the ceiling: no part of it is granted (règlement 2023/2831, article 3(7)).

    `room` is what another decision could grant on that day, in euros.
    """

    def __init__(self, message: str, *, room: Decimal) -> None:
        super().__init__(message)
        self.room = room


class DeclarationMissing(NotDone):
    """The undertaking has not declared the de minimis aid it received (article 7(4))."""


class KeyTaken(NotDone):
    """The same key was used for another entry."""
