"""The deposit: one transaction that numbers, freezes, judges, receipts and tells."""

import hashlib
import json
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from normandata.accounts.models import User
from normandata.documents import services as documents
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotDone
from normandata.procedure.services import Firing
from normandata.regulation.findings import Verdict

from .. import drafts, numbers, periods, receipts
from ..delays import PARIS, Suspension, silence_day
from ..drafts import FormState
from ..models import Correction, Deposit, Dossier
from . import thread

SIGNATURE = "signature"
"""The piece that stands for the signature of a representative who does not deposit in person."""


class OtherContent(NotDone):
    """The key of a page already sent came back with another content: nothing was written."""


@dataclass(frozen=True, slots=True)
class Signatory:
    """Who commits the organisation: the depositor in person, or a representative whose signed paper is joined."""

    name: str
    role: str
    in_person: bool
    accepted: tuple[str, ...] = ()
    """The slugs of the commitments ticked."""


def deposit(
    dossier: Dossier,
    *,
    key: uuid.UUID,
    signatory: Signatory,
    by: User,
    at: datetime | None = None,
    reviewed: str = "",
) -> Deposit:
    """Deposit a dossier as it stands, or the next version of it. The same key gives the same deposit back.

    `at` is the instant when the request arrived; `reviewed` names the answers that the signatory had before their eyes
    (`answers_hash`), compared under the lock. Raises NotAllowed, NotNow, Unmet (late, incomplete, unsigned),
    OtherContent.
    """
    return _send(dossier, "submit", key=key, signatory=signatory, by=by, at=at, reviewed=reviewed)


def answer(dossier: Dossier, *, key: uuid.UUID, by: User, at: datetime | None = None) -> Deposit:
    """Send back what an open request asked for, as a new version of the dossier; raises as `deposit` does."""
    last = dossier.deposits.order_by("-version").first()
    signatory = signatory_of(last) if last else Signatory("", "", in_person=False)
    return _send(dossier, "answer", key=key, signatory=signatory, by=by, at=at)


def conclude(dossier: Dossier) -> Deposit:
    """Send, by the portal itself, what an open request asked for and that is wholly there; raises Unmet when not."""
    return _send(dossier, "conclude_correction", key=uuid.uuid4(), signatory=signatory_of(_last(dossier)), by=None)


def _last(dossier: Dossier) -> Deposit:
    return dossier.deposits.latest("version")


def signatory_of(sent: Deposit) -> Signatory:
    """Return who signed a deposit."""
    return Signatory(**{**sent.signatory, "accepted": tuple(sent.signatory["accepted"])})


@transaction.atomic
def _send(
    dossier: Dossier,
    name: str,
    *,
    key: uuid.UUID,
    signatory: Signatory,
    by: User | None,
    at: datetime | None = None,
    reviewed: str = "",
) -> Deposit:
    procedure.lock(dossier)
    form = drafts.read(dossier) if name == "submit" else drafts.answered(dossier, asked_targets(dossier))
    content = content_hash(form, signatory)
    # A dossier never deposited holds no deposit of this key: the search is spared on the way of everybody.
    if dossier.version and (sent := dossier.deposits.filter(key=key).first()):
        if sent.content_hash != content:
            raise OtherContent(
                "Cette page a déjà été envoyée avec un autre contenu. Rechargez-la, relisez, puis envoyez de nouveau."
            )
        return sent
    if reviewed and reviewed != answers_hash(form):
        raise OtherContent("La demande vient d’être modifiée par quelqu’un d’autre. Relisez-la, puis déposez.")
    done: list[Deposit] = []
    procedure.fire_held(
        dossier,
        name,
        by=by,
        at=at or timezone.now(),
        key=key,
        form=form,
        signatory=signatory,
        content=content,
        done=done,
    )
    return done[0]


