"""The lines of a request read from the database, judged, and summed; each reading is the same few queries."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from django.utils import timezone

from normandata.dossiers.models import Dossier
from normandata.regulation.findings import Outcome
from normandata.regulation.formats import spaced
from normandata.regulation.money import cents
from normandata.regulation.reglement import Figures

from ..awards import Award
from ..rules import REGLEMENT
from . import findings, settlement, states
from .findings import Claim, Found, Project
from .lines import ExpenseFile, ExpenseLine, wanted
from .settlement import Reckoning, Terms

if TYPE_CHECKING:
    from .requests import PaymentRequest


@dataclass(frozen=True, slots=True)
class Judged:
    """A line with what is found in it, its files, and what is proposed of it, on its own basis."""

    line: ExpenseLine
    claim: Claim
    findings: tuple[Found, ...]
    files: tuple[ExpenseFile, ...]
    kept: Fraction
    """What is accepted of it on the carrier's basis, unrounded; nothing while it is not decided."""

    @property
    def proposed(self) -> Decimal:
        return findings.proposed(self.claim, self.findings)

    @property
    def is_barred(self) -> bool:
        return findings.is_barred(self.findings)

    @property
    def shown_kept(self) -> Decimal:
        return cents(self.kept)

    @property
    def public_findings(self) -> tuple[Found, ...]:
        """What the organisation reads: nothing of other people's dossiers."""
        return tuple(one for one in self.findings if not one.is_internal)

    @property
    def tone(self) -> str:
        """Its icon where it is not decided."""
        outcomes = {one.outcome for one in self.findings}
        if Outcome.UNMET in outcomes:
            return "unmet"
        return "review" if Outcome.TO_REVIEW in outcomes else "met"


def figures_of(dossier: Dossier) -> Figures:
    """Return the règlement of the day of the deposit: an amended one does not reach older grants."""
    return REGLEMENT.on(timezone.localdate(dossier.submitted_at) if dossier.submitted_at else timezone.localdate())


def terms_of(award: Award) -> Terms:
    return Terms(granted=award.amount, eligible=award.eligible_expenses, paid=award.paid, basis=award.basis)


def project_of(award: Award) -> Project:
    """Return what the expenses of a grant are judged against."""
    application = award.dossier.booster
    return Project(
        starts_on=award.starts_on,
        ends_on=award.ends_on,
        justify_by=award.justify_by,
        recovers_vat=award.recovers_vat,
        applicant_type=application.applicant_type,
        basis=award.basis,
    )


def judged(
    request: "PaymentRequest", lines: Sequence[ExpenseLine] | None = None, *, looks_at_papers: bool = True
) -> list[Judged]:
    """Judge the lines of a request in four queries, whatever their number; those of a draft are given unsaved.

    Papers are not looked at while the organisation still types its lines: they come after.
    """
    rows = list(request.lines.all()) if lines is None else list(lines)
    project, figures = project_of(request.award), figures_of(request.award.dossier)
    files = files_of(request)
    here, elsewhere = _twins(request, rows)
    found = []
    for at, line in enumerate(rows):
        joined = files.get(line.row, ())
        kinds = {one.kind for one in joined}
        claim = Claim(
            category=line.category,
            amount=line.amount,
            basis=line.basis,
            vat_rate=line.vat_rate,
            first_day=line.first_day,
            last_day=line.last_day,
            paid_on=line.paid_on,
            is_permanent=line.is_permanent,
            missing=tuple(str(one.label) for one in wanted(line.category) if looks_at_papers and one not in kinds),
            twin=here.get(at, ""),
            elsewhere=elsewhere.get(line.fingerprint, ()),
        )
        kept = findings.on_basis(line.accepted, claim, project, figures) if line.accepted else Fraction(0)
        found.append(Judged(line, claim, findings.judge(claim, project, figures), tuple(joined), kept))
    return found


def files_of(request: "PaymentRequest") -> Mapping[str, Sequence[ExpenseFile]]:
    """Return the files that stand, by row; one query."""
    found: dict[str, list[ExpenseFile]] = {}
    for one in request.files.filter(removed_at=None).select_related("upload"):
        found.setdefault(one.row, []).append(one)
    return found


