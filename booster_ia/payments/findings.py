"""What the portal finds in each expense of a balance, with the article it rests on. Pure.

A finding proposes; the agent decides, and may accept with a reason what is refused by default (annexe 4, « Dépenses
éligibles »). Two findings are final: nobody pays an invoice twice, nor the permanent staff of a public establishment.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from normandata.regulation.findings import Outcome
from normandata.regulation.formats import day as written_day
from normandata.regulation.formats import euros, listing, percent, spaced
from normandata.regulation.money import ZERO, cents
from normandata.regulation.reglement import Figures

from .. import money

EXPENSES = "annexe 4, « Caractéristiques de l’aide », dépenses éligibles"
STAFF = "annexe 4, « Caractéristiques de l’aide », frais de personnel"
PAPERS = "annexe 4, « Modalités de paiement », pièces justificatives"
PAYMENT = "annexe 4, « Modalités de paiement », règlement des subventions régionales"
BASIS = "annexe 4, « Caractéristiques de l’aide », montant"
_FINAL_REFUSALS = {money.EXCLUDED_STAFF}


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """An expense to judge. Amount in euros on `basis`, `vat_rate` in percent; `missing` names the papers not joined.

    `twin` tells where the same invoice stands in this dossier, `elsewhere` the numbers of other dossiers that hold it.
    """

    category: str
    amount: Decimal
    basis: str = money.HT
    vat_rate: Decimal | None = None
    first_day: date
    last_day: date
    paid_on: date | None = None
    is_permanent: bool = False
    missing: Sequence[str] = ()
    twin: str = ""
    elsewhere: Sequence[str] = ()

    @property
    def is_personnel(self) -> bool:
        return self.category == "personnel"


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """What expenses are judged against: the days of the project, the last day to justify, the carrier."""

    starts_on: date
    ends_on: date
    justify_by: date
    recovers_vat: bool
    applicant_type: str
    basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A finding on an expense: refused by default (`unmet`), to look at (`to_review`), or told (`met`).

    `is_internal` is not for the organisation: it names other people's dossiers.
    """

    code: str
    outcome: Outcome
    sentence: str
    article: str
    is_final: bool = False
    is_internal: bool = False


def judge(claim: Claim, project: Project, figures: Figures) -> tuple[Found, ...]:
    """List what is found in an expense, the refusals first."""
    found = [
        *_category(claim, project, figures),
        *_period(claim, project),
        *_twice(claim),
        *_papers(claim),
        *_basis(claim, project),
    ]
    order = (Outcome.UNMET, Outcome.TO_REVIEW, Outcome.MET)
    return tuple(sorted(found, key=lambda one: order.index(one.outcome)))


def on_basis(amount: Decimal, claim: Claim, project: Project, figures: Figures) -> Fraction:
    """Bring an amount of a line to the carrier's basis, unrounded, whatever its category."""
    expense = money.Expense(
        category=figures.codes("expense_categories")[0], amount=amount, basis=claim.basis, vat_rate=claim.vat_rate
    )
    line = money.judge_line(expense, applicant_type=None, recovers_vat=project.recovers_vat, figures=figures)
    return line.kept


def proposed(claim: Claim, findings: Sequence[Found]) -> Decimal:
    """Return what is proposed to the agent, on the line's own basis: all of it, or nothing once a finding refuses."""
    return ZERO if any(one.outcome is Outcome.UNMET for one in findings) else claim.amount


def is_barred(findings: Sequence[Found]) -> bool:
    """Whether nobody may accept anything of the line."""
    return any(one.is_final for one in findings)


