"""Conflicts of interest: declared by the person or by whoever leads, found by the portal, lifted by somebody else.

A sheet begun before is set aside: it counts no more, and nobody reads it.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import models, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from normandata.accounts.models import User
from normandata.dossiers import closures
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotDone, NotNow, ReasonMissing
from normandata.procedure.models import kind_of

from .. import kinds, permissions, ties
from ..errors import InConflict
from ..models import Conflict, Panel, Sheet, Subject
from ..workflow import SET_ASIDE, SUBMITTED

CLOSED_TO_YOU = "Un conflit d’intérêts vous ferme ce projet."
COUNTS_ALREADY = (
    "La notation est close et une fiche de cette personne y compte : faites rouvrir la notation, puis déclarez le "
    "conflit d’intérêts."
)


def refuse(user: User | None, subject: Subject) -> None:
    """Raise InConflict for a person to whom this subject is closed, declared or not."""
    if user is None:
        return
    if ties.declared(user, subject):
        raise InConflict(CLOSED_TO_YOU)
    if tie := ties.reason(user, subject):
        raise InConflict(tie)


def declare(person: User, subject: Subject, *, by: User, reason: str, at: datetime | None = None) -> Conflict:
    """Declare a conflict between a person and what a subject is about; what is declared already is given back.

    It closes that thing in every panel. Raises NotAllowed, ReasonMissing, NotNow (a sheet counts in a closed panel).
    """
    return _declare(person, _about(subject), by=by, reason=reason, at=at)


def declare_on(
    person: User, thing: models.Model, *, scheme: str, by: User, reason: str, at: datetime | None = None
) -> Conflict:
    """Declare a conflict between a person and a thing of a scheme, judged or not, seated or not, as `declare` does."""
    return _declare(person, Target(scheme, kind_of(thing), str(thing.pk)), by=by, reason=reason, at=at)


def declare_with_panel(person: User, panel: Panel, *, by: User, reason: str, at: datetime | None = None) -> Conflict:
    """Declare a conflict between a person and all that a panel judges, as `declare` does."""
    return _declare(person, Target(panel.scheme, panel=panel), by=by, reason=reason, at=at)


def found(person: User, subject: Subject, *, reason: str, at: datetime | None = None) -> Conflict:
    """Write the conflict that the portal found by itself, as `declare` does."""
    return _declare(person, _about(subject), by=None, reason=reason, at=at)


def lift(conflict: Conflict, *, by: User, reason: str, at: datetime | None = None) -> None:
    """Lift a conflict, by whoever leads and is not the person; sheets set aside come back as drafts.

    Raises NotAllowed, ReasonMissing, NotNow (lifted already), NotDone (the tie is still there).
    """
    if not reason.strip():
        raise ReasonMissing("Indiquez pourquoi il n’y a plus de conflit d’intérêts : le motif est versé au journal.")
    if by.pk == conflict.person_id or not permissions.may_lead(by, conflict):
        raise NotAllowed("Un autre responsable lève le conflit d’intérêts, pas la personne elle-même.")
    target = Target(conflict.scheme, conflict.kind, conflict.key, conflict.panel)
    moment = at or timezone.now()
    with transaction.atomic():
        _hold(target)
        if target.key and (tie := kinds.concerned(conflict.person, target.kind, [target.key]).get(target.key)):
            raise NotDone(f"Ce qui lie cette personne au projet est toujours là. Elle lit : « {tie} »")
        lifted = Conflict.objects.active().filter(pk=conflict.pk)
        if not lifted.update(lifted_at=moment, lifted_by=by, lifted_reason=reason.strip()):
            raise NotNow("Ce conflit d’intérêts est déjà levé.")
        closures.forget(conflict.person)
        where = target.told_on(conflict)
        procedure.record(where, "lift_conflict", by=by, reason=reason, data=_named(conflict.person))
        for sheet in target.sheets_of(conflict.person).filter(state=SET_ASIDE):
            if not ties.declared(conflict.person, sheet.subject):
                procedure.fire(sheet, "restore", by=None, at=moment)
    conflict.refresh_from_db()


@dataclass(frozen=True, slots=True)
class Target:
    """What a conflict is about: a thing, by kind and key, or all that a panel judges."""

    scheme: str
    kind: str = ""
    key: str = ""
    panel: Panel | None = None

    @property
    def scope(self) -> str:
        return self.panel.scope if self.panel else ""

    def subjects(self) -> QuerySet[Subject]:
        """Return what the conflict closes, in any panel."""
        if self.panel is None:
            return Subject.objects.filter(kind=self.kind, key=self.key)
        same = self.panel.subjects.filter(kind=OuterRef("kind"), key=OuterRef("key"))
        return Subject.objects.filter(Exists(same))

    def sheets_of(self, person: User) -> QuerySet[Sheet]:
        """Return the sheets of a person that the conflict sets aside, in any panel."""
        mine = Sheet.objects.filter(subject__in=self.subjects(), author=person)
        return mine.select_related("subject__panel").order_by("pk")

    def told_on(self, conflict: Conflict) -> models.Model:
        """Return what the journal tells it on: the panel, the last subject about the thing, else the conflict."""
        return self.panel or self.subjects().order_by("-pk").first() or conflict


def _about(subject: Subject) -> Target:
    return Target(subject.panel.scheme, subject.kind, subject.key)


def _declare(person: User, target: Target, *, by: User | None, reason: str, at: datetime | None) -> Conflict:
    if not reason.strip():
        raise ReasonMissing("Indiquez ce qui lie la personne au projet : le motif est versé au journal.")
    if by is not None and by.pk != person.pk and not permissions.may_lead(by, target):
        raise NotAllowed("Chacun déclare ses propres conflits d’intérêts.")
    moment = at or timezone.now()
    with transaction.atomic():
        _hold(target)
        sheets = list(target.sheets_of(person).exclude(state=SET_ASIDE))
        made, is_new = Conflict.objects.get_or_create(
            person=person,
            kind=target.kind,
            key=target.key,
            panel=target.panel,
            lifted_at=None,
            defaults={
                "scheme": target.scheme, "reason": reason.strip(), "declared_at": moment, "declared_by": by,
            },
        )  # fmt: skip
        if not is_new:
            return made
        if any(_counts_for_good(sheet) for sheet in sheets):
            raise NotNow(COUNTS_ALREADY)
        procedure.record(target.told_on(made), "declare_conflict", by=by, reason=reason, data=_named(person))
        for sheet in sheets:
            procedure.fire(sheet, "set_aside", by=None, at=moment, journal={"conflict": made.pk})
    for someone in (person, by):
        if someone is not None:
            closures.forget(someone)
    return made


def _named(person: User) -> dict[str, object]:
    return {"person": person.pk, "name": str(person)}


def _counts_for_good(sheet: Sheet) -> bool:
    """Tell whether a sheet counts in a panel that is closed; on a subject that was removed it ranks nothing."""
    subject = sheet.subject
    return sheet.state == SUBMITTED and subject.removed_at is None and subject.panel.is_closed


def _hold(target: Target) -> None:
    """Lock, in the order of their keys, the panels that a conflict closes something in."""
    keys = {*target.subjects().values_list("panel", flat=True), *([target.panel.pk] if target.panel else [])}
    list(Panel.objects.select_for_update().filter(pk__in=keys).order_by("pk"))
