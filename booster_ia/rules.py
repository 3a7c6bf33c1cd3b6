"""Eligibility to Booster IA (délibération AP D 25-12-5, annexe 4). Pure: facts and a day in, findings and sums out."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from normandata.deminimis import rules as deminimis
from normandata.regulation.calendar import add_months
from normandata.regulation.findings import (
    Answer,
    Outcome,
    Verdict,
    amount,
    compared,
    met,
    not_applicable,
    plain,
    to_review,
    unmet,
)
from normandata.regulation.formats import day as written_day
from normandata.regulation.formats import euros, listing, number, percent, plural
from normandata.regulation.judgment import judge
from normandata.regulation.money import ZERO, cents, exact, truncated
from normandata.regulation.reglement import Figures, Reglement, load
from normandata.regulation.territory import located

from . import grid, money

REGLEMENT = load(Path(__file__).with_name("reglement.toml"))

APPLICANTS = {
    "enterprise": "Une entreprise",
    "association": "Une association",
    "public_establishment": "Un établissement public",
    "private_establishment": "Un établissement privé",
    "local_authority": "Une collectivité ou un regroupement de collectivités",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of an application on the day it is judged; None is a missing fact, but for optional blocks.

    `partner_departments` has one entry a partner. `sheets`, `de_minimis`, `commons`, `indicators` and `documents` are
    optional blocks: None means « not evaluated ». `other_public_aid` is in euros. The amount of `de_minimis` is
    ignored: the grant computed here takes its place.
    """

    on: date
    applicant_type: str | None = None
    department: str | None = None
    recovers_vat: bool = True
    partner_departments: tuple[str | None, ...] | None = None
    uses_ai: bool | None = None
    start: date | None = None
    end: date | None = None
    expenses: tuple[money.Expense, ...] | None = None
    other_public_aid: Decimal = ZERO
    sheets: tuple[grid.Sheet, ...] | None = None
    de_minimis: deminimis.Facts | None = None
    commons: tuple[str, ...] | None = None
    indicators: tuple[str, ...] | None = None
    documents: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Sums:
    """The figures behind the verdict; None when a missing fact forbids the computation."""

    lines: tuple[money.Line, ...]
    expenses: Fraction | None
    grant: Decimal | None
    score: Fraction | None
    de_minimis: deminimis.Assessment | None

    @property
    def grantable_max(self) -> Decimal | None:
        """The most that could be granted: the smaller of the grant and the room under the de minimis ceiling."""
        if self.grant is None or self.de_minimis is None:
            return self.grant
        if self.de_minimis.verdict.findings[0].outcome is Outcome.NOT_APPLICABLE:
            return self.grant
        room = self.de_minimis.room
        return None if room is None else min(self.grant, cents(room))


@dataclass(frozen=True, slots=True)
class Evaluation:
    verdict: Verdict
    sums: Sums


@dataclass(frozen=True, slots=True)
class Case:
    """The facts with the sums computed from them: what each rule reads."""

    facts: Facts
    sums: Sums = field(compare=False)


def evaluate(
    facts: Facts, *, reglement: Reglement = REGLEMENT, ceilings: Reglement = deminimis.REGLEMENT
) -> Evaluation:
    """Judge an application and compute its sums by the règlement in force on its day."""
    figures = reglement.on(facts.on)
    sums = compute(facts, figures, ceilings)
    return Evaluation(judge(RULES, Case(facts, sums), figures), sums)


def compute(facts: Facts, figures: Figures, ceilings: Reglement) -> Sums:
    """Compute expenses, grant, score and de minimis room, in that order."""
    lines = tuple(
        money.judge_line(expense, applicant_type=facts.applicant_type, recovers_vat=facts.recovers_vat, figures=figures)
        for expense in facts.expenses or ()
    )
    expenses = None if facts.expenses is None or missing_in_budget(facts) else money.eligible_total(lines)
    grant = None if expenses is None else money.grant(expenses, facts.other_public_aid, figures)
    assessment = None
    if facts.de_minimis is not None:
        assessment = deminimis.assess(_with_amount(facts.de_minimis, facts.on, grant), reglement=ceilings)
    score = None if facts.sheets is None else grid.mean(facts.sheets)
    return Sums(lines, expenses, grant, score, assessment)


def missing_in_budget(facts: Facts) -> str:
    """Say what is missing to judge the budget, or nothing."""
    for expense in facts.expenses or ():
        if expense.amount is None:
            return "le montant d’une dépense"
        if expense.category is None:
            return "la catégorie d’une dépense"
        if expense.category == "personnel" and expense.is_permanent_public_staff and facts.applicant_type is None:
            return "le type de porteur, qui décide du personnel permanent"
    return ""


