"""The indicators of the sheet (annexe 3, D-43 to D-46), counted from dated facts: deposits, orders, answers, entries.

No average delay is shown: a delay is said dossier by dossier, never as an average.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal

from normandata.budgets.models import Entry
from normandata.budgets.models import Kind as Moves
from normandata.dossiers.delays import end_of
from normandata.indicators.definitions import (
    Cell,
    Column,
    Fact,
    Figure,
    Indicator,
    Kind,
    Period,
    Reading,
    Split,
    Unit,
    counting,
    rate,
)
from normandata.indicators.typed import census, other_follow_ups
from normandata.procedure.models import kind_of
from normandata.regulation.formats import MONTHS, euros, plural
from normandata.regulation.money import ZERO

from . import follow
from .evaluation import SATISFIED, Evaluation, FollowUp
from .orders import Order, Session
from .readings import SCHEME, TYPES, Ordered, delivered, fact, of_order, orders, requests
from .sharing import HALF_DAYS_A_DAY

ANNEX = "Délibération AP D 25-12-5, annexe 3"
MONITORING = f"{ANNEX}, « Indicateurs de suivi-évaluation »"
CITED = ("local_authority", "enterprise", "health_facility")
"""The three types that the voted indicator names: shown even at zero."""
MOST_MONTHS = 12
ASKED, SERVED, ORDERED, DONE = "asked", "served", "ordered", "done"


# ----------------------------------------------------------------------------------------------------- the indicators
def _handed_over(reading: Reading) -> Iterator[Fact]:
    return (of_order(reading, order, order.delivered_on) for order in delivered(reading))


@counting(_handed_over)
def carried_out(reading: Reading, facts: Sequence[Fact]) -> Figure:
    """D-43."""
    period, count = reading.period, len(facts)
    days = [one.what for one in facts]
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


def _beneficiaries(reading: Reading) -> Iterator[Fact]:
    """Say of each structure whether it acted; it is of the kind of its last diagnostic."""
    period = reading.period
    cohort = {
        order.pk: order
        for order in orders(reading)
        if order.delivered_on and period.holds(follow.follow_up_day(order.delivered_on))
    }
    said = FollowUp.objects.filter(order__in=list(cohort), at__lt=end_of(period.as_of)).order_by("order", "number")
    answers = dict(said.values_list("order", "has_acted"))
    by_structure: dict[int, list[Ordered]] = {}
    for order in cohort.values():
        by_structure.setdefault(order.organisation, []).append(order)
    for held in by_structure.values():
        found = [answers.get(order.pk) for order in held]
        yield of_order(reading, held[-1], True if True in found else False if False in found else None)


@counting(_beneficiaries)
def acted(reading: Reading, facts: Sequence[Fact]) -> Figure:
    """D-44: of the beneficiaries whose six months ended in the period, those who did something new.

    Whoever did not answer stays in the denominator and out of the numerator. A structure counts once.
    """
    said, whole = Counter(one.what for one in facts), len(facts)
    yes, period = said[True], reading.period
    have = "a mis" if yes < 2 else "ont mis"
    finding = (
        f"{plural(yes, 'bénéficiaire')} sur {whole} {have} en œuvre des actions nouvelles dans les six mois"
        if whole
        else f"Aucun rapport n’a atteint six mois {period.words}"
    )
    shares = (
        ("Actions nouvelles mises en œuvre", yes),
        ("Aucune action nouvelle", said[False]),
        ("Pas de réponse", said[None]),
    )
    return Figure(
        finding=finding,
        value=rate(yes, whole),
        counted="Bénéficiaires qui ont agi",
        among="Bénéficiaires",
        unit=Unit.PERCENT,
        columns=(Column("Réponse"), Column("Bénéficiaires", Unit.COUNT), Column("Part", Unit.PERCENT)),
        rows=tuple((label, count, rate(count, whole)) for label, count in shares),
        numerator=yes,
        denominator=whole,
        note="Une non-réponse compte parmi les bénéficiaires, et non parmi ceux qui ont agi.",
    )


def _structures(reading: Reading) -> Iterator[Fact]:
    """List the structures whose first request came in the period, then those whose report was handed over in it.

    Each counts once, with the type of the last deposit of its last dossier of the period.
    """
    period, known = reading.period, reading.once(requests, reading.period.as_of)
    asked = {one.organisation: one for one in known.values() if period.holds(one.first_on)}
    for one in asked.values():
        yield Fact(ASKED, one.department, one.type)
    served = {order.organisation: order for order in delivered(reading)}
    for order in served.values():
        yield of_order(reading, order, SERVED)


@counting(_structures)
def by_type(reading: Reading, facts: Sequence[Fact]) -> Figure:
    """D-45: structures that asked for a diagnostic, and those that received one, by type."""
    counted = Counter((one.what, one.structure) for one in facts)
    asking = {slug: counted[ASKED, slug] for slug in TYPES}
    serving = {slug: counted[SERVED, slug] for slug in TYPES}
    asked, served = sum(asking.values()), sum(serving.values())
    listed = [slug for slug in TYPES if slug in CITED or asking[slug] or serving[slug]]
    words = plural(asked, "structure a demandé", "structures ont demandé")
    return Figure(
        finding=f"{words} un diagnostic {reading.period.words}",
        value=asked,
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
            (TYPES[slug], asking[slug], rate(asking[slug], asked), serving[slug], rate(serving[slug], served))
            for slug in listed
        ),
        note="Chaque structure compte une fois, avec le type de son dernier dépôt.",
    )


def _work(reading: Reading) -> Iterator[Fact]:
    """List what each company was ordered, then what it did, in half days."""
    period = reading.period
    for order in orders(reading):
        if period.holds(order.ordered_on):
            yield of_order(reading, order, (ORDERED, order.company, order.half_days))
    spent = Session.objects.filter(on__gte=period.first, on__lte=period.end, at__lt=end_of(period.as_of))
    where = ("order__dossier", "order__organisation__department", "order__company__name", "half_days")
    for dossier, department, company, half_days in spent.order_by("pk").values_list(*where):
        yield fact(reading, dossier, department, (DONE, company, half_days))


@counting(_work)
def days_spent(reading: Reading, facts: Sequence[Fact]) -> Figure:
    """D-46: days ordered and days spent, by company."""
    rows: dict[str, list[int]] = {}
    for what, company, half_days in (one.what for one in facts):
        line = rows.setdefault(company, [0, 0, 0])
        if what == ORDERED:
            line[0], line[1] = line[0] + 1, line[1] + half_days
        else:
            line[2] += half_days
    done = sum(line[2] for line in rows.values())
    return Figure(
        finding=f"{plural(_days(done), 'jour')} d’intervention {reading.period.words}",
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


def _euros(reading: Reading) -> Iterator[Fact]:
    """List the orders of the period, then the payments written in it, in euros TTC."""
    period, listed = reading.period, orders(reading)
    for order in listed:
        if period.holds(order.ordered_on):
            yield of_order(reading, order, (ORDERED, order.amount))
    by_key = {str(order.pk): order for order in listed}
    paid = Entry.objects.filter(
        kind=Moves.PAY,
        about_kind=kind_of(Order()),
        envelope__scheme=SCHEME,
        at__gte=end_of(period.first - timedelta(days=1)),
        at__lt=end_of(period.end),
    )
    for key, amount in paid.values_list("about_key", "paid"):
        order_paid = by_key.get(key)
        yield of_order(reading, order_paid, (DONE, amount)) if order_paid else Fact((DONE, amount), "", "other")


@counting(_euros)
def money(reading: Reading, facts: Sequence[Fact]) -> Figure:
    """D-46: euros TTC ordered and paid, by type of structure."""
    rows = {slug: [ZERO, ZERO] for slug in TYPES}
    for one in facts:
        what, amount = one.what
        rows[one.structure][0 if what == ORDERED else 1] += amount
    listed = [slug for slug, amounts in rows.items() if slug in CITED or any(amounts)]
    total = sum((rows[slug][1] for slug in listed), ZERO)
    return Figure(
        finding=f"{euros(total)} payés {reading.period.words}",
        value=total,
        counted="Payé, TTC",
        unit=Unit.EUROS,
        columns=(Column("Type de structure"), Column("Commandé, TTC", Unit.EUROS), Column("Payé, TTC", Unit.EUROS)),
        rows=tuple((TYPES[slug], *rows[slug]) for slug in listed),
        drawn=2,
    )


def _evaluations(reading: Reading) -> Iterator[Fact]:
    """Give of each diagnostic carried out the answers of its questionnaire, or None where it was not sent."""
    done = delivered(reading)
    sent = Evaluation.objects.filter(order__in=[one.pk for one in done], sent_at__lt=end_of(reading.period.as_of))
    answers = dict(sent.values_list("order", "answers"))
    return (of_order(reading, order, answers.get(order.pk)) for order in done)


@counting(_evaluations)
def opinions(reading: Reading, facts: Sequence[Fact]) -> Figure:
    """D-46: what the questionnaires sent say of the diagnostics carried out in the period."""
    answers = [one.what for one in facts if one.what is not None]
    asked = (
        ("Rapport jugé clair", "clarte", SATISFIED),
        ("Diagnostic jugé utile", "utilite", SATISFIED),
        ("Prestataire jugé à l’écoute", "ecoute", SATISFIED),
        ("Durée jugée adaptée", "duree", ("right",)),
        ("Diagnostic recommandé à d’autres", "recommande", ("oui",)),
    )
    counted = [(label, sum(one.get(name) in good for one in answers)) for label, name, good in asked]
    whole, done = len(answers), len(facts)
    return Figure(
        finding=f"{plural(whole, 'questionnaire reçu', 'questionnaires reçus')} sur {done} {reading.period.words}",
        value=rate(whole, done),
        counted="Questionnaires reçus",
        among="Diagnostics réalisés",
        unit=Unit.PERCENT,
        columns=(Column("Avis"), Column("Structures", Unit.COUNT), Column("Part des questionnaires", Unit.PERCENT)),
        rows=tuple((label, count, rate(count, whole)) for label, count in counted),
        numerator=whole,
        denominator=done,
        base=whole,
    )


def _days(half_days: int) -> Decimal:
    return Decimal(half_days) / HALF_DAYS_A_DAY


BOTH = (Split.DEPARTMENT, Split.STRUCTURE)
INDICATORS = (
    Indicator(
        "diagnostics-realises",
        "Nombre de diagnostics réalisés par an",
        Kind.OUTPUT,
        "diagnostics",
        MONITORING,
        "Un diagnostic est réalisé le jour où son rapport est remis à la structure. Une commande annulée n’en est pas.",
        carried_out,
        splits=BOTH,
        is_aid=True,
        is_headline=True,
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
        splits=BOTH,
        is_personal=True,
    ),
    Indicator(
        "structures-par-type",
        "Nombre et % de collectivités, d’entreprises, d’établissement de santé recensés dans les réseaux et "
        "dispositifs d’accompagnement régionaux sur la donnée",
        Kind.CONTEXT,
        "structures",
        MONITORING,
        "Structures dont la première demande de diagnostic est déposée ici dans la période, et structures dont le "
        "rapport y est remis. Le portail ne connaît pas les autres réseaux.",
        by_type,
        splits=BOTH,
    ),
    census(
        SCHEME,
        "structures-des-reseaux",
        title="Collectivités, entreprises, établissements de santé recensés dans les réseaux régionaux sur la donnée",
        source=MONITORING,
        formula="Structures que les réseaux régionaux recensent (CRIGE, DataLab, Normandie Numérique…), saisies par "
        "type et par département avec leur jour et leur source. Le dernier relevé de chacun, à la fin de la période, "
        "fait foi.",
    ),
    Indicator(
        "jours",
        "Jours commandés et jours d’intervention",
        Kind.OTHER,
        "jours",
        f"{ANNEX}, « autres types d’indicateurs »",
        "Jours des bons de commande de la période, hors commandes annulées, et jours notés par les prestataires.",
        days_spent,
        splits=BOTH,
        is_named=True,
    ),
    Indicator(
        "montants",
        "Montants commandés et payés",
        Kind.OTHER,
        "euros TTC",
        f"{ANNEX}, « autres types d’indicateurs »",
        "Bons de commande de la période, hors commandes annulées, et factures payées dans la période.",
        money,
        splits=BOTH,
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
        splits=BOTH,
        is_personal=True,
    ),
    other_follow_ups(SCHEME, f"{ANNEX}, « autres types d’indicateurs »"),
)
