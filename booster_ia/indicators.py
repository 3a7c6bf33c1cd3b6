"""The indicators of the sheet (annexe 4, B-50 to B-52) and what it leaves open, counted from dated facts.

A fact is known from the hour it was written: an account from its sending, an answer from its number, a grant from the
validation of its session, money from its entry in the ledger.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from normandata.dossiers.delays import end_of
from normandata.indicators.definitions import (
    Column,
    Fact,
    Figure,
    Indicator,
    Kind,
    Reading,
    Split,
    Unit,
    counting,
    rate,
)
from normandata.indicators.typed import other_follow_ups
from normandata.regulation.formats import euros, plural
from normandata.regulation.money import ZERO

from .after import NetworkEntry, Reply
from .readings import (
    SCHEME,
    Placed,
    awards,
    claims,
    granted,
    payments,
    placed,
    places,
    replies,
    sent,
    standing,
    waves,
)

ANNEX = "Délibération AP D 25-12-5, annexe 4"
MONITORING = f"{ANNEX}, « Indicateurs de suivi-évaluation »"
OTHER = f"{ANNEX}, au-delà des trois indicateurs votés"
CARRIERS = {
    "enterprise": "Entreprises",
    "association": "Associations",
    "public_establishment": "Établissements publics",
    "private_establishment": "Établissements privés",
    "local_authority": "Collectivités et regroupements",
}
GRANTED, PAID, ASKED_BACK = range(3)
PROOFS = {True: "Preuve de concept validée", False: "Preuve de concept non validée", None: "Pas encore de réponse"}


# ----------------------------------------------------------------------------------------------------- the indicators
def _by_carrier(facts: Iterable[Fact]) -> tuple[tuple[str, int], ...]:
    counted = Counter(one.structure for one in facts)
    return tuple((label, counted[slug]) for slug, label in CARRIERS.items())


def _completed(reading: Reading) -> Iterator[Fact]:
    told = reading.once(sent, reading.period.as_of)
    for award in granted(reading):
        if award.pk in told and told[award.pk].is_completed and reading.period.holds(told[award.pk].finished_on):
            yield award.fact(award.pk)


@counting(_completed)
def completed(reading: Reading, facts: Sequence[Fact]) -> Figure:
    """B-50."""
    words = plural(len(facts), "projet mené à son terme", "projets menés à leur terme")
    return Figure(
        finding=f"{words} {reading.period.words}",
        value=len(facts),
        counted="Projets menés à leur terme",
        unit=Unit.COUNT,
        columns=(Column("Porteur"), Column("Projets", Unit.COUNT)),
        rows=_by_carrier(facts),
    )


def _ended(reading: Reading) -> Iterator[Fact]:
    """List the projects that ended in the period, with the answers on the proof and on the feedback.

    A project ends on the day its account says, on the planned day as long as none was sent; it stays counted then.
    """
    period = reading.period
    told, said = reading.once(sent, period.as_of), reading.once(replies, period.as_of)
    for award in granted(reading):
        notified = award.notified_on is not None and award.notified_on <= period.as_of
        ends_on = told[award.pk].finished_on if award.pk in told else award.ends_on
        if notified and period.holds(ends_on):
            answers = (said.get((award.pk, question)) for question in (Reply.Question.PROOF, Reply.Question.FEEDBACK))
            yield award.fact(tuple(answers))


@counting(_ended)
def feedback(reading: Reading, facts: Sequence[Fact]) -> Figure:
    """B-51: of the projects that ended in the period, those that gave rise to feedback, proof validated or not."""
    whole = Counter(one.what[0] for one in facts)
    fed = Counter(one.what[0] for one in facts if one.what[1])
    count, words = fed.total(), reading.period.words
    have = "a donné" if count < 2 else "ont donné"
    return Figure(
        finding=(
            f"{plural(count, 'projet')} sur {len(facts)} {have} lieu à un retour d’expérience {words}"
            if facts
            else f"Aucun projet n’a fini {words}"
        ),
        value=rate(count, len(facts)),
        counted="Projets avec un retour d’expérience",
        among="Projets finis",
        unit=Unit.PERCENT,
        columns=(
            Column("Preuve de concept"),
            Column("Avec retour d’expérience", Unit.COUNT),
            Column("Projets finis", Unit.COUNT),
        ),
        rows=tuple((label, fed[one], whole[one]) for one, label in PROOFS.items()),
        numerator=count,
        denominator=len(facts),
        note="Un projet fini sans réponse compte parmi les projets, et non parmi ceux qui ont un retour d’expérience.",
    )


def _new_structures(reading: Reading) -> Iterator[Fact]:
    """List the structures that came in the network in the period, each once, where its establishment is.

    What is known of the department is that of the carrier, or of the partner as it was named in its dossier.
    """
    period = reading.period
    told = NetworkEntry.objects.filter(award__in=standing(period.as_of), at__lt=end_of(period.as_of))
    rows = told.order_by("number").values_list("award", "siren", "is_new", "joined_on", "is_public")
    last = {(award, siren): (is_new, joined_on, is_public) for award, siren, is_new, joined_on, is_public in rows}
    first: dict[str, tuple[date, bool, int]] = {}
    for (award, siren), (is_new, joined_on, is_public) in sorted(last.items()):
        if is_new and joined_on and (siren not in first or joined_on < first[siren][0]):
            first[siren] = (joined_on, is_public, award)
    where = places(reading, {award for *_, award in first.values()})
    for siren, (joined_on, is_public, award) in first.items():
        if period.holds(joined_on):
            yield Fact(is_public, where.get((award, siren), ""))


@counting(_new_structures)
def newcomers(reading: Reading, facts: Sequence[Fact]) -> Figure:
    """B-52: structures new in the network of the DataLab; each counts once, on the first day it came in."""
    counted, count = Counter(one.what for one in facts), len(facts)
    words = plural(count, "structure nouvelle", "structures nouvelles")
    return Figure(
        finding=f"{words} au réseau du DataLab {reading.period.words}",
        value=count,
        counted="Structures nouvelles",
        unit=Unit.COUNT,
        columns=(Column("Statut"), Column("Structures nouvelles", Unit.COUNT)),
        rows=(("Publiques", counted[True]), ("Privées", counted[False])),
        note="Chaque structure compte une fois, le jour de sa première entrée.",
    )


def _granted(reading: Reading) -> Iterator[Fact]:
    return (award.fact(award.pk) for award in granted(reading) if reading.period.holds(award.granted_on))


@counting(_granted)
def projects(reading: Reading, facts: Sequence[Fact]) -> Figure:
    """Projects that the committee granted in the period, by kind of carrier."""
    words = plural(len(facts), "projet subventionné", "projets subventionnés")
    return Figure(
        finding=f"{words} {reading.period.words}",
        value=len(facts),
        counted="Projets subventionnés",
        unit=Unit.COUNT,
        columns=(Column("Porteur"), Column("Projets", Unit.COUNT)),
        rows=_by_carrier(facts),
    )


def _euros(reading: Reading) -> Iterator[Fact]:
    """List what was granted, what was paid and what was asked back in the period, in euros."""
    known = reading.once(awards, reading.period.as_of)
    for award in known.values():
        if reading.period.holds(award.granted_on):
            yield award.fact((GRANTED, award.amount))
    for what, moves in ((PAID, payments(reading.period)), (ASKED_BACK, claims(reading.period))):
        for key, amount in moves:
            if key in known:
                yield known[key].fact((what, amount))


@counting(_euros)
def money(reading: Reading, facts: Sequence[Fact]) -> Figure:
    """Euros granted, paid and asked back by a « titre », by kind of carrier; the last is taken off the paid."""
    rows = {slug: [ZERO, ZERO, ZERO] for slug in CARRIERS}
    for one in facts:
        what, amount = one.what
        rows[one.structure][what] += amount
    total = sum((line[GRANTED] for line in rows.values()), ZERO)
    return Figure(
        finding=f"{euros(total)} accordés {reading.period.words}",
        value=total,
        counted="Accordé",
        unit=Unit.EUROS,
        columns=(
            Column("Porteur"),
            Column("Accordé", Unit.EUROS),
            Column("Payé", Unit.EUROS),
            Column("Titres de recette", Unit.EUROS),
            Column("Payé, titres déduits", Unit.EUROS),
        ),
        rows=tuple((CARRIERS[slug], *amounts, amounts[PAID] - amounts[ASKED_BACK]) for slug, amounts in rows.items()),
        note="Un titre de recette demande ce qui a été versé en trop : il se déduit du payé l’année où il est émis, et "
        "ne rend rien à l’enveloppe.",
    )


@counting(placed)
def by_wave(reading: Reading, facts: Sequence[Fact]) -> Figure:
    """Dossiers deposited, eligible and granted, by wave closing in the period."""
    lines = []
    for label in reading.once(waves, reading.period):
        inside: list[Placed] = [one.what for one in facts if one.what.wave == label]
        amounts = [one.amount for one in inside if one.amount is not None]
        fit = sum(one.is_eligible for one in inside)
        lines.append((label, len(inside), fit, len(amounts), sum(amounts, ZERO)))
    return Figure(
        finding=f"{plural(len(facts), 'dossier')} dans les vagues closes {reading.period.words}",
        value=len(facts),
        counted="Dossiers déposés",
        unit=Unit.COUNT,
        columns=(
            Column("Vague"),
            Column("Déposés", Unit.COUNT),
            Column("Éligibles", Unit.COUNT),
            Column("Accordés", Unit.COUNT),
            Column("Accordé", Unit.EUROS),
        ),
        rows=tuple(lines),
        note="Un dossier entre dans une vague quand son instruction commence.",
    )


BOTH = (Split.DEPARTMENT, Split.STRUCTURE)
INDICATORS = (
    Indicator(
        "projets-menes-a-terme",
        "Nombre de projets accompagnés menés à leur terme",
        Kind.OUTPUT,
        "projets",
        MONITORING,
        "Un projet est mené à son terme le dernier jour de travail que dit son bilan, quand la structure l’envoie et "
        "dit que le projet est allé au bout, que sa preuve de concept soit validée ou non.",
        completed,
        splits=BOTH,
        is_headline=True,
    ),
    Indicator(
        "retours-d-experience",
        "% de projets ayant donné lieu à un retour d’expérience, que le projet ait pu ou non valider sa preuve de "
        "concept",
        Kind.RESULT,
        "% des projets",
        MONITORING,
        "Projets dont la Région dit qu’un retour d’expérience est produit, divisés par tous ceux qui finissent dans la "
        "période : le jour que dit leur bilan, ou le jour prévu tant qu’il n’est pas envoyé. La dernière réponse "
        "connue fait foi.",
        feedback,
        splits=BOTH,
    ),
    Indicator(
        "structures-nouvelles",
        "Nombre de structures nouvelles publiques ou privées intégrées au réseau du DataLab Normandie",
        Kind.CONTEXT,
        "structures",
        MONITORING,
        "Porteurs et partenaires de projets subventionnés que la Région dit nouveaux au réseau, le jour de leur "
        "entrée.",
        newcomers,
        splits=(Split.DEPARTMENT,),
    ),
    Indicator(
        "projets-subventionnes",
        "Nombre de projets subventionnés, par nature de porteur",
        Kind.OTHER,
        "projets",
        OTHER,
        "Projets à qui la Commission permanente a voté une subvention dans la période, hors subventions défaites.",
        projects,
        splits=BOTH,
        is_aid=True,
    ),
    Indicator(
        "montants",
        "Montants accordés, payés et reversés, par nature de porteur",
        Kind.OTHER,
        "euros",
        OTHER,
        "Subventions votées par la Commission permanente dans la période et non défaites, paiements inscrits au "
        "compte de l’enveloppe dans la période, et titres de recette émis dans la période pour ce qui a été versé en "
        "trop.",
        money,
        splits=BOTH,
    ),
    Indicator(
        "dossiers-par-vague",
        "Dossiers déposés, éligibles et accordés, par vague",
        Kind.OTHER,
        "dossiers",
        OTHER,
        "Vagues dont les dépôts se closent dans la période. Un dossier est éligible quand son dernier constat l’est, "
        "ou quand un agent l’a proposé après avoir lu ce qui était à examiner.",
        by_wave,
        splits=BOTH,
    ),
    other_follow_ups(SCHEME, OTHER),
)
