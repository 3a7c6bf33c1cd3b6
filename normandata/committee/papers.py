"""The report to the committee and the record of what it decided: what each PDF is made from, and what it shows."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction

from normandata.accounts.models import User
from normandata.documents import services as documents
from normandata.documents.models import Document
from normandata.dossiers import schemes
from normandata.regulation.formats import day as written_day
from normandata.regulation.formats import euros, listing, plural, spaced
from normandata.regulation.money import ZERO
from normandata.ui.strata import band

from .checks import basis_of
from .dockets import docket_of
from .models import Item, Paper, Session

REPORT = "committee.report"
FILENAMES = {
    Paper.Stage.DRAFT: "projet-de-rapport",
    Paper.Stage.FINAL: "rapport",
    Paper.Stage.MINUTES: "releve-de-decisions",
}


@transaction.atomic
def ask(session: Session, stage: Paper.Stage, items: Sequence[Item], *, by: User) -> Paper:
    """Ask for a paper of a session as it stands; the one already made of the same words is given back."""
    document = documents.request_document(
        REPORT,
        title=f"{stage.label}, séance du {written_day(session.held_on)}",
        filename=f"{FILENAMES[stage]}-cp-{session.held_on}.pdf",
        record=record(session, stage, items),
        once=True,
    )
    asked = {"session": session, "stage": stage, "revision": session.revision, "by": by}
    return Paper.objects.get_or_create(document=document, defaults=asked)[0]


def record(session: Session, stage: Paper.Stage, items: Sequence[Item]) -> dict[str, Any]:
    """Gather all that a paper says, as JSON: amounts as text, days as ISO dates."""
    funds = docket_of(session.scheme).funds(session.held_on)
    return {
        "session": session.pk,
        "stage": stage.value,
        "scheme": schemes.by_slug()[session.scheme].sheet.short_title,
        "held_on": session.held_on.isoformat(),
        "place": session.place,
        "report_number": session.report_number,
        "deliberation": session.deliberation_number,
        "executory_on": session.executory_on.isoformat() if session.executory_on else "",
        "presided_by": session.presided_by,
        "funds": None
        if funds is None
        else {
            "label": funds.label,
            "unit": funds.unit,
            **{name: str(getattr(funds, name)) for name in ("voted", "paid", "committed", "reserved", "free")},
        },
        "items": [_item(place, item) for place, item in enumerate(items, start=1)],
    }


def _item(place: int, item: Item) -> dict[str, Any]:
    return {
        "place": place,
        "number": item.dossier.number,
        "organisation": item.dossier.organisation.label,
        "siret": item.dossier.organisation.written_siret,
        "city": item.dossier.organisation.city,
        "is_grant": item.is_grant,
        "proposed": str(item.proposed_amount or ""),
        "basis": item.basis,
        "brief": item.brief,
        "outcome": item.outcome,
        "decided": str(item.decided_amount or ""),
        "reason": item.reason,
        "votes": [item.votes_for, item.votes_against, item.abstentions] if item.votes_for is not None else [],
        "recusals": [one.written for one in item.recusals.all()],
    }


# ------------------------------------------------------------------------------------------------------------- showing
def context(document: Document) -> dict[str, Any]:
    """Give the template of a paper its lines, its sums and its sentences, written in French."""
    kept = document.record
    is_minutes = kept["stage"] == Paper.Stage.MINUTES
    is_mixed = len({one["basis"] for one in kept["items"] if one["basis"]}) > 1
    lines = [_line(one, is_minutes=is_minutes, is_mixed=is_mixed) for one in kept["items"]]
    grants = [one for one in lines if one["amount"]]
    total = sum((one["amount"] for one in grants), ZERO)
    unit = basis_of(one["basis"] for one in grants)
    return {
        **kept,
        "document": document,
        "band": band(),
        "is_draft": kept["stage"] == Paper.Stage.DRAFT,
        "is_minutes": is_minutes,
        "lines": lines,
        "unit": "" if is_mixed else unit,
        "grants": grants,
        "refusals": [one for one in lines if one["is_refused"]],
        "adjourned": [one for one in lines if one["is_adjourned"]],
        "total": f"{euros(total)} {unit}".rstrip(),
        "money": _money(kept["funds"], total, is_minutes=is_minutes),
        "proposal": _proposal(kept, grants, total, unit),
    }


def _line(one: dict[str, Any], *, is_minutes: bool, is_mixed: bool) -> dict[str, Any]:
    """Write a dossier: its amount is that proposed, in the record of decisions that decided.

    Where some are HT and others TTC, each cell of the table says which.
    """
    outcome = one["outcome"] if is_minutes else (Item.Outcome.GRANTED if one["is_grant"] else Item.Outcome.REFUSED)
    amount = Decimal((one["decided"] if is_minutes else one["proposed"]) or 0)
    base, basis = one["brief"]["base"], f" {one['basis']}" if is_mixed else ""
    return {
        **one,
        "amount": amount,
        "written": f"{euros(amount)} {one['basis']}".rstrip() if amount else "",
        "proposed_written": euros(Decimal(one["proposed"])) if one["proposed"] else "aucune subvention",
        "base": f"{euros(Decimal(base))}{basis}".rstrip() if base else "",
        "cell": f"{euros(amount)}{basis}" if amount else "",
        "departs": is_minutes and (one["proposed"] != one["decided"] or outcome == Item.Outcome.ADJOURNED),
        "is_refused": outcome == Item.Outcome.REFUSED,
        "is_adjourned": outcome == Item.Outcome.ADJOURNED,
        "label": Item.Outcome(outcome).label if is_minutes else "Refus",
        "vote": vote(one["votes"]),
        "why": (one["reason"] if is_minutes else "") or one["brief"]["reason"],
    }


def vote(counted: Sequence[int]) -> str:
    """Write a vote in words; nothing when it was not counted."""
    if not counted:
        return ""
    in_favour, against, abstentions = counted
    return f"{in_favour} pour, {against} contre, {plural(abstentions, 'abstention')}"


def _money(funds: dict[str, str] | None, total: Decimal, *, is_minutes: bool) -> list[tuple[str, str]]:
    """Write where the envelope stands before and after: its lines add up to the cent."""
    if funds is None:
        return []
    free = Decimal(funds["free"])
    before = free + total if is_minutes else free
    committed = Decimal(funds["committed"]) - (total if is_minutes else ZERO)
    return [
        ("Crédits votés", euros(Decimal(funds["voted"]))),
        ("Payés", euros(Decimal(funds["paid"]))),
        ("Engagés avant la séance", euros(committed)),
        ("Réservés", euros(Decimal(funds["reserved"]))),
        ("Disponible avant la séance", euros(before)),
        ("Subventions accordées" if is_minutes else "Subventions proposées", euros(total)),
        ("Disponible après la séance", euros(before - total)),
    ]


def _proposal(kept: dict[str, Any], grants: Sequence[Any], total: Decimal, unit: str) -> list[str]:
    """Write the decision asked of the committee, or taken by it."""
    refused = [one["number"] for one in kept["items"] if not one["is_grant"]]
    said = []
    if grants:
        held = written_day(date.fromisoformat(kept["held_on"]))
        each = plural(len(grants), "subvention")
        said.append(
            f"d’attribuer, au titre du dispositif « {kept['scheme']} », {each} pour un total de {euros(total)} {unit}, "
            f"réparties selon le tableau ci-dessus, sur les crédits disponibles au {held} ;"
        )
    if refused:
        said.append(f"de ne pas retenir {listing(refused)}, pour les motifs indiqués ;")
    said.append(
        "d’autoriser le Président à signer tous les actes utiles à la mise en œuvre de la présente délibération."
    )
    return [spaced(sentence) for sentence in said]
