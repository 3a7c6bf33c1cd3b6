"""The indicators of the sheet (annexe 3, D-43 to D-46), counted from dated facts: deposits, orders, answers, entries.

No average delay is shown: a delay is said dossier by dossier, never as an average.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.db.models import Q

from normandata.budgets.models import Entry
from normandata.budgets.models import Kind as Moves
from normandata.dossiers.delays import PARIS
from normandata.dossiers.models import Deposit
from normandata.indicators.definitions import Cell, Column, Figure, Indicator, Kind, Period, Unit, rate
from normandata.procedure.models import kind_of
from normandata.regulation.formats import MONTHS, euros, plural
from normandata.regulation.money import ZERO

from . import follow
from .evaluation import SATISFIED, Evaluation, FollowUp
from .orders import Order, OrderQuerySet, Session
from .sharing import HALF_DAYS_A_DAY

ANNEX = "Délibération AP D 25-12-5, annexe 3"
MONITORING = f"{ANNEX}, « Indicateurs de suivi-évaluation »"
TYPES = {
    "local_authority": "Collectivités et regroupements",
    "enterprise": "Entreprises",
    "health_facility": "Établissements de santé",
    "association": "Associations",
    "other": "Autres structures",
}
CITED = ("local_authority", "enterprise", "health_facility")
"""The three types that the voted indicator names: shown even at zero."""
MOST_MONTHS = 12


def end_of(day: date) -> datetime:
    """Return the first instant after a civil day of Paris."""
    return datetime.combine(day + timedelta(days=1), time(), PARIS)


# ---------------------------------------------------------------------------------------------------------- the facts
def standing(as_of: date) -> OrderQuerySet:
    """Keep the orders that nobody had cancelled at the end of a day."""
    return Order.objects.filter(Q(cancelled_at=None) | Q(cancelled_at__gte=end_of(as_of)))


def delivered(period: Period) -> list[Order]:
    """List the diagnostics carried out: their report was handed over in the period."""
    found = standing(period.as_of).filter(delivered_on__gte=period.first, delivered_on__lte=period.end)
    return list(found.order_by("delivered_on", "pk"))


def types(as_of: date) -> dict[int, str]:
    """Say of what type each request was, as last deposited at the end of a day."""
    sent = Deposit.objects.filter(dossier__scheme="diagnostic", at__lt=end_of(as_of)).order_by("version")
    return {
        dossier: kind if kind in TYPES else "other"
        for dossier, kind in sent.values_list("dossier", "answers__structure__type")
    }


# ----------------------------------------------------------------------------------------------------- the indicators
def carried_out(period: Period) -> Figure:
    """D-43."""
    days = [order.delivered_on for order in delivered(period) if order.delivered_on]
    count = len(days)
    is_short = (period.last.year - period.first.year) * 12 + period.last.month - period.first.month < MOST_MONTHS
    return Figure(
        finding=f"{plural(count, 'diagnostic réalisé', 'diagnostics réalisés')} {period.words}",
        value=count,
        counted="Diagnostics réalisés",
        unit=Unit.COUNT,
        columns=(Column("Mois" if is_short else "Année"), Column("Diagnostics réalisés", Unit.COUNT)),
        rows=tuple(_by_month(days, period) if is_short else _by_year(days, period)),
    )


def _by_month(days: Iterable[date], period: Period) -> list[tuple[Cell, ...]]:
    counted = Counter((day.year, day.month) for day in days)
    months = []
    year, month = period.first.year, period.first.month
    while (year, month) <= (period.last.year, period.last.month):
        months.append((f"{MONTHS[month - 1]} {year}".capitalize(), counted[(year, month)]))
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return list(months)


def _by_year(days: Iterable[date], period: Period) -> list[tuple[Cell, ...]]:
    counted = Counter(day.year for day in days)
    return [(str(year), counted[year]) for year in range(period.first.year, period.last.year + 1)]


def acted(period: Period) -> Figure:
    """D-44: of the beneficiaries whose six months ended in the period, those who did something new.

    Whoever did not answer stays in the denominator and out of the numerator. A structure counts once.
    """
    reached = standing(period.as_of).filter(delivered_on__lte=follow.delivered_by(period.end))
    cohort = {
        order.pk: order.organisation_id
        for order in reached
        if order.delivered_on and period.holds(follow.follow_up_day(order.delivered_on))
    }
    said = FollowUp.objects.filter(order__in=cohort, at__lt=end_of(period.as_of)).order_by("order", "number")
    answers = dict(said.values_list("order", "has_acted"))
    by_structure: dict[int, list[bool | None]] = {}
    for order, organisation in cohort.items():
        by_structure.setdefault(organisation, []).append(answers.get(order))
    yes = sum(True in found for found in by_structure.values())
    no = sum(True not in found and False in found for found in by_structure.values())
    whole = len(by_structure)
    have = "a mis" if yes < 2 else "ont mis"
    finding = (
        f"{plural(yes, 'bénéficiaire')} sur {whole} {have} en œuvre des actions nouvelles dans les six mois"
        if whole
        else f"Aucun rapport n’a atteint six mois {period.words}"
    )
    shares = (
        ("Actions nouvelles mises en œuvre", yes),
        ("Aucune action nouvelle", no),
        ("Pas de réponse", whole - yes - no),
    )
    return Figure(
        finding=finding,
        value=rate(yes, whole),
        counted="Bénéficiaires qui ont agi",
        unit=Unit.PERCENT,
        columns=(Column("Réponse"), Column("Bénéficiaires", Unit.COUNT), Column("Part", Unit.PERCENT)),
        rows=tuple((label, count, rate(count, whole)) for label, count in shares),
        numerator=yes,
        denominator=whole,
        note="Une non-réponse compte parmi les bénéficiaires, et non parmi ceux qui ont agi.",
    )


def by_type(period: Period) -> Figure:
    """D-45: structures that asked for a diagnostic, and those that received one, by type."""
    known = types(period.as_of)
    first = Deposit.objects.filter(
        dossier__scheme="diagnostic",
        version=1,
        at__gte=end_of(period.first - timedelta(days=1)),
        at__lt=end_of(period.end),
    ).order_by("at", "pk")
    asked = {organisation: known[pk] for pk, organisation in first.values_list("dossier", "dossier__organisation")}
    served = {order.organisation_id: known.get(order.dossier_id, "other") for order in delivered(period)}
    asking, serving = Counter(asked.values()), Counter(served.values())
    listed = [slug for slug in TYPES if slug in CITED or asking[slug] or serving[slug]]
    return Figure(
        finding=f"{plural(len(asked), 'structure a demandé', 'structures ont demandé')} un diagnostic {period.words}",
        value=len(asked),
        counted="Structures qui ont demandé",
        unit=Unit.COUNT,
        columns=(
            Column("Type de structure"),
            Column("Ont demandé", Unit.COUNT),
            Column("Part des demandes", Unit.PERCENT),
            Column("Ont reçu leur rapport", Unit.COUNT),
            Column("Part des rapports", Unit.PERCENT),
        ),
        rows=tuple(
            (
                TYPES[slug],
                asking[slug],
                rate(asking[slug], len(asked)),
                serving[slug],
                rate(serving[slug], len(served)),
            )
            for slug in listed
        ),
        note="Chaque structure compte une fois, avec le type de son dernier dépôt.",
    )


def days_spent(period: Period) -> Figure:
    """D-46: days ordered and days spent, by company."""
    rows: dict[str, list[int]] = {}
    ordered = standing(period.as_of).filter(ordered_on__gte=period.first, ordered_on__lte=period.end)
    for company, half_days in ordered.values_list("company__name", "half_days"):
        line = rows.setdefault(company, [0, 0, 0])
        line[0], line[1] = line[0] + 1, line[1] + half_days
    spent = Session.objects.filter(on__gte=period.first, on__lte=period.end, at__lt=end_of(period.as_of))
    for company, half_days in spent.values_list("order__company__name", "half_days"):
        rows.setdefault(company, [0, 0, 0])[2] += half_days
    done = sum(line[2] for line in rows.values())
    return Figure(
        finding=f"{plural(_days(done), 'jour')} d’intervention {period.words}",
        value=_days(done),
        counted="Jours faits",
        unit=Unit.DAYS,
        columns=(
            Column("Prestataire"),
            Column("Diagnostics commandés", Unit.COUNT),
            Column("Jours commandés", Unit.DAYS),
            Column("Jours faits", Unit.DAYS),
        ),
        rows=tuple((name, line[0], _days(line[1]), _days(line[2])) for name, line in sorted(rows.items())),
        drawn=3,
    )


def money(period: Period) -> Figure:
    """D-46: euros TTC ordered and paid, by type of structure."""
    known = types(period.as_of)
    rows = {slug: [ZERO, ZERO] for slug in TYPES}
    of_order: dict[str, str] = {}
    for order in standing(period.as_of).only("dossier_id", "ordered_on", "amount"):
        slug = of_order[str(order.pk)] = known.get(order.dossier_id, "other")
        if period.holds(order.ordered_on):
            rows[slug][0] += order.amount
    paid = Entry.objects.filter(
        kind=Moves.PAY,
        about_kind=kind_of(Order()),
        envelope__scheme="diagnostic",
        at__gte=end_of(period.first - timedelta(days=1)),
        at__lt=end_of(period.end),
    )
    for key, amount in paid.values_list("about_key", "paid"):
        rows[of_order.get(key, "other")][1] += amount
    listed = [slug for slug, amounts in rows.items() if slug in CITED or any(amounts)]
    total = sum((rows[slug][1] for slug in listed), ZERO)
    return Figure(
        finding=f"{euros(total)} payés {period.words}",
        value=total,
        counted="Payé, TTC",
        unit=Unit.EUROS,
        columns=(Column("Type de structure"), Column("Commandé, TTC", Unit.EUROS), Column("Payé, TTC", Unit.EUROS)),
        rows=tuple((TYPES[slug], *rows[slug]) for slug in listed),
        drawn=2,
    )


def opinions(period: Period) -> Figure:
    """D-46: what the questionnaires sent say of the diagnostics carried out in the period."""
    done = [order.pk for order in delivered(period)]
    sent = Evaluation.objects.filter(order__in=done, sent_at__lt=end_of(period.as_of))
    answers = list(sent.values_list("answers", flat=True))
    asked = (
        ("Rapport jugé clair", "clarte", SATISFIED),
        ("Diagnostic jugé utile", "utilite", SATISFIED),
        ("Prestataire jugé à l’écoute", "ecoute", SATISFIED),
        ("Durée jugée adaptée", "duree", ("right",)),
        ("Diagnostic recommandé à d’autres", "recommande", ("oui",)),
    )
    counted = [(label, sum(one.get(name) in good for one in answers)) for label, name, good in asked]
    whole = len(answers)
    return Figure(
        finding=f"{plural(whole, 'questionnaire reçu', 'questionnaires reçus')} sur {len(done)} {period.words}",
        value=rate(whole, len(done)),
        counted="Questionnaires reçus",
        unit=Unit.PERCENT,
        columns=(Column("Avis"), Column("Structures", Unit.COUNT), Column("Part des questionnaires", Unit.PERCENT)),
        rows=tuple((label, count, rate(count, whole)) for label, count in counted),
        numerator=whole,
        denominator=len(done),
    )


def _days(half_days: int) -> Decimal:
    return Decimal(half_days) / HALF_DAYS_A_DAY


INDICATORS = (
    Indicator(
        "diagnostics-realises",
        "Nombre de diagnostics réalisés par an",
        Kind.OUTPUT,
        "diagnostics",
        MONITORING,
        "Un diagnostic est réalisé le jour où son rapport est remis à la structure. Une commande annulée n’en est pas.",
        carried_out,
    ),
    Indicator(
        "actions-a-six-mois",
        "Taux de bénéficiaires ayant mis en œuvre des actions nouvelles d’exploitation de la donnée et/ou "
        "d’utilisation de l’IA à l’issue du diagnostic au bout de 6 mois",
        Kind.RESULT,
        "% des bénéficiaires",
        MONITORING,
        "Bénéficiaires qui ont répondu oui, divisés par tous ceux dont les six mois après la remise du rapport "
        "s’achèvent dans la période. La dernière réponse connue fait foi.",
        acted,
    ),
    Indicator(
        "structures-par-type",
        "Nombre et % de collectivités, d’entreprises, d’établissements de santé recensés dans les réseaux et "
        "dispositifs d’accompagnement régionaux sur la donnée",
        Kind.CONTEXT,
        "structures",
        MONITORING,
        "Structures dont la première demande de diagnostic est déposée ici dans la période, et structures dont le "
        "rapport y est remis. Le portail ne connaît pas les autres réseaux.",
        by_type,
    ),
    Indicator(
        "jours",
        "Jours commandés et jours d’intervention",
        Kind.OTHER,
        "jours",
        f"{ANNEX}, « autres types d’indicateurs »",
        "Jours des bons de commande de la période, hors commandes annulées, et jours notés par les prestataires.",
        days_spent,
    ),
    Indicator(
        "montants",
        "Montants commandés et payés",
        Kind.OTHER,
        "euros TTC",
        f"{ANNEX}, « autres types d’indicateurs »",
        "Bons de commande de la période, hors commandes annulées, et factures payées dans la période.",
        money,
    ),
    Indicator(
        "avis",
        "Avis des structures sur leur diagnostic",
        Kind.OTHER,
        "% des questionnaires",
        f"{ANNEX}, « autres types d’indicateurs »",
        "Questionnaires envoyés par les structures dont le rapport est remis dans la période. Les deux réponses "
        "favorables d’une échelle de quatre comptent.",
        opinions,
    ),
)
