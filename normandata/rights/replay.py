"""Doing again, after a restore, the erasures that the restored database does not know."""

from dataclasses import dataclass, field
from pathlib import Path

from normandata.accounts.models import User

from . import ledger
from .models import Erasure
from .services import erasure


@dataclass(slots=True)
class Replayed:
    """What became of each line of the register; `refused` says why, by account."""

    done: list[str] = field(default_factory=list)
    already: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)


def replay(source: Path | None = None) -> Replayed:
    """Erase again whoever the register names, each in a transaction of its own; doing it twice changes nothing.

    An account whose address is not the one that was erased is left alone: its number may be somebody else's.
    """
    outcome = Replayed()
    for line in ledger.lines(source):
        person = User.objects.filter(pk=line.person).first()
        if person is None:
            outcome.unknown.append(line.code)
        elif Erasure.objects.filter(person=person).exists():
            outcome.already.append(line.code)
        elif not ledger.is_print_of(line.print, person.email):
            outcome.refused[line.code] = "l’adresse de ce compte n’est pas celle qui a été effacée"
        else:
            _again(person, line.code, outcome)
    return outcome


def _again(person: User, code: str, outcome: Replayed) -> None:
    try:
        erasure.erase(person, by=None, code=code)
        outcome.done.append(code)
    except erasure.Prevented as error:
        outcome.refused[code] = str(error)
