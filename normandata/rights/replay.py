"""Doing again, after a restore, the erasures and the eliminations that the restored database does not know."""

from dataclasses import dataclass, field
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from normandata.accounts.models import User
from normandata.dossiers.models import Dossier
from normandata.dossiers.personal import is_over
from normandata.dossiers.services import drafts
from normandata.privacy import registry
from normandata.privacy.retention import retention

from . import emptying, ledger
from .models import Erasure, LotRow
from .services import erasure


@dataclass(slots=True)
class Replayed:
    """What became of each line of the register, told by a code or by the dossier; `refused` says why."""

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
    for gone in ledger.eliminations(source):
        _eliminate(gone, outcome)
    return outcome


@transaction.atomic
def _eliminate(gone: ledger.Eliminated, outcome: Replayed) -> None:
    """Empty a dossier again, or erase a draft again; what keeps it now is told."""
    dossier = Dossier.objects.select_for_update().filter(key=gone.dossier).first()
    name = str(gone.dossier)
    if dossier is None:
        outcome.unknown.append(name)
    elif dossier.eliminated_at:
        outcome.already.append(name)
    elif kept := _what_keeps(dossier):
        outcome.refused[str(dossier.number or name)] = " ".join(kept)
    else:
        LotRow.objects.filter(dossier=dossier).update(is_waiting=False)
        if dossier.is_draft:
            LotRow.objects.filter(dossier=dossier).update(dossier=None)
            emptying.empty_around(dossier)
            drafts.expire(dossier, by=None)
        else:
            emptying.empty(dossier, by=None)
        outcome.done.append(name)


def _what_keeps(dossier: Dossier) -> list[str]:
    """Say why a dossier of the register is left as it is: something keeps it, or its time is not over."""
    today = timezone.localdate()
    if not any(is_over(dossier, rule, today) for rule in retention().rules):
        return ["sa durée n’est pas passée"]
    return registry.guarded(dossier, today)


def _again(person: User, code: str, outcome: Replayed) -> None:
    try:
        erasure.erase(person, by=None, code=code)
        outcome.done.append(code)
    except (erasure.Prevented, erasure.StillNamed) as error:
        outcome.refused[code] = str(error)
