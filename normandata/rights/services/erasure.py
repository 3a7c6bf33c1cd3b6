"""Erasing a person: one transaction after which nothing names them, proved before it ends.

What the law keeps stays, accounts and journal above all, under a code. The erasure is written apart from the database
too, without a name, so that it can be done again after a restore: see `replay`.
"""

from dataclasses import dataclass

from django.db import models, transaction

from normandata.accounts.models import User
from normandata.documents import services as documents
from normandata.documents import uploads
from normandata.documents.models import Document, Upload
from normandata.dossiers.models import Attachment
from normandata.dossiers.personal import drafts_of_nobody_else
from normandata.outbox import services as outbox
from normandata.privacy import registry, sweep
from normandata.privacy.identity import Identity, folded
from normandata.privacy.registry import Obstacle
from normandata.privacy.retention import retention
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotDone

from .. import ledger
from ..models import Erasure, handles
from .exports import identity_of

PUBLISH = "rights.publish"


class Prevented(NotDone):
    """Something forbids the erasure for now; `obstacles` says what, and what to do."""

    def __init__(self, obstacles: list[Obstacle]) -> None:
        super().__init__(" ".join(one.what for one in obstacles))
        self.obstacles = obstacles


class StillNamed(RuntimeError):
    """The person is still named somewhere after their erasure: nothing is written."""


@dataclass(frozen=True, slots=True)
class Stay:
    """What stays after an erasure, and why."""

    title: str
    why: str


@transaction.atomic
def erase(person: User, *, by: User | None, code: str = "") -> Erasure:
    """Erase a person; done before, returns that erasure. `code` is that of an erasure done again after a restore.

    The person, whoever answers requests, or the portal itself (None). Raises NotAllowed, Prevented, StillNamed.
    """
    locked = User.objects.select_for_update().get(pk=person.pk)
    if done := Erasure.objects.filter(person=locked).first():
        return done
    if by is not None and by.pk != locked.pk and not handles(by):
        raise NotAllowed(procedure.FORBIDDEN)
    if found := registry.obstacles(locked):
        raise Prevented(found)
    identity = sweep.acquainted(identity_of(locked, code or sweep.new_code()))
    print_of = ledger.print_of(locked.email)
    has_namesake = _has_namesake(locked)
    for forget in registry.forgetters():
        forget(locked, identity)
    _let_go_of_files(locked)
    _rename(locked, identity)
    changed = sweep.scrub(identity, locked, has_namesake=has_namesake)
    for document in Document.objects.filter(pk__in=changed.get("documents.Document", [])):
        if document.state != Document.State.ERASED:
            documents.make_again(document)
    _prove(sweep.far_of(identity, has_namesake=has_namesake))
    erasure = Erasure.objects.create(
        person=locked,
        code=identity.code,
        identity=print_of,
        rows={model: len(keys) for model, keys in changed.items()},
        namesake=has_namesake,
        by=by,
        files=[str(pk) for pk in kept_files(locked).values_list("pk", flat=True)],
    )
    procedure.record(erasure, "erase_person", by=by)
    publish_again()
    ledger.write(locked.pk, print_of, identity.code, erasure.at)
    return erasure


def publish_again() -> None:
    """Have the open data written anew at once: no file of theirs, served or replaced, keeps what was erased."""
    outbox.post(PUBLISH, {})


def what_stays() -> list[Stay]:
    """Say what an erasure leaves, under a code, and on what ground."""
    return [
        Stay(one.title, f"{one.stays} {one.basis}\u00a0: {one.duration}.")
        for one in retention().treatments
        if one.stays
    ]


def _rename(person: User, identity: Identity) -> None:
    """Leave of an account its number, under a code: nobody signs in with it again."""
    person.email, person.name = identity.address, identity.pseudonym
    person.is_active = person.is_staff = person.is_superuser = False
    person.last_login = None
    person.set_unusable_password()
    person.save()


def _has_namesake(person: User) -> bool:
    """Tell whether another account bears the same name, whatever its case, accents and order."""
    words = sorted(folded(person.name).split())
    if not words:
        return False
    others = User.objects.exclude(pk=person.pk).exclude(name="").values_list("name", flat=True)
    return any(sorted(folded(name).split()) == words for name in others.iterator(chunk_size=1000))


def _let_go_of_files(person: User) -> None:
    """Erase at once the files that nothing points at."""
    for upload in Upload.objects.filter(uploaded_by=person).ownerless():
        uploads.forget(upload)


def kept_files(person: User) -> models.QuerySet[Upload, Upload]:
    """Keep the files that an erasure of the person would leave: what a dossier deposited or the accounts hold.

    Their content proves what was sent and cannot be rewritten; they go when their dossier is eliminated.
    """
    sent = Upload.objects.filter(uploaded_by=person).exclude(file="")
    gone = sent.filter(pk__in=Attachment.objects.filter(dossier__in=drafts_of_nobody_else(person)).values("upload"))
    return sent.exclude(pk__in=Upload.objects.ownerless().values("pk")).exclude(pk__in=gone.values("pk")).order_by("pk")


def _prove(identity: Identity) -> None:
    left = sweep.naming(identity)
    if left:
        raise StillNamed(", ".join(f"{model}: {count}" for model, count in left.items()))
