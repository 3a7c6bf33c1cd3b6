"""What a dossier declares of the de minimis aid that its undertaking received (D-34; règlement 2023/2831, art. 7(4)).

An enterprise that answers « none » has a declaration without a line; one that was not asked has no declaration, and
what it holds is then unknown, never zero.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction

from normandata.accounts.models import User
from normandata.dossiers import drafts
from normandata.dossiers.models import Dossier
from normandata.organisations.models import UndertakingMember
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotNow
from normandata.regulation.findings import plain
from normandata.regulation.money import ZERO, cents

from . import account, regimes
from .models import Aid, Declaration, Source


@dataclass(frozen=True, slots=True)
class DeclaredAid:
    """A line of a declaration: day of the grant, gross amount in euros, who granted it, as typed."""

    on: date
    amount: Decimal
    who: str = ""


@transaction.atomic
def declare(
    dossier: Dossier,
    *,
    version: int,
    aids: Sequence[DeclaredAid],
    by: User | None,
    fiscal_year_end: tuple[int, int] = account.YEAR_END,
    is_road_freight: bool = False,
    has_other_regime: bool = False,
    group: Sequence[str] = (),
) -> Declaration:
    """Write what a version of a dossier declares, in place of what its earlier versions did.

    `group` names the other SIRENs of the undertaking as typed: an agent joins them. An aid of zero is not kept. The
    same version with the same content is the declaration already written; with another, or older than the last, raises
    NotNow. ValueError for a negative amount.
    """
    kept = [DeclaredAid(aid.on, cents(aid.amount), aid.who.strip()) for aid in aids if aid.amount]
    if any(aid.amount < ZERO for aid in kept):
        raise ValueError("a declared aid is positive")
    siren = dossier.organisation.siren
    undertaking = account.hold(siren)
    row = Declaration(
        dossier=dossier,
        version=version,
        member=UndertakingMember.objects.get(siren=siren),
        fiscal_month=fiscal_year_end[0],
        fiscal_day=fiscal_year_end[1],
        is_road_freight=is_road_freight,
        has_other_regime=has_other_regime,
        group=list(group),
        covers=sorted({*group, *undertaking.members.values_list("siren", flat=True)}),
        by=by,
    )
    if known := _written(row, kept):
        return known
    row.save(force_insert=True)
    Aid.objects.bulk_create(_aid(row, rank, aid) for rank, aid in enumerate(kept, start=1))
    said = [{"on": aid.on.isoformat(), "amount": plain(aid.amount), "who": aid.who} for aid in kept]
    procedure.record(
        undertaking,
        "de_minimis_declared",
        by=by,
        data={"dossier": dossier.pk, "version": version, "aids": said, "group": list(group)},
    )
    return row


def declare_section(dossier: Dossier, section: str, *, by: User | None) -> None:
    """Write what the section of a form declares in the last deposit; nothing when the form did not ask."""
    sent = dossier.deposits.order_by("-version").first()
    if sent is None or section not in sent.answers:
        return
    said = drafts.frozen(dossier, sent).case(sent.at).answers.get(section)
    if not said:
        return
    declare(
        dossier,
        version=sent.version,
        aids=[DeclaredAid(on, amount, who) for on, amount, who in said.get("aids", ())],
        by=by,
        fiscal_year_end=fiscal_year_end(said),
        is_road_freight=said["fret"] == "oui",
        has_other_regime=said["autre_regime"] == "oui",
        group=said["groupe"],
    )


def fiscal_year_end(said: Mapping[str, Any]) -> tuple[int, int]:
    """Return the month and day that end the fiscal year, of a declaration's checked answers."""
    day, month = (int(part) for part in str(said.get("cloture") or "31/12").split("/"))
    return month, day


def _aid(declaration: Declaration, rank: int, aid: DeclaredAid) -> Aid:
    return Aid(
        member_id=declaration.member_id,
        on=aid.on,
        amount=aid.amount,
        regime=regimes.general_on(aid.on),
        source=Source.DECLARATION,
        authority=aid.who[:300],
        about_kind=Dossier._meta.label_lower,
        about_key=str(declaration.dossier_id),
        key=f"declaration:{declaration.dossier_id}:{declaration.version}:{rank}",
        declaration=declaration,
        by_id=declaration.by_id,
    )


def _written(row: Declaration, kept: Sequence[DeclaredAid]) -> Declaration | None:
    """Return the declaration of this version when it says the same; raises NotNow when it, or a later one, differs."""
    later = Declaration.objects.filter(dossier=row.dossier, version__gte=row.version).order_by("-version")
    last: Declaration | None = later.first()
    if last is None:
        return None
    compared = ("version", "fiscal_month", "fiscal_day", "is_road_freight", "has_other_regime", "group")
    said = [DeclaredAid(aid.on, aid.amount, aid.authority) for aid in last.aids.order_by("pk")]
    if any(getattr(last, name) != getattr(row, name) for name in compared) or said != [
        DeclaredAid(aid.on, aid.amount, aid.who[:300]) for aid in kept
    ]:
        raise NotNow("Une déclaration de cette version, ou d’une plus récente, est déjà inscrite.")
    return last
