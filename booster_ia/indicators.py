"""The indicators of the sheet (annexe 4, B-50 to B-52) and what it leaves open, counted from dated facts.

A fact is known from the hour it was written: an account from its sending, an answer from its number, a grant from the
validation of its session, money from its entry in the ledger.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Q

from normandata.budgets.models import Entry
from normandata.budgets.models import Kind as Moves
from normandata.dossiers.delays import end_of
from normandata.dossiers.models import Deposit, Dossier
from normandata.indicators.definitions import Column, Figure, Indicator, Kind, Period, Unit, rate
from normandata.procedure.models import Event, EventQuerySet, kind_of
from normandata.regulation.findings import Conclusion
from normandata.regulation.formats import euros, plural
from normandata.regulation.money import ZERO

from .after import NetworkEntry, Outcome, Reply
from .awards import Award, AwardQuerySet
from .models import BoosterApplication
from .payments.recoveries import Recovery
from .waves import Wave

SCHEME = "booster_ia"
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
PROOFS = {True: "Preuve de concept validée", False: "Preuve de concept non validée", None: "Pas encore de réponse"}


# ---------------------------------------------------------------------------------------------------------- the facts
def standing(as_of: date) -> AwardQuerySet:
    """Keep the grants decided and not undone at the end of a day."""
    end = end_of(as_of)
    decided = Award.objects.filter(item__applied_at__lt=end)
    return decided.filter(Q(undone_at=None) | Q(undone_at__gte=end))


def sent(as_of: date) -> dict[int, Outcome]:
    """Return the accounts that were sent at the end of a day, by grant."""
    found = Outcome.objects.filter(sent_at__lt=end_of(as_of))
    return {one.pk: one for one in found.only("award", "is_completed", "finished_on")}


def carriers(dossiers: Iterable[int]) -> Mapping[int, str]:
    """Say what kind of carrier each dossier has."""
    rows = BoosterApplication.objects.filter(pk__in=list(dossiers))
    return dict(rows.values_list("dossier", "applicant_type"))


def last_replies(question: str, as_of: date) -> Mapping[int, bool]:
    """Return the answer that held at the end of a day to a question, by grant."""
    found = Reply.objects.filter(question=question, at__lt=end_of(as_of)).order_by("number")
    return dict(found.values_list("award", "is_yes"))


# ----------------------------------------------------------------------------------------------------- the indicators
def completed(period: Period) -> Figure:
    """B-50."""
    told = sent(period.as_of)
    done = [
        dossier
        for pk, dossier in standing(period.as_of).values_list("pk", "dossier")
        if pk in told and told[pk].is_completed and period.holds(told[pk].finished_on)
    ]
    kinds = carriers(done)
    counted = Counter(kinds[dossier] for dossier in done)
    return Figure(
        finding=f"{plural(len(done), 'projet mené à son terme', 'projets menés à leur terme')} {period.words}",
        value=len(done),
        counted="Projets menés à leur terme",
        unit=Unit.COUNT,
        columns=(Column("Porteur"), Column("Projets", Unit.COUNT)),
        rows=tuple((label, counted[slug]) for slug, label in CARRIERS.items()),
    )


def feedback(period: Period) -> Figure:
    """B-51: of the projects that ended in the period, those that gave rise to feedback, proof validated or not.

    A project ends on the day its account says, on the planned day as long as none was sent; it stays counted then.
    """
    told = sent(period.as_of)
    notified = standing(period.as_of).filter(notified_on__lte=period.as_of)
    ended = [
        pk
        for pk, planned in notified.values_list("pk", "ends_on")
        if period.holds(told[pk].finished_on if pk in told else planned)
    ]
    proofs = last_replies(Reply.Question.PROOF, period.as_of)
    said = last_replies(Reply.Question.FEEDBACK, period.as_of)
    whole = Counter(proofs.get(pk) for pk in ended)
    fed = Counter(proofs.get(pk) for pk in ended if said.get(pk))
    count = sum(fed.values())
    have = "a donné" if count < 2 else "ont donné"
    return Figure(
        finding=(
            f"{plural(count, 'projet')} sur {len(ended)} {have} lieu à un retour d’expérience {period.words}"
            if ended
            else f"Aucun projet n’a fini {period.words}"
        ),
        value=rate(count, len(ended)),
        counted="Projets avec un retour d’expérience",
        unit=Unit.PERCENT,
        columns=(
            Column("Preuve de concept"),
            Column("Avec retour d’expérience", Unit.COUNT),
            Column("Projets finis", Unit.COUNT),
        ),
        rows=tuple((label, fed[one], whole[one]) for one, label in PROOFS.items()),
        numerator=count,
        denominator=len(ended),
        note="Un projet fini sans réponse compte parmi les projets, et non parmi ceux qui ont un retour d’expérience.",
    )


def newcomers(period: Period) -> Figure:
    """B-52: structures new in the network of the DataLab; each counts once, on the first day it came in."""
    told = NetworkEntry.objects.filter(award__in=standing(period.as_of), at__lt=end_of(period.as_of)).order_by("number")
    last = {
        (award, siren): (is_new, joined_on, is_public)
        for award, siren, is_new, joined_on, is_public in told.values_list(
            "award", "siren", "is_new", "joined_on", "is_public"
        )
    }
    first: dict[str, tuple[date, bool]] = {}
    for (_, siren), (is_new, joined_on, is_public) in sorted(last.items()):
        if is_new and joined_on and (siren not in first or joined_on < first[siren][0]):
            first[siren] = (joined_on, is_public)
    counted = Counter(is_public for joined_on, is_public in first.values() if period.holds(joined_on))
    count = counted.total()
    return Figure(
        finding=f"{plural(count, 'structure nouvelle', 'structures nouvelles')} au réseau du DataLab {period.words}",
        value=count,
        counted="Structures nouvelles",
        unit=Unit.COUNT,
        columns=(Column("Statut"), Column("Structures nouvelles", Unit.COUNT)),
        rows=(("Publiques", counted[True]), ("Privées", counted[False])),
        note="Chaque structure compte une fois, le jour de sa première entrée.",
    )


def money(period: Period) -> Figure:
    """Euros granted, paid and asked back by a « titre », by kind of carrier; the last is taken off the paid."""
    awards = list(standing(period.as_of).only("dossier", "granted_on", "amount"))
    kinds = carriers(award.dossier_id for award in awards)
    rows = {slug: [ZERO, ZERO, ZERO] for slug in CARRIERS}
    of_award: dict[str, str] = {}
    for award in awards:
        slug = of_award[str(award.pk)] = kinds[award.dossier_id]
        if period.holds(award.granted_on):
            rows[slug][0] += award.amount
    for key, amount in _payments(period):
        if key in of_award:
            rows[of_award[key]][1] += amount
    for key, amount in _claims(period):
        if key in of_award:
            rows[of_award[key]][2] += amount
    total = sum((granted for granted, *_ in rows.values()), ZERO)
    return Figure(
        finding=f"{euros(total)} accordés {period.words}",
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
        rows=tuple((CARRIERS[slug], *amounts, amounts[1] - amounts[2]) for slug, amounts in rows.items()),
        note="Un titre de recette demande ce qui a été versé en trop : il se déduit du payé l’année où il est émis, et "
        "ne rend rien à l’enveloppe.",
    )


def _payments(period: Period) -> list[tuple[str, Decimal]]:
    first, end = _instants(period)
    paid = Entry.objects.filter(
        kind=Moves.PAY, about_kind=kind_of(Award()), envelope__scheme=SCHEME, at__gte=first, at__lt=end
    )
    return list(paid.values_list("about_key", "paid"))


def _claims(period: Period) -> list[tuple[str, Decimal]]:
    """Return what was asked back by a « titre de recette » written in the period, by key of grant."""
    first, end = _instants(period)
    issued = Event.objects.filter(thing_kind=kind_of(Recovery()), name="issue", at__gte=first, at__lt=end)
    asked = Recovery.objects.filter(pk__in=[int(key) for key in issued.values_list("thing_key", flat=True)])
    return [(str(award), amount) for award, amount in asked.values_list("award", "amount")]


def _instants(period: Period) -> tuple[datetime, datetime]:
    """Return the first instant of a period, and the one that ends it."""
    return end_of(period.first - timedelta(days=1)), end_of(period.end)


def by_wave(period: Period) -> Figure:
    """Dossiers deposited, eligible and granted, by wave closing in the period."""
    waves = Wave.objects.filter(closing_on__gte=period.first, closing_on__lte=period.last).order_by("closing_on")
    end = end_of(period.as_of)
    deposited = set(
        Deposit.objects.filter(dossier__scheme=SCHEME, version=1, at__lt=end).values_list("dossier", flat=True)
    )
    journal = Event.objects.filter(thing_kind=kind_of(Dossier()), at__lt=end).order_by("at", "pk")
    moves = journal.filter(name="wave_placed").values_list("thing_key", "data__wave")
    placed = {int(key): label for key, label in moves if int(key) in deposited}
    eligible = _eligible(journal.filter(verdict__isnull=False, thing_key__in=[str(pk) for pk in placed]))
    granted = dict(standing(period.as_of).values_list("dossier", "amount"))
    lines = []
    for wave in waves:
        inside = [pk for pk, label in placed.items() if label == wave.label]
        voted = [granted[pk] for pk in inside if pk in granted]
        fit = sum(pk in eligible for pk in inside)
        lines.append((wave.label, len(inside), fit, len(voted), sum(voted, ZERO)))
    count = sum(line[1] for line in lines)
    return Figure(
        finding=f"{plural(count, 'dossier')} dans les vagues closes {period.words}",
        value=count,
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


def _eligible(judged: EventQuerySet) -> set[int]:
    """Keep the dossiers whose last verdict is eligible, or that were proposed: what was to review had been read.

    A decision of the committee carries the verdict of its proposal: it changes nothing here.
    """
    found: dict[int, bool] = {}
    rows = judged.exclude(name__in=("grant", "refuse"))
    for key, name, conclusion in rows.values_list("thing_key", "name", "verdict__conclusion"):
        found[int(key)] = name == "propose" or conclusion == Conclusion.ELIGIBLE
    return {pk for pk, fits in found.items() if fits}


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
    ),
)
