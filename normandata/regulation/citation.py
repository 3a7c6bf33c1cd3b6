"""Where a rule comes from."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Citation:
    """A text, the place in it, and the day from which it applies."""

    text: str
    article: str
    since: date

    def __str__(self) -> str:
        return f"{self.text}, {self.article}"
