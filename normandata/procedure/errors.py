"""Why a gesture was not done: each says in French what its author can do about it."""

from collections.abc import Sequence


class NotDone(Exception):
    """A gesture was refused; nothing was written. `messages` are French sentences for its author."""

    def __init__(self, *messages: str) -> None:
        super().__init__(*messages)
        self.messages: Sequence[str] = messages


class NotAllowed(NotDone):
    """This person may not do that."""


class NotNow(NotDone):
    """The thing is in another state, often because somebody was quicker."""


class ReasonMissing(NotDone):
    """The gesture asks for a reason and none was given."""


class Unmet(NotDone):
    """A condition of the procedure does not hold."""