def asked_targets(dossier: Dossier) -> set[str]:
    """Return the only parts of the form that an answer may change: what the last request asked for.

    What came at the requests that closed unanswered since the last deposit is sent too: pieces, and filled sections.
    """
    sent = dossier.deposits.order_by("-version").values_list("at", flat=True).first()
    if sent is None:
        return set()
    unanswered = dossier.corrections.exclude(state=Correction.State.ANSWERED)
    since = list(unanswered.filter(asked_at__gte=sent).prefetch_related("items"))
    unfilled = drafts.unfilled(drafts.read(dossier))
    came = {item.target for one in since for item in one.items.all() if item.is_piece or item.slug not in unfilled}
    return came | {item.target for one in since[:1] for item in one.items.all()}


def answers_hash(form: FormState) -> str:
    """Name what the page of the signature shows: answers and files."""
    return _hash([form.answers, sorted(str(file.upload_id) for file in form.files)])


def content_hash(form: FormState, signatory: Signatory) -> str:
    """Name what is being sent: answers, files and signature."""
    return _hash([answers_hash(form), asdict(signatory)])


def _hash(content: list[Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


# ------------------------------------------------------------------------------------------------------- conditions
def in_time(firing: Firing) -> list[str]:
    """The scheme takes deposits, and new versions of them, at the instant when the request arrived."""
    refusal = periods.window_of(firing.thing, firing.at).refusal
    if refusal and firing.thing.version:
        kept = f"Votre demande reste déposée : c’est sa version {firing.thing.version} que la Région examine."
        return [f"{refusal.replace('Votre brouillon est gardé.', 'Vos changements sont gardés.')} {kept}"]
    return [refusal] if refusal else []


def complete(firing: Firing) -> list[str]:
    """Every section is filled and every compulsory piece is there."""
    form: FormState = firing.data["form"]
    wanting = [f"La section « {one.section.title} » est à compléter." for one in form.sections if one.fill != "filled"]
    return wanting + [f"La pièce « {one.piece.label} » est à joindre." for one in form.pieces if one.is_missing]


def signed(firing: Firing) -> list[str]:
    """Somebody who may commit the organisation signed: in person, or on a paper that is joined."""
    signatory: Signatory = firing.data["signatory"]
    if not (signatory.name and signatory.role):
        return ["Indiquez le nom et la fonction de la personne qui engage la structure."]
    wanted = {commitment.slug for commitment in firing.data["form"].commitments}
    if not wanted <= set(signatory.accepted):
        return ["Cochez chaque engagement : la demande ne peut pas être déposée sans eux."]
    paper = firing.data["form"].piece(SIGNATURE)
    if not signatory.in_person and not (paper and paper.files):
        return ["Joignez la demande signée par la personne qui engage la structure, ou faites-la déposer par elle."]
    return []


# ------------------------------------------------------------------------------------------------- verdict and effect
def verdict(firing: Firing) -> Verdict:
    """Judge the request by the règlement of the day of its first deposit, and keep the verdict on the dossier."""
    dossier: Dossier = firing.thing
    form: FormState = firing.data["form"]
    found = form.application.judge(form.case(dossier.submitted_at or firing.at))
    dossier.verdict = found.as_record()
    return found


def keep(firing: Firing) -> None:
    """Number the dossier, freeze what was sent, make the receipt, and tell the organisation."""
    dossier: Dossier = firing.thing
    form: FormState = firing.data["form"]
    received_on = firing.at.astimezone(PARIS).date()
    is_first = dossier.version == 0
    if is_first:
        dossier.number = numbers.next_number(form.application.prefix, received_on.year)
        dossier.submitted_at = firing.at
        dossier.complete_on = received_on
        dossier.department = dossier.organisation.department
        dossier.refused_by_silence_on = silence_day(received_on)
    dossier.version += 1
    form.application.keep(form.case(dossier.submitted_at or firing.at))
    recap = [*form.recap, signature(form, firing.data["signatory"])]
    receipt = documents.request_document(
        receipts.RECEIPT,
        title=f"Accusé de réception {dossier.number}, version {dossier.version}",
        filename=f"accuse-{dossier.number}-v{dossier.version}.pdf",
        record=receipts.record(dossier, form, firing.data["signatory"], firing.at, recap=recap),
    )
    sent = Deposit.objects.create(
        dossier=dossier,
        version=dossier.version,
        key=firing.data["key"],
        content_hash=firing.data["content"],
        answers_hash=answers_hash(form),
        at=firing.at,
        by=firing.by,
        signatory=asdict(firing.data["signatory"]),
        answers=form.answers,
        recap=recap,
        pieces=pieces_record(form),
        receipt=receipt,
    )
    firing.data["done"].append(sent)
    if is_first or firing.transition.name == "submit":
        thread.tell(dossier, "dossiers.receipt", also=receipts.tags(dossier, sent))


def signature(form: FormState, signatory: Signatory) -> dict[str, Any]:
    """Return the last part of a deposit in clear: what was accepted, and who committed the organisation."""
    accepted = [one for one in form.application.commitments if one.slug in signatory.accepted]
    how = "dépose en personne" if signatory.in_person else "par un document signé, joint"
    return {
        "slug": "signature",
        "title": "Engagements et signature",
        "lines": [
            *[[f"accepte_{one.slug}", one.label, "Accepté"] for one in accepted],
            ["signataire", "Engagée par", f"{signatory.name}, {signatory.role}, {how}"],
        ],
    }


def pieces_record(form: FormState) -> list[dict[str, Any]]:
    """Name each file sent, with its hash, so that what was deposited can always be told."""
    return [
        {
            "piece": state.piece.slug,
            "label": state.piece.label,
            "attachment": file.pk,
            "name": file.upload.name,
            "size": file.upload.size,
            "sha256": file.upload.sha256,
        }
        for state in form.pieces
        for file in state.files
    ]


def refresh_delays(dossier: Dossier) -> None:
    """Work out again the day of completeness and the day of implicit refusal, unsaved, from the requests made."""
    if dossier.submitted_at is None:
        return
    received_on = dossier.submitted_at.astimezone(PARIS).date()
    corrections = list(dossier.corrections.prefetch_related("items"))
    dossier.refused_by_silence_on = silence_day(received_on, [_suspension(one) for one in corrections])
    arrivals = _arrivals(corrections)
    if None in arrivals:
        dossier.complete_on = None
        return
    days = [at.astimezone(PARIS).date() for at in arrivals if at]
    dossier.complete_on = max([received_on, *days])


def _arrivals(corrections: Sequence[Correction]) -> list[datetime | None]:
    """Return when each thing asked for arrived, None for what is awaited still; what was given up counts for nothing.

    A thing asked for twice is there when it came once.
    """
    found: dict[str, datetime | None] = {}
    for correction in sorted(corrections, key=lambda one: (one.asked_at, one.pk)):
        for item in correction.items.all():
            if correction.state == Correction.State.CANCELLED:
                found.pop(item.target, None)
            else:
                found[item.target] = item.satisfied_at
    return list(found.values())


def _suspension(correction: Correction) -> Suspension:
    """The delay runs again from the arrival of what was asked, not from the click that sends it (CRPA, art. L114-5)."""
    arrivals = [item.satisfied_at for item in correction.items.all()]
    came = [at for at in arrivals if at]
    end = max(came) if came and len(came) == len(arrivals) else correction.closed_at
    ended_on = end.astimezone(PARIS).date() if end else None
    return Suspension(correction.asked_at.astimezone(PARIS).date(), correction.due_on, ended_on)


def changes(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> list[tuple[str, str, str, str]]:
    """Compare two recaps: (section, label, before, after) for each answer that differs, in the order of the form."""
    old = {(part["title"], line[1]): line[2] for part in before for line in part["lines"]}
    new = {(part["title"], line[1]): line[2] for part in after for line in part["lines"]}
    return [
        (title, label, old.get((title, label), ""), new.get((title, label), ""))
        for title, label in [*old, *(key for key in new if key not in old)]
        if old.get((title, label)) != new.get((title, label))
    ]