def _with_amount(facts: deminimis.Facts, on: date, amount: Decimal | None) -> deminimis.Facts:
    return deminimis.Facts(
        on=on,
        amount=amount,
        is_economic=facts.is_economic,
        fiscal_year_end=facts.fiscal_year_end,
        is_road_freight=facts.is_road_freight,
        aids=facts.aids,
    )


def opening(case: Case, figures: Figures) -> Answer:
    starts_on = figures.date("opening")
    used = {"on": plain(case.facts.on), "opening": plain(starts_on)}
    if case.facts.on >= starts_on:
        return met(f"Le règlement modifié s’applique depuis le {written_day(starts_on)}.", **used)
    return to_review(
        f"Avant le {written_day(starts_on)}, c’est la version de 2024 qui s’applique ; elle n’est pas dans le "
        "portail : un agent examinera le dossier.",
        **used,
    )


def beneficiary(case: Case, figures: Figures) -> Answer:
    kind = case.facts.applicant_type
    if kind is None:
        return to_review("Le type de porteur n’est pas indiqué.", applicant_type=None)
    return compared(
        kind in figures.codes("applicant_types"),
        f"{APPLICANTS[kind]} peut porter un projet.",
        f"{APPLICANTS[kind]} ne peut pas porter un projet.",
        applicant_type=kind,
    )


def normandy(case: Case, figures: Figures) -> Answer:
    department, departments = case.facts.department, figures.codes("departments")
    used = {"department": department, "departments": listing(departments)}
    if department is None:
        return to_review("Le département du porteur n’est pas indiqué.", **used)
    return compared(
        department in departments,
        f"Le porteur est établi {located(department)}.",
        f"Le porteur est établi {located(department)} : il doit l’être dans un des départements "
        f"{listing(departments, 'ou')}.",
        **used,
    )


def partnership(case: Case, figures: Figures) -> Answer:
    departments, least = figures.codes("departments"), int(figures.number("structures_min"))
    partners = case.facts.partner_departments
    if partners is None:
        return to_review(
            f"Les partenaires ne sont pas indiqués : il faut au moins {least} structures normandes, porteur compris.",
            structures=None,
            minimum=str(least),
        )
    located_in = (case.facts.department, *partners)
    norman = sum(department in departments for department in located_in)
    unknown = located_in.count(None)
    used = {"structures": str(norman), "minimum": str(least)}
    if norman < least <= norman + unknown:
        return to_review("Le département d’une structure du projet n’est pas indiqué.", **used)
    return compared(
        norman >= least,
        f"Le projet réunit {norman} structures normandes, porteur compris ; il en faut au moins {least}.",
        f"Le projet compte {plural(norman, 'structure normande', 'structures normandes')}, porteur compris ; il en "
        f"faut au moins {least}.",
        **used,
    )


def ai(case: Case, figures: Figures) -> Answer:
    if case.facts.uses_ai is None:
        return to_review("L’usage d’une technologie d’IA n’est pas indiqué.", uses_ai=None)
    return compared(
        case.facts.uses_ai,
        "L’un des usages principaux s’appuie sur une technologie d’IA.",
        "Aucun usage principal ne s’appuie sur une technologie d’IA : c’est une condition de l’aide.",
        uses_ai=case.facts.uses_ai,
    )


def duration(case: Case, figures: Figures) -> Answer:
    start, end, months = case.facts.start, case.facts.end, int(figures.number("duration_months"))
    if start is None or end is None:
        return to_review(
            f"Les dates du projet ne sont pas toutes indiquées. La preuve de concept dure {months} mois au plus.",
            start=plain(start) if start else None,
            end=plain(end) if end else None,
            months=str(months),
        )
    limit = add_months(start, months)
    used = {"start": plain(start), "end": plain(end), "months": str(months), "before": plain(limit)}
    if end < start:
        return unmet(f"La fin, le {written_day(end)}, précède le début, le {written_day(start)}.", **used)
    last = date.fromordinal(limit.toordinal() - 1)
    return compared(
        end < limit,
        f"Du {written_day(start)} au {written_day(end)} : la durée maximale de {months} mois est respectée.",
        f"Avec un début le {written_day(start)}, la fin est possible jusqu’au {written_day(last)} ; elle est prévue "
        f"le {written_day(end)}.",
        **used,
    )


