"""What the `dossiers` room holds of people."""

from collections.abc import Iterator
from datetime import date

from django.db import models
from django.db.models import F, Max, Q
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone

from normandata.accounts.models import User
from normandata.organisations.models import Membership
from normandata.privacy import due, registry
from normandata.privacy.due import Due
from normandata.privacy.identity import Identity
from normandata.privacy.registry import Holding, Obstacle
from normandata.privacy.retention import Rule, retention

from . import states
from .bulk import BulkJob
from .models import Absence, Deposit, Dossier, DossierQuerySet, SavedView, Section
from .services import drafts

HOLDINGS = (
    Holding("dossiers.BulkJob", "instruct", signed=["by"], words=["values"], plain=["action"]),
    Holding("dossiers.BulkOutcome", "instruct", words=["cause"], plain=["seen"]),
    Holding("dossiers.Counter", "nobody", plain=["prefix"]),
    Holding("dossiers.FilingPeriod", "instruct", words=["note"], plain=["scheme"]),
    Holding("dossiers.Reading", "instruct", signed=["by"], words=["reason", "finding"], plain=["rule"]),
    Holding("dossiers.Absence", "instruct", about=["agent"], signed=["backup", "declared_by"]),
    Holding("dossiers.SavedView", "instruct", about=["owner"], words=["name", "query"]),
    Holding("dossiers.ThreadMessage", "instruct", about=["author"], words=["subject", "text"]),
    Holding("dossiers.ThreadFile", "instruct"),
    Holding("dossiers.Correction", "instruct", signed=["asked_by"], words=["text"]),
    Holding("dossiers.CorrectionItem", "instruct", words=["label", "reason"], plain=["target"]),
    Holding("dossiers.Signatory", "instruct", words=["name", "quality", "delegation"], plain=["scheme"]),
    Holding("dossiers.Letter", "instruct", signed=["read_by"], words=["title"], plain=["kind"]),
    Holding(
        "dossiers.Dossier",
        "instruct",
        signed=["created_by", "owner", "backup"],
        words=["verdict"],
        plain=["scheme", "number", "amount_basis", "department"],
    ),
    Holding("dossiers.Section", "instruct", signed=["saved_by"], words=["answers"]),
    Holding(
        "dossiers.Deposit",
        "instruct",
        signed=["by"],
        words=["signatory", "answers", "recap", "pieces"],
        plain=["content_hash", "answers_hash"],
    ),
    Holding("dossiers.Attachment", "instruct", signed=["added_by", "decided_by"], words=["reason"]),
)


def hand_up() -> None:
    """Declare what this room holds, how it lets go of it, when it cannot, and which dossiers must stay."""
    registry.declare(*HOLDINGS)
    registry.on_forget(forget)
    registry.on_prevent(open_dossiers)
    registry.on_guard(what_keeps)
    registry.on_eliminate(eliminate)
    due.on_due(over)


def forget(person: User, identity: Identity) -> None:
    """Erase saved views, absences, and the drafts that nobody else could go on with."""
    SavedView.objects.filter(owner=person).delete()
    Absence.objects.filter(agent=person).delete()
    Absence.objects.filter(backup=person).update(backup=None)
    for draft in drafts_of_nobody_else(person):
        drafts.discard(draft, by=person)


def drafts_of_nobody_else(person: User) -> DossierQuerySet:
    """Keep the drafts that nobody else could go on with, which go with the person."""
    return Dossier.objects.filter(state=states.DRAFT, organisation__in=_alone_in(person))


def open_dossiers(person: User) -> list[Obstacle]:
    """List the dossiers under way that this person began, deposited, answers for, or is alone to follow."""
    typed = Section.objects.annotate(written=Cast("answers", models.TextField()))
    named = typed.filter(written__icontains=person.email).values("dossier")
    signed = Deposit.objects.filter(by=person).values("dossier")
    mine = Q(created_by=person) | Q(organisation__in=_alone_in(person)) | Q(pk__in=named) | Q(pk__in=signed)
    rows = Dossier.objects.open().filter(mine).order_by("pk")
    return [
        Obstacle(
            f"Le dossier {one.number} est en cours : {one.standing.public_label}.",
            "Attendez sa clôture et son paiement, retirez-le, ou demandez à l’agent qui le suit de vous remplacer.",
        )
        for one in rows
    ]


def what_keeps(dossier: Dossier, day: date) -> list[str]:
    """Say why a dossier may not be eliminated: it is open, or the time to appeal runs."""
    if dossier.is_draft:
        return []
    if dossier.is_open:
        return [f"Dossier en cours : {dossier.standing.label}."]
    end = retention().figure("appeal", day).end(timezone.localdate(dossier.turn_since))
    return [f"Recours possible jusqu’au {end:%d/%m/%Y}."] if day < end else []


def eliminate(dossier: Dossier) -> None:
    """Empty what was asked of several dossiers at once, when the last of them goes."""
    jobs = BulkJob.objects.filter(outcomes__dossier=dossier)
    others = Dossier.objects.filter(eliminated_at=None).exclude(pk=dossier.pk)
    jobs.exclude(pk__in=BulkJob.objects.filter(outcomes__dossier__in=others)).update(values={})


def over(day: date) -> Iterator[Due]:
    """List the dossiers whose time is over: since their end, or since a draft was last written."""
    for rule in due.rules_of(states.DRAFT, *states.FINAL):
        rows = Dossier.objects.filter(state__in=rule.states, eliminated_at=None).select_related("organisation")
        if rule.scheme:
            rows = rows.filter(scheme=rule.scheme)
        rows = rows.annotate(written=Coalesce(Max("sections__saved_at"), F("created_at")))
        since = "written" if states.DRAFT in rule.states else "turn_since"
        old = rows.filter(**{f"{since}__date__lte": due.started_by(rule, day)}).order_by("pk")
        for row in old.iterator(chunk_size=500):
            start = timezone.localdate(getattr(row, since))
            end = rule.on(day).end(start)
            if end <= day:
                name = row.number or "Brouillon"
                yield Due(rule, f"{name}, {row.organisation.name}", start, end, dossier=row)


def is_over(dossier: Dossier, rule: Rule, day: date) -> bool:
    """Tell whether the time of a dossier is over by a rule on a day: what `over` lists, asked again of one dossier."""
    if dossier.eliminated_at or dossier.state not in rule.states or rule.scheme not in ("", dossier.scheme):
        return False
    written = dossier.sections.aggregate(last=Max("saved_at"))["last"] if dossier.is_draft else dossier.turn_since
    return rule.on(day).end(timezone.localdate(written or dossier.created_at)) <= day


def _alone_in(person: User) -> "models.QuerySet[Membership, dict[str, int]]":
    """List the organisations of which this person is the one active member."""
    others = Membership.objects.active().exclude(user=person).values("organisation")
    alone = Membership.objects.active().of(person).exclude(organisation__in=others)
    return alone.values("organisation")  # type: ignore[return-value]