def _twins(
    request: "PaymentRequest", rows: Sequence[ExpenseLine]
) -> tuple[Mapping[int, str], Mapping[str, tuple[str, ...]]]:
    """Say of which lines the invoice stands already in this dossier, and in which other dossiers each stands.

    Within a request, the first line that names an invoice keeps it.
    """
    names = {one.fingerprint for one in rows if one.fingerprint}
    others = ExpenseLine.objects.filter(fingerprint__in=names).exclude(request=request.pk)
    others = others.exclude(request__state__in=states.OVER)
    known = others.values_list("fingerprint", "request__award__dossier", "request__award__dossier__number", "label")
    mine: dict[str, str] = {}
    elsewhere: dict[str, dict[str, bool]] = {}
    for name, dossier, number, label in known.order_by("pk"):
        if dossier == request.award.dossier_id:
            mine.setdefault(name, f"« {label} », dans une demande précédente")
        else:
            elsewhere.setdefault(name, {})[number or ""] = True
    here: dict[int, str] = {}
    for at, line in enumerate(rows):
        if not line.fingerprint:
            continue
        if line.fingerprint in mine:
            here[at] = mine[line.fingerprint]
        else:
            mine[line.fingerprint] = f"« {line.label} », ligne {line.rank}"
    return here, {name: tuple(numbers) for name, numbers in elsewhere.items()}


def mark(rows: Iterable[Judged]) -> str:
    """What tells that the lines are decided as a page showed them."""
    said = "|".join(f"{one.line.pk}:{one.line.mark}" for one in rows)
    return hashlib.sha256(said.encode()).hexdigest()


def overtaken(request: "PaymentRequest", seen: str) -> list[str]:
    """Say who decided a line since a page of this mark was drawn; nothing when nobody did."""
    rows = judged(request)
    if mark(rows) == seen:
        return []
    decided = [one.line for one in rows if one.line.decided_at]
    last = max(decided, key=lambda line: line.mark, default=None)
    who = f"{last.decided_by} a décidé « {last.label} »" if last else "Les dépenses ont été décidées"
    return [spaced(f"{who} depuis que vous avez lu cette page : relisez le calcul, puis validez-le.")]


def justified(lines: Iterable[Judged]) -> Fraction:
    """Sum what is accepted, unrounded."""
    return sum((one.kept for one in lines), Fraction(0))


def balance(request: "PaymentRequest", lines: Sequence[Judged] | None = None) -> Reckoning:
    """Settle the grant on what is accepted of the lines so far."""
    rows = judged(request) if lines is None else lines
    award = request.award
    return settlement.balance(justified(rows), _other_aid(request), terms_of(award), figures_of(award.dossier))


def estimate(request: "PaymentRequest", lines: Sequence[Judged], other_aid: Decimal | None = None) -> Reckoning:
    """Settle the grant with each line that nobody decided counted as the portal proposes it."""
    award = request.award
    project, figures = project_of(award), figures_of(award.dossier)
    total = sum(
        (
            one.kept if one.line.is_decided else findings.on_basis(one.proposed, one.claim, project, figures)
            for one in lines
        ),
        Fraction(0),
    )
    return settlement.balance(total, _other_aid(request) if other_aid is None else other_aid, terms_of(award), figures)


def _other_aid(request: "PaymentRequest") -> Decimal:
    known = request.other_public_aid
    return request.award.other_public_aid if known is None else known


def advance(request: "PaymentRequest", amount: Decimal) -> Reckoning:
    return settlement.advance(amount, terms_of(request.award), figures_of(request.award.dossier))


def advance_most(award: Award, *, is_justified: bool = True) -> Decimal:
    """Return the largest advance in euros."""
    return settlement.advance_max(terms_of(award), is_justified=is_justified, figures=figures_of(award.dossier))


def adversarial_days(day: date) -> int:
    """Return how many days an organisation has for its observations."""
    return int(REGLEMENT.on(day).number("adversarial_days"))