def expenses(case: Case, figures: Figures) -> Answer:
    total = case.sums.expenses
    if total is None:
        missing = missing_in_budget(case.facts) or "le budget"
        return to_review(f"Il manque {missing} pour calculer les dépenses éligibles.", eligible_expenses=None)
    shown = cents(total)
    alerts = " ".join(line.alert for line in case.sums.lines if line.alert)
    refused = sum(1 for line in case.sums.lines if line.refusal)
    used = {"eligible_expenses": amount(shown), "refused_lines": str(refused), "alert": alerts or None}
    left_out = f" {plural(refused, 'ligne refusée', 'lignes refusées')}." if refused else ""
    basis = "HT" if case.facts.recovers_vat else figures.word("vat_basis")
    return compared(
        total > 0,
        f"Les dépenses éligibles s’élèvent à {euros(shown)} {basis}.{left_out}{' ' + alerts if alerts else ''}",
        f"Aucune dépense n’est éligible.{left_out}",
        **used,
    )


def commons(case: Case, figures: Figures) -> Answer:
    if case.facts.commons is None:
        return not_applicable("La contribution aux communs de la donnée se décrit dans la demande.")
    return compared(
        bool(case.facts.commons),
        "Le projet décrit ce qu’il met à disposition des communs de la donnée.",
        "Le projet ne met rien à disposition des communs de la donnée.",
        commons=", ".join(case.facts.commons),
    )


def indicators(case: Case, figures: Figures) -> Answer:
    if case.facts.indicators is None:
        return not_applicable("Les indicateurs d’avancée se présentent dans la demande.")
    return compared(
        bool(case.facts.indicators),
        "Les indicateurs d’avancée sont présentés.",
        "Aucun indicateur d’avancée n’est présenté.",
        indicators=", ".join(case.facts.indicators),
    )


def documents(case: Case, figures: Figures) -> Answer:
    if case.facts.documents is None:
        return not_applicable("Le support de présentation, qui est noté, se joint à la demande.")
    return compared(
        "presentation" in case.facts.documents,
        "Le support de présentation est joint.",
        "Le support de présentation manque : il est noté.",
        documents=", ".join(case.facts.documents),
    )


def floor(case: Case, figures: Figures) -> Answer:
    least, total = figures.number("floor"), number(grid.total(figures))
    if case.sums.score is None:
        return not_applicable(
            f"Le projet sera noté sur {total} ; au-dessous de {number(least)}, il est inéligible.", floor=plain(least)
        )
    shown = truncated(case.sums.score)
    sentence = f"La note est de {number(shown, 2)} sur {total} ; il faut au moins {number(least, 2)}."
    return compared(case.sums.score >= exact(least), sentence, sentence, score=plain(shown), floor=plain(least))


def public_aid(case: Case, figures: Figures) -> Answer:
    total, grant, other = case.sums.expenses, case.sums.grant, case.facts.other_public_aid
    rate = figures.number("public_aid_rate")
    used = {"other_public_aid": amount(other), "rate": plain(rate), "grant": None if grant is None else amount(grant)}
    if total is None or grant is None:
        return to_review("Le total des aides publiques se calcule sur les dépenses éligibles, incomplètes.", **used)
    if not total and not other:
        return not_applicable("Aucune aide publique à comparer : il n’y a pas de dépense éligible.", **used)
    room = money.public_aid_room(total, other, figures)
    if not room:
        return unmet(
            f"Les autres aides publiques, {euros(other)}, atteignent déjà {percent(rate)} des dépenses éligibles.",
            **used,
        )
    before = money.grant(total, ZERO, figures)
    reduced = f" La subvention est ramenée de {euros(before)} à {euros(grant)}." if grant < before else ""
    return met(
        f"Total déclaré : {euros(other)}. Avec la subvention, le total ne dépasse pas {percent(rate)} des "
        f"dépenses éligibles.{reduced}",
        **used,
    )


def de_minimis(case: Case, figures: Figures) -> Answer:
    if case.sums.de_minimis is None:
        return not_applicable(
            "Si l’aide relève du régime de minimis, le plafond de l’entreprise est vérifié avec la demande."
        )
    finding = case.sums.de_minimis.verdict.findings[0]
    return finding.outcome, finding.message, finding.facts


RULES = {
    "opening": opening,
    "beneficiary": beneficiary,
    "normandy": normandy,
    "partnership": partnership,
    "ai": ai,
    "duration": duration,
    "expenses": expenses,
    "commons": commons,
    "indicators": indicators,
    "documents": documents,
    "floor": floor,
    "public_aid": public_aid,
    "de_minimis": de_minimis,
}