def _category(claim: Claim, project: Project, figures: Figures) -> list[Found]:
    expense = money.Expense(
        category=claim.category,
        amount=claim.amount,
        basis=claim.basis,
        vat_rate=claim.vat_rate,
        is_permanent_public_staff=claim.is_permanent and claim.is_personnel,
    )
    line = money.judge_line(
        expense, applicant_type=project.applicant_type, recovers_vat=project.recovers_vat, figures=figures
    )
    if line.refusal:
        is_final = line.refusal in _FINAL_REFUSALS
        said = f"{line.refusal[0].upper()}{line.refusal[1:]}."
        article = STAFF if is_final else EXPENSES
        code = "staff" if is_final else "category"
        return [Found(code=code, outcome=Outcome.UNMET, sentence=spaced(said), article=article, is_final=is_final)]
    if line.alert:
        return [Found(code="staff", outcome=Outcome.TO_REVIEW, sentence=spaced(line.alert), article=STAFF)]
    return []


def _period(claim: Claim, project: Project) -> list[Found]:
    found = []
    if claim.first_day < project.starts_on or claim.last_day > project.ends_on:
        dated = (
            f"du {written_day(claim.first_day)} au {written_day(claim.last_day)}"
            if claim.first_day != claim.last_day
            else f"du {written_day(claim.last_day)}"
        )
        said = (
            f"Dépense {dated}, hors de la période du projet : du {written_day(project.starts_on)} au "
            f"{written_day(project.ends_on)}."
        )
        found.append(Found(code="period", outcome=Outcome.UNMET, sentence=spaced(said), article=PAYMENT))
    if claim.paid_on and claim.paid_on > project.justify_by:
        said = f"Payée le {written_day(claim.paid_on)}, après le {written_day(project.justify_by)}."
        found.append(Found(code="paid_late", outcome=Outcome.UNMET, sentence=said, article=PAYMENT))
    if not claim.is_personnel and claim.paid_on is None:
        said = "La date de paiement manque : une facture se justifie acquittée."
        found.append(Found(code="unpaid", outcome=Outcome.UNMET, sentence=spaced(said), article=PAPERS))
    if claim.paid_on and claim.paid_on < claim.first_day:
        said = "Payée avant la date de la facture : à vérifier sur la pièce."
        found.append(Found(code="paid_early", outcome=Outcome.TO_REVIEW, sentence=spaced(said), article=PAPERS))
    return found


def _twice(claim: Claim) -> list[Found]:
    found = []
    if claim.twin:
        said = f"Cette facture est déjà dans le dossier : {claim.twin}."
        found.append(Found(code="twice", outcome=Outcome.UNMET, sentence=spaced(said), article=PAYMENT, is_final=True))
    if claim.elsewhere:
        where = listing(list(claim.elsewhere))
        said = f"La même facture est aussi dans {where} : vérifiez qu’elle n’est pas payée deux fois."
        found.append(
            Found(code="elsewhere", outcome=Outcome.TO_REVIEW, sentence=spaced(said), article=PAYMENT, is_internal=True)
        )
    return found


def _papers(claim: Claim) -> list[Found]:
    return [
        Found(code="papers", outcome=Outcome.UNMET, sentence=spaced(f"Pièce absente : {one}."), article=PAPERS)
        for one in claim.missing
    ]


def _basis(claim: Claim, project: Project) -> list[Found]:
    if project.recovers_vat and claim.basis == money.TTC and claim.vat_rate is None:
        said = "Le taux de TVA manque : le montant HT ne peut pas être retrouvé."
        return [Found(code="vat", outcome=Outcome.UNMET, sentence=spaced(said), article=BASIS)]
    if project.recovers_vat and claim.basis == money.TTC and claim.vat_rate:
        net = claim.amount / (1 + claim.vat_rate / 100)
        said = (
            f"Ramenée au hors taxes : {euros(claim.amount)} TTC ÷ {percent(100 + claim.vat_rate)} = "
            f"{euros(cents(net))} HT, arrondis ici pour l’affichage seulement."
        )
        return [Found(code="basis", outcome=Outcome.MET, sentence=spaced(said), article=BASIS)]
    if not project.recovers_vat and claim.basis == money.HT and not claim.is_personnel:
        said = "Montant HT d’une structure qui ne récupère pas la TVA : il compte tel quel."
        return [Found(code="basis", outcome=Outcome.TO_REVIEW, sentence=spaced(said), article=BASIS)]
    return []
