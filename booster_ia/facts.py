"""A complete application read as facts, and written in the scheme's own rows."""

from django.utils import timezone

from normandata.deminimis import rules as deminimis
from normandata.deminimis.declarations import fiscal_year_end
from normandata.dossiers.applications import Case
from normandata.dossiers.models import Dossier
from normandata.organisations.models import Organisation
from normandata.regulation.money import ZERO, cents

from .budget import Spent
from .forms import AIDS, BUDGET, CALENDAR, COMMONS, PARTNERS, PROJECT, REGIME, STRUCTURE
from .models import BoosterApplication, BudgetLine
from .money import HT, Line
from .regimes import DE_MINIMIS
from .rules import REGLEMENT, Facts, Sums, evaluate

USES_AI = {"oui": True, "non": False}


def facts_of(case: Case) -> Facts:
    """Read a complete application as facts; what the directory did not confirm is left for an agent to look at."""
    structure, calendar = case.answers[STRUCTURE], case.answers[CALENDAR]
    return Facts(
        on=case.on,
        applicant_type=structure.get("type"),
        department=_department(case.organisation),
        recovers_vat=structure.get("tva") != "non",
        partner_departments=tuple(one.department or None for one in case.answers[PARTNERS]["partners"]),
        uses_ai=USES_AI.get(str(case.answers[PROJECT].get("ia"))),
        start=calendar.get("debut"),
        end=calendar.get("fin"),
        expenses=tuple(one.expense for one in spent(case)),
        other_public_aid=sum((amount for _, amount in case.answers[BUDGET]["public_aids"]), ZERO),
        de_minimis=_de_minimis(case),
        commons=tuple(case.answers[COMMONS]["apports"]),
        indicators=tuple(name for name, _, _ in calendar["indicators"]),
        documents=tuple(sorted(set(case.dossier.attachments.current().values_list("piece", flat=True)))),
    )


def spent(case: Case) -> list[Spent]:
    """List the lines of the budget, in order."""
    return list(case.answers[BUDGET]["spent"].values())


def _department(organisation: Organisation) -> str | None:
    """Take the directory's department; one that is only declared is a fact from a doubtful source, left to an agent."""
    return (organisation.department or None) if organisation.is_confirmed else None


def _de_minimis(case: Case) -> deminimis.Facts | None:
    """Read the declaration of an aid under the de minimis regime; another regime has no ceiling to check (B-54)."""
    if case.answers[REGIME]["regime"] != DE_MINIMIS:
        return None
    said = case.answers.get(AIDS, {})
    return deminimis.Facts(
        on=case.on,
        fiscal_year_end=fiscal_year_end(said),
        is_road_freight=said.get("fret") == "oui",
        aids=tuple(deminimis.Aid(on, amount) for on, amount, _ in said["aids"]) if said else None,
    )


def keep(case: Case) -> None:
    """Write the facts of a deposit in the scheme's rows, and on the dossier, unsaved, what it asks for."""
    facts = facts_of(case)
    sums = evaluate(facts).sums
    kept = _columns(case, facts, sums)
    BoosterApplication.objects.bulk_create(
        [BoosterApplication(dossier=case.dossier, **kept)],
        update_conflicts=True,
        unique_fields=["dossier"],
        update_fields=list(kept),
    )
    BudgetLine.objects.filter(application=case.dossier.pk).delete()
    pairs = zip(spent(case), sums.lines, strict=True)
    BudgetLine.objects.bulk_create(_line(case.dossier.pk, rank, *pair) for rank, pair in enumerate(pairs, start=1))
    case.dossier.amount, case.dossier.amount_basis = sums.grant or ZERO, basis_of(facts)


def basis_of(facts: Facts) -> str:
    """Return the basis of the carrier's amounts, as written beside them."""
    return HT if facts.recovers_vat else REGLEMENT.on(facts.on).word("vat_basis")


def basis_of_application(application: BoosterApplication, dossier: Dossier) -> str:
    """Return the basis of a deposited application's amounts, by the règlement of its day."""
    day = timezone.localdate(dossier.submitted_at) if dossier.submitted_at else timezone.localdate()
    return HT if application.recovers_vat else REGLEMENT.on(day).word("vat_basis")


def _columns(case: Case, facts: Facts, sums: Sums) -> dict[str, object]:
    return {
        "applicant_type": facts.applicant_type,
        "recovers_vat": facts.recovers_vat,
        "start": facts.start,
        "end": facts.end,
        "uses_ai": facts.uses_ai,
        "s3_domain": case.answers[PROJECT].get("domaine") or "",
        "aid_regime": case.answers[REGIME]["regime"],
        "eligible_expenses": cents(sums.expenses or ZERO),
        "grant": sums.grant or ZERO,
        "other_public_aid": facts.other_public_aid,
    }


def _line(application: int, rank: int, said: Spent, judged: Line) -> BudgetLine:
    return BudgetLine(
        application_id=application,
        rank=rank,
        category=said.category,
        label=said.label,
        amount=said.amount,
        basis=said.basis,
        vat_rate=said.vat_rate,
        function=said.function,
        is_permanent=said.is_permanent,
        days=said.days,
        kept=cents(judged.kept),
        refusal=judged.refusal,
        alert=judged.alert,
    )
